// The queue and its workers on a real Redis, the lab's own. What a run does is a function here: no guest boots, everything else is what a fleet has.
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { Queue } from 'bullmq';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { RunRequest } from '../src/contract/job.ts';
import type { Outcome } from '../src/contract/outcome.ts';
import { labVersion, type LabVersion } from '../src/contract/worker.ts';
import { openRedis } from '../src/cli/working.ts';
import { configFrom } from '../src/lib/config.ts';
import { HostTurn } from '../src/lib/host-turn.ts';
import { messageOf } from '../src/lib/lab-error.ts';
import { wasLost } from '../src/lib/lost-hold.ts';
import { pause } from '../src/lib/within.ts';
import { ALL_WANTS, queueFor } from '../src/queue/names.ts';
import type { RedisPlace } from '../src/queue/redis.ts';
import { RunQueue } from '../src/queue/submit.ts';
import { RunWorker, type Standing, type Work } from '../src/queue/worker.ts';
import { CHECKOUT, TestLab } from './lab.ts';
import { PASSED, runRequest } from './parts.ts';

let lab: TestLab;
let redis: RedisPlace;
const open: { close: () => Promise<void> }[] = [];
let numbers = 0;

beforeAll(async () => {
  lab = await TestLab.open();
  const config = configFrom({ VLAB_HOME: lab.home, VLAB_CHECKOUT: CHECKOUT });
  redis = await openRedis({ lab: { config, engine: lab.engine }, signal: new AbortController().signal, progress: () => undefined });
});
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});
afterAll(async () => {
  await redis.leave();
  await lab[Symbol.asyncDispose]();
});

/** Each test has a version, and so queues, of its own. */
function newVersion(): LabVersion {
  return labVersion(`0.0.${String(++numbers)}`);
}

function run(change: Partial<Record<keyof RunRequest, unknown>> = {}): RunRequest {
  return runRequest({ id: `r-${String(++numbers).padStart(10, '0')}`, ...change });
}

function queueOf(version: LabVersion, submitter = 'a@here'): RunQueue {
  const queue = new RunQueue(redis.options, { version, submitter, urgency: 'person' });
  open.push(queue);
  return queue;
}

type Given = { version: LabVersion; work: Work; slots?: number; besideTiming?: boolean; lockMs?: number; standing?: Standing; can?: 'udmabuf'[]; /** A name for a folder that workers share. */ host?: string; options?: RedisPlace['options'] };

function workerOf({ version, work, slots = 1, besideTiming = false, lockMs = 30_000, standing, can = [], host, options = redis.options }: Given): RunWorker {
  const name = `w-${String(++numbers)}`;
  const worker = new RunWorker({
    redis: options, version, name, host: 'here', lockMs, work, onGone: () => undefined, slots, turn: new HostTurn(join(lab.home, `host-${host ?? name}`)), besideTiming, can,
    facts: () => Promise.resolve({ accelerator: null, acceleratorWhy: null, display: null, kvm: null, virgl: null, blob: false, venus: false, cores: 1, memoryMiB: 1, stacks: [] }), standing,
  });
  open.push(worker);
  return worker;
}

const settledAll = (queue: RunQueue, runs: readonly RunRequest[]): Promise<unknown> => Promise.all(runs.map((one) => queue.settled(one.id, () => undefined)));

/** Work that says when it begins and lasts until it is let go. */
function byHand(): { work: Work; begun: string[]; letGo: (id: string, outcome?: Outcome) => void } {
  const begun: string[] = [];
  const waiting = new Map<string, (outcome: Outcome) => void>();
  return {
    begun,
    work: ({ id }) => new Promise((resolve) => {
      begun.push(id);
      waiting.set(id, resolve);
    }),
    letGo: (id, outcome = PASSED) => { waiting.get(id)?.(outcome); },
  };
}

const quick: Work = () => Promise.resolve(PASSED);

test('a worker whose slots are taken holds nothing else, whatever queue it waits in', async () => {
  const version = newVersion();
  const [queue, hand] = [queueOf(version), byHand()];
  workerOf({ version, work: hand.work, can: ['udmabuf'] });
  const runs = [run(), run(), run({ needs: 'udmabuf' }), run({ measure: 'time' }), run({ measure: 'time', needs: 'udmabuf' })];
  await queue.submit(runs);
  for (let n = 0; n < runs.length; n++) {
    await expect.poll(() => hand.begun.length).toBe(n + 1);
    expect((await queue.counts()).active).toBe(1);
    hand.letGo(hand.begun[n] ?? '');
  }
  await settledAll(queue, runs);
  expect(hand.begun.toSorted()).toEqual(runs.map(({ id }) => id).toSorted());
});

test('guests that are checked fill the slots; one whose time is taken has the host for itself', async () => {
  const version = newVersion();
  const [queue, hand] = [queueOf(version), byHand()];
  workerOf({ version, work: hand.work, slots: 3 });
  const [one, two, timed, later] = [run(), run(), run({ measure: 'time' }), run()];
  await queue.submit([one, two]);
  await expect.poll(() => hand.begun.length).toBe(2);
  await queue.submit([timed]);
  await expect.poll(async () => (await queue.counts()).active).toBe(3);
  await queue.submit([later]);
  hand.letGo(one.id);
  hand.letGo(two.id);
  await expect.poll(() => hand.begun.length).toBe(3);
  expect(hand.begun[2]).toBe(timed.id);
  await pause(300);
  expect(hand.begun.length).toBe(3);
  hand.letGo(timed.id);
  await expect.poll(() => hand.begun[3]).toBe(later.id);
  hand.letGo(later.id);
  await settledAll(queue, [one, two, timed, later]);
});

test('where it has CPUs of its own, others are checked beside it, and still no second one is timed', async () => {
  const version = newVersion();
  const [queue, hand] = [queueOf(version), byHand()];
  workerOf({ version, work: hand.work, slots: 3, besideTiming: true });
  const [first, second, checked] = [run({ measure: 'time' }), run({ measure: 'time' }), run()];
  await queue.submit([first, second, checked]);
  await expect.poll(() => hand.begun.toSorted()).toEqual([first.id, checked.id].toSorted());
  hand.letGo(checked.id);
  await pause(300);
  expect(hand.begun.length).toBe(2);
  hand.letGo(first.id);
  await expect.poll(() => hand.begun[2]).toBe(second.id);
  hand.letGo(second.id);
  await settledAll(queue, [first, second, checked]);
});

test('a person goes before the night, and who asked for much does not keep out who asks for little', async () => {
  const version = newVersion();
  const [many, few] = [queueOf(version, 'many@here'), queueOf(version, 'few@there')];
  const [night, much, little] = [[run(), run()], [run(), run(), run(), run()], [run(), run()]];
  await many.submit(night, { urgency: 'night' });
  await many.submit(much);
  await few.submit(little);
  const order: string[] = [];
  const names = new Map([...night.map(({ id }) => [id, 'n'] as const), ...much.map(({ id }) => [id, 'm'] as const), ...little.map(({ id }) => [id, 'l'] as const)]);
  workerOf({ version, work: ({ id }) => {
    order.push(names.get(id) ?? '?');
    return Promise.resolve(PASSED);
  } });
  await Promise.all([settledAll(many, [...night, ...much]), settledAll(few, little)]);
  expect(order.join('')).toBe('mlmlmmnn');
});

test('three runs that break in a row take a host out; it says why, takes nothing more, and goes on when somebody says so', async () => {
  const version = newVersion();
  const queue = queueOf(version);
  const said: (string | null)[] = [];
  let well = false;
  workerOf({
    version, work: () => Promise.resolve(well ? PASSED : { kind: 'broken', stage: 'guest', why: 'no space left' }),
    standing: { onChange: (why) => { said.push(why); }, onEnd: () => undefined },
  });
  const runs = [run(), run(), run(), run()];
  await queue.submit(runs);
  await settledAll(queue, runs.slice(0, 3));
  await expect.poll(async () => (await queue.workers()).find((one) => one.version === version)).toMatchObject({ draining: true, why: '3 runs in a row broke here, the last at guest: no space left' });
  await pause(3000);
  expect(await queue.counts()).toMatchObject({ failed: 3, prioritized: 1 });
  well = true;
  const [worker] = (await queue.workers()).filter((one) => one.version === version);
  expect(await queue.order(worker?.worker ?? '', 'go')).toBe('asked');
  await settledAll(queue, runs);
  expect(said).toEqual(['3 runs in a row broke here, the last at guest: no space left', null]);
});

test('runs that break in several workers of one host count together, and who lets one go on lets all', async () => {
  const version = newVersion();
  const queue = queueOf(version);
  let well = false;
  const hand = byHand();
  const work: Work = (...asked) => (well ? Promise.resolve(PASSED) : hand.work(...asked));
  const standing = { onChange: () => undefined, onEnd: () => undefined };
  for (let n = 0; n < 3; n++) workerOf({ version, host: 'one', standing, work });
  const runs = [run(), run(), run(), run(), run()];
  await queue.submit(runs.slice(0, 3));
  await expect.poll(() => hand.begun.length).toBe(3);
  for (const { id } of runs.slice(0, 3)) hand.letGo(id, { kind: 'broken', stage: 'guest', why: 'no space left' });
  const out = async (): Promise<boolean[]> => (await queue.workers()).filter((one) => one.version === version).map((one) => one.draining);
  await expect.poll(out).toEqual([true, true, true]);
  await queue.submit(runs.slice(3));
  well = true;
  const [one] = (await queue.workers()).filter((worker) => worker.version === version);
  await queue.order(one?.worker ?? '', 'go');
  await settledAll(queue, runs);
  await expect.poll(out).toEqual([false, false, false]);
});

test('a worker that is drained stays and takes nothing; undrained it goes on; told to end it says so', async () => {
  const version = newVersion();
  const queue = queueOf(version);
  let ended = false;
  const worker = workerOf({ version, work: quick, standing: { onChange: () => undefined, onEnd: () => { ended = true; } } });
  const name = async (): Promise<string> => (await queue.workers()).find((one) => one.version === version)?.worker ?? '';
  await expect.poll(name).not.toBe('');
  await queue.order(await name(), 'drain');
  await expect.poll(async () => (await queue.workers()).find((one) => one.version === version)?.draining).toBe(true);
  const one = run();
  await queue.submit([one]);
  await pause(3000);
  expect([await queue.stateOf(one.id), worker.running]).toEqual(['prioritized', []]);
  await queue.order(await name(), 'go');
  await settledAll(queue, [one]);
  await queue.order(await name(), 'end');
  await expect.poll(() => ended).toBe(true);
  expect(await queue.order('nobody', 'drain')).toBe('unknown');
});

test('work of another version is not taken, and whoever looks is told of it', async () => {
  const [old, own] = [newVersion(), newVersion()];
  const said: (string | null)[] = [];
  const before = queueOf(old);
  const [stays, goes] = [run(), run()];
  await before.submit([stays]);
  workerOf({ version: own, work: quick, standing: { onChange: (why) => { said.push(why); }, onEnd: () => undefined } });
  const queue = queueOf(own);
  await queue.submit([goes]);
  await settledAll(queue, [goes]);
  await expect.poll(() => said.join()).toMatch(new RegExp(`this worker is lab ${own} and takes nothing from another: .*1 wait for lab ${old}`));
  expect(await before.stateOf(stays.id)).toBe('prioritized');
  expect(await queue.otherVersions()).toContainEqual({ version: old, waiting: 1 });
  expect(await before.cancel(stays.id)).toBe('waiting');
});

test('what nobody can read is refused with words, and the worker goes on', async () => {
  const version = newVersion();
  const queue = queueOf(version);
  workerOf({ version, work: quick });
  const raw = new Queue(queueFor(version, ALL_WANTS[0] ?? { needs: null, alone: false }), { connection: redis.options });
  open.push({ close: () => raw.close() });
  const request = run();
  await raw.add('run', { version, submitter: 'x', urgency: 'person', work: { ...request, kernel: { base: '6.12', '__proto__': {}, path: '../../etc' } } }, { jobId: 'r-hostile000', priority: 1 });
  await raw.add('run', { version: labVersion('9.9.9'), submitter: 'x', urgency: 'person', work: request }, { jobId: 'r-other00000', priority: 1 });
  expect(await queue.settled('r-hostile000', () => undefined)).toMatchObject({ state: 'failed', why: expect.stringContaining('the queue holds no work that lab') as string });
  expect(await queue.settled('r-other00000', () => undefined)).toMatchObject({ state: 'failed', why: expect.stringContaining('Expected work of lab') as string });
  const good = run();
  await queue.submit([good]);
  await settledAll(queue, [good]);
});

test('a worker that is cut off from Redis loses its hold in time, another does the work, and what the first one returns with is nobody\'s', async () => {
  const version = newVersion();
  const queue = queueOf(version);
  await using wire = await Wire.to(String(redis.options.path), join(lab.home, 'wire.sock'));
  const attempts: number[] = [];
  const ends: boolean[] = [];
  const [one, two] = [run(), run()];
  const first = workerOf({ version, lockMs: 1000, options: { ...redis.options, path: wire.path }, work: async ({ id }, attempt, signal) => {
    attempts.push(attempt);
    if (id === two.id) return PASSED;
    await wire.cut();
    await new Promise<void>((resolve) => { signal.addEventListener('abort', () => { resolve(); }, { once: true }); });
    ends.push(wasLost(signal));
    throw signal.reason as Error;
  } });
  await queue.submit([one]);
  await expect.poll(() => attempts).toEqual([1]);
  const second = workerOf({ version, lockMs: 1000, work: (_request, attempt) => {
    attempts.push(attempt);
    return Promise.resolve(PASSED);
  } });
  expect(await queue.settled(one.id, () => undefined)).toMatchObject({ state: 'completed' });
  expect(attempts).toEqual([1, 2]);
  await expect.poll(() => ends).toEqual([true]);
  await wire.mend();
  await pause(1500);
  expect([await queue.stateOf(one.id), first.running]).toEqual(['completed', []]);
  await second.close();
  await queue.submit([two]);
  expect(await queue.settled(two.id, () => undefined)).toMatchObject({ state: 'completed' });
  expect(attempts).toEqual([1, 2, 1]);
}, 60_000);

/** Work that lasts until it is ended, and what ended each attempt. */
function untilEnded(begun: (attempt: number) => Promise<void> = () => Promise.resolve()): { work: Work; ends: Map<number, string> } {
  const ends = new Map<number, string>();
  return { ends, work: async (_request, attempt, signal) => {
    await begun(attempt);
    if (!signal.aborted) await new Promise<void>((resolve) => { signal.addEventListener('abort', () => { resolve(); }, { once: true }); });
    ends.set(attempt, messageOf(signal.reason));
    if (wasLost(signal)) throw signal.reason as Error;
    return { kind: 'cancelled', stage: 'guest', why: messageOf(signal.reason) };
  } };
}

test('a cancel takes what waits out of the queue, and ends what runs', async () => {
  const version = newVersion();
  const queue = queueOf(version);
  const [one, two] = [run(), run()];
  const { work, ends } = untilEnded();
  const worker = workerOf({ version, work });
  await queue.submit([one, two]);
  await expect.poll(() => worker.running).toEqual([one.id]);
  expect(await queue.cancel(two.id)).toBe('waiting');
  expect(await queue.cancel(one.id)).toBe('active');
  expect(await queue.settled(one.id, () => undefined)).toMatchObject({ state: 'completed' });
  expect(await queue.settled(two.id, () => undefined)).toMatchObject({ state: 'gone' });
  expect([...ends]).toEqual([[1, 'somebody cancelled it']]);
});

test('a worker that could not hear of a cancel learns of it when it is back', async () => {
  const version = newVersion();
  const queue = queueOf(version);
  await using wire = await Wire.to(String(redis.options.path), join(lab.home, 'deaf.sock'));
  const { work, ends } = untilEnded();
  const worker = workerOf({ version, work, options: { ...redis.options, path: wire.path } });
  const one = run();
  await queue.submit([one]);
  await expect.poll(() => worker.running).toEqual([one.id]);
  await wire.cut();
  expect(await queue.cancel(one.id)).toBe('active');
  await wire.mend();
  expect(await queue.settled(one.id, () => undefined)).toMatchObject({ state: 'completed' });
  expect([...ends]).toEqual([[1, 'somebody cancelled it']]);
});

test('a run that is cancelled while nobody has it is ended by whoever takes it up next', async () => {
  const version = newVersion();
  const queue = queueOf(version);
  await using wire = await Wire.to(String(redis.options.path), join(lab.home, 'dead.sock'));
  const { work, ends } = untilEnded((attempt) => (attempt === 1 ? wire.cut() : Promise.resolve()));
  const one = run();
  workerOf({ version, lockMs: 1000, work, options: { ...redis.options, path: wire.path } });
  await queue.submit([one]);
  await expect.poll(() => ends.get(1)).toMatch(/lost its hold/);
  expect(await queue.cancel(one.id)).toBe('active');
  workerOf({ version, lockMs: 1000, work });
  expect(await queue.settled(one.id, () => undefined)).toMatchObject({ state: 'completed' });
  expect(ends.get(2)).toBe('somebody cancelled it');
}, 60_000);

test('a worker whose Redis is away ends all the same, once what runs is over; what it could not tell is told by another', async () => {
  const version = newVersion();
  const queue = queueOf(version);
  await using wire = await Wire.to(String(redis.options.path), join(lab.home, 'gone.sock'));
  const one = run();
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => { release = resolve; });
  const worker = workerOf({ version, lockMs: 1000, options: { ...redis.options, path: wire.path }, work: () => released.then(() => PASSED) });
  await queue.submit([one]);
  await expect.poll(() => worker.running).toEqual([one.id]);
  await wire.cut();
  let ended = false;
  const closed = worker.close().then(() => { ended = true; });
  await pause(500);
  expect([ended, worker.running]).toEqual([false, [one.id]]);
  release();
  await closed;
  workerOf({ version, lockMs: 1000, work: () => Promise.resolve(PASSED) });
  expect(await queue.settled(one.id, () => undefined)).toMatchObject({ state: 'completed' });
}, 60_000);

/** A way to Redis that can be cut. */
class Wire implements AsyncDisposable {
  readonly path: string;
  readonly #to: string;
  readonly #ends = new Set<Socket>();
  #server: Server | undefined;

  private constructor(to: string, path: string) {
    this.#to = to;
    this.path = path;
  }

  static async to(to: string, path: string): Promise<Wire> {
    const wire = new Wire(to, path);
    await wire.mend();
    return wire;
  }

  async mend(): Promise<void> {
    await this.cut();
    const server = createServer((client) => {
      const redisEnd = connect(this.#to);
      for (const end of [client, redisEnd]) {
        this.#ends.add(end);
        end.on('error', () => undefined);
      }
      client.pipe(redisEnd).pipe(client);
    });
    this.#server = server;
    await new Promise<void>((resolve) => { server.listen(this.path, resolve); });
  }

  async cut(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    const closed = new Promise<void>((resolve) => { if (server === undefined) resolve(); else server.close(() => { resolve(); }); });
    for (const end of this.#ends) end.destroy();
    this.#ends.clear();
    await closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(open.splice(0).reverse().map((one) => one.close()));
    await this.cut();
  }
}
