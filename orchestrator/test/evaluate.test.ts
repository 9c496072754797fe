// An evaluation on real guests: nothing to run, something wrong, something slow, and the same answer again. Without the flavour debug, whose base
// would take a quarter of an hour to build on a bare machine.
import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { EvaluationRecord } from '../src/contract/evaluation.ts';
import { underWaySince } from '../src/store/under-way.ts';
import { BOTH_LOOKS, expectRight, serveTo, takeLook } from '../../dashboards/test/look.ts';
import { BIN, CHECKOUT, TestLab } from './lab.ts';

/** Some twenty boots, on a machine that may have other work. */
const SLOW_MS = 1_800_000;

let lab: TestLab;
/** The evaluation of a series that was found slower. */
let slower: string;
beforeAll(async () => { lab = await TestLab.open(); });
afterAll(() => lab.end());

async function evaluated(...argv: string[]): Promise<{ exitCode: number | undefined; record: EvaluationRecord }> {
  const { exitCode, stdout } = await lab.vlab(['evaluate', ...argv, '--json', '--quiet']);
  return { exitCode, record: EvaluationRecord.parse(JSON.parse(stdout)) };
}

/** A series of the patches of these, in this order. */
async function folderOf(name: string, series: readonly string[]): Promise<string> {
  const folder = join(lab.home, name);
  await mkdir(folder);
  let n = 0;
  for (const one of series) {
    const from = join(CHECKOUT, 'kernel-patches', one);
    for (const file of (await readdir(from)).filter((entry) => entry.endsWith('.patch'))) await copyFile(join(from, file), join(folder, `000${String(++n)}-${one.split('/')[1] ?? ''}.patch`));
  }
  await writeFile(join(folder, 'series.yaml'), `title: ${name}\nappliesTo: ['6.12']\n`);
  return folder;
}

test('a comment changes no byte: equivalent, and nothing is booted; until then the evaluation is known to be under way', async () => {
  const evaluating = lab.process(['evaluate', 'harmless/comment', '--no-debug', '--json', '--quiet']);
  await expect.poll(() => underWaySince(lab.home), { timeout: 60_000, interval: 20 }).toBeLessThan(Infinity);
  const { exitCode, stdout } = await evaluating;
  const record = EvaluationRecord.parse(JSON.parse(stdout));
  expect(await readdir(join(lab.home, 'under-way'))).toEqual([]);
  expect(record).toMatchObject({ verdict: 'equivalent', identical: true, metrics: [], correctness: { verdict: 'passed', runs: [] } });
  expect(exitCode).toBe(0);
});

test('a series that came by mail: the reply answers it, and b4 finds the verdict by its Message-ID', async () => {
  const [patch] = (await readdir(join(CHECKOUT, 'kernel-patches/harmless/comment'))).filter((name) => name.endsWith('.patch'));
  const body = (await readFile(join(CHECKOUT, 'kernel-patches/harmless/comment', patch ?? ''), 'utf8')).replace(/^From [^\n]*\n/, '');
  const mail = join(lab.home, 'one.eml');
  await writeFile(mail, `Message-ID: <comment.1@example.org>\n${body}`);
  const { record } = await evaluated(mail, '--no-debug');
  expect(record).toMatchObject({ verdict: 'equivalent', messageId: expect.stringContaining('comment.1@example.org') as string });
  const reply = await lab.vlab(['report', record.id, '--format', 'mail']);
  expect(reply.stdout).toContain('In-Reply-To: <comment.1@example.org>');
  const asked = await execa('node', [BIN, 'b4-check'], { env: lab.env, input: await readFile(mail) });
  expect(JSON.parse(asked.stdout)).toMatchObject([{ tool: 'vlab', status: 'pass' }]);
  const unknown = await execa('node', [BIN, 'b4-check'], { env: lab.env, input: 'Message-ID: <other@example.org>\n\nnothing\n' });
  expect(unknown.stdout).toBe('[]');
});

test('wrong frames are failed, on two boots and not on the base, and nothing is measured', async () => {
  const { exitCode, record } = await evaluated('mutants/short-transfer', '--no-debug', '--pipelines', 'dmabuf-copy');
  expect(record).toMatchObject({ verdict: 'failed', metrics: [], samples: [], correctness: { verdict: 'failed', known: [] } });
  const [failure] = record.correctness.failures;
  expect(failure?.detector).toBe('frames');
  expect(failure?.run).not.toBe(failure?.again);
  expect(new Set(record.correctness.runs)).toContain(failure?.again);
  // The frames were wrong on both first boots; what only the walk of ioctls saw was seen again on a second one, and not on the base.
  const [again] = new Set(record.correctness.failures.filter(({ detector }) => detector === 'exercise').map(({ again }) => again));
  expect(record.correctness.runs).toContain(again);
  expect(record.correctness.runs).toHaveLength(5);
  expect(exitCode).toBe(1);
}, SLOW_MS);

test('a copy too many per call is worse by instructions, is the second patch\'s, a fact by its pages, and exactly as much again from the raw samples', async () => {
  const series = await folderOf('and-slow-transfer', ['harmless/comment', 'mutants/slow-transfer']);
  const { exitCode, record } = await evaluated(series, '--no-debug', '--metric', 'instructions', '--pipelines', 'dmabuf-copy', '--seed', '7', '--per-patch', '--budget', '20m');
  expect(record).toMatchObject({ verdict: 'worse', correctness: { verdict: 'passed', failures: [], unconfirmed: [] }, seed: 7, messageId: null });
  for (const [metric, pipeline] of [['instructions', 'dmabuf-copy'], ['call instructions', 'transfer']]) {
    const row = record.metrics.find((one) => one.metric === metric && one.pipeline === pipeline);
    expect(row).toMatchObject({ verdict: 'worse', dropped: 0 });
    expect(row?.ci?.[0]).toBeGreaterThan(row?.limitPct ?? Infinity);
  }
  // An evaluation before this one has booted the base for that.
  expect(record.notes).toContainEqual(expect.stringMatching(/^the base was not booted to count its commands: r-/));
  // The importer is a GPU driver too, and its node comes first: the walk of ioctls must find the other.
  const walked = (await Promise.all(record.correctness.runs.map((id) => lab.vlab(['show', id, '--json'])))).flatMap(({ stdout }) => (JSON.parse(stdout) as { run: { exercise: { status: string } | null } }).run.exercise?.status ?? []);
  expect(walked).toEqual(['passed']);
  // 16 KiB in pages of 4 KiB.
  expect(record.facts).toMatchObject([{ pipeline: 'transfer', counter: 'pages', base: 0, patched: 4, boots: 2 }]);
  expect(record.prefixes.map(({ patches, file }) => [patches, file])).toEqual([[0, ''], [1, expect.stringMatching(/^0001-.*\.patch$/)], [2, expect.stringMatching(/^0002-.*\.patch$/)]]);
  const steps = record.prefixes.map(({ figures }) => figures.find(({ metric, pipeline }) => metric === 'call instructions' && pipeline === 'transfer')?.stepPct ?? 0);
  expect(steps[2]).toBeGreaterThan(5 * Math.abs(steps[1] ?? Infinity));
  expect(exitCode).toBe(1);
  const again = await lab.vlab(['evaluate', '--recompute', record.id, '--json']);
  expect(again.exitCode).toBe(1);
  expect(JSON.parse(again.stdout)).toEqual(record);
  for (const format of ['terminal', 'mail', 'ktap', 'junit', 'kcidb', 'csv', 'html']) {
    const file = join(lab.home, `report.${format}`);
    expect((await lab.vlab(['report', record.id, '--format', format, '--output', file])).exitCode, format).toBe(0);
    expect(await readFile(file, 'utf8'), format).toContain(format === 'csv' ? record.id : record.series.split('/')[1]);
  }
  const stored: unknown = JSON.parse(await readFile(join(lab.home, 'evaluations', record.id, 'evaluation.json'), 'utf8'));
  expect(stored).toEqual(record);
  slower = record.id;
}, SLOW_MS);

test('the pages tell of these very boots: the verdict, the pairs behind it, the counter that changed, and the samples over time', async () => {
  const { url, page, misdeeds, close } = await serveTo(lab);
  onTestFinished(close);
  const shown = async (path: string, settled: () => Promise<void>): Promise<void> => {
    for (const look of BOTH_LOOKS) {
      await takeLook(page, look);
      await page.goto(`${url}${path}`);
      await settled();
      await expectRight(page, `real-${path}`, look);
    }
  };
  await shown(`/evaluations/${slower}`, async () => {
    await page.getByText(/: worse: .*call instructions of transfer/).first().waitFor();
    await page.getByRole('button', { name: /^instructions dmabuf-copy/ }).click();
    await page.getByRole('img', { name: /^Every pair/ }).waitFor();
    await page.getByRole('region', { name: 'Counters that changed' }).getByRole('row').filter({ hasText: 'pages' }).getByText('from nothing').waitFor();
  });
  await expect.poll(async () => (await (await fetch(`${url}/api/health`)).json() as { record: { catchingUp: unknown; evaluations: number } }).record).toMatchObject({ catchingUp: null, evaluations: expect.any(Number) as number });
  // The base and the patched kernel are never one line.
  await shown('/trends?metric=instructions&subject=dmabuf-copy', async () => { await expect.poll(() => page.locator('.panel').count()).toBeGreaterThanOrEqual(2); });
  expect(misdeeds).toEqual([]);
});

test('a series whose first patch does not build without the second is failed where every patch is asked for', async () => {
  const folder = join(lab.home, 'broken-between');
  await mkdir(folder);
  const use = 'int vlab_first(void); int vlab_first(void) { return VLAB_SECOND; }';
  const patch = (subject: string, hunk: string): string => `From 0000000000000000000000000000000000000000 Mon Sep 17 00:00:00 2001
From: A <a@example.org>
Date: Mon, 1 Jan 2024 00:00:00 +0000
Subject: [PATCH] ${subject}

Signed-off-by: A <a@example.org>
---
 drivers/gpu/drm/virtio/virtgpu_fence.c | 1 +
 1 file changed, 1 insertion(+)

--- a/drivers/gpu/drm/virtio/virtgpu_fence.c
+++ b/drivers/gpu/drm/virtio/virtgpu_fence.c
@@ -28,2 +28,3 @@
 #include "virtgpu_drv.h"
${hunk}
-- 
2.47.0
`;
  await writeFile(join(folder, '0001-uses.patch'), patch('uses', `+${use}\n `));
  await writeFile(join(folder, '0002-defines.patch'), patch('defines', `+#define VLAB_SECOND 2\n ${use}`));
  await writeFile(join(folder, 'series.yaml'), 'title: Broken between\nappliesTo: [\'6.12\']\n');
  const { exitCode, record } = await evaluated(folder, '--no-debug', '--per-patch');
  expect(record).toMatchObject({ verdict: 'failed', correctness: { failures: [{ detector: 'build', what: 'the first 1 of 2 patches' }], runs: [] } });
  expect(exitCode).toBe(1);
});

test('bad input is refused before anything is built', async () => {
  const refusals = [['--budget', '5s', 'too small for one pair'], ['--pipelines', 'native-upload', 'never sees its kernel'], ['--device', 'virgil', 'unknown device'], ['--metric', 'speed', 'unknown metric'], ['--seed', 'x', 'Expected a seed']];
  for (const [option = '', value = '', said = ''] of refusals) {
    const { exitCode, stdout } = await lab.vlab(['evaluate', 'harmless/comment', option, value, '--json']);
    expect([exitCode, stdout], option).toEqual([2, expect.stringContaining(said)]);
  }
});
