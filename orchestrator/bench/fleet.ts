// npm run bench:fleet: a fleet at scale, as JSON in bench/out/fleet.json and on standard output. Two hundred workers of the lab's own code on a real Redis;
// `-- --quick` for a fifth of it, `-- --throughput` for the first part alone. What a run does is simulated (bench/fleet-workers.ts), since this is about the queue. Ratios are of measurements of this very run.
import { fork, type ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { availableParallelism, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { JobId, RunId } from '../src/contract/ids.ts';
import { RunRequest } from '../src/contract/job.ts';
import { labVersion, type LabVersion } from '../src/contract/worker.ts';
import { configFrom } from '../src/lib/config.ts';
import { Engine } from '../src/lib/container.ts';
import { keyOf } from '../src/lib/files.ts';
import { ownName } from '../src/lib/owner.ts';
import { queueFor } from '../src/queue/names.ts';
import { redisPlace } from '../src/queue/redis.ts';
import { RunQueue } from '../src/queue/submit.ts';
import { stackImage } from '../src/image/images.ts';
import type { Order, Start, Word } from './fleet-workers.ts';

const OUT = fileURLToPath(new URL('../../bench/out', import.meta.url));
const WORKERS = 200;
const PROCESSES = Math.max(2, availableParallelism());
const QUICK = process.argv.includes('--quick');
const ALL = !process.argv.includes('--throughput');
const [SMALL, LARGE] = QUICK ? [500, 4000] : [2000, 20_000];
const ROUNDS = QUICK ? 1 : 3;
const NIGHT = 5000;
const PEOPLE = { count: 50, runsPerJob: 6, jobs: 50, thinkMs: 1000 };
/** Short, so that the queue is what is measured; a real guest lasts some hundred times as long. */
const GUEST_MS = 200;
/** The title of a run that a person waits for. */
const WAITED_FOR = 'a person waits for it';

const real = configFrom(process.env);
const home = await mkdtemp('/tmp/vlab-b-');
for (const shared of ['images', 'locks']) await symlink(join(real.home, shared), join(home, shared));
const lab = { config: { ...real, redisUrl: undefined, home }, engine: new Engine(keyOf({ home }), ownName()) };
const { config: { redisUrl: _none, ...own } } = lab;
const making = { lab: { ...lab, config: own }, signal: new AbortController().signal, progress: say };
const place = await redisPlace(making.lab, async () => (await stackImage('trixie', making)).tag);
const socket = String(place.options.path);
const redis = new Redis(place.options);
let versions = 0;
let numbers = 0;

/** Runs that take no time at all, as fast as they go: bare workers and the lab's in turns, the median of each. */
async function throughput(): Promise<object> {
  const seen: Record<Start['kind'], Rate[]> = { bare: [], lab: [] };
  for (let round = 0; round < ROUNDS; round++) {
    for (const kind of ['bare', 'lab'] as const) {
      const version = newVersion();
      const queue = await queueOf(version);
      const held = new Queue(queueFor(version, { needs: null, alone: false }), { connection: place.options });
      await held.pause();
      await queue.submit(runs(LARGE));
      const fleet = await Fleet.start(kind, version, 0);
      // All are there and idle before anything may be taken: how they start is not what is asked.
      while (kind === 'lab' && (await queue.workers()).length < WORKERS) await after(100);
      await after(3000);
      const rating = fleet.rate(LARGE);
      await held.resume();
      const rate = await rating;
      await held.close();
      say(`${kind}: ${JSON.stringify(rate)}`);
      seen[kind].push(rate);
      await fleet.stop();
      await queue.close();
    }
  }
  const of = (kind: Start['kind'], what: keyof Rate): number => median(seen[kind].map((rate) => rate[what]));
  return {
    runs: LARGE, ...seen, bareOverLab: Number((of('bare', 'perSecond') / of('lab', 'perSecond')).toFixed(3)),
    // What else the machine does changes rates, and hardly what a run costs.
    labOverBareCpu: Number(((of('lab', 'workerUs') + of('lab', 'redisUs')) / (of('bare', 'workerUs') + of('bare', 'redisUs'))).toFixed(3)),
  };
}

/** Everything submitted and followed to its end by one process, as a server does. */
async function growthAt(count: number): Promise<object> {
  const version = newVersion();
  const redisBefore = await redisBytes();
  const rssBefore = process.memoryUsage().rss;
  const queue = await queueOf(version);
  const asked = runs(count);
  const began = performance.now();
  await queue.submit(asked);
  const submitSeconds = (performance.now() - began) / 1000;
  const redisWaiting = await redisBytes();
  const ends = Promise.all(asked.map(({ id }) => queue.settled(id, () => undefined)));
  const fleet = await Fleet.start('lab', version, 0);
  const { perSecond } = await fleet.rate(count);
  await ends;
  const figures = {
    submitSeconds: round(submitSeconds), runsPerSecond: perSecond, redisMiBWaiting: mib(redisWaiting - redisBefore), redisBytesPerWaitingRun: Math.round((redisWaiting - redisBefore) / count),
    redisMiBAfter: mib(await redisBytes() - redisBefore), serverRssMiB: mib(process.memoryUsage().rss), serverRssMiBMore: mib(process.memoryUsage().rss - rssBefore),
  };
  say(`${String(count)} runs: ${JSON.stringify(figures)}`);
  await fleet.stop();
  await queue.close();
  return figures;
}

/** A nightly that waits, and people who ask for some runs, wait for them, think, and ask again. */
async function nightWithPeople(): Promise<object> {
  const version = newVersion();
  const queue = await queueOf(version);
  const fleet = await Fleet.start('lab', version, GUEST_MS);
  const night = runs(NIGHT);
  const began = performance.now();
  await queue.submit(night, { submitter: 'night', urgency: 'night' });
  const nightEnds = Promise.all(night.map(({ id }) => queue.settled(id, () => undefined))).then(() => (performance.now() - began) / 1000);
  const jobs: number[] = [];
  await Promise.all(Array.from({ length: PEOPLE.count }, async (_, person) => {
    await after((person * PEOPLE.thinkMs) / PEOPLE.count);
    for (let job = 0; job < PEOPLE.jobs; job++) {
      const asked = runs(PEOPLE.runsPerJob, WAITED_FOR);
      const from = performance.now();
      await queue.submit(asked, { submitter: `person-${String(person)}` });
      await Promise.all(asked.map(({ id }) => queue.settled(id, () => undefined)));
      jobs.push(performance.now() - from);
      await after(PEOPLE.thinkMs);
    }
  }));
  const nightSeconds = await nightEnds;
  const { waits } = fleet;
  const figures = {
    nightRuns: NIGHT, people: PEOPLE.count, peopleRuns: PEOPLE.count * PEOPLE.jobs * PEOPLE.runsPerJob, guestMs: GUEST_MS, nightSeconds: round(nightSeconds), allSeconds: round((performance.now() - began) / 1000),
    waitMs: { n: waits.length, p50: Math.round(quantile(waits, 0.5)), p99: Math.round(quantile(waits, 0.99)), max: Math.round(quantile(waits, 1)) },
    personsJobMs: { n: jobs.length, p50: Math.round(quantile(jobs, 0.5)), p99: Math.round(quantile(jobs, 0.99)) },
    serverRssMiB: mib(process.memoryUsage().rss), redisMiB: mib(await redisBytes()),
  };
  say(`night with people: ${JSON.stringify(figures)}`);
  await fleet.stop();
  await queue.close();
  return figures;
}

/** CPU time, in microseconds for each run, of all workers and of Redis. */
type Rate = { perSecond: number; workerUs: number; redisUs: number };

class Fleet {
  readonly #children: readonly ChildProcess[];
  /** Of people's runs: from the submit until a worker began. All are on this machine and go by its one clock. */
  readonly waits: number[] = [];
  #ran = 0;
  #cpuUs = 0;
  #onRan = (): void => undefined;

  private constructor(children: readonly ChildProcess[]) {
    this.#children = children;
    for (const child of children) child.on('message', (word: Word) => {
      if (!('ran' in word)) return;
      this.#ran += word.ran;
      this.#cpuUs += word.cpuUs;
      this.waits.push(...word.waits);
      this.#onRan();
    });
  }

  /** Resolves once all are there. What waits already they take at once. */
  static async start(kind: Start['kind'], version: LabVersion, guestMs: number): Promise<Fleet> {
    const count = WORKERS / PROCESSES;
    const children = Array.from({ length: PROCESSES }, () => fork(fileURLToPath(new URL('fleet-workers.ts', import.meta.url))));
    const fleet = new Fleet(children);
    await Promise.all(children.map((child, n) => {
      const ready = heard(child, 'ready');
      child.send({ start: { kind, first: n * count, count, guestMs, socket, waitedFor: WAITED_FOR, version: version.replace(/-p\d+$/, '') } } satisfies Order);
      return ready;
    }));
    return fleet;
  }

  /** From the first fifth of the runs to the last one: how fast the workers start is not what is asked. */
  async rate(count: number): Promise<Rate> {
    const from = await this.#after(count / 5);
    const to = await this.#after(count);
    const runs = to.ran - from.ran;
    return { perSecond: Math.round(runs / ((to.at - from.at) / 1000)), workerUs: Math.round((to.cpuUs - from.cpuUs) / runs), redisUs: Math.round((to.redisUs - from.redisUs) / runs) };
  }

  async #after(count: number): Promise<{ ran: number; at: number; cpuUs: number; redisUs: number }> {
    const seen = await new Promise<{ ran: number; at: number; cpuUs: number }>((resolve) => {
      this.#onRan = () => { if (this.#ran >= count) resolve({ ran: this.#ran, at: performance.now(), cpuUs: this.#cpuUs }); };
      this.#onRan();
    });
    return { ...seen, redisUs: await redisCpuUs() };
  }

  async stop(): Promise<void> {
    await Promise.all(this.#children.map(async (child) => {
      const gone = new Promise((resolve) => { child.once('exit', resolve); });
      child.send({ stop: true } satisfies Order);
      await gone;
    }));
  }
}

function heard(child: ChildProcess, what: 'ready'): Promise<void> {
  return new Promise((resolve) => {
    child.on('message', (word: Word) => { if (what in word) resolve(); });
  });
}

function newVersion(): LabVersion {
  return labVersion(`0.0.${String(++versions)}`);
}

/** On an empty Redis. */
async function queueOf(version: LabVersion): Promise<RunQueue> {
  await redis.flushall();
  return new RunQueue(place.options, { version, submitter: 'bench', urgency: 'person' });
}

function runs(count: number, title = 'a simulated run'): RunRequest[] {
  return Array.from({ length: count }, () => RunRequest.parse({
    id: RunId.parse(`r-${(++numbers).toString(36).padStart(10, '0')}`), job: JobId.parse('j-0000000000'), title, kernel: { base: '6.12', series: 'designs/upcast-resource-id' }, flavour: 'perf', image: 'trixie', stack: 'trixie',
    device: 'virgl', pipelines: ['upload', 'dmabuf-copy'], clips: ['h264-640x360'], measure: null, faults: [], needs: null, submittedAt: new Date().toISOString(),
  }));
}

async function redisBytes(): Promise<number> {
  return Number(/used_memory:(\d+)/.exec(await redis.info('memory'))?.[1]);
}

async function redisCpuUs(): Promise<number> {
  const text = await redis.info('cpu');
  return 1e6 * ['used_cpu_user', 'used_cpu_sys'].reduce((sum, name) => sum + Number(new RegExp(`${name}:([\\d.]+)`).exec(text)?.[1]), 0);
}

async function redisVersion(): Promise<string> {
  return /redis_version:(\S+)/.exec(await redis.info('server'))?.[1] ?? 'unknown';
}

function quantile(values: readonly number[], share: number): number {
  return [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(share * values.length))] ?? NaN;
}

function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

function mib(bytes: number): number {
  return round(bytes / 2 ** 20);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

// At the end of the file: a class is not there before its line.
try {
  const result = {
    at: new Date().toISOString(),
    conditions: { cores: availableParallelism(), memoryGiB: Math.round(totalmem() / 2 ** 30), node: process.version, loadBefore: loadavg(), redis: await redisVersion(), workers: WORKERS, processes: PROCESSES, guests: 'simulated: a function that waits stands in for every run; nothing else is replaced' },
    throughput: await throughput(),
    ...(ALL ? { growth: { [SMALL]: await growthAt(SMALL), [LARGE]: await growthAt(LARGE) }, night: await nightWithPeople() } : {}),
    wanted: { bareOverLab: 1.3 },
  };
  await mkdir(OUT, { recursive: true });
  await writeFile(join(OUT, 'fleet.json'), `${JSON.stringify(result, null, 2)}\n`);
  process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
} finally {
  redis.disconnect();
  await place.leave();
  await rm(home, { recursive: true, force: true });
}
