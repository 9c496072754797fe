// Every shape that travels between the server and the pages, and what /api/openapi.json is made of. The pages take types from here, the server the schemas.
import * as z from 'zod';
import { AlertId, AlertState } from '../../orchestrator/src/contract/alert.ts';
import { PropertyCell } from '../../orchestrator/src/contract/documents.ts';
import { EvaluationRecord, Prefix, Verdict } from '../../orchestrator/src/contract/evaluation.ts';
import { StampedEvent } from '../../orchestrator/src/contract/event.ts';
import { EvaluationId, JobId, NightId, RunId } from '../../orchestrator/src/contract/ids.ts';
import { RunRequest } from '../../orchestrator/src/contract/job.ts';
import { LabState, NightAlarm } from '../../orchestrator/src/contract/night.ts';
import { OutcomeKind } from '../../orchestrator/src/contract/outcome.ts';
import { RunRecord } from '../../orchestrator/src/contract/run.ts';
import { HostFacts } from '../../orchestrator/src/contract/worker.ts';
import { unlisted } from './listed.ts';

/** What went wrong with a request: `next` says what to do. */
export const Problem = z.object({ error: z.string(), message: z.string(), next: z.string().nullable() });
export type Problem = z.infer<typeof Problem>;

export const Health = z.object({
  version: z.string(),
  database: z.object({ up: z.boolean(), since: z.iso.datetime(), why: z.string().nullable().describe('where it is not up') }),
  record: z.object({
    runs: z.int(), jobs: z.int(), evaluations: z.int(),
    unreadable: z.array(z.object({ path: z.string(), why: z.string() })).describe('folders that should hold a record and do not'),
    catchingUp: z.object({ done: z.int(), of: z.int() }).nullable().describe('while sealed folders are read that the database does not have'),
  }),
  queue: z.object({ up: z.boolean() }),
  store: z.object({ up: z.boolean(), since: z.iso.datetime(), why: z.string().nullable().describe('where it is not up, or not all of it could be read') }).nullable().describe('that hosts share; null where there is none'),
});
export type Health = z.infer<typeof Health>;

export const RunRow = z.object({
  id: RunId, job: JobId, title: z.string(), base: z.string(), version: z.string().nullable(), series: z.string().nullable(), flavour: z.string(), kernel: z.string().nullable(),
  image: z.string(), stack: z.string(), device: z.string(), measure: z.string().nullable(), host: z.string().nullable(), accelerator: z.string().nullable(), renderer: z.string().nullable(),
  outcome: OutcomeKind, stage: z.string(), why: z.string(), expect: OutcomeKind, asExpected: z.boolean(),
  frames: z.int(), wrong: z.int(), findings: z.int().describe('what the kernel said about itself on its console'),
  startedAt: z.iso.datetime(), sealedAt: z.iso.datetime(), seconds: z.number(),
  passes: z.array(z.object({ pipeline: z.string(), clip: z.string(), fault: z.string().nullable(), defect: z.string().nullable().describe('the kind of what was wrong with its frames') })).describe('those that are alike once'),
});
export type RunRow = z.infer<typeof RunRow>;

/** Of a filter. Years that PostgreSQL, JavaScript and a field of a page write alike, and no fractions beyond theirs. */
const Moment = z.iso.datetime().max(30).refine((at) => at >= '1970' && at < '3000', 'a moment from 1970 to 2999').describe('a moment from 1970 to 2999');
const list = z.string().max(2000).transform(unlisted);
export const MOST_ROWS = 500;

/** What narrows the list of runs. Several values of one name, with commas, are alternatives; a comma within one stands behind a backslash. A page keeps them in its address under the same names. */
export const RunFilter = z.object({
  outcome: list.optional(), stage: list.optional(), expect: list.optional().describe('the outcome that the job expects'), base: list.optional(), version: list.optional().describe('of the kernel'), series: list.optional(), flavour: list.optional(),
  kernel: list.optional().describe('by its key'), device: list.optional(), stack: list.optional(), image: list.optional(), measure: list.optional(), host: list.optional(), accelerator: list.optional(), renderer: list.optional(),
  pipeline: list.optional(), clip: list.optional(), fault: list.optional().describe('that was injected'), defect: list.optional().describe('a kind, of which a pass had frames; what is asked of passes has to hold of one and the same'), job: list.optional(),
  expected: z.enum(['yes', 'no']).optional().describe('whether the outcome is as the job expects'),
  findings: z.enum(['yes', 'no']).optional().describe('whether the kernel said anything about itself on its console'),
  text: z.string().max(200).optional().describe('in the title or the reason'),
  from: Moment.optional(), to: Moment.optional(),
});
export type RunFilter = z.infer<typeof RunFilter>;
export const RunQuery = RunFilter.extend({
  after: z.string().regex(/^[0-9TZ:.-]+ r-[0-9a-z]{10}$/).optional().describe('`next` of the rows before'),
  limit: z.coerce.number().int().min(1).max(MOST_ROWS).default(50),
});
export type RunQuery = z.infer<typeof RunQuery>;

export const Facets = z.array(z.object({ dimension: z.string(), values: z.array(z.object({ value: z.string(), runs: z.int() })), more: z.int().describe('values that there are and that are not told here') }));
export type Facets = z.infer<typeof Facets>;

export const Runs = z.object({
  runs: z.array(RunRow), next: z.string().nullable(),
  live: z.array(z.object({ id: RunId, job: JobId.nullable(), title: z.string(), stage: z.string(), since: z.iso.datetime() })).describe('not sealed yet; whatever the filter'),
  facets: Facets.describe('what there is to filter by, over all runs'),
});
export type Runs = z.infer<typeof Runs>;

export const EvidenceFile = z.object({ name: z.string().describe('below the run folder'), bytes: z.int(), type: z.string() });
export type EvidenceFile = z.infer<typeof EvidenceFile>;

/** A run as its folder has it: it is there whatever becomes of the database. */
export const RunDetail = z.object({
  id: RunId,
  state: z.enum(['waiting', 'live', 'sealed', 'lost']).describe('waiting: asked for, and nobody has begun it; lost: begun, never sealed, and nobody works on it'),
  request: RunRequest.nullable().describe('what was asked of it; null where it did not come so far'),
  record: RunRecord.nullable().describe('null while it is not sealed'),
  events: z.array(StampedEvent),
  world: z.record(z.string(), z.string()).describe('versions of the host side and the guest'),
  argv: z.array(z.string()).nullable().describe('QEMU\'s command line'),
  files: z.array(EvidenceFile),
  siblings: z.array(z.object({ id: RunId, what: z.string() })).describe('other boots of the same job and kernel'),
  commands: z.array(z.object({ what: z.string(), command: z.string() })),
});
export type RunDetail = z.infer<typeof RunDetail>;

/** A piece of a log that is followed: text from byte `from`. */
export const LogPiece = z.object({ from: z.int(), to: z.int(), text: z.string() });
export type LogPiece = z.infer<typeof LogPiece>;
export const LogName = z.enum(['console', 'probe', 'events', 'qemu', 'trace']);
export type LogName = z.infer<typeof LogName>;

/** What one pipeline came to under one kernel, device and stack. */
export const Cell = z.object({
  pipeline: z.string(), device: z.string(), stack: z.string(), clip: z.string().describe('of the worst; empty where it did not run'),
  status: z.enum(['passed', 'failed', 'rejected', 'broken', 'cancelled', 'unavailable', 'not-run', 'waiting']),
  asExpected: z.boolean().describe('whether this is what the job expects, whatever became of the run\'s other pipelines'), why: z.string(), run: RunId,
  before: z.string().nullable().describe('its status in the job before; null where it was not in it'),
  beforeAsExpected: z.boolean().nullable().describe('whether that was, then, as that job expected'),
});
export type Cell = z.infer<typeof Cell>;

export const JobSummary = z.object({
  id: JobId, title: z.string(), file: z.string(), submittedAt: z.iso.datetime(), runs: z.int(),
  sealed: z.int(), asExpected: z.int(), outcomes: z.record(z.string(), z.int()),
});
export type JobSummary = z.infer<typeof JobSummary>;

/** kernel x pipeline x device x stack of one job. */
export const Matrix = z.object({
  job: JobSummary, before: JobId.nullable().describe('the job before it of the same file'),
  rows: z.array(z.object({ base: z.string(), series: z.string().nullable(), flavour: z.string(), expect: OutcomeKind, cells: z.array(Cell) })),
});
export type Matrix = z.infer<typeof Matrix>;

/** What changed since the job before, by cell. */
export const Change = z.object({ kind: z.enum(['new', 'fixed', 'still']), kernel: z.string(), cell: Cell });
export type Change = z.infer<typeof Change>;

/** A night in short; its cells are in the matrix. `before` is of the night that it was held against. */
export const NightShown = z.object({
  id: NightId, profile: z.string(), startedAt: z.iso.datetime(), seconds: z.number(), lab: LabState, why: z.string(), before: NightId.nullable(), sentence: z.string(), matrix: JobId,
  mutantsCaught: z.int(), mutantsTotal: z.int(), selfTest: JobId.nullable(),
  groups: z.array(z.object({ kind: z.enum(['new', 'fixed', 'still', 'flaky', 'known']), cells: z.array(z.object({ what: z.string(), why: z.string(), run: RunId, history: z.string() })) })).describe('what there is something to tell of; others are left out'),
  slower: z.array(z.object({ base: z.string(), why: z.string(), evaluation: EvaluationId.nullable() })),
});
export type NightShown = z.infer<typeof NightShown>;
export const NightDetail = z.object({ night: NightShown, matrix: Matrix.nullable(), noMatrix: z.string().nullable().describe('why there is none: its job is in the record no longer, or the database is away') });
export type NightDetail = z.infer<typeof NightDetail>;

export const EvaluationRow = z.object({
  id: EvaluationId, series: z.string(), title: z.string(), base: z.string(), against: z.string().nullable(), device: z.string(), stack: z.string(),
  verdict: Verdict.nullable(), outcome: OutcomeKind, why: z.string(), startedAt: z.iso.datetime(), endedAt: z.iso.datetime(), seconds: z.number(), method: z.int(),
});
export type EvaluationRow = z.infer<typeof EvaluationRow>;

export const EvaluationQuery = z.object({
  series: z.string().max(300).optional(), verdict: list.optional(), base: list.optional(),
  from: Moment.optional().describe('when it ended'), to: Moment.optional(),
  after: z.string().regex(/^[0-9TZ:.-]+ e-[0-9a-z]{10}$/).optional(), limit: z.coerce.number().int().min(1).max(MOST_ROWS).default(50),
});
export type EvaluationQuery = z.infer<typeof EvaluationQuery>;

export const Evaluations = z.object({ evaluations: z.array(EvaluationRow), next: z.string().nullable() });
export type Evaluations = z.infer<typeof Evaluations>;

export const EvaluationDetail = z.object({
  record: EvaluationRecord,
  sentence: z.string(),
  others: z.array(EvaluationRow).describe('of the same series, newest first'),
  formats: z.array(z.string()).describe('GET /api/evaluations/ID/reports/FORMAT'),
});
export type EvaluationDetail = z.infer<typeof EvaluationDetail>;

export const Worker = z.object({
  worker: z.string(), host: z.string(), version: z.string().describe('of the lab: it takes nothing that another version asks for'), slots: z.int(), can: z.array(z.string()), facts: HostFacts.nullable(), running: z.array(z.string()), since: z.iso.datetime(),
  drains: z.boolean().describe('whether it can be asked to take nothing more'), draining: z.boolean(), why: z.string().nullable().describe('why it takes nothing'),
  noisePct: z.number().nullable().describe('the median noise floor of frame time in its evaluations; null where there is none'),
  noiseWhy: z.string().nullable().describe('why that could not be looked up; null where it could'),
});
export type Worker = z.infer<typeof Worker>;
export const QueueView = z.object({ up: z.boolean(), version: z.string().describe('of the lab that serves this'), counts: z.record(z.string(), z.int()), workers: z.array(Worker) });
export type QueueView = z.infer<typeof QueueView>;

export const SignedIn = z.object({ name: z.string().describe('that the token was made for') });
export type SignedIn = z.infer<typeof SignedIn>;

export const Submitted = z.object({
  job: JobId, title: z.string(), submitted: z.array(RunId),
  waits: z.string().nullable().describe('why its runs are not taken up now, and what to do about it; null where a worker is there'),
});
export type Submitted = z.infer<typeof Submitted>;
export const Cancelled = z.object({ id: RunId, was: z.enum(['waiting', 'active', 'ended', 'unknown']).describe('active: its worker was told, and seals it') });
export type Cancelled = z.infer<typeof Cancelled>;

/** When levels changed that are told as alerts. */
export const AlertQuery = z.object({ from: Moment.optional().describe('by default eight weeks before the end'), to: Moment.optional().describe('by default now') });
export type AlertQuery = z.infer<typeof AlertQuery>;
/** What narrows a table of alerts, and one of series. */
export const AlertTableQuery = AlertQuery.extend({ state: list.optional() });
export const SeriesQuery = z.object({ kind: list.optional(), text: z.string().max(200).optional().describe('in the name or the title') });
export type SeriesQuery = z.infer<typeof SeriesQuery>;

const ChangePct = z.number().nullable().describe('null where there was nothing before, of which there is no percentage');

/** A change point for the worse, the shift of a whole host, or what a night has confirmed of a base. `group`: the change that made it, so that what one change did is looked at once. */
export const Alert = z.object({
  id: AlertId, metric: z.string(), subject: z.string(), unit: z.string(), base: z.string(), series: z.string(), flavour: z.string(), device: z.string(), stack: z.string(), clip: z.string(), host: z.string(),
  at: z.iso.datetime(), before: z.number(), after: z.number(), changePct: ChangePct, p: z.number().nullable().describe('null of a counter, which is no estimate'), from: RunId, to: RunId, state: AlertState,
  evaluation: EvaluationId.nullable().describe('by which a night has confirmed it; null of a change point'),
  notes: z.array(z.object({ state: AlertState, who: z.string(), when: z.iso.datetime(), why: z.string() })).describe('oldest first'), group: z.string(),
  blames: z.enum(['kernel', 'lab', 'unknown']).describe('whose change it was; unknown where nothing that the lab knows of changed, or kernel and lab at once'),
  moved: z.array(z.object({ metric: z.string(), subject: z.string(), base: z.string(), series: z.string(), flavour: z.string(), device: z.string(), stack: z.string(), clip: z.string(), host: z.string(), changePct: ChangePct }))
    .describe('of the shift of a host, or of what a night has confirmed: every figure that moved; this alert then has those of the one that moved most'),
});
export type Alert = z.infer<typeof Alert>;

export const Alerts = z.object({ alerts: z.array(Alert), span: z.object({ from: z.iso.datetime(), to: z.iso.datetime() }).describe('of time that was looked at') });
export type Alerts = z.infer<typeof Alerts>;

export const Home = z.object({
  matrix: Matrix.nullable().describe('of the newest nightly, or where there never was one of the newest job; null where there is no job'), changes: z.array(Change),
  night: NightShown.nullable().describe('null where there never was one'), nightAlarm: NightAlarm.nullable().describe('a night that was due and did not happen'),
  alerts: z.object({ open: z.int().describe('that nobody has said anything of'), newest: z.array(Alert).describe('of those') }),
  jobs: z.array(JobSummary), evaluations: z.array(EvaluationRow), queue: QueueView,
});
export type Home = z.infer<typeof Home>;

export const SeriesRow = z.object({
  name: z.string(), title: z.string(), kind: z.string().describe('its folder: designs, mutants, harmless, added'), runs: z.int(), lastRun: z.iso.datetime().nullable(),
  evaluations: z.int(), verdict: Verdict.nullable().describe('of the newest evaluation'), outcome: OutcomeKind.nullable().describe('of the newest evaluation, which says why there is no verdict; null where it was not evaluated'), evaluated: EvaluationId.nullable(),
});
export type SeriesRow = z.infer<typeof SeriesRow>;
export const SeriesDetail = SeriesRow.extend({
  summary: z.string().nullable(), appliesTo: z.array(z.string()), patches: z.array(z.object({ file: z.string(), subject: z.string() })),
  versions: z.array(z.object({ name: z.string(), version: z.int(), verdict: Verdict.nullable(), outcome: OutcomeKind.nullable(), evaluated: EvaluationId.nullable() })).describe('v1 to vn of the same series'),
  source: z.string().nullable().describe('where an added one came from'),
  perPatch: z.object({ evaluation: EvaluationId, prefixes: z.array(Prefix) }).nullable().describe('of the newest evaluation that booted every prefix'),
  history: z.array(EvaluationRow), runsOf: z.array(RunRow),
});
export type SeriesDetail = z.infer<typeof SeriesDetail>;

/** What each design of 2019 answers to an importer, as its newest run has it. */
export const DesignCell = PropertyCell.extend({ series: z.string(), asks: z.string().describe('the question'), sealedAt: z.iso.datetime() });
export type DesignCell = z.infer<typeof DesignCell>;
export const Designs = z.object({ cells: z.array(DesignCell).describe('by property, in the order in which a job has them; one for each device that it was asked on') });
export type Designs = z.infer<typeof Designs>;

/** Which series of samples: every one that agrees in all that is given. */
export const TrendQuery = z.object({
  metric: z.string().max(100).default('frames per second'), subject: list.optional(), base: list.optional(), series: list.optional(), flavour: list.optional(), device: list.optional(),
  stack: list.optional(), clip: list.optional(), host: list.optional(), from: Moment.optional(), to: Moment.optional(),
  most: z.coerce.number().int().min(1).max(60).default(12).describe('panels, the ones with the newest samples until `to` first'),
});
export type TrendQuery = z.infer<typeof TrendQuery>;

export const TrendPoint = z.object({ at: z.iso.datetime(), value: z.number(), low: z.number(), high: z.number(), count: z.int(), run: RunId.describe('the last of them'), version: z.string().nullable() });
export type TrendPoint = z.infer<typeof TrendPoint>;
export const ChangePoint = z.object({
  at: z.iso.datetime(), index: z.int().describe('the first point of the new level'), beforeMedian: z.number(), afterMedian: z.number(), changePct: ChangePct, p: z.number(),
  direction: z.enum(['better', 'worse']), from: RunId.describe('the last run of the old level'), to: RunId.describe('the first of the new'),
});
export type ChangePoint = z.infer<typeof ChangePoint>;
export const Trend = z.object({
  id: z.int(), metric: z.string(), subject: z.string(), unit: z.string(), better: z.string(), base: z.string(), series: z.string(), flavour: z.string(), device: z.string(), stack: z.string(),
  image: z.string(), clip: z.string(), host: z.string(), points: z.array(TrendPoint).describe('oldest first; where there are more than fit, each stands for `count` runs: their median, 10th and 90th percentile'),
  changes: z.array(ChangePoint),
});
export type Trend = z.infer<typeof Trend>;
export const Trends = z.object({
  trends: z.array(Trend), span: z.object({ from: z.iso.datetime(), to: z.iso.datetime() }).nullable().describe('the first and the last sample that is shown; null where there is none'),
  more: z.int().describe('series that match and are not shown'), metrics: z.array(z.string()), facets: Facets,
});
export type Trends = z.infer<typeof Trends>;

/** What the stream at /api/live says: look again at this. */
export const LiveEvent = z.discriminatedUnion('what', [
  z.object({ what: z.literal('record'), runs: z.int(), jobs: z.int(), evaluations: z.int(), unreadable: z.int() }),
  z.object({ what: z.literal('database'), up: z.boolean(), why: z.string().nullable() }),
  z.object({ what: z.literal('queue'), counts: z.record(z.string(), z.int()) }),
  z.object({ what: z.literal('store'), up: z.boolean() }),
  z.object({ what: z.literal('alerts') }).describe('somebody said what an alert is'),
  z.object({ what: z.literal('night'), newest: NightId.nullable(), alarm: z.string().nullable() }),
]);
export type LiveEvent = z.infer<typeof LiveEvent>;
