// What an evaluation measures in time, on a machine that does nothing else meanwhile.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { EvaluationRecord } from '../src/contract/evaluation.ts';
import { TestLab } from './lab.ts';

let lab: TestLab;
beforeAll(async () => { lab = await TestLab.open(); });
afterAll(() => lab.end());

test('a budget for one block decides nothing, and says so; what it saw of a call is there', async () => {
  const { exitCode, stdout } = await lab.vlab(['evaluate', 'mutants/slow-fence', '--no-debug', '--metric', 'time', '--pipelines', 'upload', '--seed', '7', '--budget', '60s', '--json', '--quiet']);
  const record = EvaluationRecord.parse(JSON.parse(stdout));
  expect(record).toMatchObject({ verdict: 'inconclusive', correctness: { verdict: 'passed', failures: [] } });
  expect(record.samples.every(({ pairs, noise }) => pairs.length >= 4 && noise.length >= 2)).toBe(true);
  // A millisecond more, of a call that takes a fifth of one.
  expect(record.metrics.find((row) => row.metric === 'call time' && row.pipeline === 'submit')?.changePct).toBeGreaterThan(50);
  expect(exitCode).toBe(4);
});
