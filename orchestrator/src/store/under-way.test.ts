// What gc must leave alone: what is newer than the beginning of anything that is under way, here or on another host, and what nights still point at.
import { mkdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { nightCell, nightRecord } from '../../test/night-parts.ts';
import { emptyFolder, rejection } from '../../test/parts.ts';
import { EvaluationId, NightId } from '../contract/ids.ts';
import { filesBelow } from '../lib/files.ts';
import { evaluationOf } from '../report/evaluation/fixture.ts';
import { pointedAtBy } from './cited.ts';
import { Evidence } from './evidence.ts';
import { layout } from './layout.ts';
import { beginNight } from './nights.ts';
import { beginEvaluation, underWaySince } from './under-way.ts';

const BEGAN = '2025-06-01T00:00:00.000Z';
const ID = EvaluationId.parse('e-0123456789');

test('an evaluation is under way from its beginning to its end, and no longer than its process lives', async () => {
  const home = await emptyFolder();
  const evidence = new Evidence(home, undefined);
  expect(await underWaySince(home)).toBe(Infinity);
  const begun = await beginEvaluation(evidence, ID, BEGAN);
  const later = await beginEvaluation(evidence, EvaluationId.parse('e-0123456780'), '2025-06-02T00:00:00.000Z');
  expect(await underWaySince(home)).toBe(Date.parse(BEGAN));
  await begun[Symbol.asyncDispose]();
  expect(await underWaySince(home)).toBe(Date.parse('2025-06-02T00:00:00.000Z'));
  await later[Symbol.asyncDispose]();
  expect(await underWaySince(home)).toBe(Infinity);
  await writeFile(join(layout.underWay(home), `${ID}.json`), JSON.stringify({ startedAt: BEGAN, owner: '1:1' }));
  expect(await underWaySince(home), 'of one whose process was killed').toBe(Infinity);
  expect(await filesBelow(layout.underWay(home))).toEqual([]);
});

test('a night is under way until it is sealed, or should long have been', async () => {
  const home = await emptyFolder();
  await beginNight(home, NightId.parse('n-0000000001'), { startedAt: BEGAN, endsBy: '2025-06-01T08:00:00.000Z' });
  expect(await underWaySince(home)).toBe(Infinity);
  await beginNight(home, NightId.parse('n-0000000002'), { startedAt: '2025-07-01T00:00:00.000Z', endsBy: new Date(Date.now() + 60_000).toISOString() });
  expect(await underWaySince(home)).toBe(Date.parse('2025-07-01T00:00:00.000Z'));
});

test('other hosts see by the store what is under way, until it ends or nothing is heard of it for a day', async () => {
  const store = await emptyFolder();
  const [here, there] = [new Evidence(await emptyFolder(), pathToFileURL(store).href), new Evidence(await emptyFolder(), pathToFileURL(store).href)];
  const begun = await beginEvaluation(here, ID, BEGAN);
  await here.tellBegun({ id: ID, submittedAt: BEGAN });
  expect(await filesBelow(join(store, 'begun'))).toHaveLength(1);
  expect(await there.underWaySince()).toBe(Date.parse(BEGAN));
  const [name = ''] = await filesBelow(join(store, 'begun'));
  await utimes(join(store, 'begun', name), new Date(), new Date(Date.now() - 25 * 3600_000));
  expect(await there.underWaySince()).toBe(Infinity);
  await begun[Symbol.asyncDispose]();
  expect(await filesBelow(join(store, 'begun'))).toEqual([]);
});

test('a verdict of another host counts, and one that cannot be read stops whoever asks', async () => {
  const store = await emptyFolder();
  const [here, there] = [new Evidence(await emptyFolder(), pathToFileURL(store).href), new Evidence(await emptyFolder(), pathToFileURL(store).href)];
  await here.share('evaluations', { id: ID, submittedAt: BEGAN }, JSON.stringify(evaluationOf()));
  expect([...await there.cited()].sort()).toEqual(['r-aaaaaaaaaa', 'r-bbbbbbbbbb', 'r-cccccccccc']);
  await mkdir(join(store, 'evaluations/2025-06-02'), { recursive: true });
  await writeFile(join(store, 'evaluations/2025-06-02/e-0123456780.json'), '{"version": 1, "of": "e-01');
  expect(await rejection(there.cited())).toMatchObject({ code: 'CANNOT_TELL', message: expect.stringContaining('evaluations/2025-06-02/e-0123456780.json') as string });
});

test('of each plan and profile the newest night points at runs, and the one that an interrupted one is newer than', () => {
  const seen = (run: string): unknown => ({ night: 'n-0000000001', at: BEGAN, run });
  const night = (startedAt: string, letter: string, change: Record<string, unknown> = {}): ReturnType<typeof nightRecord> => nightRecord({
    startedAt, profile: 'quick', lab: 'ok', bases: [], blames: [], cells: [nightCell({ run: `r-${letter}000000000`, again: [`r-${letter}000000001`], firstBad: seen(`r-${letter}000000002`), lastGood: seen(`r-${letter}000000003`) })], ...change,
  });
  const nights = [night('2025-06-01T00:00:00.000Z', 'a'), night('2025-06-03T00:00:00.000Z', 'c', { lab: 'interrupted' }), night('2025-06-02T00:00:00.000Z', 'b'), night('2025-05-01T00:00:00.000Z', 'd', { profile: 'thorough' })];
  expect(pointedAtBy(nights).sort()).toEqual(['b', 'c', 'd'].flatMap((letter) => [0, 1, 2, 3].map((n) => `r-${letter}00000000${String(n)}`)));
});
