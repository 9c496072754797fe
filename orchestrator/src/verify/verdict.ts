// From evidence to outcome: which passes are right, which are not to be had here, and who is at fault. Pure.
import type { Device } from '../contract/device.ts';
import { offersVirgl, parseFeatures } from '../contract/features.ts';
import type { Outcome } from '../contract/outcome.ts';
import { PIPELINES } from '../contract/pipeline.ts';
import type { FrameLine } from '../contract/probe.ts';
import { IMPORTER_DRIVER, type PropertyResult } from '../contract/property.ts';
import { ALL_RIGHT_BUT, emptyResult, type ConsoleFinding, type Exercise, type KeptFrame, type Leaks, type PipelineResult } from '../contract/run.ts';
import type { GoldenFrame, PipelineEvidence } from './evidence.ts';
import { isRightName } from './faults.ts';
import type { Defect } from './name-defect.ts';
import { blame, type PassDefect } from './party.ts';
import { goldenOfCaptures, wrongCaptures, wrongFrames, type Oracle, type WrongFrame } from './wrong-frames.ts';

/** The steps of a frame that are the pipeline's own work; the oracles' readback and hash are the lab's. */
const OWN_STEPS: readonly string[] = ['decode', 'copy', 'upload', 'transfer', 'wait', 'draw'];

/** What a pass is held against; a camera has none. `seek` is the frame that was asked for. */
export type PassClip = { readonly golden: readonly GoldenFrame[]; readonly seek: number | undefined; readonly damaged: boolean };
export type KeptDefect = { kept: KeptFrame; defect: Defect };
export type ToJudge = { evidence: PipelineEvidence; clip: PassClip | undefined; kept: readonly KeptDefect[]; hostResources: number };

/** The judgement of one pass. A clip that did not come back whole, in order, is never a pass; nor is a pass that left something behind. */
export function judgePass({ evidence, clip, kept, hostResources }: ToJudge): PipelineResult {
  const { end, frames } = evidence;
  const wrong = clip === undefined ? wrongCaptures(frames) : wrongFrames(frames, clip.golden);
  const leaks = leaksOf(evidence, hostResources);
  const base: PipelineResult = {
    ...emptyResult(evidence.pipeline, evidence.clip), fault: evidence.fault, frames: frames.length, wrong: wrong.length, frameNumbers: frameNumbers(evidence, clip, wrong), ...timesOf(frames), kept: kept.map((one) => one.kept), leaks,
    caps: evidence.caps.map(({ element, pad, caps }) => ({ element, pad, caps })),
  };
  const said = { ...base, ...judgeEnd(evidence, clip, wrong, kept), ...(end?.status === 'done' ? leakOf(leaks, wrong) : {}) };
  return evidence.fault === null || said.status === 'unavailable' || said.status === 'not-run' ? said : { ...said, caught: said.status === 'failed', named: isNamed(evidence, said) };
}

function frameNumbers({ frames, unchecked }: PipelineEvidence, clip: PassClip | undefined, wrong: readonly WrongFrame[]): PipelineResult['frameNumbers'] {
  if (unchecked) return null;
  return { wrong: wrong.map(({ frame }) => frame), free: frames.flatMap(({ n }) => (clip?.golden[n]?.exact === false ? [n] : [])) };
}

type Judgement = Pick<PipelineResult, 'status' | 'why'> & Partial<Pick<PipelineResult, 'party' | 'defect'>>;

function judgeEnd(evidence: PipelineEvidence, clip: PassClip | undefined, wrong: readonly WrongFrame[], kept: readonly KeptDefect[]): Judgement {
  const { end, frames } = evidence;
  if (end === undefined) return frames.length === 0 ? { status: 'not-run', why: 'it did not run' } : { status: 'failed', why: `it ended after ${String(frames.length)} frames` };
  if (end.status === 'refused' || end.status === 'unsupported') return { status: 'unavailable', why: end.why ?? 'the probe said that it cannot, and not why' };
  if (end.status === 'crashed' && PIPELINES[evidence.pipeline].peer) return { status: 'unavailable', why: `${sayEnd(evidence)} (a peer's own crash says nothing of the kernel)` };
  if (end.status !== 'done') return { status: 'failed', why: sayEnd(evidence) };
  if (evidence.unchecked) return { status: 'passed', why: 'only measured: nobody looked at its frames' };
  const [first] = wrong;
  if (first !== undefined) return judgeWrong(evidence, clip, wrong, kept, first);
  return clip === undefined ? judgeCapture(frames) : judgeWhole(evidence, clip);
}

function sayEnd({ end, segfault }: PipelineEvidence): string {
  const where = segfault === undefined ? '' : `; the kernel's word on it: ${segfault}`;
  return `${end?.status ?? ''}${end?.step === undefined ? '' : ` in ${end.step}`}: ${end?.why ?? 'no reason given'}${where}`;
}

function judgeWrong({ frames, starts, pipeline, fault }: PipelineEvidence, clip: PassClip | undefined, wrong: readonly WrongFrame[], kept: readonly KeptDefect[], first: WrongFrame): Judgement {
  const golden = clip?.golden ?? goldenOfCaptures(frames, starts[0]);
  const seen: PassDefect = blame({ frames, golden, wrong, defects: kept.map((one) => one.defect), ring: PIPELINES[pipeline].ring });
  // Where a device writes the picture, the decoder's work was right before that.
  const pass: PassDefect = PIPELINES[pipeline].byDevice && fault === null && seen.party === 'decoder' ? { ...seen, party: 'dma' } : seen;
  const how = pass.why ?? kept.find((one) => one.defect.kind === pass.kind)?.kept.defect ?? kept[0]?.kept.defect ?? `${first.planes.join(', ')} differ`;
  const count = `${String(wrong.length)} of ${String(frames.length)} frames wrong ${WHERE[first.oracle]}`;
  return { status: 'failed', party: pass.party, defect: pass.kind, why: `${count} (${SAY_PARTY[pass.party]}); frame ${String(first.frame)}: ${how}` };
}

const SAY_PARTY: Readonly<Record<NonNullable<PipelineResult['party']>, string>> = {
  decoder: 'decoder fault', transfer: 'transfer fault', fence: 'fence fault', format: 'format fault', id: 'id fault', dma: 'DMA fault',
};

function judgeCapture(frames: readonly FrameLine[]): Judgement {
  if (frames.length < 2) return { status: 'failed', why: `Expected several frames, got ${String(frames.length)}` };
  return { status: 'passed', why: `${String(frames.length)} frames, each another one, sampled as they are in memory` };
}

/** Every frame that must be exact, once and in order, from where decoding was to begin. */
function judgeWhole({ frames, decoderErrors }: PipelineEvidence, { golden, seek, damaged }: PassClip): Judgement {
  const from = seek === undefined ? 0 : golden.findLastIndex((frame, n) => frame.key && n <= seek);
  const must = golden.flatMap((frame, n) => (frame.exact && n >= from ? [n] : []));
  const numbers = frames.map((frame) => frame.n);
  const came = numbers.filter((n) => golden[n]?.exact === true);
  const inOrder = numbers.every((n, index) => index === 0 || n > (numbers[index - 1] ?? -1));
  if (must.length === 0 || !inOrder || came.join() !== must.join()) {
    const missing = must.find((n) => !came.includes(n));
    return { status: 'failed', why: `Expected frames ${String(must[0] ?? 0)} to ${String(must.at(-1) ?? 0)} once each, got ${String(frames.length)}${missing === undefined ? '' : `, without ${String(missing)}`}${inOrder ? '' : ', out of order'}` };
  }
  const told = decoderErrors.length > 0 || frames.some((frame) => frame.damaged === true);
  if (damaged && !told) return { status: 'failed', why: 'the clip is damaged, and the decoder said nothing of it' };
  const error = damaged ? `; the decoder told of the damage: ${decoderErrors[0] ?? 'a frame flagged as damaged'}` : '';
  return { status: 'passed', why: `${String(came.length)} of ${String(must.length)} frames right in memory, as texels and as RGB${error}` };
}

/** What a control leaves behind goes with its container, and is no kernel's doing. */
function leaksOf({ pipeline, leaks, end }: PipelineEvidence, hostResources: number): Leaks | null {
  if (leaks === undefined || PIPELINES[pipeline].place !== 'guest') return null;
  return { fds: leaks.fds < 0 ? -1 : leaks.fds + Math.max(0, end?.fds ?? 0), dmabufs: leaks.dmabufs, hostResources };
}

function leakOf(leaks: Leaks | null, wrong: readonly WrongFrame[]): Partial<Judgement> {
  const behind = wrong.length > 0 ? undefined : sayLeaks(leaks);
  return behind === undefined ? {} : { status: 'failed', why: `${ALL_RIGHT_BUT}${behind}` };
}

/** "2 dma-bufs were left behind"; undefined where nothing was. */
export function sayLeaks(leaks: Leaks | null): string | undefined {
  const left = leaks === null ? [] : [[leaks.dmabufs, 'dma-buf'], [leaks.fds, 'open file'], [leaks.hostResources, 'host resource']] as const;
  const words = left.flatMap(([count, what]) => (count > 0 ? [`${String(count)} ${what}${count === 1 ? '' : 's'}`] : []));
  return words.length === 0 ? undefined : `${words.join(', ')} were left behind`;
}

function isNamed({ fault }: PipelineEvidence, { defect, party }: PipelineResult): boolean {
  return fault !== null && defect !== null && party !== null && isRightName(fault, { kind: defect as PassDefect['kind'], party });
}

/** What the oracle that saw it first says about where it went wrong (docs/pipelines.md). */
const WHERE: Record<Oracle, string> = {
  memory: 'in guest memory, before any transfer',
  texels: 'as texels, while guest memory is right',
  rgb: 'as RGB, while every texel is right',
};

/** What a stub library of the guest image prints before it ends the pipeline (guest-images/trixie/assemble). */
export const STUB_CALLED = /^stub: \S+ of \S+ was called/;

export type RunEvidence = { stub: string | undefined; device: Device; pipelines: readonly PipelineResult[]; properties: readonly PropertyResult[]; console: readonly ConsoleFinding[]; exercise: Exercise | null; evidence: readonly PipelineEvidence[] };

/** The outcome of a run that came to its end. A guest that did not is judged by the error that ended it. */
export function judgeRun({ stub, device, pipelines, properties, console, exercise, evidence }: RunEvidence): Outcome {
  if (stub !== undefined) return { kind: 'broken', stage: 'image', why: `the guest image lacks a library: ${stub}` };
  const [splat] = console;
  if (splat !== undefined) return { kind: 'failed', stage: 'verify', why: `the kernel reported ${splat.kind}: ${splat.text} (console.log:${String(splat.line)})` };
  const unheard = evidence.find((one) => one.end?.status === 'error' && one.end.step === 'command');
  if (unheard !== undefined) return { kind: 'broken', stage: 'pipeline', why: `the probe did not understand the lab: ${unheard.end?.why ?? ''}` };
  const wrong = pipelines.find((result) => result.status === 'failed' && result.fault === null);
  const blamed = [
    ...(wrong === undefined ? [] : [`${wrong.pipeline}: ${wrong.why}`]), ...properties.filter(isViolated).map(({ property, value }) => `${property}: ${value}`),
    ...(exercise?.status === 'failed' ? [`exercise: ${exercise.why}`] : []),
  ];
  if (blamed.length > 0) return { kind: 'failed', stage: 'verify', why: blamed.join('; ') };
  const unseen = pipelines.find((result) => result.caught === false);
  if (unseen !== undefined) return { kind: 'broken', stage: 'verify', why: `the lab did not see the fault ${unseen.fault ?? ''} in ${unseen.pipeline} on ${unseen.clip}` };
  const refusal = judgeRefusals(device, pipelines, evidence);
  if (refusal !== undefined) return refusal;
  if (pipelines.length === 0 || pipelines.some((result) => result.status === 'not-run')) return { kind: 'broken', stage: 'verify', why: 'not every pipeline ran' };
  const unasked = judgeUnasked(properties);
  if (unasked !== undefined) return unasked;
  const passed = pipelines.filter((result) => result.status === 'passed');
  const frames = passed.reduce((sum, result) => sum + result.frames, 0);
  const absent = pipelines.filter((result) => result.status === 'unavailable' && result.fault === null).length;
  return { kind: 'passed', stage: 'verify', why: `${String(frames)} of ${String(frames)} frames right${absent === 0 ? '' : `; ${String(absent)} of ${String(pipelines.length)} not available here`}${sayAsked(properties)}` };
}

function isViolated({ binding, holds }: PropertyResult): boolean {
  return binding && holds === false;
}

/** A property that could not be asked at all has not held: a kernel without the importer would pass them all. */
function judgeUnasked(properties: readonly PropertyResult[]): Outcome | undefined {
  const [first] = properties;
  if (first === undefined || properties.some((result) => result.asked)) return undefined;
  return { kind: 'rejected', stage: 'pipeline', why: `none of ${String(properties.length)} properties could be asked: ${first.property}: ${first.evidence}; the job wants drivers: [${IMPORTER_DRIVER}]` };
}

function sayAsked(properties: readonly PropertyResult[]): string {
  if (properties.length === 0) return '';
  const held = properties.filter((result) => result.holds === true).length;
  return `; ${String(held)} of ${String(properties.length)} properties hold, ${String(properties.filter((result) => result.holds === null).length)} do not apply`;
}

/** A pipeline that wants Virgil3D and does not get it: was none asked for, was none offered, or did the guest not take it? And: did nothing run at all? */
function judgeRefusals(device: Device, pipelines: readonly PipelineResult[], evidence: readonly PipelineEvidence[]): Outcome | undefined {
  const refused = evidence.find((one) => one.end?.status === 'refused' && PIPELINES[one.pipeline].place === 'guest');
  if (refused !== undefined && !device.startsWith('2d')) {
    const why = `${refused.pipeline}: ${refused.end?.why ?? ''}`;
    if (refused.gpu !== undefined && offersVirgl(refused.gpu.features)) return { kind: 'failed', stage: 'pipeline', why: `${why}, although the device offered Virgil3D` };
    return { kind: 'broken', stage: 'pipeline', why: `${why}; the stack did not offer Virgil3D (virgl: ${parseFeatures(refused.gpu?.features ?? '')['virgl'] ?? 'not said'})` };
  }
  const [first] = pipelines;
  if (first === undefined || pipelines.some((result) => result.status !== 'unavailable')) return undefined;
  const instead = device.startsWith('2d') ? `; device ${device} offers no Virgil3D, ask for device virgl` : '';
  return { kind: 'rejected', stage: 'pipeline', why: `nothing of what was asked for is available here: ${first.pipeline}: ${first.why}${instead}` };
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
