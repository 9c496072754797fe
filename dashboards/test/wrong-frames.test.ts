// The ways to look at a wrong frame, in Chromium: the error of every frame, one picture beside the other, over it and in turn with it, plane by plane, and closer.
// The run comes in as a worker leaves it; its pictures are made by the code that makes them for real.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fromPlanes } from '../../orchestrator/src/clip/golden.ts';
import { paintFrame } from '../../orchestrator/src/clip/pattern.ts';
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
  const files: Record<string, string | Uint8Array> = {
    'probe.ndjson': lines.map((line) => `${JSON.stringify(line)}\n`).join(''),
    ...Object.fromEntries(kept.flatMap(({ files }) => files.map(({ name, png }) => [name, png]))), 'run.json': JSON.stringify(record),
  };
  for (const [name, content] of Object.entries(files)) {
    const path = join(lab.home, 'runs', WRONG_RUN, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
  }
}

beforeAll(async () => {
  lab = await TestLab.open();
  await sealWrongFrames();
  ({ opened, url, page, misdeeds, close } = await serveTo(lab));
});

afterAll(async () => {
  await close();
  await lab.end();
});

/** Once there are pictures and it holds of each, which is called `one`. Not waitForFunction: the pages' own policy forbids what it does from its second look on. */
const all = (holds: string): Promise<void> => expect.poll(() => page.evaluate<boolean>(`((all) => all.length > 0 && all.every((one) => one.complete && ${holds}))([...document.querySelectorAll(".viewer img")])`)).toBe(true);
const shownNow = async (): Promise<string | null> => page.locator('.viewer img').first().getAttribute('alt');

test('PSNR and wrong texels are told for every frame, and what nobody measured is said not to be known', async () => {
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
    await expect.poll(pictures).toEqual(WHOLE.map((name) => `preview-${name}`));
    await closer();
    await all('one.naturalWidth === 640');
    await expect.poll(pictures).toEqual([...WHOLE, ...WHOLE.map((name) => `preview-${name}`)].sort());
  }
  await page.getByText(/pixel \d+, \d+: expected \d+, got \d+/).waitFor();
  page.off('response', hear);
});

test('closer is closer to the same place in every picture', async () => {
  await opened(`/runs/${WRONG_RUN}/frames?frame=2&plane=y`);
  await all('one.naturalWidth > 0');
  const placed = (): Promise<string[]> => page.evaluate('[...document.querySelectorAll(".viewer img")].map((one) => one.style.transform)');
  const before = await placed();
  for (const key of ['+', '+', 'Shift+ArrowRight']) await page.keyboard.press(key);
  await expect.poll(async () => (await placed())[0]).not.toBe(before[0]);
  expect([(await placed()).length, new Set(await placed()).size]).toEqual([3, 1]);
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

test('no page asked anything, logged an error, or threw', () => {
  expect(misdeeds).toEqual([]);
});
