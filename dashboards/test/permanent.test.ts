// Links with both ends of their time, in Chromium: what they show is the same when more has come in, and what is long past is found by them.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { evaluationOf } from '../../orchestrator/src/report/evaluation/fixture.ts';
import { TestLab } from '../../orchestrator/test/lab.ts';
import { runRecord } from '../../orchestrator/test/parts.ts';
import { expectRight, LOOKS, serveTo, takeLook, type Served } from './look.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const YEAR_MS = 365 * DAY_MS;
/** Samples on each side of a step, an hour between them. */
const SIDE = 12;
const NOW = Date.now();

let lab: TestLab;
let close: () => Promise<void>;
let opened: Served['opened'];
let url: string;
let page: Page;
let misdeeds: string[];
let sealed = 0;

/** Boots of a base that take longer from the middle on; the last of them at `endsAt`. */
async function sealStep(base: string, endsAt: number): Promise<void> {
  for (let n = 0; n < 2 * SIDE; n++) {
    const at = new Date(endsAt - (2 * SIDE - 1 - n) * HOUR_MS).toISOString();
    const id = `r-p${(sealed++).toString(36).padStart(9, '0')}`;
    await mkdir(join(lab.home, 'runs', id), { recursive: true });
    await writeFile(join(lab.home, 'runs', id, 'run.json'), JSON.stringify(runRecord({ id, base, startedAt: at, sealedAt: at, readyMs: (n < SIDE ? 2000 : 2600) + 10 * (n % 3), pipelines: [] })));
  }
}

async function sealEvaluation(id: string, at: number): Promise<void> {
  await mkdir(join(lab.home, 'evaluations', id), { recursive: true });
  await writeFile(join(lab.home, 'evaluations', id, 'evaluation.json'), JSON.stringify(evaluationOf({ id, startedAt: new Date(at).toISOString(), endedAt: new Date(at).toISOString() })));
}

async function recorded(): Promise<{ runs: number; evaluations: number }> {
  return (await (await fetch(`${url}/api/health`)).json() as { record: { runs: number; evaluations: number } }).record;
}

/** What the first cells of a table's rows say. */
const rows = (): Promise<string[]> => page.locator('main tbody th').allTextContents();
const alerts = async (query: string): Promise<{ id: string; base: string; state: string }[]> => (await (await fetch(`${url}/api/alerts${query}`)).json() as { alerts: { id: string; base: string; state: string }[] }).alerts;

beforeAll(async () => {
  lab = await TestLab.open();
  await sealStep('6.1', NOW - YEAR_MS);
  await sealStep('6.12', NOW - 3 * DAY_MS);
  await sealEvaluation('e-p000000001', NOW - YEAR_MS);
  await sealEvaluation('e-p000000002', NOW - 2 * HOUR_MS);
  ({ opened, url, page, misdeeds, close } = await serveTo(lab));
});

afterAll(async () => {
  await close();
  await lab.end();
});

describe('a list as it was', () => {
  const KEPT: Record<string, { at: string; rows: string[]; exported: string }> = {};
  const PAGES = { runs: '/runs', evaluations: '/evaluations', alerts: '/alerts' };

  test.each(Object.entries(PAGES))('the page of %s has a link to what it shows', async (name, path) => {
    await expect.poll(recorded, { timeout: 60_000 }).toMatchObject({ runs: 4 * SIDE, evaluations: 2 });
    await expect.poll(async () => (await alerts('')).map(({ base }) => base), { timeout: 60_000 }).toEqual(['6.12']);
    await opened(path);
    await page.locator('main tbody th').first().waitFor();
    const before = await rows();
    await page.getByRole('link', { name: 'link to this span of time' }).click();
    const at = (): URL => new URL(page.url());
    await expect.poll(() => [...at().searchParams.keys()]).toEqual(expect.arrayContaining(['from', 'to']));
    await expect.poll(rows).toEqual(before);
    await page.getByRole('button', { name: /^Remove from / }).waitFor();
    const exported = await page.getByRole('link', { name: `${name} as JSON` }).getAttribute('href') ?? '';
    KEPT[name] = { at: `${at().pathname}${at().search}`, rows: before, exported: await (await fetch(`${url}${exported}`)).text() };
  });

  test.each(Object.keys(PAGES))('and shows the same %s when there are newer ones', async (name) => {
    if (sealed === 4 * SIDE) {
      // Of a day to come, since the pages were looked at just now.
      await sealStep('7.3', NOW + 3 * DAY_MS);
      await sealEvaluation('e-p000000003', NOW + 3 * DAY_MS);
      await expect.poll(recorded, { timeout: 60_000 }).toMatchObject({ runs: 6 * SIDE, evaluations: 3 });
      await expect.poll(async () => (await alerts('')).map(({ base }) => base).sort(), { timeout: 60_000 }).toEqual(['6.12', '7.3']);
    }
    const kept = KEPT[name];
    await opened(kept?.at ?? '');
    await page.locator('main tbody th').first().waitFor();
    expect(await rows()).toEqual(kept?.rows);
    const exported = await page.getByRole('link', { name: `${name} as JSON` }).getAttribute('href') ?? '';
    expect(await (await fetch(`${url}${exported}`)).text()).toBe(kept?.exported);
    // Without the ends there is more.
    await page.getByRole('button', { name: 'clear all' }).click();
    await expect.poll(async () => (await rows()).length).toBeGreaterThan(kept?.rows.length ?? Infinity);
  });
});

describe('what is long past', () => {
  const LAST_YEAR = `?from=${new Date(NOW - YEAR_MS - 30 * HOUR_MS).toISOString()}&to=${new Date(NOW - YEAR_MS).toISOString()}`;

  test('is an alert for whoever asks for its time, and keeps what is said of it', async () => {
    const [old, ...others] = await alerts(LAST_YEAR);
    expect([old?.base, old?.state, others]).toEqual(['6.1', 'new', []]);
    const { token } = JSON.parse((await lab.vlab(['token', 'add', 'a person', '--json'])).stdout) as { token: string };
    const said = await fetch(`${url}/api/alerts/${old?.id ?? ''}/notes`, { method: 'POST', headers: { 'content-type': 'application/json', 'authorization': `Bearer ${token}` }, body: JSON.stringify({ state: 'fixed', why: 'long ago' }) });
    expect([said.status, await said.json()]).toEqual([200, expect.objectContaining({ id: old?.id, state: 'fixed' })]);
    expect(await alerts(LAST_YEAR)).toMatchObject([{ base: '6.1', state: 'fixed' }]);
    expect(await alerts(`?to=${new Date(NOW - YEAR_MS).toISOString()}`)).toMatchObject([{ base: '6.1' }]);
  });

  test('is found by keyboard, digit by digit, in a field that is filled already', async () => {
    await opened(`/alerts?from=${new Date(NOW - 3 * DAY_MS).toISOString()}`);
    await expect.poll(async () => (await rows()).length).toBe(1);
    await page.getByLabel('Changed from').focus();
    await page.keyboard.type('03042025', { delay: 50 });
    await expect.poll(() => new URL(page.url()).searchParams.get('from')).toMatch(/^2025-03-0[345]T/);
    await expect.poll(async () => (await rows()).length).toBe(2);
    expect(await page.locator('.problem').count()).toBe(0);
  });

  test('is found by the fields of the page, and an empty time says how to leave it', async () => {
    await opened(`/evaluations?to=${new Date(NOW - YEAR_MS).toISOString()}`);
    await expect.poll(rows).toEqual(['e-p000000001']);
    for (const [path, field, empty, out, first] of [
      ['/evaluations', 'Ended until', 'No evaluation is like that.', 'clear every filter', 'e-p000000003'], ['/alerts', 'Changed until', 'No level became worse in this time.', 'show the last eight weeks', 'ready'], ['/runs', 'Sealed until', 'No run is like that.', 'clear every filter', 'r-'],
    ] as const) {
      await opened(path);
      await page.locator('main tbody th').first().waitFor();
      if (path === '/runs' && await page.getByLabel(field).count() === 0) await page.getByText('Filters').click();
      await page.getByLabel(field).fill('2001-01-01T00:00');
      await page.keyboard.press('Tab');
      await page.getByText(empty).waitFor();
      await page.getByRole('button', { name: out }).click();
      await expect.poll(async () => (await rows())[0]).toContain(first);
    }
  });
});

test.each(LOOKS)('in $theme at $size.width pixels a span of alerts and of evaluations is right', async (look) => {
  await takeLook(page, look);
  for (const path of ['/alerts', '/evaluations']) {
    await opened(`${path}?from=${new Date(NOW - 2 * YEAR_MS).toISOString()}&state=new,fixed`);
    await page.locator('main tbody th').first().waitFor();
    await expectRight(page, `span-of-${path}`, look);
  }
});

test('no page asked anything, logged an error, or threw', () => {
  expect(misdeeds).toEqual([]);
});
