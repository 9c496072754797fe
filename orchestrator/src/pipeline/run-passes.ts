// All passes of a run, one after another: each is checked frame by frame, then, where asked, measured. Judges nothing.
import type { Measure } from '../contract/job.ts';
import { PIPELINES } from '../contract/pipeline.ts';
import type { Counters, Time } from '../contract/run.ts';
import { pause } from '../lib/within.ts';
import type { GpuTrace } from '../measure/gpu-trace.ts';
import { countersOf, instructionsOf, timeOf } from '../measure/summary.ts';
import type { MeasureEvidence, PipelineEvidence } from '../verify/evidence.ts';
import { clipNameOf, commandOf, WARMUP_FRAMES, type Pass, type PassClip } from './passes.ts';
import { checkPass, measurePass, type Look, type Prober } from './run-pipeline.ts';

export type Figures = { counters: Counters | null; time: Time | null; instructionsPerFrame: number | null };

/** One pass and all that it left. `hostResources` is how many the host holds more than before it; -1 where nobody counts. */
export type Passed<C extends PassClip = PassClip> = { pass: Pass<C>; evidence: PipelineEvidence; figures: Figures; hostResources: number };

/** Where a pass runs. `path` is the clip's, where it is not a disk; `look` sees its display, where it has one. */
export type Place = { prober: Prober; path?: string; look?: Look; cpuSeconds: () => Promise<number | null>; trace: GpuTrace | undefined };

export type PassesDeps<C extends PassClip> = {
  placeOf: (pass: Pass<C>) => Promise<Place>;
  slowness: number;
  /** False: passes are only measured. */
  checked: boolean;
  onFrame: (pass: Pass<C>, done: number) => void;
  onEnd: (passed: Passed<C>) => Promise<void>;
};

export const NO_FIGURES: Figures = { counters: null, time: null, instructionsPerFrame: null };

/** `gathered` grows as passes begin, so that what was seen survives an end in the middle. */
export async function runPasses<C extends PassClip>(
  passes: readonly Pass<C>[], measure: Measure | null, gathered: Passed<C>[], deps: PassesDeps<C>, signal: AbortSignal,
): Promise<void> {
  let id = 0;
  for (const pass of passes) {
    const place = await deps.placeOf(pass);
    const passed: Passed<C> = { pass, evidence: emptyEvidence(pass), figures: { ...NO_FIGURES }, hostResources: -1 };
    gathered.push(passed);
    const before = place.trace?.live;
    const onFrame = (done: number): void => { deps.onFrame(pass, done); };
    if (deps.checked) await checkPass(commandOf(pass, ++id, 'check', place.path), place.prober, passed.evidence, { onFrame, slowness: deps.slowness, look: place.look }, signal);
    if (measure !== null && pass.fault === null && (!deps.checked || passed.evidence.end?.status === 'done')) {
      const seen: MeasureEvidence = { pipeline: pass.pipeline, clip: clipNameOf(pass), gpu: undefined, timing: [], measured: undefined, end: undefined };
      passed.figures = await measured({ pass, id: ++id, measure, place, slowness: deps.slowness, evidence: seen }, signal);
      if (!deps.checked) Object.assign(passed.evidence, { unchecked: true, gpu: seen.gpu, end: seen.end });
    }
    if (before !== undefined) passed.hostResources = await leftOver(place.trace, before, signal);
    await deps.onEnd(passed);
  }
}

/** QEMU's trace and the probe's word come on two ways: what is told on one may be a moment behind the other. */
export const SETTLE_MS = 1000;

/** How many resources the host holds more than `before`, once it is still. */
export async function leftOver(trace: GpuTrace | undefined, before: ReadonlySet<string>, signal: AbortSignal): Promise<number> {
  const left = (): number => [...(trace?.live ?? [])].filter((one) => !before.has(one)).length;
  for (const from = Date.now(); left() > 0 && Date.now() - from < SETTLE_MS;) await pause(20, signal);
  return left();
}

type MeasureOf = { pass: Pass; id: number; measure: Measure; place: Place; slowness: number; evidence: MeasureEvidence };

async function measured({ pass, id, measure, place, slowness, evidence }: MeasureOf, signal: AbortSignal): Promise<Figures> {
  const cpu: { begin: Promise<number | null>; end: Promise<number | null> } = { begin: Promise.resolve(null), end: Promise.resolve(null) };
  await measurePass(commandOf(pass, id, 'measure', place.path), place.prober, evidence, {
    slowness, onFrame: () => undefined,
    onBegin: () => { if (measure === 'time') cpu.begin = place.cpuSeconds(); },
    onEnd: () => { if (measure === 'time') cpu.end = place.cpuSeconds(); },
  }, signal);
  const [begin, end] = await Promise.all([cpu.begin, cpu.end]);
  switch (measure) {
    case 'time': return { ...NO_FIGURES, time: timeOf({ evidence, warmup: WARMUP_FRAMES, hostCpuSeconds: begin === null || end === null ? null : end - begin }) ?? null };
    case 'instructions': return { ...NO_FIGURES, instructionsPerFrame: instructionsOf(evidence) ?? null };
    case 'counters': return { ...NO_FIGURES, counters: await countersIn(place, pass, evidence, signal) };
  }
}

/** A control has no virtio-gpu, so it gives it no commands. What was counted is taken whatever the pass said, so that the next one does not get it. */
async function countersIn({ trace }: Place, pass: Pass, { measured: said }: MeasureEvidence, signal: AbortSignal): Promise<Counters | null> {
  let tally = trace?.take();
  const wanted = said !== undefined && PIPELINES[pass.pipeline].place === 'guest';
  for (const from = Date.now(); wanted && tally === undefined && Date.now() - from < SETTLE_MS; tally = trace?.take()) await pause(20, signal);
  if (said === undefined || said.frames === 0) return null;
  if (PIPELINES[pass.pipeline].place !== 'guest') return countersOf({ commands: new Map(), transferBytes: 0, streamBytes: 0, fences: 0, kicks: new Map() }, said.frames);
  return tally === undefined ? null : countersOf(tally, said.frames);
}

export function emptyEvidence(pass: Pass): PipelineEvidence {
  return {
    pipeline: pass.pipeline, clip: clipNameOf(pass), fault: pass.fault, unchecked: false, gpu: undefined, starts: [], caps: [], frames: [], pixels: [], decoderErrors: [],
    leaks: undefined, segfault: undefined, end: undefined,
  };
}
