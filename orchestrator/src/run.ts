// A run while it is alive: times its stages, tells what happens, gathers what its record will say. Knows no stage's inside.
import type { LabEvent, StampedEvent } from './contract/event.ts';
import { parseFeatures } from './contract/features.ts';
import { calledBase, type RunRequest } from './contract/job.ts';
import type { Outcome, Stage } from './contract/outcome.ts';
import { NO_TRACER, type Tracer } from './lib/tracing.ts';
import type { GpuLine } from './contract/probe.ts';
import { RunRecord } from './contract/run.ts';
import type { RunFolder } from './store/run-folder.ts';

export type Seen = Pick<RunRecord, 'claim' | 'kernel' | 'accelerator' | 'display' | 'renderer' | 'capabilities' | 'readyMs' | 'guestCpuSeconds' | 'conditions' | 'lostBoot' | 'pipelines' | 'calls' | 'properties' | 'console' | 'kmemleakScans' | 'exercise'>;

function nothingSeen(): Seen {
  return { claim: null, kernel: null, accelerator: null, display: null, renderer: null, capabilities: null, readyMs: null, guestCpuSeconds: null, conditions: null, lostBoot: null, pipelines: [], calls: [], properties: [], console: [], kmemleakScans: null, exercise: null };
}

/** Progress within a stage comes in bursts; people and the queue need no more than this of it. */
const PROGRESS_EVERY_MS = 1000;

export class Run {
  readonly request: RunRequest;
  readonly attempt: number;
  readonly folder: RunFolder;
  readonly seen: Seen = nothingSeen();
  readonly #tell: (event: StampedEvent) => void;
  readonly #startedAt = new Date();
  readonly #stages: { stage: Stage; ms: number }[] = [];
  readonly #tracer: Tracer;
  #stage: Stage = 'request';
  #progressAt = 0;

  constructor(request: RunRequest, attempt: number, folder: RunFolder, tell: (event: StampedEvent) => void, tracer: Tracer = NO_TRACER) {
    this.request = request;
    this.attempt = attempt;
    this.folder = folder;
    this.#tell = tell;
    this.#tracer = tracer;
  }

  /** The stage that is under way, or was when something was thrown. */
  get stageNow(): Stage { return this.#stage; }

  tell(event: LabEvent): void {
    const now = new Date();
    const stamped: StampedEvent = { at: now.toISOString(), ms: now.getTime() - this.#startedAt.getTime(), run: this.request.id, ...event };
    this.folder.append('events', JSON.stringify(stamped));
    this.#tell(stamped);
  }

  /** What the guest's GPU says of itself; the first word counts. A pipeline that draws nothing names no renderer, and of those that do one may follow. */
  sawGpu(gpu: GpuLine): void {
    if (this.seen.renderer !== null || (gpu.renderer === '' && this.seen.capabilities !== null)) return;
    this.seen.capabilities = { driver: gpu.driver, features: parseFeatures(gpu.features), capsets: gpu.capsets, ...gpu.caps };
    if (gpu.renderer === '') return;
    this.seen.renderer = gpu.renderer;
    this.tell({ event: 'pipeline.renderer', renderer: gpu.renderer });
  }

  async stage<T>(stage: Stage, work: () => Promise<T>): Promise<T> {
    this.#stage = stage;
    this.#progressAt = 0;
    this.tell({ event: 'stage.started', stage });
    const started = performance.now();
    let ok = false;
    try {
      const result = await this.#tracer.span(stage, { 'vlab.run': this.request.id }, work);
      ok = true;
      return result;
    } finally {
      const ms = Math.round(performance.now() - started);
      this.#stages.push({ stage, ms });
      this.tell({ event: 'stage.ended', stage, ms, ok });
    }
  }

  readonly progress = (what: string, done: number, of: number | null): void => {
    const now = performance.now();
    if (now - this.#progressAt < PROGRESS_EVERY_MS && done !== of) return;
    this.#progressAt = now;
    this.tell({ event: 'stage.progress', stage: this.#stage, what, done, of });
  };

  async seal(outcome: Outcome): Promise<RunRecord> {
    const { id, job, title, kernel, flavour, drivers, image, stack, device, measure } = this.request;
    await this.folder.checkOurs();
    const record = held({
      version: 1, id, job, attempt: this.attempt, title, base: calledBase(this.request), series: kernel.series ?? null, flavour, drivers, image, stack, device, measure,
      expect: kernel.expect, outcome, asExpected: outcome.kind === kernel.expect, ...this.seen,
      stages: this.#stages, startedAt: this.#startedAt.toISOString(), sealedAt: new Date().toISOString(),
    });
    this.tell({ event: 'run.sealed', outcome: record.outcome });
    await this.folder.seal(record);
    return record;
  }
}

/**
 * A record that nobody could read back would leave its run without an end. What is in it of the guest's words has passed its schema at the border; what
 * slips through all the same is left out, and said.
 */
function held(record: RunRecord): RunRecord {
  const checked = RunRecord.safeParse(record);
  if (checked.success) return record;
  const [issue] = checked.error.issues;
  const why = `what the guest said does not fit into a record: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}; it is in probe.ndjson`;
  return { ...record, ...nothingSeen(), kernel: record.kernel, outcome: { kind: 'broken', stage: 'verify', why }, asExpected: false };
}
