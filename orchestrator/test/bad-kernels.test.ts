// Kernels that are wrong in every way a kernel can be: each ends as `failed`, at its stage, with the words that tell it apart.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RunDocument, type RunSummary } from '../src/contract/documents.ts';
import { TestLab } from './lab.ts';

describe('a bad kernel is the kernel\'s fault', () => {
  let lab: TestLab;
  let document: RunDocument;
  const of = (series: string): RunSummary => {
    const run = document.runs.find((one) => one.series === series);
    if (run === undefined) throw new Error(`no run of ${series}`);
    return run;
  };

  beforeAll(async () => {
    lab = await TestLab.open({ VLAB_SLOWNESS: '0.5' });
    const series = ['mutants/does-not-apply', 'mutants/build-error', 'mutants/boot-panic', 'mutants/boot-hang', 'mutants/oops-in-transfer', 'mutants/hung-task'];
    const ended = await lab.vlab(['run', await lab.job({ kernels: series.map((name) => ({ base: '6.12', series: name, expect: 'failed' })) }), '--json', '--quiet']);
    document = RunDocument.parse(JSON.parse(ended.stdout));
    expect(ended.exitCode).toBe(0);
  });
  afterAll(() => lab[Symbol.asyncDispose]());

  test('a patch that does not apply names patch, file and hunk', () => {
    const { outcome } = of('mutants/does-not-apply');
    expect(outcome).toMatchObject({ kind: 'failed', stage: 'kernel' });
    expect(outcome.why).toMatch(/patch 0001-\S+\.patch does not apply: drivers\/gpu\/drm\/virtio\/\S+:\d+, hunk #\d/);
  });

  test('a patch that does not compile shows the compiler\'s lines', () => {
    const { outcome } = of('mutants/build-error');
    expect(outcome).toMatchObject({ kind: 'failed', stage: 'kernel' });
    expect(outcome.why).toMatch(/drivers\/gpu\/drm\/virtio\/\S+\.c:\d+:\d+: error: /);
  });

  test('a panic in boot is told with the kernel\'s words', () => {
    const { outcome } = of('mutants/boot-panic');
    expect(outcome).toMatchObject({ kind: 'failed', stage: 'guest' });
    expect(outcome.why).toContain('Kernel panic - not syncing');
  });

  test('a hang in boot is told from a slow one by the silence of the console', () => {
    const { outcome } = of('mutants/boot-hang');
    expect(outcome).toMatchObject({ kind: 'failed', stage: 'guest' });
    expect(outcome.why).toMatch(/hung in boot|soft-lockup|rcu-stall/);
  });

  test('an oops while decoding keeps the frames that came before it', () => {
    const run = of('mutants/oops-in-transfer');
    expect(run.outcome).toMatchObject({ kind: 'failed', stage: 'pipeline' });
    expect(run.outcome.why).toMatch(/oops: BUG: kernel NULL pointer dereference/);
    expect(run.pipelines[0]?.frames).toBeGreaterThan(0);
  });

  test('a task that hangs while decoding is blamed on the kernel, not on the lab', () => {
    const run = of('mutants/hung-task');
    expect(run.outcome).toMatchObject({ kind: 'failed', stage: 'pipeline' });
    expect(run.outcome.why).toMatch(/hung-task|silent/);
  });

  test('nothing is left running', async () => {
    expect(await lab.left()).toEqual([]);
  });
});
