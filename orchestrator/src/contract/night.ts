// A night: what jobs/nightly.yaml asks for, and the record that is sealed when it is over.
import * as z from 'zod';
import { Device } from './device.ts';
import { MetricVerdict, Verdict } from './evaluation.ts';
import { ContentKey, EvaluationId, JobId, NightId, RunId } from './ids.ts';
import { Flavour, Measure } from './job.ts';
import { Pipeline } from './pipeline.ts';

const names = z.array(z.string().min(1).max(200)).min(1).max(100);

/** Which of jobs/ is the lab's own test, and what of it this profile has no time for. */
export const SelfTest = z.strictObject({
  job: z.string().regex(/^[a-z0-9][a-z0-9-]*\.yaml$/).describe('a job file beside the plan, with mutants'),
  flavours: z.array(Flavour).min(1).describe('kernels of other flavours are left out'),
  leaveOut: z.array(z.string()).default([]).describe('series that are left out'),
  why: z.string().describe('why so much and no more'),
});
export type SelfTest = z.infer<typeof SelfTest>;

/** Where tonight's base is another kernel than last night's, the two are held against each other. */
export const Pairing = z.strictObject({
  metrics: z.array(z.enum(['time', 'instructions'])).min(1), pipelines: z.array(Pipeline).min(1), device: Device.default('virgl'), budgetSeconds: z.int().min(60).max(14_400),
});
export type Pairing = z.infer<typeof Pairing>;

export const NightProfile = z.strictObject({
  bases: names, flavours: z.array(Flavour).min(1).default(['perf']), stacks: names, devices: z.array(Device).min(1), pipelines: z.array(Pipeline).min(1), clips: names,
  image: z.string().default('trixie'),
  measure: z.array(Measure).max(3).default([]).describe('a boot for each, instead of a plain one: for the trends'),
  selfTest: SelfTest,
  pairing: Pairing.nullable().default(null),
  swaps: z.int().min(0).max(100).default(6).describe('boots with one layer as it was, to find the one at fault'),
  limitMinutes: z.int().min(5).max(1440).describe('a night that takes longer is the lab\'s failure'),
});
export type NightProfile = z.infer<typeof NightProfile>;

/** A combination is left out where every key that is given has a value among those named. */
export const Prune = z.strictObject({
  base: names.optional(), flavour: names.optional(), stack: names.optional(), device: names.optional(), pipeline: names.optional(), clip: names.optional(),
  why: z.string().min(1),
});
export type Prune = z.infer<typeof Prune>;

/** A failure that is known. From the day of `until` on it counts again. */
export const KnownIssue = z.strictObject({
  base: names.optional(), flavour: names.optional(), stack: names.optional(), device: names.optional(), pipeline: names.optional(), clip: names.optional(),
  says: z.string().min(1).optional().describe('what the reason must contain'),
  reason: z.string().min(1), link: z.url(), until: z.iso.date(),
});
export type KnownIssue = z.infer<typeof KnownIssue>;

export const NightPlan = z.strictObject({
  title: z.string().max(200),
  profiles: z.record(z.string().regex(/^[a-z][a-z0-9-]{0,30}$/), NightProfile),
  prune: z.array(Prune).max(200).default([]),
  known: z.array(KnownIssue).max(500).default([]),
  repeats: z.int().min(1).max(20).default(2).describe('further boots of what failed and did not fail the night before; twice as many where it was flaky'),
  healAfter: z.int().min(1).max(100).default(5).describe('clean nights after which a flake is forgotten'),
  notify: z.array(z.url({ protocol: /^https?$/ })).max(10).default([]).describe('told by a POST when the night is over'),
});
export type NightPlan = z.infer<typeof NightPlan>;

/** What no pipeline shows: the boot itself, the console, properties, the exercise. */
export const WHOLE = 'whole';

export const CellKey = z.strictObject({ base: z.string(), flavour: Flavour, stack: z.string(), device: Device, pipeline: z.enum([...Pipeline.options, WHOLE]), clip: z.string() });
export type CellKey = z.infer<typeof CellKey>;

/** In which night something was seen, and by which run. */
export const Seen = z.strictObject({ night: NightId, at: z.iso.datetime(), run: RunId });
export type Seen = z.infer<typeof Seen>;

/**
 * `right`, `wrong`: by every boot. `absent`: this kernel, stack or device has no such path. `mixed`: right by one boot and wrong by another of the same
 * night. `unknown`: the lab could not tell.
 */
export const CellState = z.enum(['right', 'wrong', 'absent', 'mixed', 'unknown']);
export type CellState = z.infer<typeof CellState>;

/** Against the night before. `same`: nothing to tell. `known`: wrong, and in the plan's list. */
export const CellChange = z.enum(['new', 'fixed', 'still', 'flaky', 'known', 'same']);
export type CellChange = z.infer<typeof CellChange>;

export const NightCell = CellKey.extend({
  state: CellState, change: CellChange, why: z.string(), run: RunId, again: z.array(RunId).describe('further boots, where it failed'),
  lastGood: Seen.nullable().describe('null where it never was right in a night that is known'), firstBad: Seen.nullable().describe('null while it is right'),
  flaky: z.strictObject({ since: NightId, clean: z.int().describe('nights since it was last mixed') }).nullable(),
  known: z.strictObject({ reason: z.string(), link: z.string(), until: z.string() }).nullable(),
});
export type NightCell = z.infer<typeof NightCell>;

/** What a result stands on: each can change from one night to the next. */
export const Layer = z.enum(['kernel', 'qemu', 'virglrenderer', 'mesa', 'stack', 'guest', 'clip', 'lab', 'host']);
export type Layer = z.infer<typeof Layer>;

export const LayerChange = z.strictObject({ layer: Layer, before: z.string(), after: z.string() });
export type LayerChange = z.infer<typeof LayerChange>;

/** What can be put back as it was, by its key. */
export const Swappable = z.enum(['kernel', 'stack', 'guest', 'clip']);
export type Swappable = z.infer<typeof Swappable>;

/** One boot of tonight with one layer as it was when the cells were right. */
export const Swap = z.strictObject({
  layer: Swappable, came: z.enum(['right', 'wrong', 'gone', 'unknown']).describe('gone: the old layer is no longer there'), run: RunId.nullable(), why: z.string(),
});
export type Swap = z.infer<typeof Swap>;

/** Why cells are new: they share their run and the run in which they last were right. */
export const Blame = z.strictObject({
  cells: z.array(CellKey), good: Seen, bad: RunId, changed: z.array(LayerChange), swaps: z.array(Swap), fault: Swappable.nullable().describe('the layer that is at fault, where one is'), verdict: z.string(),
});
export type Blame = z.infer<typeof Blame>;

export const Missed = z.strictObject({ series: z.string(), flavour: Flavour, run: RunId.nullable(), why: z.string() });
export const NightSelfTest = z.strictObject({
  job: JobId.nullable(), caught: z.int(), total: z.int(), falseAlarms: z.int(), missed: z.array(Missed).describe('mutants that were not caught, right kernels that were blamed, runs that the lab lost'),
});
export type NightSelfTest = z.infer<typeof NightSelfTest>;

/** Last night's base and tonight's. */
export const NightPair = z.strictObject({
  base: z.string(), before: ContentKey, after: ContentKey, evaluation: EvaluationId.nullable(), verdict: Verdict.nullable(), why: z.string(),
  worse: z.array(z.strictObject({ metric: z.string(), pipeline: z.string(), changePct: z.number().nullable(), verdict: MetricVerdict })),
});
export type NightPair = z.infer<typeof NightPair>;

/** The bases of a night: `wanted` is the package version that was asked for, null where whatever was fetched first does. */
export const NightBase = z.strictObject({ base: z.string(), wanted: z.string().nullable(), version: z.string(), kernel: ContentKey, run: RunId });
export type NightBase = z.infer<typeof NightBase>;

/** An image of a night: `fresh` is the word by which it was made anew, null where what was built first does. */
export const NightImage = z.strictObject({ kind: z.enum(['stack', 'guest']), name: z.string(), fresh: ContentKey.nullable() });
export type NightImage = z.infer<typeof NightImage>;

export const Noticed = z.strictObject({ what: z.string().describe('a package of a suite, or a ref of a repository'), base: z.string().nullable(), before: z.string().nullable(), after: z.string() });
export type Noticed = z.infer<typeof Noticed>;

/** `ok`; `failed`: it did not catch a mutant, or blamed what is right; `broken`: it lost runs, or the night came to no end. */
export const LabState = z.enum(['ok', 'failed', 'broken', 'interrupted']);

export const NightRecord = z.strictObject({
  version: z.literal(1), id: NightId, plan: z.string(), profile: z.string(), title: z.string(), startedAt: z.iso.datetime(), endedAt: z.iso.datetime(), seconds: z.number(),
  before: NightId.nullable().describe('the night of the same plan and profile that this one is held against'),
  lab: LabState, why: z.string(), commit: z.string().describe('of the lab itself'), scheduled: z.boolean(),
  jobs: z.strictObject({ matrix: JobId, selfTest: JobId.nullable(), further: z.array(JobId) }),
  bases: z.array(NightBase), images: z.array(NightImage).default([]), noticed: z.array(Noticed), cells: z.array(NightCell), blames: z.array(Blame), pairs: z.array(NightPair), selfTest: NightSelfTest,
  pruned: z.array(z.strictObject({ why: z.string(), cells: z.int() })), expired: z.array(KnownIssue), notes: z.array(z.string()),
});
export type NightRecord = z.infer<typeof NightRecord>;

const Told = CellKey.extend({ why: z.string(), run: RunId, firstBad: Seen.nullable(), lastGood: Seen.nullable(), changed: z.array(LayerChange), fault: z.string().nullable().describe('the layer at fault, or why it is not known') });
export type Told = z.infer<typeof Told>;

export const NightlyDocument = z.strictObject({
  night: NightId, lab: LabState, why: z.string().describe('what the lab is held to, in a sentence'),
  new: z.array(Told), fixed: z.array(Told), stillFailing: z.array(Told), flaky: z.array(Told), known: z.array(Told),
  slower: z.array(NightPair).describe('bases that are worse than those of the night before'),
  expired: z.array(KnownIssue), mutantsCaught: z.int(), mutantsTotal: z.int(), falseAlarms: z.int(), seconds: z.number(), before: NightId.nullable(),
  report: z.string().describe('the summary file; beside it night.json, mail.eml, junit.xml, kcidb.json'),
});
export type NightlyDocument = z.infer<typeof NightlyDocument>;

export const NightAskedDocument = z.strictObject({ profile: z.string(), leader: z.string().nullable().describe('who begins it; null while nobody is there to do so') });

export const NightListDocument = z.strictObject({
  nights: z.array(z.strictObject({ night: NightId, profile: z.string(), startedAt: z.iso.datetime(), lab: LabState, new: z.int(), fixed: z.int(), still: z.int(), flaky: z.int(), mutantsCaught: z.int(), mutantsTotal: z.int() })),
});

export const NightWatchDocument = z.strictObject({
  against: NightId.nullable().describe('the night whose kernels these are held against; null where there is none yet, and nothing can be new'), noticed: z.array(Noticed), notes: z.array(z.string()),
});

/** When nights begin by themselves: schedule.json of the lab's folder. */
export const NightSchedule = z.strictObject({
  at: z.string().min(1).max(100).describe('as cron has it'), tz: z.string().max(60), plan: z.string(), profile: z.string(), since: z.iso.datetime(),
});
export type NightSchedule = z.infer<typeof NightSchedule>;

/** A night that did not happen. */
export const NightAlarm = z.strictObject({ due: z.iso.datetime(), why: z.string() });
export type NightAlarm = z.infer<typeof NightAlarm>;

export const NightScheduleDocument = z.strictObject({ schedule: NightSchedule.nullable(), next: z.iso.datetime().nullable(), alarm: NightAlarm.nullable() });
