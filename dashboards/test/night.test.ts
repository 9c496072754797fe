// Home after a night, in Chromium: what is new, fixed and still failing, in both themes, at both widths and by keyboard; and an alarm, which comes by itself to
// whoever looks. The night's record and its runs come in as a worker and `vlab nightly` leave them.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { JobId, NightId, RunId } from '../../orchestrator/src/contract/ids.ts';
import type { NightCell, NightRecord } from '../../orchestrator/src/contract/night.ts';
import { HOSTILE } from '../../orchestrator/src/report/evaluation/fixture.ts';
import { beginNight, writeNight, writeSchedule } from '../../orchestrator/src/store/nights.ts';
import { TestLab } from '../../orchestrator/test/lab.ts';
import { nightCell, nightRecord } from '../../orchestrator/test/night-parts.ts';
import { pipelineResult, runRecord, runRequest } from '../../orchestrator/test/parts.ts';
import { expectRight, LOOKS, NARROW, serveTo, takeLook, WIDE } from './look.ts';

const HOUR_MS = 3_600_000;
const PIPELINES = ['upload', 'dmabuf-copy', 'v4l2-dmabuf'] as const;
const CLIP = 'h264-faults';
type Status = 'passed' | 'failed' | 'unavailable';
/** One boot of the matrix; a pipeline that is not named passed. */
type Boot = { base: string; stack: string; device: 'virgl' | '2d'; other?: Partial<Record<(typeof PIPELINES)[number], Status>> };
type Night = { n: number; hoursAgo: number; boots: readonly Boot[] };

const EARLIER: Night = { n: 1, hoursAgo: 54, boots: [
  { base: '6.12', stack: 'trixie', device: 'virgl', other: { 'dmabuf-copy': 'failed' } }, { base: '6.12', stack: 'bookworm', device: 'virgl', other: { 'v4l2-dmabuf': 'failed' } },
  { base: '7.3', stack: 'trixie', device: 'virgl' }, { base: '7.3', stack: 'trixie', device: '2d', other: { 'v4l2-dmabuf': 'unavailable' } },
] };
const NEWEST: Night = { n: 2, hoursAgo: 30, boots: [
  { base: '6.12', stack: 'trixie', device: 'virgl' }, { base: '6.12', stack: 'bookworm', device: 'virgl', other: { 'v4l2-dmabuf': 'failed' } },
  { base: '7.3', stack: 'trixie', device: 'virgl', other: { upload: 'failed' } }, { base: '7.3', stack: 'trixie', device: '2d', other: { 'v4l2-dmabuf': 'unavailable' } },
] };

let lab: TestLab;
let close: () => Promise<void>;
let url: string;
let page: Page;
let misdeeds: string[];

const idOf = (letter: string, night: number, boot = 0): string => `${letter}-${String(night).padStart(5, '0')}${String(boot).padStart(5, '0')}`;
const run = (night: number, boot: number): RunId => RunId.parse(idOf('r', night, boot));
const nightId = (night: number): NightId => NightId.parse(idOf('n', night));
const hoursAgo = (hours: number): string => new Date(Date.now() - hours * HOUR_MS).toISOString();

/** The job of a night's matrix and its runs, as `vlab nightly` and a worker leave them. */
async function sealMatrix({ n, hoursAgo: hours, boots }: Night): Promise<void> {
  const [job, at] = [JobId.parse(idOf('j', n)), hoursAgo(hours)];
  const requests = boots.map(({ base, stack, device }, boot) => runRequest({ id: run(n, boot), job, kernel: { base }, stack, device, pipelines: PIPELINES, clips: [CLIP], submittedAt: at }));
  await mkdir(join(lab.home, 'jobs'), { recursive: true });
  await writeFile(join(lab.home, 'jobs', `${job}.json`), JSON.stringify({ job, title: 'every kernel', file: 'jobs/nightly.yaml', submittedAt: at, runs: requests }));
  for (const [boot, { base, stack, device, other = {} }] of boots.entries()) {
    const failed = Object.values(other).includes('failed');
    const record = runRecord({
      id: run(n, boot), job, base, stack, device, asExpected: !failed, outcome: { kind: failed ? 'failed' : 'passed', stage: 'verify', why: failed ? '3 of 16 frames wrong' : '48 of 48 frames right' }, startedAt: at, sealedAt: at,
      pipelines: PIPELINES.map((pipeline) => pipelineResult({ pipeline, clip: CLIP, status: other[pipeline] ?? 'passed', why: sayStatus(other[pipeline] ?? 'passed') })),
    });
    await mkdir(join(lab.home, 'runs', record.id), { recursive: true });
    await writeFile(join(lab.home, 'runs', record.id, 'run.json'), JSON.stringify(record));
  }
}

function sayStatus(status: Status): string {
  return { passed: '16 of 16 frames right', failed: `3 of 16 frames wrong as texels: ${HOSTILE}`, unavailable: 'this device has no such path' }[status];
}

function cell(boot: number, pipeline: (typeof PIPELINES)[number], change: Partial<NightCell>): NightCell {
  const { base, stack, device, other } = NEWEST.boots[boot] ?? { base: '', stack: '', device: 'virgl' as const };
  return nightCell({ base, stack, device, pipeline, clip: CLIP, run: run(NEWEST.n, boot), why: sayStatus(other?.[pipeline] ?? 'passed'), lastGood: { night: nightId(EARLIER.n), at: hoursAgo(EARLIER.hoursAgo), run: run(EARLIER.n, boot) }, ...change });
}

async function sealNight(n: number, hours: number, change: Partial<NightRecord>): Promise<void> {
  const startedAt = hoursAgo(hours);
  const record = nightRecord({ id: nightId(n), before: null, startedAt, endedAt: startedAt, jobs: { matrix: JobId.parse(idOf('j', Math.min(n, NEWEST.n))), selfTest: null, further: [] }, ...change });
  await beginNight(lab.home, record.id, { startedAt, endsBy: startedAt });
  await writeNight(lab.home, record, {});
}

async function openHome(): Promise<void> {
  await page.goto(url);
  await page.getByRole('heading', { name: 'Newest night' }).waitFor();
  await page.getByRole('table').first().waitFor();
}

/** Presses Tab until the focus is on what has this text. */
async function tabTo(text: RegExp): Promise<void> {
  for (let presses = 0; presses < 60; presses++) {
    if (text.test(await page.evaluate<string>('document.activeElement.textContent'))) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`sixty times Tab led to nothing with ${String(text)}`);
}

beforeAll(async () => {
  lab = await TestLab.open();
  await sealMatrix(EARLIER);
  await sealMatrix(NEWEST);
  await sealNight(EARLIER.n, EARLIER.hoursAgo, {});
  const since = { night: nightId(NEWEST.n), at: hoursAgo(NEWEST.hoursAgo) };
  await sealNight(NEWEST.n, NEWEST.hoursAgo, {
    before: nightId(EARLIER.n),
    cells: [
      cell(2, 'upload', { state: 'wrong', change: 'new', firstBad: { ...since, run: run(NEWEST.n, 2) } }), cell(0, 'dmabuf-copy', { change: 'fixed', lastGood: { ...since, run: run(NEWEST.n, 0) } }),
      cell(1, 'v4l2-dmabuf', { state: 'wrong', change: 'still', firstBad: { night: nightId(EARLIER.n), at: hoursAgo(EARLIER.hoursAgo), run: run(EARLIER.n, 1) } }), cell(0, 'upload', {}), cell(3, 'upload', {}),
    ],
    pairs: [{ base: '7.3', before: '0123456789abcdef', after: 'fedcba9876543210', evaluation: null, verdict: 'worse', why: 'frame time of upload +3.10 %', worse: [] }] as unknown as NightRecord['pairs'],
  });
  ({ url, page, misdeeds, close } = await serveTo(lab));
});

afterAll(async () => {
  await close();
  await lab.end();
});

test('Home says what is new, fixed and still failing since the night before, and shows it in the matrix', async () => {
  await expect.poll(async () => (await (await fetch(`${url}/api/health`)).json() as { record: { runs: number } }).record.runs).toBe(EARLIER.boots.length + NEWEST.boots.length);
  await openHome();
  await page.getByText('2 new:').waitFor();
  const changes = page.locator('.changes');
  await changes.getByText(/slower.*7\.3: frame time of upload \+3\.10 %/).waitFor();
  await changes.getByText('1 newly failing').waitFor();
  // Only what is new is open at once.
  expect(await changes.getByRole('link').allTextContents()).toEqual(['7.3, trixie, virgl: upload of h264-faults']);
  for (const [folded, link] of [['1 fixed', '6.12, trixie, virgl: dmabuf-copy of h264-faults'], ['1 still failing', '6.12, bookworm, virgl: v4l2-dmabuf of h264-faults']] as const) {
    await changes.getByText(folded).click();
    await changes.getByRole('link', { name: link }).waitFor();
  }
  const matrix = page.getByRole('table').first();
  const row = matrix.getByRole('row').filter({ has: page.getByRole('rowheader', { name: '7.3' }) });
  expect(await row.getByRole('link', { name: /failed.*was passed/ }).getAttribute('href')).toBe(`/runs/${run(NEWEST.n, 2)}`);
  await matrix.getByRole('link', { name: /passed.*was failed/ }).waitFor();
  // The other pipelines of a run that failed did what they should.
  expect(await matrix.getByText('not expected').count()).toBe(0);
});

test.each(LOOKS)('in $theme at $size.width pixels there is nothing for axe to find, and nothing wider than the screen', async (look) => {
  await takeLook(page, look);
  await openHome();
  for (const folded of await page.locator('.changes summary').all()) if (await folded.evaluate((one) => !(one as unknown as { parentElement: { open: boolean } }).parentElement.open)) await folded.click();
  await expectRight(page, 'home-night', look);
});

test('a night has an address of its own, which leads to the one before it, and its table can be taken away', async () => {
  await openHome();
  await page.getByRole('link', { name: 'link to this night' }).click();
  await page.getByRole('heading', { name: `Night ${nightId(NEWEST.n)}` }).waitFor();
  await page.getByText('2 new:').waitFor();
  await page.getByRole('table').first().getByRole('link', { name: /failed.*was passed/ }).waitFor();
  const csv = await (await fetch(`${url}${await page.getByRole('link', { name: 'night as CSV' }).getAttribute('href') ?? ''}`)).text();
  expect(csv.split('\n').map((line) => line.split(',')[0])).toEqual(['kind', 'slower', 'new', 'fixed', 'still', '']);
  await page.getByRole('link', { name: 'the night before' }).click();
  await page.getByRole('heading', { name: `Night ${nightId(EARLIER.n)}` }).waitFor();
  await page.getByText('Nothing is new, fixed, failing or flaky.').waitFor();
  await page.goto(`${url}/nights/${nightId(9)}`);
  await page.getByText('there is no night n-0000900000 that came to its end').waitFor();
});

test.each(LOOKS)('in $theme at $size.width pixels the page of a night is right', async (look) => {
  await takeLook(page, look);
  await page.goto(`${url}/nights/${nightId(NEWEST.n)}`);
  await page.getByRole('table').first().waitFor();
  await expectRight(page, 'night', look);
});

test.each([WIDE, NARROW])('the keyboard opens what is still failing, and leads from there and from the matrix to the run, at $width pixels', async (size) => {
  await page.setViewportSize(size);
  await openHome();
  await tabTo(/^1 still failing$/);
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect.poll(() => new URL(page.url()).pathname).toBe(`/runs/${run(NEWEST.n, 1)}`);
  await page.goBack();
  await page.getByRole('heading', { name: 'Newest night' }).waitFor();
  await tabTo(/^failed.*was passed/);
  // However narrow the screen is, what has the focus is in sight.
  const box = await page.locator(':focus').boundingBox();
  expect((box?.x ?? -1) >= 0 && (box?.x ?? 0) + (box?.width ?? 0) <= size.width, JSON.stringify(box)).toBe(true);
  await page.keyboard.press('Enter');
  await expect.poll(() => new URL(page.url()).pathname).toBe(`/runs/${run(NEWEST.n, 2)}`);
});

test('a night that did not happen, and a lab that is not to be believed, come to an open page by themselves', async () => {
  await takeLook(page, LOOKS[0]);
  await openHome();
  await page.evaluate('globalThis.sameDocument = true');
  const alarm = page.getByRole('alert').filter({ hasText: 'A night did not happen:' });
  expect(await alarm.count()).toBe(0);

  await writeSchedule(lab.home, { at: '0 2 * * *', tz: 'UTC', plan: 'jobs/nightly.yaml', profile: 'quick', since: hoursAgo(24 * 7) });
  await alarm.getByText(/did not begin: vlab serve or a vlab worker must be there/).waitFor();
  await expectRight(page, 'home-night-missed', LOOKS[0]);

  await sealNight(3, 0, { lab: 'failed', why: 'mutants/short-transfer was not caught', before: nightId(NEWEST.n) });
  await page.getByRole('alert').getByText('The lab is not to be believed (failed):', { exact: true }).waitFor();
  await page.getByText('mutants/short-transfer was not caught').first().waitFor();
  await alarm.waitFor({ state: 'detached' });
  const { night } = await (await fetch(`${url}/api/nights/${nightId(NEWEST.n)}`)).json() as { night: { sentence: string } };
  expect(night.sentence).toMatch(/^1 newly failing, 1 slower, 1 fixed, 1 still failing/);
  for (const look of LOOKS) {
    await takeLook(page, look);
    await expectRight(page, 'home-night-not-believed', look);
  }
  expect(await page.evaluate('globalThis.sameDocument')).toBe(true);
});

test('no page asked anything, logged an error, or threw', () => {
  expect(misdeeds).toEqual([]);
});
