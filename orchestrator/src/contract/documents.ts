// Every document that a command prints with --json: one on standard output, whatever happens. docs/schemas/ is generated from here.
import * as z from 'zod';
import { ReplayDocument } from './archive.ts';
import { BisectDocument } from './bisection.ts';
import { StampedEvent } from './event.ts';
import { EvaluationId, JobId, RunId } from './ids.ts';
import { ImageKind } from './inputs.ts';
import { Device } from './device.ts';
import { EvaluationRecord } from './evaluation.ts';
import { Detector, Flavour, KernelRecord, KernelSpec, Measure } from './job.ts';
import { NightAlarm, NightAskedDocument, NightlyDocument, NightListDocument, NightScheduleDocument, NightWatchDocument } from './night.ts';
import { Outcome, OutcomeKind, Stage } from './outcome.ts';
import { Property, PropertyResult } from './property.ts';
import { PipelineResult, RunRecord } from './run.ts';
import { SeriesSource } from './series.ts';
import { WorkerPresence } from './worker.ts';

const PipelineRow = PipelineResult.omit({ kept: true, meanMs: true, frameNumbers: true }).extend({
  measuredIn: z.strictObject({ counters: RunId.nullable(), time: RunId.nullable(), instructions: RunId.nullable() }).describe('the run whose boot each figure is from'),
});
export type PipelineRow = z.infer<typeof PipelineRow>;

/** One property under one kernel. */
export const PropertyCell = z.strictObject({
  property: Property,
  design: z.string().describe('the series, by the last part of its name, and a flavour other than perf; the base where there is none'),
  base: z.string(),
  device: Device,
  holds: z.boolean().nullable(),
  binding: z.boolean(),
  value: z.string(),
  evidence: z.string().describe('the numbers, and the run that they are from'),
  run: RunId,
});
export type PropertyCell = z.infer<typeof PropertyCell>;

/** What building the kernel of a run told about its series. */
const BuiltKernel = KernelRecord.pick({ kernel: true, version: true, seconds: true, cleanSeconds: true, prefixes: true, warnings: true, checkpatch: true, bloat: true, identicalToBase: true });
export type BuiltKernel = z.infer<typeof BuiltKernel>;

export const RunSummary = z.strictObject({
  id: RunId,
  base: z.string(),
  series: z.string().nullable(),
  flavour: Flavour,
  device: Device,
  expect: OutcomeKind,
  asExpected: z.boolean(),
  outcome: Outcome,
  kernel: BuiltKernel.nullable().describe('null where it was not built'),
  renderer: z.string().nullable(),
  readyMs: z.number().nullable(),
  guestCpuSeconds: z.number().nullable(),
  attempt: z.int(),
  folder: z.string(),
  measure: Measure.nullable().describe('what this boot measured'),
  properties: z.array(PropertyResult).default([]),
  pipelines: z.array(PipelineRow).describe('figures that a sibling boot of the same kernel measured are here too; measuredIn says in which run'),
});
export type RunSummary = z.infer<typeof RunSummary>;

export const MutantRow = z.strictObject({
  series: z.string(), flavour: Flavour, expected: OutcomeKind, got: OutcomeKind,
  caughtBy: Detector.nullable().describe('what the outcome goes by; null where nothing saw anything wrong'),
  named: z.boolean().nullable().describe('whether its detector saw it, under the name that its series.yaml says; null of what is right, and of what nothing saw'),
  called: z.string().describe('every detector that saw something, and what it called it'),
  seconds: z.number().describe('from the run\'s start to its verdict'),
});
export type MutantRow = z.infer<typeof MutantRow>;

export const RunDocument = z.strictObject({
  job: JobId,
  title: z.string(),
  asExpected: z.boolean().describe('whether every run had the outcome that the job file expects'),
  seconds: z.number(),
  cost: z.strictObject({
    labCpuSeconds: z.number().describe('CPU time of the process that ran the job: the lab\'s own work'),
    labMaxRssMiB: z.number().describe('the most memory that process held'),
    guestCpuSeconds: z.number().describe('CPU time of all guests\' containers'),
  }).nullable().describe('null when the document is told again later'),
  table: z.array(PropertyCell).optional().describe('where properties were asked: property by design'),
  mutants: z.array(MutantRow).optional().describe('where series of the job say what they break, or that they are harmless; in their order'),
  caught: z.int().optional().describe('mutants that are wrong, and were caught'),
  total: z.int().optional().describe('mutants that are wrong: harmless and slow ones are not among them'),
  falseAlarms: z.int().optional().describe('of the others, how many were blamed'),
  runs: z.array(RunSummary),
});
export type RunDocument = z.infer<typeof RunDocument>;

export const SubmitDocument = z.strictObject({ job: JobId, title: z.string(), submitted: z.array(RunId) });

export const ShowDocument = z.union([
  RunDocument,
  z.strictObject({ run: RunRecord, folder: z.string() }),
  z.strictObject({ id: RunId, state: z.string().describe('what the queue says of a run that is not sealed'), folder: z.string() }),
]);
export type ShowDocument = z.infer<typeof ShowDocument>;

export const LogsDocument = z.strictObject({
  run: RunId, sealed: z.boolean(), folder: z.string(),
  events: z.array(StampedEvent), console: z.array(z.string()), qemu: z.array(z.string()),
});

export const StatusDocument = z.strictObject({
  version: z.string().describe('of the lab that answers: it takes nothing that another version asks for'),
  nightAlarm: NightAlarm.nullable().describe('a night that was due and did not happen'),
  queue: z.record(z.string(), z.int()),
  workers: z.array(WorkerPresence),
  otherVersions: z.array(z.strictObject({ version: z.string(), waiting: z.int() })).describe('of which something was ever submitted, with what waits for their workers'),
  jobs: z.array(z.strictObject({
    job: JobId, title: z.string(), submittedAt: z.string(), runs: z.array(z.strictObject({ id: RunId, state: z.string(), outcome: Outcome.nullable() })),
  })),
});
export type StatusDocument = z.infer<typeof StatusDocument>;

export const CancelDocument = z.strictObject({ cancelled: z.array(z.strictObject({ id: RunId, was: z.enum(['waiting', 'active', 'ended', 'unknown']) })) });

export const KernelBuildDocument = KernelRecord.extend({ cached: z.boolean(), vmlinux: z.string() });
export type KernelBuildDocument = z.infer<typeof KernelBuildDocument>;
export const KernelListDocument = z.strictObject({ kernels: z.array(KernelRecord) });

export const SeriesAddDocument = z.strictObject({
  series: z.string().describe('the name under which every command takes it'),
  fresh: z.boolean().describe('false where the same series was added before'),
  folder: z.string(),
  appliesTo: z.array(z.string()),
  source: SeriesSource,
});
export type SeriesAddDocument = z.infer<typeof SeriesAddDocument>;
export const SeriesListDocument = z.strictObject({
  series: z.array(z.strictObject({
    series: z.string(), title: z.string(), patches: z.int(), appliesTo: z.array(z.string()), expect: KernelSpec.shape.expect.unwrap(),
    version: z.int().nullable(), from: z.string().nullable().describe('null for a folder of kernel-patches/'),
  })),
});
export type SeriesListDocument = z.infer<typeof SeriesListDocument>;
export const SeriesShowDocument = z.strictObject({
  series: z.string(), folder: z.string(), title: z.string(), appliesTo: z.array(z.string()), expect: KernelSpec.shape.expect.unwrap(),
  patches: z.array(z.strictObject({ file: z.string(), sha256: z.string() })), source: SeriesSource.nullable().describe('null for a folder of kernel-patches/'),
});
export const SeriesRemoveDocument = z.strictObject({ removed: z.string() });

export const ReportDocument = z.strictObject({ evaluation: EvaluationId, format: z.string(), text: z.string(), path: z.string().nullable().describe('null where no file was asked for') });

export const ReproduceDocument = z.strictObject({
  run: RunId, path: z.string(), bytes: z.int(), sha256: z.string(), folder: z.string().describe('that the archive unpacks to'), image: z.string().describe('the name that its image gets there'),
  entries: z.array(z.strictObject({ name: z.string(), bytes: z.int(), sha256: z.string() })).describe('files, in the archive\'s order'),
});
export type ReproduceDocument = z.infer<typeof ReproduceDocument>;

/** As b4's review checks want it. */
export const B4CheckDocument = z.array(z.strictObject({ tool: z.string(), status: z.enum(['pass', 'warn', 'fail']), summary: z.string(), details: z.string() }));

const Image = z.strictObject({
  name: z.string(), kind: ImageKind, key: z.string(), tag: z.string(), seconds: z.number(), builtAt: z.string(),
  erofsBytes: z.int().nullable().describe('size of a guest image as it is booted'), packages: z.record(z.string(), z.string()),
});
export const ImageBuildDocument = Image;
export type ImageBuildDocument = z.infer<typeof ImageBuildDocument>;
export const ImageListDocument = z.strictObject({ images: z.array(Image) });

export const GcDocument = z.strictObject({
  removed: z.array(z.strictObject({ what: z.string(), name: z.string(), bytes: z.int(), why: z.string() })),
  freedBytes: z.int(), keptBytes: z.int(), dryRun: z.boolean(),
});
export type GcDocument = z.infer<typeof GcDocument>;

export const WorkerDocument = z.strictObject({ worker: z.string(), ran: z.int() });
export const DrainDocument = z.strictObject({ worker: z.string(), order: z.enum(['drain', 'end']) });
export const UndrainDocument = z.strictObject({ worker: z.string() });

export const DoctorDocument = z.strictObject({
  ok: z.boolean(),
  checks: z.array(z.strictObject({ need: z.string(), ok: z.boolean(), found: z.string(), hint: z.string().nullable() })),
});
export type DoctorDocument = z.infer<typeof DoctorDocument>;

export const CompletionDocument = z.strictObject({ shell: z.string(), script: z.string() });

export const ErrorDocument = z.strictObject({
  error: z.strictObject({
    code: z.string(), message: z.string(), kind: OutcomeKind, stage: Stage.nullable(), hint: z.string().nullable(), evidence: z.string().nullable(),
  }),
});

/** Schema file name to schema. */
const Scope = z.enum(['read', 'submit', 'admin']);
export const TokenAddDocument = z.strictObject({ name: z.string(), scope: Scope, token: z.string().describe('shown this once') });
export const TokenListDocument = z.strictObject({ tokens: z.array(z.strictObject({ name: z.string(), scope: Scope, madeAt: z.iso.datetime() })) });
export const TokenRemoveDocument = z.strictObject({ name: z.string() });
export const ServeDocument = z.strictObject({ url: z.string().describe('of the pages, which are there from now on until the command is interrupted') });
export const ExportSiteDocument = z.strictObject({ job: JobId, folder: z.string(), pages: z.int(), files: z.int(), bytes: z.int(), open: z.string().describe('what to open in a browser') });
export type ExportSiteDocument = z.infer<typeof ExportSiteDocument>;
export const ReindexDocument = z.strictObject({ runs: z.int(), jobs: z.int(), evaluations: z.int(), unreadable: z.int().describe('folders that should hold a record and do not'), seconds: z.number() });

export const DOCUMENTS = {
  run: RunDocument, 'run-detached': SubmitDocument, show: ShowDocument, logs: LogsDocument, status: StatusDocument, cancel: CancelDocument,
  'series-add': SeriesAddDocument, 'series-list': SeriesListDocument, 'series-show': SeriesShowDocument, 'series-remove': SeriesRemoveDocument,
  'kernel-build': KernelBuildDocument, 'kernel-list': KernelListDocument, 'image-build': ImageBuildDocument, 'image-list': ImageListDocument,
  gc: GcDocument, worker: WorkerDocument, drain: DrainDocument, undrain: UndrainDocument, doctor: DoctorDocument, completion: CompletionDocument, error: ErrorDocument, 'run-record': RunRecord, evaluate: EvaluationRecord, report: ReportDocument, bisect: BisectDocument, reproduce: ReproduceDocument, 'token-add': TokenAddDocument, 'token-list': TokenListDocument, 'token-remove': TokenRemoveDocument, serve: ServeDocument, reindex: ReindexDocument, nightly: NightlyDocument, 'nightly-asked': NightAskedDocument, 'nightly-list': NightListDocument, 'nightly-schedule': NightScheduleDocument, 'nightly-watch': NightWatchDocument, replay: ReplayDocument, 'b4-check': B4CheckDocument,
  'export-site': ExportSiteDocument,
} as const;

