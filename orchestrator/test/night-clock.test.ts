// The schedule on a real Redis: one process leads, another takes over when it dies, what stood still goes on, and nights come one at a time.
import { Queue, type RedisOptions } from 'bullmq';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { openRedis } from '../src/cli/working.ts';
import { configFrom } from '../src/lib/config.ts';
import type { RedisPlace } from '../src/queue/redis.ts';
import { askNight, NightClock, type ClockOptions, type NightOrder, type Wanted } from '../src/queue/schedule.ts';
import { TestLab } from './lab.ts';

const EACH_SECOND: Wanted = { at: '* * * * * *', tz: 'UTC', profile: 'quick' };
const LEAD_MS = 900;

let lab: TestLab;
let redis: RedisPlace;

beforeAll(async () => {
  lab = await TestLab.open();
  redis = await openRedis({ lab: { config: configFrom(lab.env), engine: lab.engine }, signal: new AbortController().signal, progress: () => undefined });
});
afterAll(async () => {
  await redis.leave();
  await lab[Symbol.asyncDispose]();
});

type Begun = { by: string; order: NightOrder };

function clock(name: string, begun: Begun[], change: Partial<ClockOptions> = {}): NightClock {
  const made = new NightClock({
    redis: redis.options, name, lockMs: 5000, leadMs: LEAD_MS, wanted: () => Promise.resolve(EACH_SECOND), say: () => undefined, begin: (order) => { begun.push({ by: name, order }); return Promise.resolve(); }, ...change,
  });
  onTestFinished(() => made.close());
  return made;
}

async function clean(options: RedisOptions): Promise<void> {
  const client = new Redis(options);
  await client.flushall();
  client.disconnect();
}

test('of two that could lead one does; when it leaves, the other goes on', async () => {
  await clean(redis.options);
  const begun: Begun[] = [];
  const first = clock('first', begun);
  await expect.poll(() => first.leads).toBe(true);
  const second = clock('second', begun);
  await expect.poll(() => begun.length).toBeGreaterThan(1);
  expect(new Set(begun.map((one) => one.by))).toEqual(new Set(['first']));
  expect(begun[0]?.order).toEqual({ profile: 'quick', scheduled: true });
  await first.close();
  await expect.poll(() => begun.some((one) => one.by === 'second')).toBe(true);
  expect(second.leads).toBe(true);
});

test('a folder that has no schedule takes none away that another folder keeps in the same Redis', async () => {
  await clean(redis.options);
  const begun: Begun[] = [];
  const keeper = clock('keeper', begun, { shared: true });
  await expect.poll(() => keeper.leads).toBe(true);
  const other = clock('other', begun, { shared: true, wanted: () => Promise.resolve(undefined) });
  await keeper.close();
  const ticks = new Queue('vlab-night-ticks', { connection: redis.options });
  onTestFinished(() => ticks.close());
  await new Promise((resolve) => { setTimeout(resolve, 2 * LEAD_MS); });
  expect([other.leads, await ticks.getJobSchedulersCount()]).toEqual([false, 1]);
});

test('a leader that is gone without a word is followed once its lock has run out', async () => {
  await clean(redis.options);
  const client = new Redis(redis.options);
  await client.set('vlab:nights:leader', 'a dead one', 'PX', LEAD_MS);
  client.disconnect();
  const next = clock('next', []);
  await expect.poll(() => next.leads).toBe(true);
});

test('a scheduler that stood still is set up anew, and one that nobody wants goes', async () => {
  await clean(redis.options);
  const ticks = new Queue('vlab-night-ticks', { connection: redis.options });
  onTestFinished(() => ticks.close());
  await ticks.upsertJobScheduler('nightly', { pattern: '0 2 * * *', tz: 'UTC' }, { name: 'tick', data: { profile: 'quick', scheduled: true } });
  const client = new Redis(redis.options);
  await client.zadd('bull:vlab-night-ticks:repeat', Date.now() - 3_600_000, 'nightly');
  client.disconnect();
  const said: string[] = [];
  let wanted: Wanted | undefined = { at: '0 2 * * *', tz: 'UTC', profile: 'quick' };
  clock('repairs', [], { wanted: () => Promise.resolve(wanted), say: (line) => { said.push(line); } });
  await expect.poll(async () => (await ticks.getJobSchedulers())[0]?.next ?? 0).toBeGreaterThan(Date.now());
  expect(said.join()).toContain('stood still');
  wanted = { at: '0 3 * * *', tz: 'Europe/Berlin', profile: 'full' };
  await expect.poll(async () => (await ticks.getJobSchedulers()).map(({ pattern, tz }) => [pattern, tz])).toEqual([['0 3 * * *', 'Europe/Berlin']]);
  wanted = undefined;
  await expect.poll(async () => (await ticks.getJobSchedulers()).length).toBe(0);
});

test('while a night goes on a second one is the same, and leaving ends it', async () => {
  await clean(redis.options);
  let count = 0;
  let reason: unknown;
  const leads = clock('leads', [], {
    wanted: () => Promise.resolve(undefined),
    begin: (_order, signal) => new Promise<void>((resolve) => {
      count++;
      signal.addEventListener('abort', () => { reason = signal.reason; resolve(); }, { once: true });
    }),
  });
  await expect.poll(() => leads.leads).toBe(true);
  expect(await askNight(redis.options, { profile: 'quick', scheduled: false })).toEqual({ leader: 'leads' });
  await expect.poll(() => count).toBe(1);
  await askNight(redis.options, { profile: 'quick', scheduled: false });
  await leads.close();
  expect(reason).toMatchObject({ code: 'INTERRUPTED' });
  expect(count).toBe(1);
});

test('asked for where nobody leads, it waits, and that is said', async () => {
  await clean(redis.options);
  expect(await askNight(redis.options, { profile: 'quick', scheduled: false })).toEqual({ leader: null });
  const begun: Begun[] = [];
  clock('late', begun, { wanted: () => Promise.resolve(undefined) });
  await expect.poll(() => begun.length).toBe(1);
});
