// The sealed record of a run: run.json, written last. Whoever reads it needs nothing else to know what was seen.
import * as z from 'zod';
import { JobId, RunId } from './ids.ts';
import { Fault, Party } from './fault.ts';
import { Device } from './device.ts';
import { Detector, Flavour, KernelRecord, Measure } from './job.ts';
import { PlaneName } from './picture.ts';
import { Pipeline } from './pipeline.ts';
import { Outcome, OutcomeKind, Stage } from './outcome.ts';
import { PropertyResult } from './property.ts';

/** Milliseconds per step: the mean over the frames of one pipeline. */
const MeanMs = z.record(z.string(), z.number());

/** How far off a plane is from the one that was expected, over every byte of it. */
export const FrameError = z.strictObject({
  wrong: z.int().describe('texels of which any byte differs'), of: z.int().describe('texels of the plane'),
  psnrDb: z.number().describe('peak signal-to-noise ratio in decibels, with 255 as the peak'),
});
export type FrameError = z.infer<typeof FrameError>;

const Pictures = z.strictObject({ expected: z.string(), got: z.string(), difference: z.string() });

/** A wrong frame that was kept: what is wrong in words, and its pictures, as paths inside the run folder. */
export const KeptFrame = z.strictObject({
  frame: z.int(),
  plane: z.enum([...PlaneName.options, 'b', 'g', 'r', 'rgb']).describe('u and v of a uv plane are told apart, and so are b, g and r of an xrgb plane'),
  oracle: z.enum(['memory', 'texels', 'rgb']),
  defect: z.string(),
  ...Pictures.shape,
  previews: Pictures.extend({ width: z.int().describe('of the pictures, not of these'), height: z.int(), side: z.int().describe('one pixel of these is a square of so many by so many of the pictures') }).nullable().default(null).describe('the pictures made small, to be shown at first: null where they are small themselves, and in a record from before there were any'),
  error: FrameError.nullable().default(null).describe('null in a record from before it was measured, and where the pixels that came are right after all'),
});
export type KeptFrame = z.infer<typeof KeptFrame>;

/** What was there more after a pipeline than before it; -1 where it could not be counted. */
export const Leaks = z.strictObject({
  fds: z.int().describe('open files, of the pipeline at its end and of PID 1 after it'), dmabufs: z.int(),
  hostResources: z.int().describe('virtio-gpu resources, which are its GEM objects: made and never unreferenced, by QEMU\'s trace'),
});
export type Leaks = z.infer<typeof Leaks>;

/** How the reason begins of a pass that failed by nothing but what it left behind. */
export const ALL_RIGHT_BUT = 'every frame is right, and ';

/** Per measured frame, from QEMU's trace of its virtio-gpu. */
export const Counters = z.strictObject({
  frames: z.int(),
  commandsPerFrame: z.number(),
  transfersPerFrame: z.number().describe('TRANSFER_TO_HOST commands'),
  bytesPerFrame: z.number().describe('bytes of the resources that those transfers name, and of the command streams; see docs/pipelines.md'),
  fencesPerFrame: z.number(),
  byKind: z.record(z.string(), z.number()).describe('commands per frame, by QEMU\'s name of the trace event'),
});
export type Counters = z.infer<typeof Counters>;

const Percentiles = z.strictObject({ mean: z.number(), p50: z.number(), p95: z.number(), p99: z.number() });
export type Percentiles = z.infer<typeof Percentiles>;

export const Time = z.strictObject({
  frames: z.int().describe('measured, after the warm-up'),
  warmup: z.int(),
  fps: z.number().describe('frames per second from the first measured frame to the end of the last'),
  stepsMs: z.record(z.string(), Percentiles).describe('milliseconds per step; "frame" is the whole of a frame'),
  guestCpuMsPerFrame: z.number().describe('CPU time of the pipeline\'s process in the guest'),
  hostCpuMsPerFrame: z.number().nullable().describe('CPU time of the guest\'s container: QEMU, its renderer, its emulation'),
  bookkeepingShare: z.number().describe('of the measured time, what the probe spent on its own clock and counters'),
});
export type Time = z.infer<typeof Time>;

export const PipelineResult = z.strictObject({
  pipeline: Pipeline,
  clip: z.string(),
  fault: Fault.nullable().describe('what was broken on purpose in this pass'),
  status: z.enum(['passed', 'failed', 'unavailable', 'not-run']),
  why: z.string(),
  frames: z.int().describe('frames that came back'),
  wrong: z.int().describe('frames of which any plane differs from its golden hash, in memory, as texels or as RGB'),
  frameNumbers: z.strictObject({ wrong: z.array(z.int()), free: z.array(z.int()).describe('that may be anything, since their clip is damaged, and were held against nothing') }).nullable().default(null)
    .describe('which of the frames that came back are wrong; null where nobody looked, or in a record from before this was told'),
  fps: z.number().nullable().describe('frames per second over decode, copy or upload, wait, transfer and draw; reading back and hashing left out; for figures to compare see time'),
  meanMs: MeanMs,
  kept: z.array(KeptFrame),
  party: Party.nullable().describe('whose doing a wrong frame is'),
  defect: z.string().nullable().describe('what is wrong with it, by its kind'),
  caught: z.boolean().nullable().describe('of a fault: whether the lab saw it'),
  named: z.boolean().nullable().describe('of a fault: whether the lab called it by its right name'),
  leaks: Leaks.nullable(),
  caps: z.array(z.strictObject({ element: z.string(), pad: z.string(), caps: z.string() })).describe('what a peer really negotiated'),
  counters: Counters.nullable(),
  time: Time.nullable(),
  instructionsPerFrame: z.number().nullable().describe('instructions of the pipeline\'s process in the guest, under -icount'),
});
export type PipelineResult = z.infer<typeof PipelineResult>;

/** The row of a pipeline that has not run. */
export function emptyResult(pipeline: Pipeline, clip: string): PipelineResult {
  return {
    pipeline, clip, fault: null, status: 'not-run', why: 'it did not run', frames: 0, wrong: 0, frameNumbers: null, fps: null, meanMs: {}, kept: [], party: null, defect: null,
    caught: null, named: null, leaks: null, caps: [], counters: null, time: null, instructionsPerFrame: null,
  };
}

/** Per call, from QEMU's trace and the guest's /proc/vmstat. To a tenth: what the marks themselves cost, and one page more somewhere else, is less than that. */
export const CallCounters = z.strictObject({
  commands: z.number(), kicks: z.number().describe('notifications of the control queue by the driver'), fences: z.number(), bytes: z.number().describe('of transfers to the host and of command streams'),
  pages: z.number().describe('that the kernel handed out, to anyone'),
});
export type CallCounters = z.infer<typeof CallCounters>;

/** A call of virtio-gpu, to the host and back, made many times one after another (guest-images/probe/calls.c). What was not measured is null. */
export const CallName = z.enum(['submit', 'transfer', 'create']);
export type CallName = z.infer<typeof CallName>;
export const CallResult = z.strictObject({
  call: CallName.describe('submit: EXECBUFFER of 4 KiB until its fence comes; transfer: TRANSFER_TO_HOST of 16 KiB and WAIT; create: RESOURCE_CREATE, WAIT and GEM_CLOSE'),
  rounds: z.int(),
  us: z.strictObject({ p10: z.number(), p50: z.number(), p95: z.number() }).nullable().describe('microseconds per call'),
  instructions: z.number().nullable().describe('per call, the median of batches, of the whole guest, under -icount'),
  counters: CallCounters.nullable().default(null),
});
export type CallResult = z.infer<typeof CallResult>;

/** Something the kernel said about itself on the console. */
export const ConsoleFinding = z.strictObject({
  kind: z.enum(['panic', 'oops', 'bug', 'kasan', 'ubsan', 'lockdep', 'atomic-sleep', 'hung-task', 'soft-lockup', 'rcu-stall', 'kmemleak', 'dma-api', 'warning']),
  line: z.int().describe('line of console.log, from 1'),
  text: z.string(),
  around: z.array(z.string()),
});
export type ConsoleFinding = z.infer<typeof ConsoleFinding>;

/** What else a figure depends on, as the guest's container saw it: which CPUs it may run on, how many cores its limit gives it, and llvmpipe's threads. */
export const Conditions = z.strictObject({
  cpus: z.string().describe('as Linux lists them (Cpus_allowed_list); all of the host\'s where nothing is pinned'), cores: z.int(),
  lpNumThreads: z.string().describe('LP_NUM_THREADS; unset: as many as there are CPUs'),
});
export type Conditions = z.infer<typeof Conditions>;

/** What the walk of ioctls and close orders came to, which the probe does after the pipelines where a job asks for it. */
export const Exercise = z.strictObject({
  status: z.enum(['passed', 'failed', 'unavailable']),
  why: z.string(),
  checks: z.array(z.strictObject({ check: z.string(), status: z.enum(['passed', 'failed', 'unavailable']), why: z.string() })),
  leaks: Leaks.nullable(),
});
export type Exercise = z.infer<typeof Exercise>;

/** What a series says of itself in its series.yaml, so that a record tells whether what was seen is what it does. */
export const Claim = z.strictObject({ detector: Detector.nullable(), seenAs: z.string().nullable(), harmless: z.boolean() });
export type Claim = z.infer<typeof Claim>;

export const RunRecord = z.strictObject({
  version: z.literal(1),
  id: RunId,
  job: JobId,
  attempt: z.int(),
  title: z.string(),
  base: z.string(),
  series: z.string().nullable(),
  flavour: Flavour,
  drivers: z.array(z.string()).default([]),
  image: z.string(),
  stack: z.string(),
  device: Device,
  measure: Measure.nullable(),
  expect: OutcomeKind,
  outcome: Outcome,
  asExpected: z.boolean(),
  claim: Claim.nullable().default(null).describe('of a mutant or a harmless series: what it says of itself'),
  kernel: KernelRecord.nullable(),
  accelerator: z.string().nullable(),
  display: z.string().nullable(),
  renderer: z.string().nullable(),
  capabilities: z.record(z.string(), z.unknown()).nullable().describe('what the guest\'s GPU says it can'),
  readyMs: z.number().nullable().describe('from QEMU\'s start to the probe\'s first line'),
  guestCpuSeconds: z.number().nullable().describe('CPU time of the guest\'s container, QEMU and its renderer together'),
  conditions: Conditions.nullable().default(null),
  lostBoot: z.string().nullable().default(null).describe('how a first boot ended, where the guest had to be booted again'),
  pipelines: z.array(PipelineResult),
  calls: z.array(CallResult).default([]),
  properties: z.array(PropertyResult).default([]),
  console: z.array(ConsoleFinding),
  kmemleakScans: z.int().nullable().default(null).describe('scans for leaked memory after the pipelines; null where the kernel has no kmemleak, or had complained before. What they found is in console'),
  exercise: Exercise.nullable().default(null).describe('null where none was asked for, or the guest was gone before'),
  stages: z.array(z.strictObject({ stage: Stage, ms: z.number() })),
  startedAt: z.iso.datetime(),
  sealedAt: z.iso.datetime(),
});
export type RunRecord = z.infer<typeof RunRecord>;
