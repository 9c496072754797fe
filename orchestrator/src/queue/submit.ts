// The asking side of the queue: submit runs, follow them to their end, cancel them, count them.
import { Queue, QueueEvents, type Job as QueueJob, type RedisOptions } from 'bullmq';
import { Redis } from 'ioredis';
import * as z from 'zod';
import { StampedEvent } from '../contract/event.ts';
import type { Capability } from '../contract/capability.ts';
import type { Block, RunRequest } from '../contract/job.ts';
import { pause, within } from '../lib/within.ts';
import { ALL_NEEDS, CANCEL_CHANNEL, cancelKey, DRAIN_CHANNEL, queueFor, WORKER_KEYS } from './names.ts';

/** What a worker tells of itself while it lives. */
export const WorkerPresence = z.object({ worker: z.string(), host: z.string(), pid: z.number(), slots: z.number(), can: z.array(z.string()).default([]), running: z.array(z.string()), since: z.string(), drains: z.boolean().default(false), draining: z.boolean().default(false) });
export type WorkerPresence = z.infer<typeof WorkerPresence>;

export type Progress = (event: StampedEvent) => void;
export type Settled = { id: string; state: 'completed' | 'failed' | 'gone'; why: string };

const DAY_S = 86_400;
/** Events can be missed while Redis is away: the state is looked up as often as this too. */
const LOOK_MS = 3000;
/** The sealed folder is the truth: the queue gets this many looks more to say so too, and then nobody waits for it any longer. */
const LOOKS_AFTER_SEAL = 3;
const ANSWER_MS = 30_000;
const CLOSE_MS = 3000;

export class RunQueue {
  readonly #queues: ReadonlyMap<Capability | null, Queue>;
  readonly #events: readonly QueueEvents[];
  readonly #redis: Redis;

  constructor(options: RedisOptions) {
    this.#queues = new Map(ALL_NEEDS.map((needs) => [needs, new Queue(queueFor(needs), { connection: options })]));
    this.#events = ALL_NEEDS.map((needs) => new QueueEvents(queueFor(needs), { connection: options }));
    this.#redis = new Redis(options);
    // Redis may go away and come back: ioredis reconnects, and each command waits until then.
    for (const queue of this.#queues.values()) queue.on('error', () => undefined);
    for (const events of this.#events) events.on('error', () => undefined).setMaxListeners(0);
    this.#redis.on('error', () => undefined);
  }

  /** Each run waits where only workers look that can do it. */
  async submit(runs: readonly RunRequest[]): Promise<void> {
    await answered('to take the runs', () => Promise.all(this.#events.map((events) => events.waitUntilReady())));
    for (const [needs, queue] of this.#queues) {
      const wanted = runs.filter((run) => run.needs === needs);
      if (wanted.length === 0) continue;
      await answered('to take the runs', () => queue.addBulk(wanted.map((run) => ({
        name: 'run', data: run,
        opts: { jobId: run.id, attempts: 1, removeOnComplete: { age: DAY_S, count: 1000 }, removeOnFail: { age: 7 * DAY_S, count: 5000 }, priority: 10 },
      }))));
    }
  }

  /** A block goes where the first of its runs would go: all of them want the same host. */
  async submitBlock(block: Block): Promise<void> {
    const queue = this.#queues.get(block.steps[0]?.[0]?.needs ?? null);
    await answered('to take a block', () => Promise.all(this.#events.map((events) => events.waitUntilReady())));
    await answered('to take a block', async () => queue?.add('block', block, {
      jobId: block.block, attempts: 1, removeOnComplete: { age: DAY_S, count: 1000 }, removeOnFail: { age: 7 * DAY_S, count: 5000 }, priority: 10,
    }));
  }

  /**
   * Resolves once the queue holds the run's end, or a while after `sealed` says that its folder does: a worker that dies or loses Redis right
   * after the seal cannot tell. Progress is told as it comes; some of it may be missed, the end is not.
   */
  async settled(id: string, onProgress: Progress, sealed: () => Promise<boolean> = () => Promise.resolve(false)): Promise<Settled> {
    return new Promise((resolve) => {
      let looksAfterSeal = 0;
      const end = (settled: Settled): void => {
        clearInterval(timer);
        for (const events of this.#events) events.off('progress', onUpdate).off('completed', onEnd).off('failed', onEnd).off('removed', onEnd);
        resolve(settled);
      };
      const onUpdate = ({ jobId, data }: { jobId: string; data: unknown }): void => {
        if (jobId !== id) return;
        const event = StampedEvent.safeParse(data);
        if (event.success) onProgress(event.data);
      };
      const look = (): void => {
        void this.#state(id).then((settled) => { if (settled !== undefined) end(settled); }, () => undefined);
      };
      const lookAgain = (): void => {
        look();
        void sealed().then((is) => { if (is && ++looksAfterSeal > LOOKS_AFTER_SEAL) end({ id, state: 'completed', why: 'it is sealed, and the queue has not said so' }); }, () => undefined);
      };
      const onEnd = ({ jobId }: { jobId: string }): void => { if (jobId === id) look(); };
      const timer = setInterval(lookAgain, LOOK_MS);
      for (const events of this.#events) events.on('progress', onUpdate).on('completed', onEnd).on('failed', onEnd).on('removed', onEnd);
      look();
    });
  }

  /** The run, in whichever queue it is. */
  async #find(id: string): Promise<QueueJob | undefined> {
    const found = await Promise.all([...this.#queues.values()].map((queue) => queue.getJob(id) as Promise<QueueJob | undefined>));
    return found.find((job) => job !== undefined);
  }

  /** Of a block that ended: where it was. */
  async hostOf(id: string): Promise<string> {
    const job = await answered('for a block\'s host', () => this.#find(id));
    const value = z.object({ host: z.string() }).safeParse(job?.returnvalue);
    return value.success ? value.data.host : 'unknown';
  }

  async #state(id: string): Promise<Settled | undefined> {
    const job = await this.#find(id);
    if (job === undefined) return { id, state: 'gone', why: 'the queue does not hold it' };
    const state = await job.getState();
    if (state === 'completed') return { id, state, why: '' };
    if (state === 'failed') return { id, state, why: job.failedReason };
    return undefined;
  }

  /** `waiting` runs leave the queue at once and are the caller's to seal; the worker of an `active` one is told. */
  async cancel(id: string): Promise<'waiting' | 'active' | 'ended' | 'unknown'> {
    await answered('to be told of the cancel', () => this.#redis.set(cancelKey(id), '1', 'EX', DAY_S));
    const job = await this.#find(id);
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
    const each = await answered('to count the runs', () => Promise.all([...this.#queues.values()].map((queue) => queue.getJobCounts('active', 'waiting', 'prioritized', 'delayed', 'failed', 'completed'))));
    const sum: Record<string, number> = {};
    for (const counts of each) for (const [state, count] of Object.entries(counts)) sum[state] = (sum[state] ?? 0) + count;
    return sum;
  }

  async stateOf(id: string): Promise<string> {
    const job = await answered('for a run\'s state', () => this.#find(id));
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

  /** Asks a worker to take nothing more and to end when its runs have. What it is: gone, one that cannot be asked, or asked. */
  async drain(worker: string): Promise<'unknown' | 'cannot' | 'asked'> {
    const found = (await this.workers()).find((one) => one.worker === worker);
    if (found === undefined) return 'unknown';
    if (!found.drains) return 'cannot';
    await answered('to be told of the drain', () => this.#redis.publish(DRAIN_CHANNEL, worker));
    return 'asked';
  }

  /** Runs whose worker died once too often: the queue has given them up, and nobody has sealed them. */
  async givenUp(): Promise<{ request: unknown; why: string }[]> {
    const failed = await answered('to list what it gave up', () => Promise.all([...this.#queues.values()].map((queue) => queue.getJobs(['failed'], 0, 200))));
    return failed.flat().map((job) => ({ request: job.data as unknown, why: job.failedReason }));
  }

  async close(): Promise<void> {
    // A Redis that is gone for good must not keep whoever leaves: its connections are dropped then.
    const enough = new AbortController();
    const closing = Promise.all([...this.#events, ...this.#queues.values()].map((one) => one.close())).catch(() => undefined);
    await Promise.race([closing, pause(CLOSE_MS, enough.signal)]);
    enough.abort();
    this.#redis.disconnect();
  }
}

/** Redis may be away for a while; whoever asked for one thing is told when it stays away. */
function answered<T>(what: string, ask: () => Promise<T>): Promise<T> {
  return within({ what: `Redis, asked ${what},`, ms: ANSWER_MS, blame: 'lab', hint: 'vlab doctor' }, ask);
}
