// The sealed record of an evaluation: what was asked, every raw sample, and the verdict that one method made of them with one seed.
import * as z from 'zod';
import { Device } from './device.ts';
import { ContentKey, EvaluationId, RunId } from './ids.ts';
import { Flavour, Measure } from './job.ts';
import { Outcome } from './outcome.ts';
import { Pipeline } from './pipeline.ts';
import { CallName } from './run.ts';

export const MetricVerdict = z.enum(['better', 'worse', 'equivalent', 'inconclusive']);
export type MetricVerdict = z.infer<typeof MetricVerdict>;

/** `failed`: the series does something wrong that its base does not; whatever it does to speed is then no matter. */
export const Verdict = z.enum(['failed', ...MetricVerdict.options]);
export type Verdict = z.infer<typeof Verdict>;

/** One thing that was wrong with a kernel. */
export const Failure = z.strictObject({
  detector: z.string().describe('apply, build, boot, console, frames, leaks, properties or exercise'),
  why: z.string(),
  what: z.string().describe('the pipeline, the property or the check; empty where it is the kernel as a whole'),
  flavour: Flavour,
  run: RunId.nullable().describe('null where the kernel could not be built'),
  again: RunId.nullable().describe('the second boot, which showed it again; null where there was none'),
});
export type Failure = z.infer<typeof Failure>;

export const Correctness = z.strictObject({
  verdict: z.enum(['passed', 'failed']),
  failures: z.array(Failure).describe('of the patched kernel and not of its base, seen on two boots'),
  known: z.array(Failure).describe('that the base has too'),
  unconfirmed: z.array(Failure).describe('seen on one boot and not on the next: an inconstant thing, told and held against nobody'),
  runs: z.array(RunId),
});
export type Correctness = z.infer<typeof Correctness>;

/** What a figure is of: a pipeline, per frame; or a single call of the driver. */
export const Subject = z.enum([...Pipeline.options, ...CallName.options]);
export type Subject = z.infer<typeof Subject>;

/** A number per frame or per call that the patch changed. Exact: no statistics. */
export const CounterFact = z.strictObject({
  pipeline: Subject, counter: z.string(), base: z.number(), patched: z.number(), boots: z.int().describe('of each kernel, which all agreed'), runs: z.strictObject({ base: RunId, patched: RunId }),
});
export type CounterFact = z.infer<typeof CounterFact>;

/** A half is null where its run gave no figure. `base` of a noise pair is the first of the two boots. */
export const Pair = z.strictObject({
  base: z.number().nullable(), patched: z.number().nullable(), order: z.enum(['AB', 'BA']), block: z.int(), host: z.string(),
  runs: z.strictObject({ base: RunId, patched: RunId }),
});
export type Pair = z.infer<typeof Pair>;

/** Raw samples of one metric of one pipeline or call, in the unit that `unit` names. */
export const Samples = z.strictObject({
  metric: z.string(), pipeline: Subject, kind: Measure.exclude(['counters']), unit: z.string(), better: z.enum(['lower', 'higher']), primary: z.boolean(),
  limitPct: z.number().describe('a change smaller than this matters to nobody'),
  pairs: z.array(Pair), noise: z.array(Pair).describe('the base against itself, in the same blocks'),
});
export type Samples = z.infer<typeof Samples>;

export const MetricRow = z.strictObject({
  metric: z.string(), pipeline: Subject, kind: Measure, primary: z.boolean(), verdict: MetricVerdict,
  changePct: z.number().nullable().describe('of patched against base; null where nothing was measured'),
  ci: z.tuple([z.number(), z.number()]).nullable().describe('95 percent interval of changePct'),
  p: z.number().nullable().describe('exact, two-sided, of the aligned rank test within blocks; null of a counter, which is a fact and no estimate'),
  adjusted: z.number().nullable().describe('Holm, over the primary metrics'),
  pairs: z.int(), dropped: z.int().describe('pairs of which a half is missing'),
  limitPct: z.number().describe('what was held to matter: the larger of the configured limit and the noise floor'), noisePct: z.number(),
  detectablePct: z.number().nullable().describe('the smallest change that so many pairs would have shown, with a power of 0.8; null where they are too few to show any'),
  morePairs: z.int().describe('how many more would decide it; 0 where it is decided'),
  unit: z.string(), baseMedian: z.number().nullable(), patchedMedian: z.number().nullable(), baseSdPct: z.number().nullable(), patchedSdPct: z.number().nullable(),
  bimodal: z.boolean().describe('whether the samples of a side fall into two heaps'),
});
export type MetricRow = z.infer<typeof MetricRow>;

/** The times that this host is too noisy for, of what instructions have decided: those decide then, and what of the time would not have been seen is told. */
export function leftToInstructions<Row extends Pick<MetricRow, 'pipeline' | 'kind' | 'primary' | 'verdict'>>(rows: readonly Row[]): Row[] {
  const decided = new Set(rows.filter((row) => row.primary && row.kind === 'instructions' && row.verdict !== 'inconclusive').map((row) => row.pipeline));
  return rows.filter((row) => row.primary && row.kind === 'time' && row.verdict === 'inconclusive' && decided.has(row.pipeline));
}

/** The first so many patches of a series, each with one boot: where along the series a cost comes in. 0 is the base. */
export const Prefix = z.strictObject({
  patches: z.int(), file: z.string().describe('the last of them; empty for the base'), run: RunId,
  figures: z.array(z.strictObject({ metric: z.string(), pipeline: Subject, value: z.number(), stepPct: z.number().nullable().describe('against one patch fewer; null where there is no figure of that') })),
});
export type Prefix = z.infer<typeof Prefix>;

export const Phase = z.strictObject({ phase: z.enum(['build', 'correctness', 'instructions', 'time', 'prefixes', 'report']), seconds: z.number(), workSeconds: z.number().describe('of them, a guest ran or a compiler did') });
export type Phase = z.infer<typeof Phase>;

export const EvaluationRecord = z.strictObject({
  version: z.literal(1),
  id: EvaluationId,
  series: z.string(), title: z.string(), base: z.string(), baseVersion: z.string().nullable(),
  against: z.string().optional().describe('another base, which this one was held against without any series'),
  checked: z.array(Pipeline).optional().describe('where not all was checked: these pipelines only'),
  messageId: z.string().nullable().describe('of the series\' first mail, where it came as one'),
  subject: z.string().nullable(), author: z.string().nullable(),
  patches: z.array(z.strictObject({ file: z.string(), sha256: z.string() })),
  ofPatches: z.int().optional().describe('where only the first patches of a series were evaluated: how many it has'),
  kernels: z.strictObject({ base: ContentKey.nullable(), patched: ContentKey.nullable(), compiler: z.string().nullable() }),
  image: z.string(), stack: z.string(), device: Device, pipelines: z.array(Pipeline), clip: z.string(), accelerator: z.string().nullable(), renderer: z.string().nullable(),
  versions: z.record(z.string(), z.string()).describe('of the host side and the guest, by package'),
  budgetSeconds: z.number(),
  outcome: Outcome.describe('passed or failed where there is a verdict; rejected, broken or cancelled where there is none'),
  verdict: Verdict.nullable(), why: z.string(),
  correctness: Correctness,
  identical: z.boolean().describe('whether both kernels are the same, byte for byte: nothing was booted then'),
  facts: z.array(CounterFact),
  metrics: z.array(MetricRow),
  notes: z.array(z.string()).describe('what a reader should know before believing it'),
  method: z.int(), seed: z.int(), alpha: z.number(), looks: z.array(z.strictObject({ kind: Measure.exclude(['counters']), pairs: z.int(), alpha: z.number() })).describe('that were taken'),
  samples: z.array(Samples),
  prefixes: z.array(Prefix).default([]).describe('where --per-patch asked for them'),
  phases: z.array(Phase), seconds: z.number(), overheadPct: z.number().describe('of seconds, what neither a guest nor a compiler took'),
  startedAt: z.iso.datetime(), endedAt: z.iso.datetime(),
});
export type EvaluationRecord = z.infer<typeof EvaluationRecord>;

/** Every run that a verdict stands on. */
export function citedBy({ correctness, samples, prefixes, facts }: Pick<EvaluationRecord, 'correctness' | 'samples' | 'prefixes' | 'facts'>): RunId[] {
  const pairs = samples.flatMap((one) => [...one.pairs, ...one.noise]).flatMap(({ runs }) => [runs.base, runs.patched]);
  const failures = [...correctness.failures, ...correctness.known, ...correctness.unconfirmed].flatMap(({ run, again }) => [run, again]);
  return [...new Set([...correctness.runs, ...pairs, ...prefixes.map((one) => one.run), ...facts.flatMap(({ runs }) => [runs.base, runs.patched]), ...failures].filter((one) => one !== null))];
}
