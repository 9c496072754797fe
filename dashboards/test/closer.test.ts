// What people look at closer, in Chromium: the error of every frame and the ways to look at a wrong one, an opened row of an evaluation with its history, two runs side
// by side, workers, and a lab in which nothing has run yet. The records come in as a worker leaves them; their pictures are made by the code that makes them for real.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fromPlanes } from '../../orchestrator/src/clip/golden.ts';
import { paintFrame } from '../../orchestrator/src/clip/pattern.ts';
import { evaluationOf } from '../../orchestrator/src/report/evaluation/fixture.ts';
import { keepWrongFrames, SENTINEL } from '../../orchestrator/src/verify/kept-frames.ts';
import { TestLab } from '../../orchestrator/test/lab.ts';
import { frameLine, goldenFrames, pipelineResult, runRecord } from '../../orchestrator/test/parts.ts';
import { expectRight, LOOKS, serveTo, takeLook, WIDE, type Served } from './look.ts';

const SIZE = { width: 640, height: 360 };
const FRAMES = 12;
const WRONG_RUN = 'r-c000000001';

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

/** Frames 2 and 5 are wrong and were kept, 9 is wrong and was not, 7 may be anything. Of the last plane u of frame 2 a quarter never arrived. */
async function sealWrongFrames(): Promise<void> {
  const golden = goldenFrames(FRAMES);
  const pictures = new Map(Array.from({ length: FRAMES }, (_, n) => [n, fromPlanes(paintFrame(SIZE, n))]));
  const spoilt = (n: number, plane: 'y' | 'u', rows: number): Parameters<typeof keepWrongFrames>[0]['pixels'][number] => {
    const { width, height, data } = paintFrame(SIZE, n)[plane];
    return { n, plane, what: 'texels', width, height, bytesPerPixel: 1, data: data.slice().fill(SENTINEL, (height - rows) * width) };
  };
  const kept = keepWrongFrames({
    stem: 'dmabuf-copy-c', golden, pictures, wrong: [{ frame: 2, oracle: 'texels', planes: ['y', 'u'] }, { frame: 5, oracle: 'texels', planes: ['y'] }],
    pixels: [spoilt(2, 'y', 10), spoilt(2, 'u', 45), spoilt(5, 'y', 1)],
  });
  const record = runRecord({
    id: WRONG_RUN, asExpected: false, outcome: { kind: 'failed', stage: 'verify', why: '3 of 12 frames wrong' },
    pipelines: [pipelineResult({ pipeline: 'dmabuf-copy', clip: 'c', status: 'failed', why: '3 of 12 frames wrong', frames: FRAMES, wrong: 3, frameNumbers: { wrong: [2, 5, 9], free: [7] }, kept: kept.map((one) => one.kept) })],
  });
  const lines = [{ t: 'start', id: 1, pipeline: 'dmabuf-copy' }, { t: 'pixels', id: 1, n: 2, plane: 'y', what: 'texels', part: 'QUJD' }, ...Array.from({ length: FRAMES }, (_, n) => frameLine(n))];
  await seal(WRONG_RUN, {
    'probe.ndjson': lines.map((line) => `${JSON.stringify(line)}\n`).join(''),
    ...Object.fromEntries(kept.flatMap(({ files }) => files.map(({ name, png }) => [name, png]))), 'run.json': JSON.stringify(record),
  });
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
  await expect.poll(async () => (await (await fetch(`${url}/api/health`)).json() as { record: { runs: number; evaluations: number } }).record).toMatchObject({ runs: 1 + 10 + 4 * PAIRS, evaluations: 2 });
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

describe('wrong frames', () => {
  /** Once it holds of each picture, which is called `one`. Not waitForFunction: the pages' own policy forbids what it does from its second look on. */
  const all = (holds: string): Promise<void> => expect.poll(() => page.evaluate<boolean>(`[...document.querySelectorAll(".viewer img")].every((one) => one.complete && ${holds})`)).toBe(true);
  const shownNow = async (): Promise<string | null> => page.locator('.viewer img').first().getAttribute('alt');

  test('PSNR and wrong texels are told for every frame, and what nobody measured is said not to be known', async () => {
    await sealWrongFrames();
    await opened(`/runs/${WRONG_RUN}/frames`);
    const section = page.getByRole('region', { name: 'PSNR and texel errors over the frames' });
    await section.getByText('8 frames right, with an infinite PSNR and no wrong texel; 3 frames wrong, of which 1 without figures; 1 frame held against nothing.').waitFor();
    const rows = section.getByRole('row');
    expect(await rows.filter({ hasText: 'frame 2' }).textContent()).toMatch(/y \d+\.\d\d dB, u \d+\.\d\d dBy 6\u202f400 of 230\u202f400, as texels; u 14\u202f\d{3} of 57\u202f600, as texels$/);
    expect(await rows.filter({ hasText: 'frame 5' }).textContent()).toMatch(/640 of 230\u202f400, as texels$/);
    expect(await rows.filter({ hasText: 'frame 9' }).textContent()).toContain('not known: it is wrong, and no picture of it was kept');
    expect(await rows.filter({ hasText: 'frame 7' }).textContent()).toContain('it may be anything');
    const psnr = section.getByRole('img', { name: /^PSNR of the worst plane, dB: 8 frames right/ });
    expect([await psnr.locator('circle').count(), await psnr.locator('path').count(), await psnr.getByText('?').count()]).toEqual([8, 2, 2]);
    expect(await section.getByRole('img', { name: /^Wrong texels/ }).locator('rect').count()).toBe(2);
  });

  test('what the page asks of the probe has no pixels in it, and comes compressed', async () => {
    const response = await fetch(`${url}/api/runs/${WRONG_RUN}/probe-lines`);
    expect([response.status, response.headers.get('content-encoding')]).toEqual([200, expect.stringMatching(/gzip|br|deflate/)]);
    const kinds = (await response.text()).trim().split('\n').map((line) => (JSON.parse(line) as { t: string }).t);
    expect([new Set(kinds), kinds.length]).toEqual([new Set(['start', 'frame']), FRAMES + 1]);
  });

  test('the table leads to a frame by keyboard', async () => {
    await opened(`/runs/${WRONG_RUN}/frames`);
    await page.getByRole('region', { name: /texel errors/ }).getByRole('button', { name: 'frame 5' }).focus();
    await page.keyboard.press('Enter');
    await expect.poll(shownNow).toMatch(/frame 5,/);
  });

  test('each plane of a frame can be looked at alone', async () => {
    await opened(`/runs/${WRONG_RUN}/frames?frame=2`);
    const planes = page.getByRole('group', { name: 'Plane' });
    expect(await planes.getByRole('button').allTextContents()).toEqual(['y, as texels', 'u, as texels']);
    await planes.getByRole('button', { name: 'u, as texels' }).click();
    await expect.poll(shownNow).toMatch(/plane u of frame 2/);
    expect(new URL(page.url()).searchParams.get('plane')).toBe('u');
    await page.getByText('320 x 180').waitFor();
  });

  test('the slider lays one picture over the other as far as it is moved', async () => {
    await opened(`/runs/${WRONG_RUN}/frames?frame=2`);
    await page.getByRole('button', { name: 'slider' }).click();
    const slider = page.getByRole('slider', { name: 'divider' });
    await slider.focus();
    await page.keyboard.press('Home');
    expect(await page.locator('.wipe').evaluate((one) => (one as unknown as { style: { clipPath: string } }).style.clipPath)).toBe('inset(0px 0px 0px 0%)');
    await page.keyboard.press('End');
    await expect.poll(() => page.locator('.wipe').evaluate((one) => (one as unknown as { style: { clipPath: string } }).style.clipPath)).toBe('inset(0px 0px 0px 100%)');
    expect(new URL(page.url()).searchParams.get('mode')).toBe('slider');
  });

  test('at first small pictures are fetched; who looks closer, or at a pixel, gets the pictures themselves', async () => {
    const fetched: string[] = [];
    const hear = (response: { url: () => string }): void => { fetched.push(response.url().replace(/^.*-texels-y-/, '')); };
    const pictures = (): string[] => [...new Set(fetched.filter((name) => name.endsWith('.png')))].sort();
    page.on('response', hear);
    const WHOLE = ['difference.png', 'expected.png', 'got.png'];
    for (const closer of [(): Promise<void> => page.keyboard.press('+').then(() => page.keyboard.press('+')), (): Promise<void> => page.locator('.picture').nth(1).hover()]) {
      await page.mouse.move(0, 0);
      fetched.length = 0;
      await opened(`/runs/${WRONG_RUN}/frames?frame=5&plane=y`);
      await all('one.naturalWidth === 320');
      expect(pictures()).toEqual(WHOLE.map((name) => `preview-${name}`));
      await closer();
      await all('one.naturalWidth === 640');
      await expect.poll(pictures).toEqual([...WHOLE, ...WHOLE.map((name) => `preview-${name}`)].sort());
    }
    await page.getByText(/pixel \d+, \d+: expected \d+, got \d+/).waitFor();
    page.off('response', hear);
  });

  test('who walks from plane to plane, closer to one of them, has each in sight, whatever its size', async () => {
    await opened(`/runs/${WRONG_RUN}/frames?frame=2&plane=y`);
    const inSight = (): Promise<boolean> => page.evaluate('[...document.querySelectorAll(".viewer .picture")].every((pane) => { const [a, b] = [pane, pane.querySelector("img")].map((one) => one.getBoundingClientRect()); return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom; })');
    await all('one.offsetWidth === 640');
    for (const key of ['+', '+', '+', '+', '+', '+', 'Shift+ArrowRight', 'Shift+ArrowRight', 'Shift+ArrowRight', 'Shift+ArrowRight', 'Shift+ArrowRight', 'Shift+ArrowRight']) await page.keyboard.press(key);
    for (const [plane, width] of [['u', 320], ['y', 640], ['u', 320], ['y', 640]] as const) {
      await page.getByRole('button', { name: `${plane}, as texels` }).click();
      await all(`one.offsetWidth === ${String(width)}`);
      expect(await inSight(), plane).toBe(true);
    }
  });

  test('keys of a single character can be turned off, stay so, and the arrows go on', async () => {
    await opened(`/runs/${WRONG_RUN}/frames?frame=2`);
    await page.getByText('Keys', { exact: true }).click();
    const box = page.getByRole('checkbox', { name: /keys of a single character/ });
    await box.uncheck();
    await page.getByRole('button', { name: 'next', exact: true }).waitFor();
    await page.reload();
    await page.getByRole('button', { name: 'next', exact: true }).waitFor();
    const zoom = page.locator('.viewer .figures').first();
    // It fits once the pictures are there.
    await all('one.naturalWidth > 0');
    await page.evaluate('new Promise((drawn) => { requestAnimationFrame(() => { requestAnimationFrame(drawn); }); })');
    const before = await zoom.textContent();
    for (const key of ['n', '+', 'p', '-', '+']) await page.keyboard.press(key);
    expect([await shownNow(), await zoom.textContent()]).toEqual([expect.stringContaining('frame 2,'), before]);
    await page.keyboard.press('ArrowRight');
    await expect.poll(shownNow).toMatch(/frame 5,/);
    await page.getByText('Keys', { exact: true }).click();
    await box.check();
    await box.blur();
    await page.keyboard.press('p');
    await expect.poll(shownNow).toMatch(/frame 2,/);
  });

  test('blinking changes the pictures, can be held, and stands still for whoever wants nothing to move', async () => {
    await page.emulateMedia({ reducedMotion: 'no-preference' });
    await opened(`/runs/${WRONG_RUN}/frames?frame=2&mode=blink`);
    const shown = page.locator('.pane figcaption');
    await expect.poll(() => shown.textContent()).toBe('expected');
    await expect.poll(() => shown.textContent()).toBe('got');
    await page.getByRole('button', { name: 'hold' }).click();
    const held = await shown.textContent();
    await page.waitForTimeout(1300);
    expect(await shown.textContent()).toBe(held);
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await opened(`/runs/${WRONG_RUN}/frames?frame=2&mode=blink`);
    await page.getByRole('button', { name: 'blink', exact: true }).last().waitFor();
    await page.waitForTimeout(1300);
    expect(await shown.textContent()).toBe('got');
    await page.emulateMedia({ reducedMotion: null });
  });

  test.each(LOOKS)('in $theme at $size.width pixels every way to look is right', async (look) => {
    await takeLook(page, look);
    for (const mode of ['side', 'slider', 'blink']) {
      await opened(`/runs/${WRONG_RUN}/frames?frame=2&mode=${mode}`);
      await page.getByRole('region', { name: /texel errors/ }).waitFor();
      await expectRight(page, `frames-${mode}`, look);
    }
    await page.setViewportSize(WIDE);
  });
});

describe('an evaluation', () => {
  test('a row opens to its pairs and to the history of its metric, in which its own boots are marked', async () => {
    await sealHistory();
    await opened(`/evaluations/${EVALUATION}`);
    await openRow();
    for (const name of [/^Every pair/, /^In the order of boots/, /^Change of each pair/]) await page.getByRole('img', { name }).waitFor();
    const history = page.getByRole('img', { name: 'History of instructions, per frame: 16 points in the order of time, 6 of them of this evaluation' });
    await history.waitFor();
    expect([await history.locator('circle').count(), await history.locator('path').count(), await history.locator('rect.own').count()]).toEqual([13, 3, 1]);
    await page.getByText('10 points of the same metric, kernels, device, stack, clip and host from outside of this evaluation').waitFor();
    await page.getByRole('link', { name: 'Look closer' }).click();
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
    await page.getByLabel('Second run').fill(WRONG_RUN);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: `Run ${FROM} and ${WRONG_RUN}` }).waitFor();
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

test('a worker is shown with its host, its slots and that it is idle, and is right in every look', async () => {
  const worker = lab.process(['worker']);
  await opened('/workers');
  await page.getByText('Nobody is at work.').waitFor();
  await expect.poll(async () => (await (await fetch(`${url}/api/queue`)).json() as { workers: unknown[] }).workers.length, { timeout: 120_000 }).toBe(1);
  // By itself: nobody loads the page anew.
  const row = page.getByRole('group', { name: 'Workers' }).getByRole('row').nth(1);
  await row.waitFor();
  await row.getByText(/^0 of \d+$/).waitFor();
  await row.getByText('idle').waitFor();
  for (const look of LOOKS) {
    await takeLook(page, look);
    await opened('/workers');
    await row.waitFor();
    await expectRight(page, 'workers-one', look);
  }
  await page.setViewportSize(WIDE);
  worker.kill('SIGINT');
  await worker;
});

test('no page asked anything, logged an error, or threw', () => {
  expect(misdeeds).toEqual([]);
});
