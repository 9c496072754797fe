// The asking side of the queue: submit runs, follow them to their end, cancel them, count them, and say what workers are to do.
import { Queue, type Job as QueueJob, type RedisOptions } from 'bullmq';
import { Redis } from 'ioredis';
import * as z from 'zod';
import type { Block, RunRequest } from '../contract/job.ts';
import { Ticket, wantsHost, type By } from '../contract/ticket.ts';
import { LabVersion, type WorkerPresence } from '../contract/worker.ts';
import { atMost, within } from '../lib/within.ts';
import { Follower, type Progress, type Settled, type Told } from './follow.ts';
import { ALL_WANTS, CANCEL_CHANNEL, cancelKey, MARKED_S, placesKey, queueFor, toldChannel, VERSIONS, type Wants } from './names.ts';
import { giveOrder, listWorkers, type Order } from './presence.ts';
import { nextPlace, placeOf, priorityOf, PLACES } from './share.ts';

const DAY_S = 86_400;
const ANSWER_MS = 30_000;
const CLOSE_MS = 3000;
/** Added in one go, in which Redis does nothing else. */
const AT_ONCE = 500;
/** Of what was submitted here, where it waits is known without asking; of older things it is asked. */
const MOST_KNOWN = 50_000;
const KEPT = { removeOnComplete: { age: DAY_S, count: 1000 }, removeOnFail: { age: 7 * DAY_S, count: 5000 } } as const;

/** Sees to it that a worker on another host can have all that these runs name, and says how. */
export type Share = (runs: readonly RunRequest[]) => Promise<RunRequest[]>;
export type Asker = By & { version: LabVersion };

export class RunQueue {
  #submitted = 0;
  readonly #queueOf = new Map<string, Queue>();

  readonly #asker: Asker;
  readonly #queues: ReadonlyMap<string, Queue>;
  readonly #redis: Redis;
  readonly #follower: Follower;
  readonly #share: Share;

  constructor(options: RedisOptions, asker: Asker, share: Share = (runs) => Promise.resolve([...runs])) {
    this.#asker = asker;
    this.#share = share;
    // Redis may go away and come back: ioredis reconnects, and each command waits until then.
    this.#redis = new Redis(options);
    this.#redis.on('error', () => undefined).setMaxListeners(0);
    this.#queues = new Map(ALL_WANTS.map((wants) => queueFor(asker.version, wants)).map((name) => [name, new Queue(name, { connection: this.#redis })]));
    for (const queue of this.#queues.values()) queue.on('error', () => undefined);
    this.#follower = new Follower(options, (id) => this.#settledAt(id));
  }

  /** Each run waits where only workers look that can do it. `by`: where another asks than whoever opened the queue. */
  async submit(runs: readonly RunRequest[], by: Partial<By> = {}): Promise<void> {
    const shared = await this.#share(runs);
    await answered('to take the runs', () => this.#add(shared, { ...this.#asker, ...by }));
  }

  /** A block goes where the first of its runs would go: all of them want the same host. */
  async submitBlock(block: Block, by: Partial<By> = {}): Promise<void> {
    const shared = await this.#share(block.steps.flat());
    const steps = block.steps.map((step) => shared.splice(0, step.length));
    await answered('to take a block', () => this.#add([{ ...block, steps }], { ...this.#asker, ...by }));
  }

  /** How much was asked for through this one. */
  get submitted(): number { return this.#submitted; }

  async #add(works: readonly Ticket['work'][], { version, submitter, urgency }: Asker): Promise<void> {
    this.#submitted += works.length;
    await this.#redis.sadd(VERSIONS, version);
    for (const [name, queue] of this.#queues) {
      const here = works.filter((work) => queueFor(version, wantsOf(work)) === name);
      if (here.length === 0) continue;
      let place = await this.#takePlaces(queue, { submitter, urgency }, here.length);
      const jobs = here.map((work) => ({
        name: 'block' in work ? 'block' : 'run', data: { version, submitter, urgency, work } satisfies Ticket, opts: { jobId: idOf(work), attempts: 1, ...KEPT, priority: priorityOf(urgency, place++) },
      }));
      for (let at = 0; at < jobs.length; at += AT_ONCE) await queue.addBulk(jobs.slice(at, at + AT_ONCE));
      for (const work of here) this.#know(idOf(work), queue);
    }
    await this.#cancelMarked(works);
  }

  /** What was cancelled before it was here. */
  async #cancelMarked(works: readonly Ticket['work'][]): Promise<void> {
    for (let at = 0; at < works.length; at += AT_ONCE) {
      const ids = works.slice(at, at + AT_ONCE).map(idOf);
      const marks = await this.#redis.mget(ids.map(cancelKey));
      for (const [n, id] of ids.entries()) if (marks[n] !== null) await this.cancel(id);
    }
  }

  #know(id: string, queue: Queue): void {
    this.#queueOf.set(id, queue);
    const [oldest] = this.#queueOf.size > MOST_KNOWN ? this.#queueOf.keys() : [];
    if (oldest !== undefined) this.#queueOf.delete(oldest);
  }

  #queuesOf(id: string): readonly Queue[] {
    const known = this.#queueOf.get(id);
    return known === undefined ? [...this.#queues.values()] : [known];
  }

  /** The first of `count` places. Two that ask at once in one name may be given the same: their work is taken in turns, and none is lost. */
  async #takePlaces(queue: Queue, { submitter, urgency }: By, count: number): Promise<number> {
    const key = placesKey(queue.name, urgency);
    // BullMQ keeps what waits ordered by priority * 2^32 and the order in which it came.
    const [least, most] = [priorityOf(urgency, 1) * 2 ** 32, (priorityOf(urgency, PLACES) + 1) * 2 ** 32];
    const [, score] = await this.#redis.zrangebyscore(queue.toKey('prioritized'), least, `(${String(most)}`, 'WITHSCORES', 'LIMIT', 0, 1);
    const first = score === undefined ? undefined : placeOf(urgency, Math.floor(Number(score) / 2 ** 32));
    if (first === undefined) await this.#redis.del(key);
    const place = nextPlace(Number(await this.#redis.hget(key, submitter) ?? 0), first);
    await this.#redis.pipeline().hset(key, submitter, place + count - 1).expire(key, 7 * DAY_S).exec();
    return place;
  }

  /**
   * Resolves once the queue holds the run's end, or a while after `sealed` says that its folder does: a worker that dies or loses Redis right
   * after the seal cannot tell. Progress is told as it comes; some of it may be missed, the end is not.
   */
  settled(id: string, onProgress: Progress, sealed: () => Promise<boolean> = () => Promise.resolve(false)): Promise<Settled> {
    return this.#follower.settled(id, onProgress, sealed);
  }

  async #settledAt(id: string): Promise<Settled | undefined> {
    const state = await this.#stateAt(id);
    if (state === 'unknown') return { id, state: 'gone', why: 'the queue does not hold it' };
    if (state === 'completed') return { id, state, why: '' };
    if (state === 'failed') return { id, state, why: (await this.#find(id))?.failedReason ?? '' };
    return undefined;
  }

  async #stateAt(id: string): Promise<string> {
    const states = await Promise.all(this.#queuesOf(id).map((queue) => queue.getJobState(id)));
    return states.find((state) => state !== 'unknown') ?? 'unknown';
  }

  /** The run, in whichever queue it is. */
  async #find(id: string): Promise<QueueJob | undefined> {
    const found = await Promise.all(this.#queuesOf(id).map((queue) => queue.getJob(id) as Promise<QueueJob | undefined>));
    return found.find((job) => job !== undefined);
  }

  /** Of a block that ended: where it was. */
  async hostOf(id: string): Promise<string> {
    const job = await answered('for a block\'s host', () => this.#find(id));
    const value = z.object({ host: z.string() }).safeParse(job?.returnvalue);
    return value.success ? value.data.host : 'unknown';
  }

  /** `waiting` runs leave the queue at once and are the caller's to seal; the worker of an `active` one is told. */
  async cancel(id: string): Promise<'waiting' | 'active' | 'ended' | 'unknown'> {
    // One that ends as soon as it is told was under way.
    const before = await answered('what became of a run', async () => (await this.#find(id))?.getState());
    // Said whatever the queue knows of it: it may be on its way here, or part of a block.
    await answered('to be told of the cancel', () => this.#redis.pipeline().set(cancelKey(id), '1', 'EX', MARKED_S).publish(CANCEL_CHANNEL, id).exec());
    const job = await this.#find(id);
    if (job === undefined) return 'unknown';
    const state = await job.getState();
    if (state === 'completed' || state === 'failed') return before === 'active' ? 'active' : 'ended';
    if (state !== 'active') {
      const removed = await job.remove().then(() => true, () => false);
      if (removed) {
        await this.#redis.publish(toldChannel(id), JSON.stringify({ events: [], ended: { id, state: 'gone', why: 'somebody cancelled it before it began' } } satisfies Told));
        return 'waiting';
      }
    }
    return 'active';
  }

  async counts(): Promise<Record<string, number>> {
    return answered('to count the runs', () => countsOf([...this.#queues.values()]));
  }

  async stateOf(id: string): Promise<string> {
    return answered('for a run\'s state', () => this.#stateAt(id));
  }

  async workers(): Promise<WorkerPresence[]> {
    return answered('who is at work', () => listWorkers(this.#redis));
  }

  /** What waits that was submitted by another version of the lab: no worker of this one takes it. */
  async otherVersions(): Promise<{ version: string; waiting: number }[]> {
    return answered('for other versions', () => waitingElsewhere(this.#redis, this.#asker.version));
  }

  /** What the worker is: gone, one that cannot be told, or told. */
  async order(worker: string, order: Order): Promise<'unknown' | 'cannot' | 'asked'> {
    const found = (await this.workers()).find((one) => one.worker === worker);
    if (found === undefined) return 'unknown';
    if (!found.drains) return 'cannot';
    await answered('to be told of the drain', () => giveOrder(this.#redis, worker, order));
    return 'asked';
  }

  /** Runs whose worker died once too often: the queue has given them up, and nobody has sealed them. */
  async givenUp(): Promise<{ requests: readonly RunRequest[]; why: string }[]> {
    const failed = await answered('to list what it gave up', () => Promise.all([...this.#queues.values()].map((queue) => queue.getJobs(['failed'], 0, 200))));
    return failed.flat().map((job) => {
      const ticket = Ticket.safeParse(job.data);
      return { requests: ticket.success ? requestsOf(ticket.data.work) : [], why: job.failedReason };
    });
  }

  async close(): Promise<void> {
    this.#follower.close();
    // A Redis that is gone for good must not keep whoever leaves: its connection is dropped then.
    await atMost(CLOSE_MS, Promise.all([...this.#queues.values()].map((one) => one.close())).then(() => this.#redis.quit()).catch(() => undefined));
    this.#redis.disconnect();
  }
}

export async function waitingElsewhere(redis: Redis, own: LabVersion): Promise<{ version: string; waiting: number }[]> {
  const others = (await redis.smembers(VERSIONS)).flatMap((text) => LabVersion.safeParse(text).data ?? []).filter((version) => version !== own).sort();
  return Promise.all(others.map(async (version) => {
    const queues = ALL_WANTS.map((wants) => new Queue(queueFor(version, wants), { connection: redis, skipMetasUpdate: true }));
    for (const queue of queues) queue.on('error', () => undefined);
    const counts = await countsOf(queues);
    await Promise.all(queues.map((queue) => queue.close()));
    return { version, waiting: (counts.waiting ?? 0) + (counts.prioritized ?? 0) };
  }));
}

async function countsOf(queues: readonly Queue[]): Promise<Record<string, number>> {
  const each = await Promise.all(queues.map((queue) => queue.getJobCounts('active', 'waiting', 'prioritized', 'delayed', 'failed', 'completed')));
  const sum: Record<string, number> = {};
  for (const counts of each) for (const [state, count] of Object.entries(counts)) sum[state] = (sum[state] ?? 0) + count;
  return sum;
}

function requestsOf(work: Ticket['work']): readonly RunRequest[] {
  return 'block' in work ? work.steps.flat() : [work];
}

function wantsOf(work: Ticket['work']): Wants {
  return { needs: requestsOf(work)[0]?.needs ?? null, alone: wantsHost(work) };
}

function idOf(work: Ticket['work']): string {
  return 'block' in work ? work.block : work.id;
}

/** Redis may be away for a while; whoever asked for one thing is told when it stays away. */
function answered<T>(what: string, ask: () => Promise<T>): Promise<T> {
  return within({ what: `Redis, asked ${what},`, ms: ANSWER_MS, blame: 'lab', hint: 'vlab doctor' }, ask);
}
