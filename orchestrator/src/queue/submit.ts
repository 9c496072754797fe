// The asking side of the queue: submit runs, follow them to their end, cancel them, count them.
import { Queue, QueueEvents, type Job as QueueJob, type RedisOptions } from 'bullmq';
import { Redis } from 'ioredis';
import { z } from 'zod';
import { StampedEvent } from '../contract/event.ts';
import type { RunRequest } from '../contract/job.ts';
import { pause, within } from '../lib/within.ts';
import { CANCEL_CHANNEL, cancelKey, RUN_QUEUE, WORKER_KEYS } from './names.ts';

/** What a worker tells of itself while it lives. */
export const WorkerPresence = z.object({ worker: z.string(), host: z.string(), pid: z.number(), slots: z.number(), running: z.array(z.string()), since: z.string() });
export type WorkerPresence = z.infer<typeof WorkerPresence>;

export type Progress = (event: StampedEvent) => void;
export type Settled = { id: string; state: 'completed' | 'failed' | 'gone'; why: string };

const DAY_S = 86_400;
/** Events can be missed while Redis is away: the state is looked up as often as this too. */
const LOOK_MS = 3000;
const ANSWER_MS = 30_000;
const CLOSE_MS = 3000;

export class RunQueue {
  readonly #queue: Queue;
  readonly #events: QueueEvents;
  readonly #redis: Redis;

  constructor(options: RedisOptions) {
    this.#queue = new Queue(RUN_QUEUE, { connection: options });
    this.#events = new QueueEvents(RUN_QUEUE, { connection: options });
    this.#redis = new Redis(options);
    // Redis may go away and come back: ioredis reconnects, and each command waits until then.
    this.#queue.on('error', () => undefined);
    this.#events.on('error', () => undefined);
    this.#redis.on('error', () => undefined);
    this.#events.setMaxListeners(0);
  }

  async submit(runs: readonly RunRequest[]): Promise<void> {
    await answered('to take the runs', async () => this.#events.waitUntilReady());
    await answered('to take the runs', () => this.#queue.addBulk(runs.map((run) => ({
      name: 'run', data: run,
      opts: { jobId: run.id, attempts: 1, removeOnComplete: { age: DAY_S, count: 1000 }, removeOnFail: { age: 7 * DAY_S, count: 5000 }, priority: 10 },
    }))));
  }

  /** Resolves once the queue holds the run's end. Progress is told as it comes; some of it may be missed, the end is not. */
  async settled(id: string, onProgress: Progress): Promise<Settled> {
    return new Promise((resolve) => {
      const onUpdate = ({ jobId, data }: { jobId: string; data: unknown }): void => {
        if (jobId !== id) return;
        const event = StampedEvent.safeParse(data);
        if (event.success) onProgress(event.data);
      };
      const look = (): void => {
        void this.#state(id).then((end) => {
          if (end === undefined) return;
          clearInterval(timer);
          this.#events.off('progress', onUpdate).off('completed', onEnd).off('failed', onEnd).off('removed', onEnd);
          resolve(end);
        }, () => undefined);
      };
      const onEnd = ({ jobId }: { jobId: string }): void => { if (jobId === id) look(); };
      const timer = setInterval(look, LOOK_MS);
      this.#events.on('progress', onUpdate).on('completed', onEnd).on('failed', onEnd).on('removed', onEnd);
      look();
    });
  }

  async #state(id: string): Promise<Settled | undefined> {
    const job = await this.#queue.getJob(id) as QueueJob | undefined;
    if (job === undefined) return { id, state: 'gone', why: 'the queue does not hold it' };
    const state = await job.getState();
    if (state === 'completed') return { id, state, why: '' };
    if (state === 'failed') return { id, state, why: job.failedReason };
    return undefined;
  }

  /** `waiting` runs leave the queue at once and are the caller's to seal; the worker of an `active` one is told. */
  async cancel(id: string): Promise<'waiting' | 'active' | 'ended' | 'unknown'> {
    await answered('to be told of the cancel', () => this.#redis.set(cancelKey(id), '1', 'EX', DAY_S));
    const job = await this.#queue.getJob(id) as QueueJob | undefined;
    if (job === undefined) return 'unknown';
    const state = await job.getState();
    if (state === 'completed' || state === 'failed') return 'ended';
    if (state !== 'active') {
      const removed = await job.remove().then(() => true, () => false);
      if (removed) return 'waiting';
    }
    await this.#redis.publish(CANCEL_CHANNEL, id);
    return 'active';
  }

  async counts(): Promise<Record<string, number>> {
    return answered('to count the runs', () => this.#queue.getJobCounts('active', 'waiting', 'prioritized', 'delayed', 'failed', 'completed'));
  }

  async stateOf(id: string): Promise<string> {
    const job = await answered('for a run\'s state', () => this.#queue.getJob(id)) as QueueJob | undefined;
    return job === undefined ? 'unknown' : job.getState();
  }

  async workers(): Promise<WorkerPresence[]> {
    const found: WorkerPresence[] = [];
    for (const key of await this.#redis.keys(WORKER_KEYS)) {
      const presence = WorkerPresence.safeParse(JSON.parse((await this.#redis.get(key)) ?? 'null'));
      if (presence.success) found.push(presence.data);
    }
    return found.sort((a, b) => a.worker.localeCompare(b.worker));
  }

  /** Runs whose worker died once too often: the queue has given them up, and nobody has sealed them. */
  async givenUp(): Promise<{ request: unknown; why: string }[]> {
    const failed = await answered('to list what it gave up', () => this.#queue.getJobs(['failed'], 0, 200));
    return failed.map((job) => ({ request: job.data as unknown, why: job.failedReason }));
  }

  async close(): Promise<void> {
    // A Redis that is gone for good must not keep whoever leaves: its connections are dropped then.
    const enough = new AbortController();
    const closing = Promise.all([this.#events.close(), this.#queue.close()]).catch(() => undefined);
    await Promise.race([closing, pause(CLOSE_MS, enough.signal)]);
    enough.abort();
    this.#redis.disconnect();
  }
}

/** Redis may be away for a while; whoever asked for one thing is told when it stays away. */
function answered<T>(what: string, ask: () => Promise<T>): Promise<T> {
  return within({ what: `Redis, asked ${what},`, ms: ANSWER_MS, blame: 'lab', hint: 'vlab doctor' }, ask);
}
