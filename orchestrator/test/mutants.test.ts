// A job with mutants: what a frame shows, what only the exercise shows, and a patch that is not to be blamed.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RunDocument } from '../src/contract/documents.ts';
import { TestLab } from './lab.ts';

let lab: TestLab;
beforeAll(async () => { lab = await TestLab.open(); });
afterAll(() => lab[Symbol.asyncDispose]());

test('each is caught by its detector and called by its right name, and the harmless one is not blamed', async () => {
  const kernels = [
    { base: '6.12', series: 'mutants/skipped-transfer', expect: 'failed' }, { base: '6.12', series: 'mutants/import-keeps-pin', expect: 'failed' },
    { base: '6.12', series: 'harmless/refactor', expect: 'passed' },
  ];
  const job = await lab.job({ kernels, pipelines: ['dmabuf-copy'], clip: 'h264-faults', exercise: true });
  const ended = await lab.vlab(['run', job, '--json', '--quiet']);
  const document = RunDocument.parse(JSON.parse(ended.stdout));
  expect(document.mutants?.map(({ series, got, caughtBy, named }) => ({ series, got, caughtBy, named }))).toEqual([
    { series: 'mutants/skipped-transfer', got: 'failed', caughtBy: 'frames', named: true },
    { series: 'mutants/import-keeps-pin', got: 'failed', caughtBy: 'console', named: true },
    { series: 'harmless/refactor', got: 'passed', caughtBy: null, named: null },
  ]);
  expect(document).toMatchObject({ caught: 2, total: 2, falseAlarms: 0, asExpected: true });
  expect(ended.exitCode).toBe(0);
});
