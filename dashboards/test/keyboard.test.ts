// What people do on the pages, done by keyboard alone: to filter, to search a log, to say what an alert is. And what is hostile, wherever a guest or a patch has a
// word: it is text. The records come in as a worker leaves them; an alert needs weeks of samples, which are made up.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ENDS, HOSTILE } from '../../orchestrator/src/report/evaluation/fixture.ts';
import { TestLab } from '../../orchestrator/test/lab.ts';
import { pipelineResult, runRecord } from '../../orchestrator/test/parts.ts';
import { BOTH_LOOKS, expectRight, serveTo, takeLook, WIDE, type Served } from './look.ts';

const SCRIPT = '<script>alert(1)</script>';
const RUN = 'r-k000000001';
/** Samples on each side of a step, an hour between them. */
const SIDE = 12;
const HOUR_MS = 3_600_000;
/** More than any of these pages has places to stop at before what is looked for. */
const MOST_TABS = 120;

let lab: TestLab;
let close: () => Promise<void>;
let opened: Served['opened'];
let url: string;
let page: Page;
let misdeeds: string[];
let token: string;

async function seal(id: string, record: Parameters<typeof runRecord>[0], files: Record<string, string> = {}): Promise<void> {
  const folder = join(lab.home, 'runs', id);
  await mkdir(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  await writeFile(join(folder, 'run.json'), JSON.stringify(runRecord({ id, ...record })));
}

/** From place to place, until the one is reached of which `holds` says true in the page. */
async function tabTo(holds: string): Promise<void> {
  for (let presses = 0; presses < MOST_TABS; presses++) {
    if (await page.evaluate(`((one) => ${holds})(document.activeElement) === true`)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`no place that Tab leads to is one of which holds: ${holds}`);
}

beforeAll(async () => {
  lab = await TestLab.open();
  await seal(RUN, {
    title: SCRIPT, readyMs: null, asExpected: false, outcome: { kind: 'failed', stage: 'verify', why: SCRIPT },
    pipelines: [pipelineResult({ clip: SCRIPT, status: 'failed', wrong: 1, why: SCRIPT, defect: SCRIPT })],
    console: [{ kind: 'warning', line: 2, text: SCRIPT, around: [SCRIPT] }],
  }, { 'console.log': `Linux version 6.12\n${SCRIPT}\nand more\n${SCRIPT}\n\u001b[31mred\u202eback\n` });
  for (let n = 0; n < 2 * SIDE; n++) {
    const at = new Date(Date.now() - (2 * SIDE - n) * HOUR_MS).toISOString();
    await seal(`r-k1${n.toString(36).padStart(8, '0')}`, { title: 'a night', startedAt: at, sealedAt: at, readyMs: (n < SIDE ? 2000 : 2600) + 10 * (n % 3), pipelines: [] });
  }
  await mkdir(join(lab.home, 'evaluations/e-0123456789'), { recursive: true });
  await writeFile(join(lab.home, 'evaluations/e-0123456789/evaluation.json'), JSON.stringify(ENDS['hostile'] === undefined ? {} : { ...ENDS['hostile'], id: 'e-0123456789', clip: SCRIPT }));
  ({ token } = JSON.parse((await lab.vlab(['token', 'add', 'a person', '--json'])).stdout) as { token: string });
  ({ opened, url, page, misdeeds, close } = await serveTo(lab));
});

afterAll(async () => {
  await close();
  await lab.end();
});

test('what was sealed is in the record', async () => {
  await expect.poll(async () => (await (await fetch(`${url}/api/health`)).json() as { record: { runs: number } }).record.runs, { timeout: 60_000 }).toBe(1 + 2 * SIDE);
});

describe('by keyboard alone', () => {
  test('runs are filtered, and the filter is taken back', async () => {
    await opened('/runs');
    await page.getByRole('checkbox', { name: /^failed/ }).waitFor();
    await tabTo('one.type === "checkbox" && one.closest("label").textContent.startsWith("failed")');
    await page.keyboard.press('Space');
    await expect.poll(() => new URL(page.url()).searchParams.get('outcome')).toBe('failed');
    await expect.poll(() => page.getByRole('row').filter({ hasText: /r-[0-9a-z]{10}/ }).count()).toBe(1);
    await tabTo('one.getAttribute("aria-label") === "Remove outcome failed"');
    await page.keyboard.press('Enter');
    await expect.poll(() => new URL(page.url()).searchParams.get('outcome')).toBeNull();
  });

  test('those whose kernel said something about itself are chosen', async () => {
    await opened('/runs');
    await tabTo('one.tagName === "SELECT" && one.closest("label").textContent.startsWith("Console")');
    await page.keyboard.press('ArrowDown');
    await expect.poll(() => new URL(page.url()).searchParams.get('findings')).toBe('yes');
    await expect.poll(() => page.getByRole('row').filter({ hasText: RUN }).count()).toBe(1);
    await expect.poll(() => page.getByRole('row').filter({ hasText: /r-[0-9a-z]{10}/ }).count()).toBe(1);
  });

  test('a log is searched, forwards and backwards', async () => {
    await opened(`/runs/${RUN}`);
    await page.getByText('Linux version 6.12').waitFor();
    await tabTo('one.type === "search" && one.closest("label").textContent === "Search"');
    await page.keyboard.type('<script>');
    await page.getByRole('button', { name: 'Next match' }).waitFor();
    const here = page.locator('.log-line.here');
    const lines: string[] = [];
    for (const key of ['Enter', 'Enter', 'Shift+Enter']) {
      await page.keyboard.press(key);
      await expect.poll(() => new URL(page.url()).hash).not.toBe(lines.at(-1) ?? '');
      lines.push(new URL(page.url()).hash);
    }
    expect(lines).toEqual(['#console:2', '#console:4', '#console:2']);
    await here.getByText(SCRIPT).waitFor();
  });

  test('what an alert is, is said', async () => {
    await opened('/alerts');
    await page.getByText(/ready/).first().waitFor({ timeout: 60_000 });
    await tabTo('one.textContent === "say what it is"');
    await page.keyboard.press('Enter');
    await tabTo('one.tagName === "INPUT" && one.closest("label").textContent.startsWith("Why")');
    await page.keyboard.type(SCRIPT);
    await page.keyboard.press('Tab');
    await page.keyboard.type(token);
    await page.keyboard.press('Enter');
    await expect.poll(async () => (await (await fetch(`${url}/api/alerts`)).json() as { alerts: { state: string; notes: unknown[] }[] }).alerts).toMatchObject([{ state: 'acknowledged', notes: [{ who: 'a person', why: SCRIPT }] }]);
  });
});

describe('what is hostile is text', () => {
  const PLACES = [['/runs', SCRIPT], [`/runs/${RUN}`, SCRIPT], ['/alerts?state=acknowledged', SCRIPT], ['/evaluations', '<script>alert(1)</script>'], ['/evaluations/e-0123456789', '<script>alert(1)</script>']] as const;

  test.each(PLACES)('on %s', async (path, text) => {
    await opened(path);
    await page.locator('main').getByText(text, { exact: false }).filter({ visible: true }).first().waitFor();
    // Neither a tag of somebody else's nor a character that turns the text around it.
    expect(await page.evaluate('[...document.scripts].filter((one) => one.textContent.includes("alert(1)")).length')).toBe(0);
    expect(await page.evaluate('/[\\u202a-\\u202e\\u2066-\\u2069]/.test(document.body.innerText)')).toBe(false);
  });

  test('as are the subject and the author of a patch', async () => {
    await opened('/evaluations/e-0123456789');
    const about = page.getByRole('region', { name: 'What was evaluated, and on what' });
    expect(await about.getByText('subject', { exact: true }).locator('xpath=following-sibling::*[1]').innerText()).toContain(HOSTILE.slice(0, 36));
    expect(await about.getByText('author', { exact: true }).locator('xpath=following-sibling::*[1]').innerText()).toMatch(/^Mallory[^]*Bcc: everybody@example\.org <m@example\.org>$/);
  });

  test.each(BOTH_LOOKS)('in $theme at $size.width pixels', async (look) => {
    await takeLook(page, look);
    for (const [path] of PLACES) {
      await opened(path);
      await page.waitForTimeout(300);
      await expectRight(page, `hostile-${path}`, look);
    }
    await page.setViewportSize(WIDE);
  });
});

test('no page asked anything, logged an error, or threw', () => {
  expect(misdeeds).toEqual([]);
});
