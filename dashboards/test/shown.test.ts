// What of a record is seen on its page, in Chromium: marks in a console, steps and counters of a run, failures, versions and patches of a series, the designs of
// 2019, points that stand for several runs, and what somebody from elsewhere gets. The records come in as a worker leaves them.
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PropertyResult } from '../../orchestrator/src/contract/property.ts';
import { emptyResult } from '../../orchestrator/src/contract/run.ts';
import { findingsIn } from '../../orchestrator/src/verify/console.ts';
import { TestLab } from '../../orchestrator/test/lab.ts';
import { pipelineResult } from '../../orchestrator/test/parts.ts';
import { expectRight, LOOKS, serveTo, takeLook, WIDE, type Served } from './look.ts';
import { FILES, sealMany, sealVersions, Sealing } from './sealing.ts';

let lab: TestLab;
let sealing: Sealing;
let close: () => Promise<void>;
let opened: Served['opened'];
let url: string;
let page: Page;
let misdeeds: string[];

const SPLATS = 'r-d000000001';
const FIGURES = 'r-d000000002';
const json = async <T>(path: string): Promise<T> => (await fetch(`${url}${path}`)).json() as Promise<T>;
const attributesOf = async (all: Locator, name: string): Promise<(string | null)[]> => Promise.all((await all.all()).map((one) => one.getAttribute(name)));
const region = (name: string | RegExp): Locator => page.getByRole('region', { name });

/** As a table is read: the row that begins so, by the heads of its columns. */
async function rowOf(table: Locator, begins: string): Promise<Record<string, string>> {
  const [heads, cells] = [await table.locator('thead th').allTextContents(), await table.locator('tbody tr').filter({ has: page.getByRole('rowheader', { name: begins, exact: true }) }).locator('th, td').allTextContents()];
  return Object.fromEntries(heads.map((head, at) => [head, cells[at] ?? 'no such cell']));
}

const CONSOLE = [
  'Linux version 6.12', '[    1.000001] virtio_gpu: ready', '[    2.000001][  T71] BUG: KASAN: slab-use-after-free in virtio_gpu_queue+0x1/0x2', '[    2.000002][  T71] Read of size 8', '[    2.000003] ---[ end trace ]---',
  '[    3.000001] WARNING: CPU: 0 PID: 71 at drivers/gpu/drm/virtio/virtgpu_vq.c:12 f+0x1/0x2', '[    3.000002] ---[ end trace 0000000000000000 ]---', '[    4.000001] BUG: Bad page state in process probe', '',
];

beforeAll(async () => {
  lab = await TestLab.open();
  sealing = new Sealing(lab);
  await sealing.run(SPLATS, { asExpected: false, outcome: { kind: 'failed', stage: 'verify', why: 'the kernel reported kasan' }, console: findingsIn(CONSOLE) }, { 'console.log': CONSOLE.join('\n'), 'qemu.log': CONSOLE.join('\n') });
  const percentiles = (p50: number): unknown => ({ mean: p50, p50, p95: 2 * p50, p99: 3 * p50 });
  await sealing.run(FIGURES, {
    pipelines: [
      pipelineResult({
        meanMs: { upload: 2, decode: 4.5, frame: 8, draw: 1.5, wait: 0 }, leaks: { fds: 0, dmabufs: 2, hostResources: 1 },
        time: { frames: 60, warmup: 5, fps: 124.96, stepsMs: { frame: percentiles(8.125) }, guestCpuMsPerFrame: 3.5, hostCpuMsPerFrame: null, bookkeepingShare: 0 } as never,
        counters: { frames: 60, commandsPerFrame: 12.5, transfersPerFrame: 3, bytesPerFrame: 345_600, fencesPerFrame: 2.25, byKind: { virtio_gpu_cmd_res_flush: 1, virtio_gpu_cmd_ctx_submit: 1.75 } },
      }),
      pipelineResult({ pipeline: 'dmabuf-copy', fps: 100, meanMs: { decode: 3, copy: 1 } }), { ...emptyResult('v4l2-dmabuf', 'h264-640x360'), status: 'unavailable', why: 'no such device' },
    ],
  });
  await sealVersions(sealing);
  await sealMany(sealing);
  ({ opened, url, page, misdeeds, close } = await serveTo(lab));
  await sealing.takenIn(url);
});

afterAll(async () => {
  await close();
  await lab.end();
});

describe('a run', () => {
  test('the lines in which its kernel complains are marked in the console, each with what it is, and are stepped through; the same words of others are not', async () => {
    await opened(`/runs/${SPLATS}`);
    const marked = page.locator('.log-line.splat');
    await expect.poll(() => marked.count()).toBe(3);
    expect(await marked.locator('.splat-kind').allTextContents()).toEqual(['kasan', 'warning', 'bug']);
    expect(await marked.locator('.log-number').allTextContents()).toEqual(['3', '6', '8']);
    expect(await page.locator('.log-line').count()).toBe(CONSOLE.length - 1);
    for (const line of ['3', '6', '8', '3']) {
      await page.getByRole('button', { name: 'next of 3 findings' }).click();
      await expect.poll(() => page.locator('.log-line.here.splat .log-number').textContent()).toBe(line);
    }
    await page.getByRole('navigation', { name: 'Logs' }).getByRole('link', { name: 'qemu' }).click();
    await page.locator('.log-line').filter({ hasText: 'KASAN' }).waitFor();
    expect(await page.locator('.log-line.splat').count()).toBe(0);
  });

  test('the steps of a frame are parts of a bar, on one scale, each with its name and its figure', async () => {
    await opened(`/runs/${FIGURES}`);
    const bars = region('Steps of a frame').locator('svg.stacked');
    await bars.first().waitFor();
    const partsOf = (bar: Locator): Promise<string[]> => bar.locator('rect title').allTextContents();
    expect([await bars.count(), await partsOf(bars.nth(0)), await partsOf(bars.nth(1))]).toEqual([2, ['decode: 4.500 ms', 'upload: 2.000 ms', 'draw: 1.500 ms'], ['decode: 3.000 ms', 'copy: 1.000 ms']]);
    const whole = (await bars.first().boundingBox())?.width ?? NaN;
    const shares = await Promise.all((await bars.locator('rect').all()).map(async (one) => 8 * ((await one.boundingBox())?.width ?? NaN) / whole));
    expect(shares.map((ms) => Math.round(4 * ms) / 4)).toEqual([4.5, 2, 1.5, 3, 1]);
    expect(await region('Steps of a frame').locator('td.figure').allTextContents()).toEqual(['8.00 ms', '4.00 ms']);
    expect(await region('Steps of a frame').locator('.legend span').allTextContents()).toEqual(['decode', 'copy', 'upload', 'draw']);
  });

  test('its figures and counters stand in columns, a column for each that any of its pipelines has', async () => {
    await opened(`/runs/${FIGURES}`);
    const table = page.getByRole('group', { name: 'Pipelines' });
    expect(await rowOf(table, 'upload')).toMatchObject({
      'frames/s while checked': '123.4', 'frames/s': '125.0', 'frame p50 ms': '8.13', 'frame p95 ms': '16.25', 'guest CPU ms': '3.50', 'commands': '12.50', 'transfers': '3.00', 'bytes': '345.6 k', 'fences': '2.25', 'leaks': '2 dma-bufs, 1 host resources',
    });
    expect(await rowOf(table, 'dmabuf-copy')).toMatchObject({ 'frames/s while checked': '100.0', 'frames/s': '-', 'fences': '-', 'leaks': '-' });
    const heads = await table.locator('thead th').allTextContents();
    expect(heads).not.toContain('host CPU ms');
    expect(heads).not.toContain('instructions');
    await page.getByText('virtio-gpu commands per frame, by kind').click();
    expect(await page.getByRole('group', { name: 'Commands per frame by kind' }).locator('tbody tr').allTextContents()).toEqual(['virtio_gpu_cmd_ctx_submit1.75', 'virtio_gpu_cmd_res_flush1.00']);
  });
});

describe('an evaluation', () => {
  const failure = (n: number, change: Record<string, unknown>): unknown => ({ detector: 'frames', what: 'upload', why: `${String(n)} of 16 frames wrong`, flavour: 'perf', run: `r-dc0000000${String(n)}`, again: null, ...change });

  test('what is wrong with the series, what its base does wrong too and what showed only once are told apart, each with the runs that showed it', async () => {
    await sealing.evaluation('e-d000000001', {
      verdict: 'failed', metrics: [], samples: [], outcome: { kind: 'failed', stage: 'verify', why: 'frames: wrong' },
      correctness: {
        verdict: 'failed', runs: ['r-dc00000001', 'r-dc00000011'], failures: [failure(1, { again: 'r-dc00000011' }), failure(2, { detector: 'build', what: '', flavour: 'debug', why: 'a.c:1: error', run: null })],
        known: [failure(3, { what: 'dmabuf-copy', again: 'r-dc00000013' })], unconfirmed: [failure(4, { detector: 'console', what: '' })],
      },
    });
    await sealing.takenIn(url);
    await opened('/evaluations/e-d000000001');
    const correctness = region('Correctness');
    const under = (title: string): Locator => correctness.locator(`h3:text-is("${title}") + ul li`);
    expect(await correctness.locator('h3').allTextContents()).toEqual(['Wrong, and right in the base', 'Wrong in the base too', 'Seen once and not again']);
    expect(await under('Wrong, and right in the base').allTextContents()).toEqual(['frames upload, perf: 1 of 16 frames wrong r-dc00000001, again r-dc00000011', 'build debug: a.c:1: error']);
    expect(await under('Wrong in the base too').allTextContents()).toEqual(['frames dmabuf-copy, perf: 3 of 16 frames wrong r-dc00000003, again r-dc00000013']);
    expect(await under('Seen once and not again').allTextContents()).toEqual(['console perf: 4 of 16 frames wrong r-dc00000004']);
    expect(await attributesOf(correctness.locator('ul a'), 'href')).toEqual(['/runs/r-dc00000001', '/runs/r-dc00000011', '/runs/r-dc00000003', '/runs/r-dc00000013', '/runs/r-dc00000004']);
    expect(await correctness.locator('.surprise').count()).toBe(2);
    expect(await correctness.getByText('nothing is wrong').count()).toBe(0);
  });

  test.each([
    ['e-d000000002', { runs: ['r-dc00000001', 'r-dc00000011'] }, {}, '2 boots; nothing is wrong that the base does right.'],
    ['e-d000000003', { runs: [] }, { identical: true, verdict: 'equivalent', metrics: [], samples: [] }, 'Both kernels are the same, byte for byte: nothing was booted.'],
  ])('where nothing is wrong, %s says after how many boots', async (id, correctness, change, said) => {
    await sealing.evaluation(id, { correctness: { verdict: 'passed', failures: [], known: [], unconfirmed: [], ...correctness }, ...change });
    await sealing.takenIn(url);
    await opened(`/evaluations/${id}`);
    await region('Correctness').getByText(said).waitFor();
  });
});

describe('a series', () => {
  test('its versions are listed in their order, each with its newest verdict', async () => {
    const version = (n: number, name: string, evaluated: string | null, verdict: string | null, outcome: string | null): unknown => ({ name, version: n, verdict, outcome, evaluated });
    const { rows } = await json<{ rows: unknown[] }>('/api/versions.json?name=added/x-v2');
    expect(rows).toEqual([version(1, 'added/x', 'e-dv00000001', 'worse', 'passed'), version(2, 'added/x-v2', 'e-dv00000003', 'better', 'passed'), version(3, 'added/x-v3', null, null, null), version(10, 'added/x-v10', 'e-dv00000004', null, 'rejected')]);
    expect(await json('/api/versions.json?name=added/x-vast')).toEqual({ rows: [] });
    await opened('/series/view?name=added/x');
    await region('Versions').waitFor();
    expect(await region('Versions').getByRole('listitem').allTextContents()).toEqual(['v1 added/x worse', 'v2 added/x-v2 better', 'v3 added/x-v3 not evaluated', 'v10 added/x-v10 rejected, no verdict']);
    await region('Versions').getByRole('link', { name: 'better' }).click();
    await page.getByRole('heading', { name: 'Evaluation e-dv00000003' }).waitFor();
    await opened('/series/view?name=added/x-vast');
    await region('Evaluations').waitFor();
    expect(await region('Versions').count()).toBe(0);
  });

  test.each(['/series/view?name=added/x-v2', '/evaluations/e-dv00000003'])('%s has a point for each number of patches, and names the one that costs', async (path) => {
    await opened(path);
    const patches = region('Patch by patch');
    const curve = patches.getByRole('img', { name: /^instructions of upload: 0 patches 600 k, 1 patch 600 k, 2 patches 651 k, 3 patches 651 k$/ });
    await curve.waitFor();
    expect([await patches.locator('figure.chart').count(), await curve.locator('circle').count()]).toEqual([2, FILES.length]);
    const heights = (await attributesOf(curve.locator('circle'), 'cy')).map(Number);
    const rises = heights.slice(1).map((cy, at) => (heights[at] ?? NaN) - cy);
    expect(await curve.locator('circle title').nth(1 + rises.indexOf(Math.max(...rises))).textContent()).toBe('0002-guilty.patch: 651 k, +8.50 % against one patch fewer');
    expect(await patches.locator('tbody tr').allTextContents()).toEqual(['base600 k16.09 knoner-dp00000000', '1+0.010 %0.000 %0001-a.patchr-dp00000001', '2+8.50 %0.000 %0002-guilty.patchr-dp00000002', '3−0.020 %0.000 %0003-c.patchr-dp00000003']);
    expect(await patches.getByRole('link', { name: 'e-dv00000003' }).count()).toBe(path.startsWith('/series') ? 1 : 0);
  });

  test('of the designs of 2019 it is said how to ask them; then each answer leads to the newest run that gave it', async () => {
    await opened('/series');
    const designs = region('The designs of 2019');
    await designs.getByText(/^No design has been asked yet/).waitFor();
    expect(await designs.locator('.command code').textContent()).toBe('npx vlab run jobs/designs-2019.yaml');
    const answer = (property: string, holds: boolean | null, value: string, binding = true): PropertyResult => ({ property, asked: true, holds, binding, value, evidence: 'so many bytes' }) as PropertyResult;
    await sealing.run('r-dd00000001', { series: 'designs/host-id-field', sealedAt: '2026-01-01T00:00:00.000Z', properties: [answer('dma', false, 'lands nowhere')] });
    await sealing.run('r-dd00000002', { series: 'designs/host-id-field', sealedAt: '2026-01-02T00:00:00.000Z', properties: [answer('dma', true, 'lands in it'), answer('early', false, 'before', false)] });
    await sealing.run('r-dd00000003', { series: 'designs/baseline-uuid', sealedAt: '2026-01-03T00:00:00.000Z', properties: [answer('dma', false, 'lands elsewhere'), answer('uuid', null, 'none given')] });
    await sealing.takenIn(url);
    await opened('/series');
    const table = designs.getByRole('group', { name: 'Property by design' });
    await table.waitFor();
    const nameOf = (row: Locator): Promise<string> => row.locator('th').evaluate((one) => (one as unknown as { firstChild: { data: string } }).firstChild.data);
    const rows = Object.fromEntries(await Promise.all((await table.locator('tbody tr').all()).map(async (row): Promise<[string, string[]]> => [await nameOf(row), await row.locator('td').allTextContents()])));
    expect(await table.locator('thead th').allTextContents()).toEqual(['property', 'baseline-uuid', 'host-id-field']);
    expect(rows).toEqual({ uuid: ['- none given', 'not asked'], dma: ['NO: lands elsewhere', 'yes: lands in it'], early: ['not asked', 'no: before'] });
    expect(await table.locator('.surprise').allTextContents()).toEqual(['NO:']);
    await table.getByRole('link', { name: 'yes: lands in it' }).click();
    await page.getByRole('heading', { name: 'Run r-dd00000002' }).waitFor();
    expect(new URL(page.url()).hash).toBe('#properties');
  });
});

describe('more boots than a plot has points', () => {
  type Trends = { trends: { base: string; points: { count: number; low: number; value: number; high: number }[] }[] };

  test('each point stands for several, between those of which a tenth is less and a tenth is more', async () => {
    const { trends } = await json<Trends>('/api/trends?metric=instructions&series=none');
    const pointsOf = (base: string): Trends['trends'][number]['points'] => trends.find((one) => one.base === base)?.points ?? [];
    const [many, few] = [pointsOf('6.12'), pointsOf('7.3')];
    expect([many.length, many.reduce((sum, { count }) => sum + count, 0), few.length]).toEqual([120, 300, 40]);
    for (const { count, low, value, high } of many) expect([count > 1, low <= value, value <= high, low < high]).toEqual([true, true, true, true]);
    for (const { count, low, value, high } of few) expect([count, low, high]).toEqual([1, value, value]);
    // Of 0, 487 and 974 more than a million.
    expect(many[0]).toMatchObject({ count: 3, low: expect.closeTo(1_000_097.4, 3) as number, value: 1_000_487, high: expect.closeTo(1_000_876.6, 3) as number });
  });

  test('the span of each is a band behind the line, and is told', async () => {
    await takeLook(page, LOOKS[0]);
    await opened('/trends?metric=instructions&series=none');
    await region(/6\.12/).getByText(/^last: .* per frame \(1\.\d+ M to 1\.\d+ M in [23] runs\)/).waitFor();
    const shaded = (name: RegExp): Promise<number> => region(name).locator('canvas').evaluate((canvas) => {
      const picture = canvas as unknown as { width: number; height: number; getContext: (kind: '2d') => { getImageData: (x: number, y: number, width: number, height: number) => { data: Uint8ClampedArray } } };
      const { data } = picture.getContext('2d').getImageData(0, 0, picture.width, picture.height);
      let count = 0;
      // --plot-band, give or take what is lost by its transparency.
      for (let at = 0; at < data.length; at += 4) if (Math.abs((data[at + 3] ?? 0) - 46) < 3 && Math.abs((data[at + 1] ?? 0) - 90) < 6 && Math.abs((data[at + 2] ?? 0) - 157) < 6) count++;
      return count;
    });
    await expect.poll(() => shaded(/6\.12/)).toBeGreaterThan(2000);
    expect(await shaded(/7\.3/)).toBeLessThan(200);
  });
});

describe('somebody from elsewhere without a cookie', () => {
  // What comes through a proxy comes from anywhere.
  beforeAll(() => page.context().setExtraHTTPHeaders({ 'x-forwarded-for': '203.0.113.9' }));
  afterAll(() => page.context().setExtraHTTPHeaders({}));

  test.each(LOOKS)('in $theme at $size.width pixels the page that asks who looks is right, and so it is once it has refused', async (look) => {
    await takeLook(page, look);
    await opened('/runs');
    await page.getByRole('heading', { name: 'Who looks?' }).waitFor();
    await expectRight(page, 'sign-in', look);
    await page.getByLabel('Token').fill('vlab_nobody');
    await page.getByRole('button', { name: 'look' }).click();
    await page.getByText('nobody has this token').waitFor();
    await expectRight(page, 'sign-in-refused', look);
    await page.setViewportSize(WIDE);
  });
});

test.each(LOOKS)('in $theme at $size.width pixels all of it is right', async (look) => {
  await takeLook(page, look);
  for (const [path, shown] of [
    [`/runs/${SPLATS}`, /^What the kernel said/], [`/runs/${FIGURES}`, 'Steps of a frame'], ['/evaluations/e-d000000001', 'Correctness'], ['/evaluations/e-dv00000003', 'Patch by patch'], ['/series', 'The designs of 2019'], ['/series/view?name=added/x-v2', 'Versions'], ['/trends?metric=instructions&series=none', /6\.12/],
  ] as const) {
    await opened(path);
    await region(shown).first().waitFor();
    const folded = page.locator('main details:not([open]) > summary:visible');
    while (await folded.count() > 0) await folded.first().click();
    await expectRight(page, `shown-${path}`, look);
  }
  await page.setViewportSize(WIDE);
});

test('no page asked anything, logged an error, or threw', () => {
  expect(misdeeds).toEqual([]);
});
