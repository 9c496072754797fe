// What people look at closer, in Chromium: an opened row of an evaluation with its history, two runs side by side, workers, and a lab in which nothing has run yet.
// The records come in as a worker leaves them.
import { mkdir, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { evaluationOf } from '../../orchestrator/src/report/evaluation/fixture.ts';
import { TestLab } from '../../orchestrator/test/lab.ts';
import { pipelineResult, runRecord } from '../../orchestrator/test/parts.ts';
import { expectRight, LOOKS, serveTo, takeLook, WIDE, type Served } from './look.ts';

let lab: TestLab;
let close: () => Promise<void>;
let opened: Served['opened'];
let url: string;
let page: Page;
let misdeeds: string[];

async function seal(id: string, files: Record<string, string | Uint8Array>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const path = join(lab.home, 'runs', id, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
  }
}

const [EVALUATION, FIRST, HISTORY] = ['e-c000000001', 'e-c000000002', 'r-ch0000000'];
const HOST = 'a-host';
const PAIRS = 3;

async function sealEvaluation(id: string, change: Record<string, unknown>): Promise<void> {
  await mkdir(join(lab.home, 'evaluations', id), { recursive: true });
  await writeFile(join(lab.home, 'evaluations', id, 'evaluation.json'), JSON.stringify(evaluationOf({ id, ...change })));
}

/** One boot that counted instructions. */
async function sealBoot(id: string, day: number, { value, base = '6.12', series = null, version }: { value: number; base?: string; series?: string | null; version: string }): Promise<void> {
  const at = new Date(Date.UTC(2026, 0, 1 + day)).toISOString();
  await seal(id, {
    'events.ndjson': `${JSON.stringify({ at, ms: 0, run: id, event: 'run.opened', attempt: 1, worker: `${HOST}/1` })}\n`,
    'run.json': JSON.stringify(runRecord({
      id, base, series, measure: 'instructions', startedAt: at, sealedAt: at,
      kernel: { kernel: '0123456789abcdef', base, version, series, flavour: 'perf', compiler: 'gcc', builder: 'a builder', patches: [], seconds: 1, cleanSeconds: null, vmlinuxBytes: 1, builtAt: at },
      pipelines: [pipelineResult({ pipeline: 'upload', clip: 'vp9-64x48', instructionsPerFrame: value })],
    })),
  });
}

/** Seven nights of a base, then an evaluation of three pairs on it, then three nights; and an evaluation on another base, of which there was nothing before. */
async function sealHistory(): Promise<void> {
  for (let n = 0; n < 10; n++) await sealBoot(`${HISTORY}${String(n)}`, n < 7 ? n : n + 10, { value: 1_000_000 + 5 * n, version: n < 4 ? '6.12.1' : '6.12.2' });
  const pairsOf = async (letter: string, base: string): Promise<unknown[]> => {
    const pairs: unknown[] = [];
    for (let n = 0; n < PAIRS; n++) {
      const runs = { base: `r-cb${letter}000000${String(2 * n)}`, patched: `r-cb${letter}000000${String(2 * n + 1)}` };
      await sealBoot(runs.base, 8 + n / 10, { value: 1_000_010, base, version: '6.12.2' });
      await sealBoot(runs.patched, 8.05 + n / 10, { value: 1_025_010, base, series: 'added/some-series', version: '6.12.2' });
      pairs.push({ base: 1_000_010, patched: 1_025_010, order: 'AB', block: 0, host: HOST, runs });
    }
    return pairs;
  };
  for (const [id, letter, base] of [[EVALUATION, 'x', '6.12'], [FIRST, 'y', '7.3']] as const) {
    const [samples] = evaluationOf().samples;
    await sealEvaluation(id, { base, samples: [{ ...samples, pairs: await pairsOf(letter, base), noise: [] }] });
  }
  await expect.poll(async () => (await (await fetch(`${url}/api/health`)).json() as { record: { runs: number; evaluations: number } }).record).toMatchObject({ runs: 10 + 4 * PAIRS, evaluations: 2 });
}

async function openRow(): Promise<void> {
  await page.getByRole('button', { name: /instructions upload/ }).click();
  await page.getByText(/Hodges-Lehmann estimate/).waitFor();
}

beforeAll(async () => {
  lab = await TestLab.open();
  ({ opened, url, page, misdeeds, close } = await serveTo(lab));
});

afterAll(async () => {
  await close();
  await lab.end();
});

describe('a lab in which nothing has run', () => {
  const PAGES = ['/', '/runs', '/evaluations', '/series', '/series/view?name=harmless/rename', '/trends', '/alerts', '/workers'];

  test.each(PAGES)('%s says what to type', async (path) => {
    await opened(path);
    await page.locator('.empty .command code').first().waitFor();
    for (const empty of await page.locator('.empty').all()) expect(await empty.locator('.command code').first().textContent()).toMatch(/^npx vlab \S/);
  });

  test.each(LOOKS)('in $theme at $size.width pixels every page of it is right', async (look) => {
    await takeLook(page, look);
    for (const path of PAGES) {
      await opened(path);
      await page.locator('.empty').first().waitFor();
      await expectRight(page, `empty-${path}`, look);
    }
    await page.setViewportSize(WIDE);
  });
});

describe('an evaluation', () => {
  test('a row opens to its pairs and to the history of its metric, in which its own boots are marked', async () => {
    await sealHistory();
    await opened(`/evaluations/${EVALUATION}`);
    await openRow();
    for (const name of [/^Every pair/, /^In the order of boots/, /^Change of each pair/, /^Share of boots/]) await page.getByRole('img', { name }).waitFor();
    const history = page.getByRole('img', { name: 'History of instructions, per frame: 16 points in the order of time, 6 of them of this evaluation' });
    await history.waitFor();
    expect([await history.locator('circle').count(), await history.locator('path').count(), await history.locator('rect.own').count()]).toEqual([13, 3, 1]);
    await page.getByText('10 points of the same metric, kernels, device, stack, clip and host from outside of this evaluation').waitFor();
    const raw = page.getByRole('region', { name: 'Raw samples' });
    await raw.getByRole('combobox').selectOption('0');
    expect(await raw.getByRole('row').filter({ hasText: '1025010' }).count()).toBe(PAIRS);
    await page.getByRole('link', { name: 'Look closer' }).click();
    // With both ends of its time: the same points next year.
    const at = (day: number): string => new Date(Date.UTC(2026, 0, 1 + day)).toISOString();
    expect(Object.fromEntries(new URL(page.url()).searchParams)).toMatchObject({ metric: 'instructions', from: at(0), to: at(19) });
    await page.getByRole('region', { name: /added\/some-series/ }).waitFor();
  });

  test('without a past it says so, and what makes one', async () => {
    await opened(`/evaluations/${FIRST}`);
    await openRow();
    await page.getByText('There is no history yet: all of these samples are of this evaluation.').waitFor();
    await page.getByText('npx vlab evaluate added/some-series --base 7.3 --device virgl --stack trixie', { exact: true }).waitFor();
  });

  test.each(LOOKS)('in $theme at $size.width pixels an opened row is right', async (look) => {
    await takeLook(page, look);
    await opened(`/evaluations/${EVALUATION}`);
    await openRow();
    await page.getByRole('img', { name: /^History/ }).waitFor();
    await expectRight(page, 'evaluation-opened', look);
    await page.setViewportSize(WIDE);
  });

  test('an evaluation without a verdict is called what it came to, on its series', async () => {
    await sealEvaluation('e-c000000003', { series: 'harmless/rename', verdict: null, outcome: { kind: 'rejected', stage: 'kernel', why: 'it does not apply' }, metrics: [], samples: [] });
    await expect.poll(async () => (await (await fetch(`${url}/api/series/view?name=harmless/rename`)).json() as { evaluations: number }).evaluations).toBe(1);
    await opened('/series');
    await page.getByRole('row').filter({ hasText: 'harmless/rename' }).getByText('rejected, no verdict').waitFor();
  });

  test('a link to a section that is opened afresh leads to the section', async () => {
    await page.setViewportSize({ width: 1280, height: 500 });
    await page.goto('about:blank');
    await page.goto(`${url}/evaluations/${EVALUATION}#method`);
    const top = (): Promise<number> => page.locator('#method').evaluate((one) => (one as unknown as { getBoundingClientRect: () => { top: number } }).getBoundingClientRect().top);
    await page.locator('#method').waitFor();
    await expect.poll(async () => { const at = await top(); return at >= 0 && at < 300; }).toBe(true);
    expect(await page.evaluate<number>('scrollY')).toBeGreaterThan(200);
    await page.setViewportSize(WIDE);
  });
});

describe('trends', () => {
  test('the pointer is told what came new with the point', async () => {
    await opened('/trends?metric=instructions&base=6.12&series=none');
    const readout = page.locator('.readout').first();
    await readout.getByText(/^last: .*since the point before: kernel 6\.12\.2 before and after$/).waitFor();
    const plot = page.locator('.u-over').first();
    const width = (await plot.boundingBox())?.width ?? 0;
    const told = new Set<string>();
    for (let at = 0; at < width; at += 8) {
      await plot.hover({ position: { x: at, y: 40 } });
      told.add(/(?:since the point before: |the first).*/.exec(await readout.textContent() ?? '')?.[0] ?? '');
    }
    expect([...told]).toEqual(expect.arrayContaining(['the first point', 'since the point before: kernel 6.12.1 before and after', 'since the point before: 6.12.1 to 6.12.2']));
  });

  test.each([
    ['metric=nonsense', /No run has a figure called nonsense yet/, /npx vlab run jobs\/pipelines\.yaml/],
    ['metric=instructions&base=9.9', /was measured, but of nothing that all the filters let through/, /clear every filter/],
    ['metric=instructions&to=2001-01-01T00:00:00.000Z', /No sample of instructions that the filters let through is from this time/, /show all of the time/],
  ])('where there is nothing to show (%s) it says what is wrong and what to do', async (query, wrong, next) => {
    await opened(`/trends?${query}`);
    const empty = page.locator('.empty');
    await empty.getByText(wrong).waitFor();
    await empty.getByText(next).first().waitFor();
  });
});

describe('two runs', () => {
  const FROM = `${HISTORY}1`;

  test('what differs around them and the figures that both have', async () => {
    await opened(`/compare?from=${FROM}&to=${HISTORY}6`);
    const differ = page.getByRole('group', { name: 'What differs' });
    expect(await differ.getByRole('row').filter({ hasText: 'kernel version' }).textContent()).toBe('kernel version6.12.16.12.2');
    const figures = page.getByRole('group', { name: 'Figures' });
    expect(await figures.getByRole('row').filter({ hasText: 'instructions per frame' }).textContent()).toBe('instructions per frameupload, vp9-64x481.000 M1.000 M+0.002 %');
    await page.getByRole('link', { name: 'the other way round' }).click();
    await page.getByRole('heading', { name: `Run ${HISTORY}6 and ${FROM}` }).waitFor();
  });

  test('they are chosen by hand where the address names none', async () => {
    await opened('/compare');
    await page.getByLabel('First run').fill(FROM);
    await page.getByLabel('Second run').fill(`${HISTORY}2`);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: `Run ${FROM} and ${HISTORY}2` }).waitFor();
    await page.getByRole('group', { name: 'Figures' }).getByRole('row').filter({ hasText: 'ready, ms' }).waitFor();
  });

  test.each(LOOKS)('in $theme at $size.width pixels they are right', async (look) => {
    await takeLook(page, look);
    await opened(`/compare?from=${FROM}&to=${HISTORY}6`);
    await page.getByRole('group', { name: 'Figures' }).waitFor();
    await expectRight(page, 'compare', look);
    await page.setViewportSize(WIDE);
  });
});

test('a worker is shown with its host, what that has, its slots and that it is idle, is right in every look, and is drained and undrained', async () => {
  const worker = lab.process(['worker']);
  await opened('/workers');
  await page.getByText('Nobody is at work.').waitFor();
  await expect.poll(async () => (await (await fetch(`${url}/api/queue`)).json() as { workers: unknown[] }).workers.length, { timeout: 120_000 }).toBe(1);
  // By itself: nobody loads the page anew.
  const row = page.getByRole('group', { name: 'Workers' }).getByRole('row').nth(1);
  await row.waitFor();
  await row.getByText(/^0 of \d+$/).waitFor();
  await row.getByText('idle').waitFor();
  await row.getByRole('cell', { name: hostname(), exact: true }).waitFor();
  await row.getByText(/^(tcg|kvm|not tried yet).*, \d+ cores?, \d+ GiB$/).waitFor();
  await opened('/');
  await page.getByText(/^1 worker, none at work\./).waitFor();
  for (const look of LOOKS) {
    await takeLook(page, look);
    await opened('/workers');
    await row.waitFor();
    await expectRight(page, 'workers-one', look);
  }
  await page.setViewportSize(WIDE);
  const { token } = JSON.parse((await lab.vlab(['token', 'add', 'an admin', '--scope', 'admin', '--json'])).stdout) as { token: string };
  for (const [button, send, then] of [[/^Drain /, 'take nothing more', /^Undrain /], [/^Undrain /, 'take work again', /^Drain /]] as const) {
    await row.getByRole('button', { name: button }).click();
    await row.getByLabel('Token with the scope admin').fill(token);
    await row.getByRole('button', { name: send }).click();
    await row.getByRole('button', { name: then }).waitFor();
  }
  worker.kill('SIGINT');
  await worker;
});

test('a folder whose record was cut off is told on the page of the workers, with its reason and what to do, until it is whole or gone', async () => {
  const cut = 'r-c100000001';
  const section = page.getByRole('region', { name: 'Folders that could not be read' });
  const whenTold = (count: number): Promise<void> => expect.poll(async () => (await (await fetch(`${url}/api/health`)).json() as { record: { unreadable: unknown[] } }).record.unreadable.length).toBe(count);
  await opened('/workers');
  await page.getByRole('region', { name: 'Workers' }).waitFor();
  expect(await section.count()).toBe(0);
  await seal(cut, { 'run.json': '{"version": 1, "id": "r-c10000' });
  await whenTold(1);
  // By itself: nobody loads the page anew.
  await section.waitFor();
  for (const look of LOOKS) {
    await takeLook(page, look);
    await opened('/workers');
    await section.getByText('Each is read again as soon as it changes: put its record back from a copy, or remove it from the lab\'s folder.', { exact: true }).waitFor();
    await section.getByText('1 folder: no page shows them').click();
    await section.getByRole('listitem').filter({ hasText: new RegExp(`^${cut} .*JSON`) }).waitFor();
    await expectRight(page, 'workers-unreadable', look);
  }
  await page.setViewportSize(WIDE);
  expect(await (await fetch(`${url}/api/unreadable.csv`)).text()).toMatch(new RegExp(`^path,why\n${cut},.*JSON`));
  await seal(cut, { 'run.json': JSON.stringify(runRecord({ id: cut })) });
  await section.waitFor({ state: 'detached' });
});

test('no page asked anything, logged an error, or threw', () => {
  expect(misdeeds).toEqual([]);
});
