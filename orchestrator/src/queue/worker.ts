// The doing side of the queue: takes one run per slot, keeps its lock, and turns cancels and lost locks into aborts.
import { hostname } from 'node:os';
import { UnrecoverableError, Worker, type Job, type RedisOptions } from 'bullmq';
import { Redis } from 'ioredis';
import type { StampedEvent } from '../contract/event.ts';
import type { Capability } from '../contract/capability.ts';
import { Block, RunRequest } from '../contract/job.ts';
import type { Outcome } from '../contract/outcome.ts';
import { LabError } from '../lib/lab-error.ts';
import { untilQuiet } from '../lib/quiet.ts';
import { Slots } from '../lib/slots.ts';
import { CANCEL_CHANNEL, cancelKey, DRAIN_CHANNEL, queueFor, workerKey } from './names.ts';

export type Work = (request: RunRequest, attempt: number, signal: AbortSignal, tell: (event: StampedEvent) => void) => Promise<Outcome>;

/** `can` is what this host has beyond what every worker has. */
export type WorkerOptions = { redis: RedisOptions; slots: number; can: readonly Capability[]; lockMs: number; name: string; work: Work; onGone: () => void; /** Asked from elsewhere to take nothing more; who has none cannot be asked. */ onDrain?: (() => void) | undefined };

/** A run may begin this often in all: once, and again after each of two dead workers. */
const MAX_STARTS = 3;
const PRESENCE_S = 15;
/** The steps of a block wait so long together for a quiet host, and begin all the same then. */
const QUIET_MS = 10_000;

export class RunWorker {
  readonly #workers: readonly Worker[];
  readonly #subscriber: Redis;
  readonly #redis: Redis;
  readonly #presence: NodeJS.Timeout;
  readonly #running: Map<string, AbortController>;
  readonly #name: string;
  readonly #announce: () => void;
  #draining = false;

  constructor(options: WorkerOptions) {
    const running = new Map<string, AbortController>();
    this.#running = running;
    this.#name = options.name;
    this.#redis = new Redis(options.redis);
    this.#subscriber = new Redis(options.redis);
    const slots = new Slots(options.slots);
    const take = async (job: Job): Promise<Taken> => {
      const block = Block.safeParse(job.data);
      if (block.success) {
        using _all = await slots.takeAll(options.slots);
        return await this.#hold([block.data.block, ...block.data.steps.flat().map((one) => one.id)], (signal) => workBlock(block.data, job, options.work, signal));
      }
      using _slot = await slots.take();
      const request = RunRequest.safeParse(job.data);
      if (!request.success) throw new UnrecoverableError(`the queue holds no run request: ${request.error.issues[0]?.message ?? ''}`);
      const outcome = await this.#hold([request.data.id], (signal) => options.work(request.data, job.attemptsStarted, signal, tellOf(job)));
      if (outcome.kind === 'broken') throw new UnrecoverableError(outcome.why);
      return outcome;
    };
    this.#workers = [null, ...options.can].map((needs) => new Worker(queueFor(needs), take, {
      connection: options.redis, concurrency: options.slots, name: options.name, lockDuration: options.lockMs, stalledInterval: options.lockMs,
      maxStalledCount: MAX_STARTS - 1, maxStartedAttempts: MAX_STARTS, drainDelay: 2,
    }));
    this.#redis.on('error', () => undefined);
    this.#subscriber.on('error', () => undefined);
    for (const worker of this.#workers) {
      worker.on('error', () => undefined);
      worker.on('lockRenewalFailed', (ids) => {
        for (const id of ids) running.get(id)?.abort(new LabError('LOST_LOCK', `this worker lost its hold on run ${id}`, { blame: 'lab', stage: 'queue' }));
      });
    }
    this.#redis.on('close', options.onGone);
    void this.#subscriber.subscribe(CANCEL_CHANNEL, DRAIN_CHANNEL).catch(() => undefined);
    this.#subscriber.on('message', (channel, name: string) => {
      if (channel === CANCEL_CHANNEL) running.get(name)?.abort(cancelled());
      else if (name === options.name) options.onDrain?.();
    });
    const since = new Date().toISOString();
    const announce = (): void => {
      const presence = { worker: options.name, host: hostname(), pid: process.pid, slots: options.slots, can: options.can, running: [...running.keys()], since, drains: options.onDrain !== undefined, draining: this.#draining };
      void this.#redis.set(workerKey(options.name), JSON.stringify(presence), 'EX', PRESENCE_S).catch(() => undefined);
    };
    announce();
    this.#announce = announce;
    this.#presence = setInterval(announce, (PRESENCE_S * 1000) / 3);
  }

  /** While `work` is under way, a cancel of any of `ids` reaches it. */
  async #hold<T>(ids: readonly string[], work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const abort = new AbortController();
    for (const id of ids) this.#running.set(id, abort);
    try {
      for (const id of ids) if ((await this.#redis.get(cancelKey(id))) !== null) abort.abort(cancelled());
      return await work(abort.signal);
    } finally {
      for (const id of ids) this.#running.delete(id);
    }
  }

  get running(): readonly string[] { return [...this.#running.keys()]; }

  /** Takes nothing more and waits for what runs; with a reason, what runs is aborted first. */
  async close(reason?: LabError): Promise<void> {
    if (reason !== undefined) this.abortAll(reason);
    this.#draining = true;
    this.#announce();
    await Promise.all(this.#workers.map((worker) => worker.close()));
    clearInterval(this.#presence);
    this.#redis.removeAllListeners('close');
    await this.#redis.del(workerKey(this.#name)).catch(() => undefined);
    this.#redis.disconnect();
    this.#subscriber.disconnect();
  }

  abortAll(reason: LabError): void {
    for (const abort of this.#running.values()) abort.abort(reason);
  }
}

type Taken = Outcome | { host: string; steps: number };

function tellOf(job: Job): (event: StampedEvent) => void {
  return (event) => { void job.updateProgress(event).catch(() => undefined); };
}

/** What a run of a block came to is in its folder; the block itself only says where it was. */
async function workBlock({ steps, quiet }: Block, job: Job, work: Work, signal: AbortSignal): Promise<Taken> {
  let patience = QUIET_MS;
  for (const step of steps) {
    if (signal.aborted) break;
    if (quiet) patience -= (await untilQuiet(patience, signal)).waitedMs;
    await Promise.all(step.map((request) => work(request, job.attemptsStarted, signal, tellOf(job))));
  }
  return { host: hostname(), steps: steps.length };
}

function cancelled(): LabError {
  return new LabError('CANCELLED', 'somebody cancelled it', { blame: 'user', stage: 'queue' });
}
