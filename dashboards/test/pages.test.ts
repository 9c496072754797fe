// The pages in Chromium, on what real guests left: each page in both themes and at both widths, and what people do on them. Screenshots go to
// dashboards/shots/, for people to look at. Alerts need weeks of samples: those alone are made up.
import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ExportSiteDocument, RunDocument } from '../../orchestrator/src/contract/documents.ts';
import { ENDS, HOSTILE } from '../../orchestrator/src/report/evaluation/fixture.ts';
import { TestLab } from '../../orchestrator/test/lab.ts';
import { pipelineResult, runRecord } from '../../orchestrator/test/parts.ts';
import { AXE, expectRight, LOOKS, NARROW, serveTo, shoot, takeLook, WIDE, type Served } from './look.ts';
import { serveFolder, visit } from './walk-site.ts';

/** Samples on each side of a step, and days between them. */
const SIDE = 12;
const HOUR_MS = 3_600_000;
/** One of the runs that are made up: a pass of it is wrong, over a clip that a spreadsheet would take for a formula. */
const TORN = 'r-s000000004';

let lab: TestLab;
let close: () => Promise<void>;
let opened: Served['opened'];
let url: string;
let browser: Browser;
let page: Page;
let mutant: string;
let job: string;
let token: string;
let misdeeds: string[];

async function sealSamples(): Promise<void> {
  for (let n = 0; n < 2 * SIDE; n++) {
    const id = `r-s${n.toString(36).padStart(9, '0')}`;
    const at = new Date(Date.now() - (2 * SIDE - n) * HOUR_MS).toISOString();
    await mkdir(join(lab.home, 'runs', id), { recursive: true });
    await writeFile(join(lab.home, 'runs', id, 'run.json'), JSON.stringify(runRecord({ id, title: n === 3 ? HOSTILE : 'a night', startedAt: at, sealedAt: at, readyMs: (n < SIDE ? 2000 : 2600) + 10 * (n % 3), stages: [],
      pipelines: id === TORN ? [pipelineResult({ clip: '=cmd()', status: 'failed', wrong: 1, defect: 'torn' })] : [] })));
  }
}

beforeAll(async () => {
  lab = await TestLab.open();
  await sealSamples();
  await mkdir(join(lab.home, 'evaluations/e-0123456789'), { recursive: true });
  await writeFile(join(lab.home, 'evaluations/e-0123456789/evaluation.json'), JSON.stringify({ ...ENDS['worse'], title: HOSTILE }));
  ({ token } = JSON.parse((await lab.vlab(['token', 'add', 'a person', '--json'])).stdout) as { token: string });
  ({ opened, url, browser, page, misdeeds, close } = await serveTo(lab));
});

afterAll(async () => {
  await close();
  await lab.end();
});

test('the log of a real guest is followed while it boots, and its outcome comes by itself', async () => {
  const path = await lab.job({ kernels: [{ base: '6.12' }, { base: '6.12', series: 'mutants/short-transfer', expect: 'failed' }], pipelines: ['upload', 'dmabuf-copy'] });
  const running = lab.process(['run', path, '--json', '--quiet']);
  await opened('/runs');
  await page.getByRole('list', { name: 'Runs under way' }).getByRole('link').first().waitFor({ timeout: 60_000 });
  // Of the base: the mutant's may boot at the same time, and its end is told in other words.
  const base = await lab.submitted('');
  const id = await lab.event(running, ({ event, run }) => event === 'guest.started' && run === base);
  await opened(`/runs/${id}`);
  // The end of the log is in sight, as long as it is followed.
  await page.getByText('Run /vlab/probe as init process').waitFor({ timeout: 60_000 });
  await page.getByText(/The kernel did what it should/).waitFor({ timeout: 120_000 });
  const document = RunDocument.parse(JSON.parse((await running).stdout));
  expect(document.asExpected).toBe(true);
  job = document.job;
  mutant = document.runs[1]?.id ?? '';
  await expect.poll(async () => (await (await fetch(`${url}/api/runs?outcome=failed`)).json() as { runs: unknown[] }).runs.length).toBe(1);
});

test('the head of a page is seen before its script is there, which takes it over', async () => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const bare = await context.newPage();
  await bare.goto(`${url}/runs`);
  await bare.locator('header').getByText('Virgil Lab').waitFor();
  await context.close();
  await opened('/runs');
  expect(await page.getByRole('banner').count()).toBe(1);
  await page.getByRole('banner').getByRole('link', { name: 'Runs' }).waitFor();
});

test('runs are filtered by ticking, the address says how, and going back takes it back', async () => {
  await opened('/runs');
  await page.getByRole('checkbox', { name: /failed/ }).first().check();
  await expect.poll(() => new URL(page.url()).searchParams.get('outcome')).toBe('failed');
  await expect.poll(() => page.getByRole('row').filter({ hasText: /r-[0-9a-z]{10}/ }).count()).toBe(1);
  await page.goBack();
  await expect.poll(() => page.getByRole('row').filter({ hasText: /r-[0-9a-z]{10}/ }).count()).toBeGreaterThan(10);
});

test('what was wrong with the frames of a run is ticked too, and what a pipeline came to is taken away as a table', async () => {
  await opened('/runs');
  await page.locator('summary', { hasText: /^defect/ }).click();
  await page.getByRole('checkbox', { name: /torn/ }).check();
  await expect.poll(() => new URL(page.url()).searchParams.get('defect')).toBe('torn');
  await expect.poll(() => page.getByRole('row').filter({ hasText: /r-[0-9a-z]{10}/ }).count()).toBe(1);
  await page.getByRole('row').getByRole('link', { name: TORN }).waitFor();
  await opened(`/runs/${TORN}`);
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('region', { name: 'Pipelines' }).getByRole('link', { name: 'as CSV' }).click()]);
  expect(await readFile(await download.path(), 'utf8')).toMatch(/^pipeline,clip,fault,status,.*\nupload,'=cmd\(\),,failed,/);
});

test('a link from the trends shows the same span of time whatever comes in later', async () => {
  await opened('/trends?metric=ready');
  await page.getByRole('link', { name: 'link to this span of time' }).click();
  const ends = (): (string | null)[] => ['metric', 'from', 'to'].map((name) => new URL(page.url()).searchParams.get(name));
  await expect.poll(ends).toEqual(['ready', expect.stringMatching(/^\d{4}-.*Z$/), expect.stringMatching(/^\d{4}-.*Z$/)]);
  await page.getByRole('group', { name: 'Filters that are set' }).getByText('from').waitFor();
});

test('a level that changed is shaded, and a click on it compares the two runs between which it did', async () => {
  await opened('/trends?metric=ready&base=6.12');
  const plot = page.getByRole('img', { name: / 1 change points$/ });
  const ends = await page.locator('.panel li a').first().getAttribute('href');
  expect(ends).toMatch(/^\/compare\?from=r-s0000000\w\w&to=r-s0000000\w\w$/);
  const { width = 0 } = (await plot.locator('.u-over').boundingBox()) ?? {};
  await plot.locator('.u-over').click({ position: { x: width - 30, y: 60 } });
  await expect.poll(() => new URL(page.url()).pathname + new URL(page.url()).search).toBe(ends);
});

test('a run has its stages in time, what its host and its guest were, what the probe said, and what boots it again', async () => {
  await opened(`/runs/${mutant}#probe`);
  const stages = page.getByRole('table', { name: 'Stages, and how long each took' });
  for (const stage of ['kernel', 'guest', 'pipeline', 'verify']) {
    const bar = stages.getByRole('row').filter({ hasText: stage }).locator('.bar i');
    expect((await bar.boundingBox())?.width, stage).toBeGreaterThan(0);
  }
  await page.getByLabel('Search', { exact: true }).fill('"t":"frame"');
  await page.getByRole('button', { name: 'Next match' }).click();
  await page.locator('.log-line.here').getByText('"t":"frame"').waitFor();
  for (const [fold, said] of [['Versions of the host side and the guest', /qemu\s*1:10\./], ['What the guest\'s GPU says it can', /features3d\s*true/], ['QEMU\'s command line', /-device\s.*virtio-gpu-gl/]] as const) {
    const details = page.locator('details', { hasText: fold });
    await details.locator('summary').click();
    await expect.poll(() => details.evaluate((one) => (one as unknown as { innerText: string }).innerText), { message: fold }).toMatch(said);
  }
  await page.getByText(`npx vlab reproduce ${mutant}`, { exact: true }).waitFor();
});

test('the wrong frames of a mutant are stepped through by key, and what is wrong is written on them', async () => {
  await opened(`/runs/${mutant}/frames`);
  const name = page.getByText(/the last \d+ rows .* never arrived/).first();
  await name.waitFor();
  // Drawn pictures: by then the page hears keys too.
  expect(await page.locator('.viewer img').count()).toBe(3);
  for (const picture of await page.locator('.viewer img').all()) await expect.poll(() => picture.evaluate((one) => (one as unknown as { naturalWidth: number }).naturalWidth)).toBeGreaterThan(0);
  const alt = async (): Promise<string | null> => page.locator('.viewer img').first().getAttribute('alt');
  for (const [key, wanted] of [['n', 1], ['ArrowRight', 2], ['p', 1]] as const) {
    await page.keyboard.press(key);
    await expect.poll(alt).toMatch(new RegExp(`of frame ${String(wanted)},`));
    expect(new URL(page.url()).searchParams.get('frame')).toBe(String(wanted));
  }
  for (const mode of ['side', 'slider', 'blink']) {
    await opened(`/runs/${mutant}/frames?mode=${mode}`);
    await page.locator('.viewer .defect-over').getByText(/the last \d+ rows .* never arrived/).first().waitFor();
  }
  const errors = page.getByRole('region', { name: 'PSNR and texel errors over the frames' });
  expect(await errors.getByRole('row').filter({ hasText: 'frame 1' }).first().textContent()).toMatch(/\d+\.\d\d dB.* of [\d\u202f]+, as texels/);
  await errors.getByText('not known: it is wrong, and no picture of it was kept').first().waitFor();
});

test('a verdict is read: the sentence, and behind a row the pairs that it rests on', async () => {
  await opened('/evaluations/e-0123456789');
  await page.getByText(/worse: instructions of upload \+2\.50 %/).first().waitFor();
  const row = page.getByRole('button', { name: /instructions upload/ });
  await row.focus();
  await page.keyboard.press('Enter');
  await page.getByText(/Hodges-Lehmann estimate/).waitFor();
  await page.getByRole('img', { name: /^\+2\.50 %, 95 % interval \+\d.* to \+\d.*, limit / }).waitFor();
  for (const [name, format] of [['mail for a list', 'mail'], ['JUnit XML', 'junit'], ['CSV of every sample', 'csv']] as const) {
    expect(await page.getByRole('navigation', { name: 'Reports' }).getByRole('link', { name }).getAttribute('href')).toBe(`/api/evaluations/e-0123456789/reports/${format}`);
  }
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'KTAP' }).click()]);
  expect(await readFile(await download.path(), 'utf8')).toMatch(/^KTAP version 1/);
});

test('an alert is acknowledged with a token, and who, when and why stay with it', async () => {
  const openAlerts = page.getByRole('region', { name: 'Open alerts' });
  await opened('/');
  await openAlerts.getByRole('link', { name: 'ready, boot' }).waitFor();
  await opened('/alerts');
  await page.getByText(/ready/).first().waitFor();
  await page.getByRole('button', { name: /say/i }).first().click();
  await page.getByLabel('Why').fill('the boot got longer on purpose');
  await page.getByLabel(/^Token/).fill('nonsense');
  await page.getByRole('button', { name: 'say it' }).click();
  await page.getByText(/nobody has this token/).waitFor();
  await page.getByLabel(/^Token/).fill(token);
  await page.getByRole('button', { name: 'say it' }).click();
  await expect.poll(async () => (await (await fetch(`${url}/api/alerts`)).json() as { alerts: { state: string; notes: unknown[] }[] }).alerts).toMatchObject([{ state: 'acknowledged', notes: [{ who: 'a person', why: 'the boot got longer on purpose' }] }]);
  await page.getByRole('cell').getByText(/, a person: acknowledged, the boot got longer on purpose$/).waitFor();
  await opened('/');
  await openAlerts.getByText('No level became worse that nobody has said anything of.').waitFor();
});

test('the theme that somebody chose stays, whatever the system\'s is', async () => {
  await takeLook(page, LOOKS[0]);
  await opened('/runs');
  const shownTheme = (): Promise<string> => page.evaluate('getComputedStyle(document.body).colorScheme + " " + document.documentElement.dataset.theme');
  for (const wanted of ['light', 'dark']) {
    await page.getByRole('button', { name: /^Theme/ }).click();
    await expect.poll(shownTheme).toContain(wanted);
  }
  await opened('/runs');
  await page.getByRole('button', { name: 'Theme: dark. Change it' }).waitFor();
  await expectRight(page, 'theme-chosen', { theme: 'dark', size: WIDE });
  await page.getByRole('button', { name: /^Theme/ }).click();
  await page.getByRole('button', { name: 'Theme: auto. Change it' }).waitFor();
});

test('the keyboard alone leads everywhere', async () => {
  await opened('/');
  await page.keyboard.press('Tab');
  expect(await page.evaluate('document.activeElement.textContent')).toMatch(/skip/i);
  for (const name of ['Runs', 'Trends']) {
    await opened('/');
    for (let presses = 0; presses < 20 && (await page.evaluate('document.activeElement.textContent')) !== name; presses++) await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await expect.poll(() => new URL(page.url()).pathname).toBe(`/${name.toLowerCase()}`);
  }
});

describe('every page', () => {
  const PAGES = (): string[] => ['/', `/jobs/${job}`, '/runs', `/runs/${mutant}`, `/runs/${mutant}/frames`, '/evaluations', '/evaluations/e-0123456789', '/series', '/series/view?name=mutants/short-transfer', '/trends?metric=ready', '/alerts', '/workers', '/runs/r-zzzzzzzzzz', '/nothing-here'];

  test.each(LOOKS)('in $theme at $size.width pixels: nothing for axe to find, nothing wider than the screen', async (look) => {
    await takeLook(page, look);
    for (const path of PAGES()) {
      await opened(path);
      await page.waitForLoadState('load');
      await page.waitForTimeout(300);
      await expectRight(page, path, look);
    }
    await page.setViewportSize(WIDE);
  });

  test('says what is hostile as text', async () => {
    await opened(`/runs?text=${encodeURIComponent('<script>')}`);
    await page.getByText('<script>alert(1)</script>', { exact: false }).first().waitFor();
  });
});

describe('a copy of the job on a disk', () => {
  const ENDING = '</script><script>alert(1)</script>';
  let site: string;

  test('is written whole, told, and written again, but not over what somebody else wrote', async () => {
    site = join(lab.home, 'site');
    await appendFile(join(lab.home, 'runs', mutant, 'console.log'), `${ENDING}\n`);
    await mkdir(join(lab.home, 'evaluations/e-0123456780'), { recursive: true });
    await writeFile(join(lab.home, 'evaluations/e-0123456780/evaluation.json'), JSON.stringify({ ...ENDS['worse'], id: 'e-0123456780', series: 'mutants/short-transfer', title: HOSTILE, correctness: { ...ENDS['worse']?.correctness, runs: [mutant] } }));
    for (let again = 0; again < 2; again++) {
      const told = ExportSiteDocument.parse(JSON.parse((await lab.vlab(['export', 'site', site, '--job', job, '--json'])).stdout));
      expect(told).toMatchObject({ job, folder: site, open: pathToFileURL(join(site, 'index.html')).href });
      // Three lists, the job, two runs, the wrong frames of one, an evaluation, a series.
      expect(told.pages).toBe(9);
    }
    const refused = await lab.vlab(['export', 'site', join(lab.home, 'runs'), '--json']);
    expect(refused.exitCode).toBe(2);
    expect(refused.stdout).toContain('NOT_A_SITE');
  });

  test.each([WIDE, NARROW])('leads from the job to a run, to its wrong frames and back, at $width pixels, and asks for nothing beside its folder', async (size) => {
    const { page: at, misdeeds: found, open, end } = await visit(browser, pathToFileURL(join(site, 'index.html')).href, size);
    await open('/');
    await at.getByText(`A copy of job ${job}`).waitFor();
    await at.locator(`a.cell[href="#/runs/${mutant}"]`).first().focus();
    await at.keyboard.press('Enter');
    await at.getByRole('heading', { name: `Run ${mutant}` }).waitFor();
    await at.getByLabel('Search', { exact: true }).fill('</script>');
    await at.getByRole('button', { name: 'Next match' }).click();
    await at.locator('.log-line.here').getByText(ENDING).waitFor();
    await at.getByRole('link', { name: /pictures? of wrong frames/ }).click();
    await at.getByText(/the last \d+ rows .* never arrived/).first().waitFor();
    for (const picture of await at.locator('.viewer img').all()) await expect.poll(() => picture.evaluate((one) => (one as unknown as { naturalWidth: number }).naturalWidth)).toBeGreaterThan(0);
    await at.keyboard.press('n');
    await expect.poll(() => at.url()).toContain('frame=1');
    await at.goBack();
    await at.getByRole('heading', { name: `Run ${mutant}` }).waitFor();
    await at.goBack();
    await at.getByRole('heading', { name: `Job ${job}` }).waitFor();
    for (const address of ['/runs?outcome=failed', '/evaluations', '/evaluations/e-0123456780', '/series', '/series/view?name=mutants/short-transfer', `/runs/${mutant}#console:3`, '/trends', '/runs/r-zzzzzzzzzz']) {
      await open(address);
      // Without its own fetching of style sheets: a copy lets nothing be fetched.
      await at.evaluate(AXE);
      expect(await at.evaluate<string[]>('axe.run({ preload: false, resultTypes: ["violations"] }).then(({ violations }) => violations.filter((one) => one.impact === "serious" || one.impact === "critical").map((one) => one.id + ": " + one.nodes.map((node) => node.html).slice(0, 2).join(" ")))'), address).toEqual([]);
      expect(await at.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth'), address).toBeLessThanOrEqual(0);
      // A link to what is not here is none.
      for (const href of await at.evaluate<string[]>('[...document.querySelectorAll("a[href]")].map((one) => one.getAttribute("href"))')) expect(href, address).toMatch(/^(#\/|files\/|reports\/|tables\/)/);
    }
    await end();
    expect(found).toEqual([]);
  });

  test('is the same below any address of a web server, and the runs are filtered in the page', async () => {
    const served = await serveFolder(site);
    const { page: at, misdeeds: found, open, end } = await visit(browser, served.root, WIDE);
    await open('/runs');
    await at.getByRole('checkbox', { name: /failed/ }).first().check();
    await expect.poll(() => at.url()).toContain('#/runs?outcome=failed');
    await expect.poll(() => at.getByRole('row').filter({ hasText: /r-[0-9a-z]{10}/ }).count()).toBe(1);
    await open(`/runs/${mutant}`);
    const file = await at.getByRole('link', { name: 'console.log' }).getAttribute('href');
    expect(await (await fetch(new URL(file ?? '', served.root))).text()).toContain(ENDING);
    await end();
    await served.end();
    expect(found).toEqual([]);
  });
});

test('on a wide page the table of runs has room for all that it says', async () => {
  await takeLook(page, LOOKS[0]);
  await opened('/runs');
  await page.getByRole('row').filter({ hasText: mutant }).waitFor();
  expect(await page.evaluate('[...document.querySelectorAll("table.runs")].map((table) => table.scrollWidth - table.parentElement.clientWidth).filter((over) => over > 0)')).toEqual([]);
});

test('the queue\'s own pages tell of every queue, and have nothing on them that changes one', async () => {
  const { queues } = await (await fetch(`${url}/queues/api/queues`)).json() as { queues: { name: string; readOnlyMode: boolean }[] };
  expect(queues.length).toBeGreaterThan(0);
  const board = await browser.newPage();
  for (const look of LOOKS) {
    await takeLook(board, look);
    await board.goto(`${url}/queues`);
    await board.getByText(queues[0]?.name ?? '').first().waitFor({ state: 'attached' });
    await shoot(board, 'queues', look);
    expect(await board.getByRole('button', { name: /pause|obliterate|empty|retry|promote|clean|add job/i }).count()).toBe(0);
  }
  await board.close();
});

test('a database that stops is said on the page, and so is that it is back', async () => {
  await opened('/runs');
  const container = (await lab.engine.list()).find((one) => one.purpose === 'postgres');
  await lab.engine.docker.getContainer(container?.id ?? '').kill();
  const banner = page.getByText(/The database is down/);
  await banner.waitFor({ timeout: 20_000 });
  await opened(`/runs/${mutant}`);
  await page.getByText(/never arrived/).first().waitFor();
  await banner.waitFor({ state: 'detached', timeout: 60_000 });
});

test('no page asked anything, logged an error, or threw', () => {
  expect(misdeeds).toEqual([]);
});
