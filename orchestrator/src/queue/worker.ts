// The doing side of the queue: takes one run per slot, keeps its hold on it, and turns cancels and lost holds into aborts.
import { join } from 'node:path';
import { UnrecoverableError, type Job, type RedisOptions } from 'bullmq';
import { Redis } from 'ioredis';
import type { Capability } from '../contract/capability.ts';
import type { StampedEvent } from '../contract/event.ts';
import type { Block, RunRequest } from '../contract/job.ts';
import type { Outcome } from '../contract/outcome.ts';
import { isBlock, Ticket } from '../contract/ticket.ts';
import type { HostFacts, LabVersion, WorkerPresence } from '../contract/worker.ts';
import type { HostTurn } from '../lib/host-turn.ts';
import { LabError } from '../lib/lab-error.ts';
import { wasLost } from '../lib/lost-hold.ts';
import { untilQuiet } from '../lib/quiet.ts';
import { atMost, pause } from '../lib/within.ts';
import { Slots } from '../lib/slots.ts';
import { Cancels } from './cancels.ts';
import { Health } from './health.ts';
import { Holds } from './holds.ts';
import { ORDER_CHANNEL, queueFor } from './names.ts';
import { forgetPresence, orderDone, PRESENCE_S, tellPresence, type Order } from './presence.ts';
import { SlotWorker, type Seats } from './slot-worker.ts';
import { waitingElsewhere } from './submit.ts';
import { Teller } from './tell.ts';

export type Work = (request: RunRequest, attempt: number, signal: AbortSignal, tell: (event: StampedEvent) => void) => Promise<Outcome>;

/** What somebody else can do with a worker that stays: stop it, let it go on, make it leave. */
export type Standing = { onChange: (why: string | null) => void; onEnd: () => void };

export type WorkerOptions = {
  redis: RedisOptions; version: LabVersion; name: string; host: string; lockMs: number; work: Work; onGone: () => void;
  slots: number;
  turn: HostTurn;
  /** Whether guests that are only checked may run beside one whose time is taken, on CPUs of their own. */
  besideTiming: boolean;
  /** What this host has beyond what every worker has. */
  can: readonly Capability[];
  facts: () => Promise<HostFacts>;
  /** Of a worker that lives for itself; one that works for a single command can neither be stopped nor stop itself. */
  standing?: Standing | undefined;
};

/** A run may begin this often in all: once, and again after each of two dead workers. */
const MAX_STARTS = 3;
/** The steps of a block wait so long together for a quiet host, and begin all the same then. */
const QUIET_MS = 10_000;
/** How often somebody looks whether work waits for another version: seldom, since it asks for every version that ever was. */
const VERSIONS_MS = 60_000;
const FORGET_MS = 3000;

/** What BullMQ may take, once nothing runs here any more, to tell a Redis of it: one that is away it would wait for without an end. What has run is sealed. */
const LEAVE_MS = 10_000;
const IDLE_LOOK_MS = 100;

/** How often an idle worker asks though nobody has called it: each time it takes a slot for a moment. */
const LOOK_S = 5;

type Taken = Outcome | { host: string; steps: number };

export class RunWorker {
  readonly #options: WorkerOptions;
  /** BullMQ's, and one for all else. */
  readonly #jobs: Redis;
  readonly #redis: Redis;
  readonly #subscriber: Redis;
  readonly #teller: Teller;
  readonly #cancels: Cancels;
  readonly #workers: readonly SlotWorker[];
  readonly #holds: Holds;
  /** A run, and the hold that it is under. */
  readonly #running = new Map<string, string>();
  readonly #slots: Slots;
  readonly #timers: readonly NodeJS.Timeout[];
  readonly #health: Health;
  readonly #since = new Date().toISOString();
  #order: Order | undefined;
  #closing = false;
  #left = false;
  #ended: Promise<void> | undefined;
  /** Why it takes nothing, as it was told last. */
  #told: string | null = null;
  /** What waits for workers of another version. */
  #elsewhere: string | null = null;

  constructor(options: WorkerOptions) {
    this.#options = options;
    this.#jobs = new Redis(options.redis);
    this.#jobs.on('error', () => undefined).setMaxListeners(0);
    this.#redis = new Redis(options.redis);
    this.#subscriber = new Redis(options.redis);
    this.#redis.on('error', () => undefined);
    this.#subscriber.on('error', () => undefined);
    this.#redis.on('close', options.onGone);
    this.#teller = new Teller(this.#redis);
    this.#cancels = new Cancels(this.#redis, this.#subscriber, (run) => { this.#cancel(run); });
    this.#holds = new Holds(options.lockMs);
    this.#health = new Health(join(options.turn.home, 'host.health'));
    this.#slots = new Slots(options.slots);
    this.#workers = this.#openWorkers();
    void this.#subscriber.subscribe(ORDER_CHANNEL).catch(() => undefined);
    this.#subscriber.on('message', (channel, name: string) => { if (channel === ORDER_CHANNEL && name === options.name) void this.#announce(); });
    // What a worker of the same name was ordered is none of this one's.
    void forgetPresence(this.#redis, options.name).then(() => this.#announce(), () => undefined);
    // Whoever starts one anew has seen to what broke.
    if (options.standing !== undefined) void this.#health.forget();
    void this.#lookElsewhere();
    this.#timers = [setInterval(() => { void this.#announce(); }, (PRESENCE_S * 1000) / 3), setInterval(() => { void this.#lookElsewhere(); }, VERSIONS_MS)];
  }

  get running(): readonly string[] { return [...this.#running.keys()]; }

  #openWorkers(): SlotWorker[] {
    const { version, slots, can, lockMs, name } = this.#options;
    const alone = new Slots(1);
    const seats: Seats = this.#slots;
    const seatsAlone: Seats = seatsOf(alone, this.#slots);
    return [null, ...can].flatMap((needs) => [false, true].map((isAlone) => {
      const worker = new SlotWorker(queueFor(version, { needs, alone: isAlone }), (job) => this.#take(job), {
        connection: this.#jobs, concurrency: isAlone ? 1 : slots, name, lockDuration: lockMs, stalledInterval: lockMs,
        maxStalledCount: MAX_STARTS - 1, maxStartedAttempts: MAX_STARTS, drainDelay: LOOK_S,
      }, isAlone ? seatsAlone : seats);
      worker.on('error', () => undefined);
      worker.on('locksRenewed', ({ jobIds }) => { this.#holds.renewed(jobIds); });
      worker.on('lockRenewalFailed', (ids) => { for (const id of ids) this.#holds.lose(id); });
      worker.on('completed', ({ id = '' }) => { this.#teller.ended({ id, state: 'completed', why: '' }); });
      worker.on('failed', (job, error) => { if (job?.id !== undefined && job.finishedOn !== undefined) this.#teller.ended({ id: job.id, state: 'failed', why: error.message }); });
      void worker.run().catch(() => undefined);
      return worker;
    }));
  }

  /** With a slot in hand already. */
  async #take(job: Job): Promise<Taken> {
    const { work } = readTicket(job.data, this.#options.version);
    const id = job.id ?? '';
    const signal = this.#holds.begin(id);
    const ids = new Set([id, ...(isBlock(work) ? work.steps.flat().map((one) => one.id) : [work.id])]);
    for (const one of ids) this.#running.set(one, id);
    try {
      // Not waited for: where somebody cancelled it meanwhile, it is aborted a moment later.
      void this.#cancels.look([...ids]).catch(() => undefined);
      return isBlock(work) ? await this.#takeBlock(work, job, signal) : await this.#takeRun(work, job, signal);
    } catch (error) {
      // Where the hold is lost this fails, and BullMQ's own look at stalled work gives it back.
      if (wasLost(signal)) await atMost(FORGET_MS, job.moveToWait(job.token).catch(() => undefined));
      throw error;
    } finally {
      for (const one of ids) this.#running.delete(one);
      this.#holds.end(id);
    }
  }

  async #takeRun(request: RunRequest, job: Job, signal: AbortSignal): Promise<Outcome> {
    const how = request.measure !== 'time' ? 'share' : this.#options.besideTiming ? 'timing' : 'alone';
    using _slots = how === 'alone' ? await this.#restOfSlots() : undefined;
    await using _turn = await this.#turnFor(how, signal);
    const outcome = await this.#work(request, job, signal);
    if (outcome.kind === 'broken') throw new UnrecoverableError(outcome.why);
    return outcome;
  }

  /** None where the work is cancelled meanwhile: it is begun all the same, to be sealed as what it is. */
  async #turnFor(how: 'share' | 'timing' | 'alone', signal: AbortSignal): Promise<AsyncDisposable | undefined> {
    try {
      return await this.#options.turn[how](signal);
    } catch (error) {
      if (signal.aborted && !wasLost(signal)) return undefined;
      throw error;
    }
  }

  /** What a run of a block came to is in its folder; the block itself only says where it was. */
  async #takeBlock({ steps, quiet }: Block, job: Job, signal: AbortSignal): Promise<Taken> {
    using _slots = await this.#restOfSlots();
    await using _turn = await this.#turnFor('alone', signal);
    let patience = QUIET_MS;
    for (const step of steps) {
      if (signal.aborted) break;
      if (quiet) patience -= (await untilQuiet(patience, signal)).waitedMs;
      await Promise.all(step.map((request) => this.#work(request, job, signal)));
    }
    return { host: this.#options.host, steps: steps.length };
  }

  #restOfSlots(): Promise<Disposable> {
    return this.#slots.takeMany(this.#options.slots - 1);
  }

  async #work(request: RunRequest, job: Job, signal: AbortSignal): Promise<Outcome> {
    const tell = (event: StampedEvent): void => { this.#teller.event(job.id ?? '', event); };
    const outcome = await this.#options.work(request, job.attemptsStarted, signal, tell);
    if (!signal.aborted && this.#options.standing !== undefined) await this.#health.saw(outcome);
    this.#judge();
    return outcome;
  }

  #cancel(run: string): void {
    const hold = this.#running.get(run);
    if (hold !== undefined) this.#holds.abort(hold, new LabError('CANCELLED', 'somebody cancelled it', { blame: 'user', stage: 'queue' }));
  }

  /** Why this worker takes nothing; null while it does. */
  #whyNot(): string | null {
    if (this.#closing) return 'it is ending';
    if (this.#order !== undefined) return 'somebody drained it';
    return this.#options.standing === undefined ? null : this.#health.why;
  }

  /** Stops to take work, or begins to again, as things are now. */
  #judge(): void {
    const why = this.#whyNot();
    if (why === this.#told || this.#closing) return;
    this.#told = why;
    for (const worker of this.#workers) void (why === null ? worker.resume() : worker.pause(true)).catch(() => undefined);
    this.#options.standing?.onChange(why);
    void this.#announce();
  }

  async #announce(): Promise<void> {
    const { name, host, version, slots, can, facts, standing } = this.#options;
    if (standing !== undefined) await this.#health.look();
    this.#judge();
    const why = this.#whyNot();
    const presence: WorkerPresence = {
      worker: name, host, pid: process.pid, version, slots, can: [...can], facts: await facts().catch(() => null), running: this.running.slice(), since: this.#since,
      drains: standing !== undefined, draining: why !== null, why: why ?? this.#elsewhere,
    };
    // What its host is like was asked for before it left: it is not there any more.
    if (this.#left) return;
    const order = await tellPresence(this.#redis, presence).catch(() => this.#order);
    if (standing === undefined || this.#closing || order === this.#order) return;
    // Whoever lets a worker go on has seen to what broke.
    if (order === 'go') {
      await this.#health.forget();
      await orderDone(this.#redis, name).catch(() => undefined);
    }
    this.#order = order === 'go' ? undefined : order;
    this.#judge();
    if (order === 'end') standing.onEnd();
  }

  /** Work of another version is not seen here at all, and would wait without a word. */
  async #lookElsewhere(): Promise<void> {
    const { version, standing } = this.#options;
    const others = (await waitingElsewhere(this.#redis, version).catch(() => [])).filter(({ waiting }) => waiting > 0);
    const said = others.length === 0 ? null : `this worker is lab ${version} and takes nothing from another: ${others.map((one) => `${String(one.waiting)} wait for lab ${one.version}`).join(', ')}`;
    if (said === this.#elsewhere) return;
    this.#elsewhere = said;
    if (said !== null) standing?.onChange(said);
  }

  /** Takes nothing more and waits for what runs; with a reason, what runs is aborted first. */
  close(reason?: LabError): Promise<void> {
    if (reason !== undefined) this.abortAll(reason);
    return this.#ended ??= this.#end();
  }

  async #end(): Promise<void> {
    this.#closing = true;
    void this.#announce();
    const closed = Promise.all(this.#workers.map((worker) => worker.close()));
    // What BullMQ had asked for already may yet come, and begin.
    do {
      await Promise.race([closed, this.#idle().then(() => atMost(LEAVE_MS, closed))]);
    } while (this.#running.size > 0);
    for (const timer of this.#timers) clearInterval(timer);
    this.#holds.close();
    await this.#options.turn.close();
    this.#teller.tellAll();
    this.#redis.removeAllListeners('close');
    this.#left = true;
    // A Redis that is away keeps nobody: what it holds of this worker runs out by itself.
    await atMost(FORGET_MS, forgetPresence(this.#redis, this.#options.name).catch(() => undefined));
    for (const one of [this.#jobs, this.#redis, this.#subscriber]) one.disconnect();
  }

  /** Once nothing runs here. */
  async #idle(): Promise<void> {
    while (this.#running.size > 0) await pause(IDLE_LOOK_MS);
  }

  abortAll(reason: LabError): void {
    this.#holds.abortAll(reason);
  }
}

/** Whoever wants the host for themselves waits for their turn first, and holds it: two that each held a slot would wait for the other's. */
function seatsOf(alone: Slots, slots: Slots): Seats {
  return {
    take: async () => {
      const turn = await alone.take();
      const slot = await slots.take();
      return { [Symbol.dispose]: () => {
        slot[Symbol.dispose]();
        turn[Symbol.dispose]();
      } };
    },
    get wanted() { return alone.wanted || slots.wanted; },
  };
}

/** The queue's name says the version already; what lies in it may still have been put there by anybody. */
function readTicket(data: unknown, version: LabVersion): Ticket {
  const ticket = Ticket.safeParse(data);
  if (!ticket.success) throw new UnrecoverableError(`the queue holds no work that lab ${version} can read: ${ticket.error.issues[0]?.message ?? ''} at ${ticket.error.issues[0]?.path.join('.') ?? ''}`);
  if (ticket.data.version !== version) throw new UnrecoverableError(`Expected work of lab ${version}, got that of lab ${ticket.data.version}`);
  return ticket.data;
}
