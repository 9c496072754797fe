// When nights begin by themselves. BullMQ's scheduler keeps the time; one process at a time, the leader, tells it what is wanted, repairs it, and begins the
// nights. Which one leads is a lock in Redis that runs out with its holder.
import { Queue, Worker, type RedisOptions } from 'bullmq';
import { Redis } from 'ioredis';
import * as z from 'zod';
import { LabError, messageOf } from '../lib/lab-error.ts';
import { atMost } from '../lib/within.ts';

const TICKS = 'vlab-night-ticks';
const NIGHTS = 'vlab-nights';
const SCHEDULER = 'nightly';
const LEADER = 'vlab:nights:leader';
const LEAD_MS = 15_000;
/** One that is overdue by more than this stands still, and is set up anew. */
const OVERDUE_MS = 60_000;
/** A night under way may take so long to cancel its runs. */
const LEAVE_MS = 30_000;

/** What travels through Redis: no path, no address. */
export const NightOrder = z.strictObject({ profile: z.string().regex(/^[a-z][a-z0-9-]{0,30}$/), scheduled: z.boolean() });
export type NightOrder = z.infer<typeof NightOrder>;

export type Wanted = { at: string; tz: string; profile: string };
export type ClockOptions = {
  redis: RedisOptions; name: string; lockMs: number; wanted: () => Promise<Wanted | undefined>; begin: (order: NightOrder, signal: AbortSignal) => Promise<void>; say: (line: string) => void;
  /** Whether folders other than this one keep their schedules in this Redis too. */
  shared?: boolean;
  /** How long a dead leader is waited for. */
  leadMs?: number;
};

export class NightClock {
  readonly #options: ClockOptions;
  readonly #leadMs: number;
  readonly #redis: Redis;
  readonly #ticks: Queue;
  readonly #nights: Queue;
  readonly #timer: NodeJS.Timeout;
  readonly #stop = new AbortController();
  #workers: Worker[] = [];
  #said = '';
  /** Whether this folder has, or had, a schedule while this lived. */
  #had = false;
  #turn: Promise<void> = Promise.resolve();

  constructor(options: ClockOptions) {
    this.#options = options;
    this.#leadMs = options.leadMs ?? LEAD_MS;
    this.#redis = new Redis(options.redis);
    this.#ticks = new Queue(TICKS, { connection: options.redis });
    this.#nights = new Queue(NIGHTS, { connection: options.redis });
    for (const one of [this.#redis, this.#ticks, this.#nights]) one.on('error', () => undefined);
    const take = (): void => { this.#turn = this.#turn.then(() => this.#lead()).then(() => { this.#said = ''; }, (error: unknown) => { this.#sayOnce(`nights cannot be scheduled now: ${messageOf(error)}`); }); };
    take();
    this.#timer = setInterval(take, this.#leadMs / 3);
  }

  get leads(): boolean { return this.#workers.length > 0; }

  /** A Redis that is away is tried again, and need not be told of each time. */
  #sayOnce(line: string): void {
    if (line !== this.#said && !this.#stop.signal.aborted) this.#options.say(line);
    this.#said = line;
  }

  async #lead(): Promise<void> {
    if (this.#stop.signal.aborted) return;
    if (await this.#isOthers() || !(await this.#holdsLock())) {
      // Somebody else leads. A night that this one has begun is brought to its end.
      const workers = this.#workers;
      this.#workers = [];
      void Promise.all(workers.map((worker) => worker.close())).catch(() => undefined);
      return;
    }
    await this.#setUp();
    if (this.#workers.length === 0) this.#workers = this.#begin();
  }

  /** The schedule that Redis has is that of another folder: it is not this one's to take away, nor to keep. */
  async #isOthers(): Promise<boolean> {
    this.#had ||= (await this.#options.wanted()) !== undefined;
    return this.#options.shared === true && !this.#had && (await this.#ticks.getJobSchedulersCount()) > 0;
  }

  async #holdsLock(): Promise<boolean> {
    const renewed = await this.#redis.eval("if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('pexpire', KEYS[1], ARGV[2]) else return 0 end", 1, LEADER, this.#options.name, String(this.#leadMs));
    return renewed === 1 || (await this.#redis.set(LEADER, this.#options.name, 'PX', this.#leadMs, 'NX')) === 'OK';
  }

  /** Only the leader: two that upsert one scheduler at once have left it without a next job (bullmq#3272, #3516). */
  async #setUp(): Promise<void> {
    const wanted = await this.#options.wanted();
    const [there] = (await this.#ticks.getJobSchedulers()).filter((one) => one.key === SCHEDULER);
    if (wanted === undefined) {
      if (there !== undefined) await this.#ticks.removeJobScheduler(SCHEDULER);
      return;
    }
    const order: NightOrder = { profile: wanted.profile, scheduled: true };
    const asWanted = there?.pattern === wanted.at && there.tz === wanted.tz && JSON.stringify(there.template?.data) === JSON.stringify(order);
    const overdue = there !== undefined && (there.next ?? 0) < Date.now() - OVERDUE_MS;
    if (asWanted && !overdue) return;
    if (overdue) this.#options.say(`the schedule of nights stood still since ${new Date(there.next ?? 0).toISOString()}: it is set up anew`);
    // An upsert alone leaves an overdue time as it is, and fails where a job of the old schedule is left.
    if (there !== undefined) await this.#ticks.removeJobScheduler(SCHEDULER);
    await this.#ticks.drain(true);
    await this.#ticks.upsertJobScheduler(SCHEDULER, { pattern: wanted.at, tz: wanted.tz }, { name: 'tick', data: order, opts: { removeOnComplete: { count: 50 }, removeOnFail: { count: 50 } } });
  }

  /** A tick only asks for the night: BullMQ lets a scheduler's own job stall for ever (bullmq#4220). */
  #begin(): Worker[] {
    const { redis, lockMs, begin } = this.#options;
    const ticks = new Worker(TICKS, async (job) => { await add(this.#nights, NightOrder.parse(job.data)); }, { connection: redis, concurrency: 1 });
    const holds = new Map<string, AbortController>();
    const nights = new Worker(NIGHTS, async (job) => {
      const lost = new AbortController();
      holds.set(job.id ?? '', lost);
      try {
        await begin(NightOrder.parse(job.data), AbortSignal.any([this.#stop.signal, lost.signal]));
      } finally {
        holds.delete(job.id ?? '');
      }
    }, { connection: redis, concurrency: 1, lockDuration: lockMs, stalledInterval: lockMs, maxStalledCount: 1, maxStartedAttempts: 2 });
    nights.on('lockRenewalFailed', (ids) => { for (const id of ids) holds.get(id)?.abort(new LabError('LOST_LOCK', 'this process lost its hold on the night', { blame: 'lab', stage: 'queue' })); });
    nights.on('failed', (_job, error) => { this.#options.say(`a night could not be brought to its end: ${error.message}`); });
    for (const worker of [ticks, nights]) worker.on('error', () => undefined);
    return [ticks, nights];
  }

  /** A night under way is ended, as by an interrupt. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#stop.abort(new LabError('INTERRUPTED', 'the process that had begun the night was ended', { blame: 'user', stage: 'queue' }));
    // A Redis that is away keeps nobody: the lead runs out by itself.
    await atMost(LEAVE_MS, this.#leave());
    this.#redis.disconnect();
  }

  async #leave(): Promise<void> {
    await this.#turn;
    await Promise.all(this.#workers.map((worker) => worker.close()));
    await this.#redis.eval("if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) else return 0 end", 1, LEADER, this.#options.name).catch(() => undefined);
    await Promise.all([this.#ticks.close(), this.#nights.close()]).catch(() => undefined);
  }
}

/** One night at a time: a second one that is asked for meanwhile is the same one. */
async function add(nights: Queue, order: NightOrder): Promise<void> {
  await nights.add('night', order, { deduplication: { id: 'night' }, attempts: 1, removeOnComplete: { count: 50 }, removeOnFail: { count: 50 } });
}

/** Asks for a night now; `leader` is who begins it, null while nobody is there. */
export async function askNight(options: RedisOptions, order: NightOrder): Promise<{ leader: string | null }> {
  const nights = new Queue(NIGHTS, { connection: options });
  const redis = new Redis(options);
  for (const one of [nights, redis]) one.on('error', () => undefined);
  try {
    await add(nights, NightOrder.parse(order));
    return { leader: await redis.get(LEADER) };
  } finally {
    await nights.close();
    redis.disconnect();
  }
}
