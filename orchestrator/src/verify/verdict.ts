// From evidence to outcome: which frames are wrong, by which oracle, and who is at fault. Pure.
import type { Device } from '../contract/job.ts';
import type { Outcome } from '../contract/outcome.ts';
import type { FrameLine, PlaneName } from '../contract/probe.ts';
import type { ConsoleFinding, PipelineResult } from '../contract/run.ts';
import type { GoldenFrame, PipelineEvidence } from './evidence.ts';

const PLANES: readonly PlaneName[] = ['y', 'u', 'v'];

export type Oracle = 'memory' | 'texels' | 'rgb';
export type WrongFrame = { frame: number; oracle: Oracle; planes: readonly (PlaneName | 'rgb')[] };

/** The steps of a frame that are the pipeline's own work; the oracles' readback and hash are the lab's. */
const OWN_STEPS: readonly string[] = ['decode', 'copy', 'upload', 'transfer', 'wait', 'draw'];

/** Every frame that differs from its golden hashes, with the first oracle that saw it: wrong memory explains wrong texels. */
export function wrongFrames(frames: readonly FrameLine[], golden: readonly GoldenFrame[]): WrongFrame[] {
  const wrong: WrongFrame[] = [];
  for (const frame of frames) {
    const want = golden[frame.n];
    if (want === undefined) {
      wrong.push({ frame: frame.n, oracle: 'memory', planes: [...PLANES] });
      continue;
    }
    const differing = (got: FrameLine['memory']): PlaneName[] => PLANES.filter((plane) => got[plane] !== want[plane]);
    const memory = differing(frame.memory);
    const texels = differing(frame.texels);
    if (memory.length > 0) wrong.push({ frame: frame.n, oracle: 'memory', planes: memory });
    else if (texels.length > 0) wrong.push({ frame: frame.n, oracle: 'texels', planes: texels });
    else if (frame.rgb !== want.rgb) wrong.push({ frame: frame.n, oracle: 'rgb', planes: ['rgb'] });
  }
  return wrong;
}

/** The judgement of one pipeline, without the pictures. A clip that did not come back whole, in order, is never a pass. */
export function judgePipeline(evidence: PipelineEvidence, golden: readonly GoldenFrame[], defects: readonly string[]): PipelineResult {
  const { end, frames } = evidence;
  const wrong = wrongFrames(frames, golden);
  const base = { pipeline: evidence.pipeline, clip: evidence.clip, frames: frames.length, wrong: wrong.length, ...timesOf(frames), kept: [] };
  if (end?.status === 'refused') return { ...base, status: 'refused', why: end.why ?? 'the probe refused' };
  if (end?.status === 'unsupported') return { ...base, status: 'unavailable', why: end.why ?? 'the probe said that it cannot' };
  if (end === undefined) {
    const why = frames.length === 0 ? 'it did not run' : `it ended after ${String(frames.length)} of ${String(golden.length)} frames`;
    return { ...base, status: frames.length === 0 ? 'not-run' : 'failed', why };
  }
  if (end.status !== 'done') return { ...base, status: 'failed', why: `${end.status}${end.step === undefined ? '' : ` in ${end.step}`}: ${end.why ?? 'no reason given'}` };
  const first = wrong[0];
  if (first !== undefined) {
    const how = defects[0] ?? `${first.planes.join(', ')} differ ${WHERE[first.oracle]}`;
    return { ...base, status: 'failed', why: `${String(wrong.length)} of ${String(golden.length)} frames wrong ${WHERE[first.oracle]}; frame ${String(first.frame)}: ${how}` };
  }
  const inOrder = frames.every((frame, index) => frame.n === index);
  if (golden.length === 0 || frames.length !== golden.length || !inOrder) {
    return { ...base, status: 'failed', why: `Expected frames 0 to ${String(golden.length - 1)} once each, got ${String(frames.length)}${inOrder ? '' : ', out of order'}` };
  }
  return { ...base, status: 'passed', why: `${String(frames.length)} of ${String(golden.length)} frames right in memory, as texels and as RGB` };
}

/** What the oracle that saw it first says about where it went wrong (docs/pipelines.md). */
const WHERE: Record<Oracle, string> = {
  memory: 'in guest memory, before any transfer',
  texels: 'as texels, while guest memory is right',
  rgb: 'as RGB, while every texel is right',
};

/** What a stub library of the guest image prints before it ends the pipeline (guest-images/trixie/assemble). */
export const STUB_CALLED = /^stub: \S+ of \S+ was called/;

export type RunEvidence = { stub: string | undefined; device: Device; pipelines: readonly PipelineResult[]; console: readonly ConsoleFinding[]; evidence: readonly PipelineEvidence[] };

/** The outcome of a run that came to its end. A guest that did not is judged by the error that ended it. */
export function judgeRun({ stub, device, pipelines, console, evidence }: RunEvidence): Outcome {
  if (stub !== undefined) return { kind: 'broken', stage: 'image', why: `the guest image lacks a library: ${stub}` };
  const [splat] = console;
  if (splat !== undefined) return { kind: 'failed', stage: 'verify', why: `the kernel reported ${splat.kind}: ${splat.text} (console.log:${String(splat.line)})` };
  const unheard = evidence.find((one) => one.end?.status === 'error' && one.end.step === 'command');
  if (unheard !== undefined) return { kind: 'broken', stage: 'pipeline', why: `the probe did not understand the lab: ${unheard.end?.why ?? ''}` };
  const wrong = pipelines.find((result) => result.status === 'failed');
  if (wrong !== undefined) return { kind: 'failed', stage: 'verify', why: `${wrong.pipeline}: ${wrong.why}` };
  const refused = pipelines.findIndex((result) => result.status === 'refused' || result.status === 'unavailable');
  if (refused !== -1) return judgeRefusal(device, pipelines[refused], evidence[refused]);
  if (pipelines.length === 0 || pipelines.some((result) => result.status !== 'passed')) return { kind: 'broken', stage: 'verify', why: 'not every pipeline ran' };
  const frames = pipelines.reduce((sum, result) => sum + result.frames, 0);
  return { kind: 'passed', stage: 'verify', why: `${String(frames)} of ${String(frames)} frames right` };
}

/** A pipeline that wants Virgil3D and does not get it: was none asked for, was none offered, or did the guest not take it? */
function judgeRefusal(device: Device, result: PipelineResult | undefined, evidence: PipelineEvidence | undefined): Outcome {
  const why = `${result?.pipeline ?? 'a pipeline'}: ${result?.why ?? ''}`;
  if (device === '2d') return { kind: 'rejected', stage: 'pipeline', why: `${why}; device 2d offers no Virgil3D, ask for device virgl` };
  if (evidence?.gpu?.features.includes('+virgl') === true) return { kind: 'failed', stage: 'pipeline', why: `${why}, although the device offered Virgil3D (${evidence.gpu.features})` };
  return { kind: 'broken', stage: 'pipeline', why: `${why}; the stack did not offer Virgil3D (${evidence?.gpu?.features ?? 'no features read'})` };
}

function timesOf(frames: readonly FrameLine[]): { fps: number | null; meanMs: Record<string, number> } {
  const sums: Record<string, number> = {};
  for (const frame of frames) for (const [step, us] of Object.entries(frame.us)) sums[step] = (sums[step] ?? 0) + us;
  const meanMs = Object.fromEntries(Object.entries(sums).map(([step, us]) => [step, round(us / frames.length / 1000, 3)]));
  const own = OWN_STEPS.reduce((sum, step) => sum + (sums[step] ?? 0), 0);
  return { fps: own > 0 ? round((frames.length * 1e6) / own, 1) : null, meanMs };
}

function round(value: number, digits: number): number {
  return Math.round(value * 10 ** digits) / 10 ** digits;
}
