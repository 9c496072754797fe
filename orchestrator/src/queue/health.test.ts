// When a host takes itself out, and when not.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { emptyFolder } from '../../test/parts.ts';
import type { Outcome, OutcomeKind } from '../contract/outcome.ts';
import { namesIn } from '../lib/files.ts';
import { Health } from './health.ts';

const of = (kind: OutcomeKind): Outcome => ({ kind, stage: 'guest', why: `${kind}\nand more` });

async function after(...kinds: OutcomeKind[]): Promise<Health> {
  const health = new Health(join(await emptyFolder(), 'health'));
  for (const kind of kinds) await health.saw(of(kind));
  return health;
}

test('three runs in a row that broke take a host out, and it says what broke the last', async () => {
  expect((await after('broken', 'broken')).why).toBeNull();
  expect((await after('broken', 'broken', 'broken')).why).toBe('3 runs in a row broke here, the last at guest: broken');
});

test('a kernel or a request that is at fault says that the host is well; one that was cancelled says nothing', async () => {
  expect((await after('broken', 'broken', 'failed', 'broken')).why).toBeNull();
  expect((await after('broken', 'broken', 'rejected', 'broken')).why).toBeNull();
  expect((await after('broken', 'broken', 'cancelled', 'broken')).why).not.toBeNull();
});

test('what still ran then does not bring it back; somebody does', async () => {
  const health = await after('broken', 'broken', 'broken', 'passed');
  expect(health.why).not.toBeNull();
  await health.forget();
  expect(health.why).toBeNull();
});

test('workers of one host count together, and one that is let go on lets all', async () => {
  const folder = await emptyFolder();
  const workers = [1, 2, 3].map(() => new Health(join(folder, 'health')));
  for (const worker of workers) await worker.saw(of('broken'));
  for (const worker of workers) await worker.look();
  expect(workers.map(({ why }) => why?.slice(0, 6))).toEqual(['3 runs', '3 runs', '3 runs']);
  await workers[0]?.forget();
  for (const worker of workers) await worker.look();
  expect(workers.map(({ why }) => why)).toEqual([null, null, null]);
  expect(await namesIn(folder)).toEqual([]);
});

test('a run that is well does not take away the third that another worker has just written', async () => {
  const folder = await emptyFolder();
  const [well, broken] = [new Health(join(folder, 'health')), new Health(join(folder, 'health'))];
  await broken.saw(of('broken'));
  await broken.saw(of('broken'));
  await well.look();
  await broken.saw(of('broken'));
  await well.saw(of('passed'));
  await broken.look();
  expect([well.why, broken.why].map((why) => why?.slice(0, 6))).toEqual(['3 runs', '3 runs']);
  expect(await namesIn(folder)).toEqual(['health']);
});

test('a disk on which nothing can be written takes a host out all the same', async () => {
  const folder = await emptyFolder();
  await mkdir(join(folder, 'health'));
  const health = new Health(join(folder, 'health'));
  for (let n = 0; n < 3; n++) await health.saw(of('broken'));
  expect(health.why).toBe('3 runs in a row broke here, the last at guest: broken');
});
