// The sealed record of a run: run.json, written last. Whoever reads it needs nothing else to know what was seen.
import { z } from 'zod';
import { JobId, RunId } from './ids.ts';
import { Device, Flavour, KernelRecord, Pipeline } from './job.ts';
import { Outcome, OutcomeKind, Stage } from './outcome.ts';

/** Milliseconds per step: the mean over the frames of one pipeline. */
const MeanMs = z.record(z.string(), z.number());

/** A wrong frame that was kept: what is wrong in words, and its pictures, as paths inside the run folder. */
export const KeptFrame = z.strictObject({
  frame: z.int(),
  plane: z.enum(['y', 'u', 'v', 'rgb']),
  oracle: z.enum(['memory', 'texels', 'rgb']),
  defect: z.string(),
  expected: z.string(),
  got: z.string(),
  difference: z.string(),
});
export type KeptFrame = z.infer<typeof KeptFrame>;

export const PipelineResult = z.strictObject({
  pipeline: Pipeline,
  clip: z.string(),
  status: z.enum(['passed', 'failed', 'refused', 'unavailable', 'not-run']),
  why: z.string(),
  frames: z.int().describe('frames that came back'),
  wrong: z.int().describe('frames of which any plane differs from its golden hash, in memory, as texels or as RGB'),
  fps: z.number().nullable().describe('frames per second over decode, copy or upload, wait, transfer and draw; reading back and hashing left out'),
  meanMs: MeanMs,
  kept: z.array(KeptFrame),
});
export type PipelineResult = z.infer<typeof PipelineResult>;

/** Something the kernel said about itself on the console. */
export const ConsoleFinding = z.strictObject({
  kind: z.enum(['panic', 'oops', 'bug', 'kasan', 'ubsan', 'lockdep', 'atomic-sleep', 'hung-task', 'soft-lockup', 'rcu-stall', 'kmemleak', 'dma-api', 'warning']),
  line: z.int().describe('line of console.log, from 1'),
  text: z.string(),
  around: z.array(z.string()),
});
export type ConsoleFinding = z.infer<typeof ConsoleFinding>;

export const RunRecord = z.strictObject({
  version: z.literal(1),
  id: RunId,
  job: JobId,
  attempt: z.int(),
  title: z.string(),
  base: z.string(),
  series: z.string().nullable(),
  flavour: Flavour,
  image: z.string(),
  stack: z.string(),
  device: Device,
  expect: OutcomeKind,
  outcome: Outcome,
  asExpected: z.boolean(),
  kernel: KernelRecord.nullable(),
  accelerator: z.string().nullable(),
  display: z.string().nullable(),
  renderer: z.string().nullable(),
  readyMs: z.number().nullable().describe('from QEMU\'s start to the probe\'s first line'),
  guestCpuSeconds: z.number().nullable().describe('CPU time of the guest\'s container, QEMU and its renderer together'),
  pipelines: z.array(PipelineResult),
  console: z.array(ConsoleFinding),
  stages: z.array(z.strictObject({ stage: Stage, ms: z.number() })),
  startedAt: z.iso.datetime(),
  sealedAt: z.iso.datetime(),
});
export type RunRecord = z.infer<typeof RunRecord>;
