// What the tests of pages share: a browser, the four ways in which every page must look right, and what makes it so.
import { mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterEach, expect } from 'vitest';
import { ServeDocument } from '../../orchestrator/src/contract/documents.ts';
import { messageOf } from '../../orchestrator/src/lib/lab-error.ts';
import { CHECKOUT, type TestLab } from '../../orchestrator/test/lab.ts';

const SHOWN_CHARACTERS = 2000;
const SHOTS = join(CHECKOUT, 'dashboards/shots');
export const AXE = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
export const WIDE = { width: 1280, height: 900 };
export const NARROW = { width: 390, height: 844 };
export const LOOKS = [{ theme: 'light', size: WIDE }, { theme: 'dark', size: WIDE }, { theme: 'light', size: NARROW }, { theme: 'dark', size: NARROW }] as const;
/** Each theme and each width once. */
export const BOTH_LOOKS = [LOOKS[0], LOOKS[3]] as const;
export type Look = (typeof LOOKS)[number];

async function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
}

/** Each open page, and what it has asked for and not had yet. */
const waiting = new Map<Page, Set<string>>();

/** Of a test that failed, what its pages showed: the machine that it failed on may be gone. */
afterEach(async ({ task }) => {
  if (task.result?.state !== 'fail') return;
  for (const [page, asked] of waiting) {
    const shown = await page.locator('body').innerText({ timeout: 5000 }).catch(messageOf);
    process.stderr.write(`${page.url()} showed:\n${shown.slice(0, SHOWN_CHARACTERS)}\nand waited for: ${[...asked].join(' ')}\n`);
  }
});

/** `misdeeds`: what no page may ever do: ask the person something, log an error, throw. */
async function openPage(browser: Browser): Promise<{ page: Page; misdeeds: string[] }> {
  const misdeeds: string[] = [];
  const page = await (await browser.newContext({ viewport: WIDE })).newPage();
  const asked = new Set<string>();
  page.on('request', (request) => { asked.add(request.url()); });
  for (const ended of ['requestfinished', 'requestfailed'] as const) page.on(ended as 'requestfinished', (request) => { asked.delete(request.url()); });
  waiting.set(page, asked);
  page.on('close', () => { waiting.delete(page); });
  page.on('dialog', (dialog) => { misdeeds.push(`dialog: ${dialog.message()}`); void dialog.dismiss(); });
  page.on('pageerror', (error) => { misdeeds.push(`thrown: ${error.message}`); });
  page.on('console', (message) => { if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) misdeeds.push(`console: ${message.text()}`); });
  return { page, misdeeds };
}

/** `opened`: goes to a page by its path, once its heading is there. */
export type Served = { url: string; browser: Browser; page: Page; misdeeds: string[]; opened: (path: string) => Promise<void>; close: () => Promise<void> };

/** The lab's own server, and a page that has asked it for nothing yet. */
export async function serveTo(lab: TestLab, env: Record<string, string> = {}): Promise<Served> {
  const serving = lab.process(['serve', '--port', '0', '--json'], env);
  const { url } = ServeDocument.parse(JSON.parse(await serving.firstLine()));
  const browser = await openBrowser();
  const { page, misdeeds } = await openPage(browser);
  const opened = async (path: string): Promise<void> => {
    await page.goto(`${url}${path}`);
    await page.locator('main h1').first().waitFor();
  };
  const close = async (): Promise<void> => {
    await browser.close();
    serving.kill('SIGINT');
    await serving;
  };
  return { url, browser, page, misdeeds, opened, close };
}

export async function takeLook(page: Page, { theme, size }: Look): Promise<void> {
  await page.setViewportSize(size);
  await page.emulateMedia({ colorScheme: theme });
}

/** Of the page that is open, as it is, for people to look at. */
export async function shoot(page: Page, name: string, { theme, size }: Look): Promise<void> {
  await mkdir(SHOTS, { recursive: true });
  await page.screenshot({ path: join(SHOTS, `${name.replace(/[^a-z0-9]+/gi, '-')}-${String(size.width)}-${theme}.png`), fullPage: true });
}

/** The page that is open, as it is: kept as a picture, nothing wider than the screen, nothing for axe to find. */
export async function expectRight(page: Page, name: string, look: Look): Promise<void> {
  await shoot(page, name, look);
  expect(await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth'), name).toBeLessThanOrEqual(0);
  await page.evaluate(AXE);
  const found = await page.evaluate<string[]>('axe.run({ resultTypes: ["violations"] }).then(({ violations }) => violations.filter((one) => one.impact === "serious" || one.impact === "critical").map((one) => one.id + ": " + one.nodes.map((node) => node.html).slice(0, 2).join(" ")))');
  expect(found, name).toEqual([]);
}
