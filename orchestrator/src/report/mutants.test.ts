// Two numbers of a job with mutants, and who counts for which: what is wrong must be caught, what is right or only slow must not be blamed.
import { expect, test } from 'vitest';
import { pipelineResult, runRecord } from '../../test/parts.ts';
import { RunDocument } from '../contract/documents.ts';
import type { Claim, RunRecord } from '../contract/run.ts';
import { mutantsOf, mutantTable } from './mutants.ts';

const STALE = { detector: 'frames', seenAs: 'stale-frame', harmless: false } as const;
const SLOW = { detector: 'time', seenAs: null, harmless: false } as const;
const HARMLESS = { detector: null, seenAs: null, harmless: true } as const;

test('a job without any says nothing of them', () => {
  expect(mutantsOf([runRecord(), runRecord({ series: 'designs/upcast-resource-id' })])).toEqual({});
  expect(mutantTable(document([]))).toEqual([]);
});

test('caught and named, caught and misnamed, missed, blamed wrongly: each counts where it belongs', () => {
  const records = [
    run('mutants/a', STALE, 'stale-frame'), run('mutants/b', STALE, 'torn'), run('mutants/c', STALE, null), run('mutants/slow', SLOW, null),
    run('harmless/x', HARMLESS, null), run('harmless/y', HARMLESS, 'torn'), runRecord(),
  ];
  const told = mutantsOf(records);
  expect(told).toMatchObject({ caught: 2, total: 3, falseAlarms: 1 });
  expect(told.mutants?.map(({ series, got, caughtBy, named }) => [series, got, caughtBy, named])).toEqual([
    ['mutants/a', 'failed', 'frames', true], ['mutants/b', 'failed', 'frames', false], ['mutants/c', 'passed', null, null], ['mutants/slow', 'passed', null, null],
    ['harmless/x', 'passed', null, null], ['harmless/y', 'failed', 'frames', null],
  ]);
  expect(told.mutants?.[0]).toMatchObject({ called: 'frames: stale-frame', seconds: 60, flavour: 'perf' });
});

test('a run that only measures is not counted a second time, and a broken one has caught nothing', () => {
  const broken = { ...run('mutants/a', STALE, null), outcome: { kind: 'broken', stage: 'guest', why: 'QEMU died' } as const };
  expect(mutantsOf([broken, { ...run('mutants/a', STALE, 'stale-frame'), measure: 'time' }])).toMatchObject({ caught: 0, total: 1, mutants: [{ got: 'broken', caughtBy: null, named: null }] });
});

test('the table ends with both numbers', () => {
  const lines = mutantTable(document([run('mutants/a', STALE, 'stale-frame'), run('mutants/b', STALE, 'torn'), run('harmless/x', HARMLESS, null)]));
  expect(lines[0]?.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
    ['series', 'kernel', 'outcome', 'caught by', 'named right', 's', 'seen'],
    ['mutants/a', 'perf', 'failed', 'frames', 'yes', '60.0', 'frames: stale-frame'],
    ['mutants/b', 'perf', 'failed', 'frames', 'NO', '60.0', 'frames: torn'],
    ['harmless/x', 'perf', 'passed', '-', '-', '60.0'],
  ]);
  expect(lines).toContain('caught: 2 of 2; false alarms: 0 of 1');
});

function run(series: string, claim: Claim, defect: string | null): RunRecord {
  const wrong = { pipelines: [pipelineResult({ status: 'failed', why: '1 of 16 frames wrong', defect })], outcome: { kind: 'failed', stage: 'verify', why: 'x' } };
  return runRecord({ series, claim, expect: claim.harmless || claim.detector === 'time' ? 'passed' : 'failed', ...(defect === null ? {} : wrong) });
}

function document(records: readonly RunRecord[]): RunDocument {
  return RunDocument.parse({ job: 'j-0123456789', title: 't', asExpected: true, seconds: 1, cost: null, ...mutantsOf(records), runs: [] });
}
