// The lab's own test passes only where every mutant was really caught: one that was not run, or that the lab lost, was not.
import { expect, test } from 'vitest';
import { JOB_ID, PASSED, rejection, runRecord, runRequest } from '../../test/parts.ts';
import { JobId } from '../contract/ids.ts';
import { Job } from '../contract/job.ts';
import { SelfTest } from '../contract/night.ts';
import type { RunRecord } from '../contract/run.ts';
import { judgeSelfTest, selfTestJob } from './self-test.ts';

const MUTANT = { detector: 'build', seenAs: null, harmless: false } as const;
const HARMLESS = { detector: null, seenAs: null, harmless: true } as const;
const job = JobId.parse(JOB_ID);
const asked = [
  runRequest({ id: 'r-000000000a', kernel: { base: '6.12' } }), runRequest({ id: 'r-000000000b', kernel: { base: '6.12', series: 'mutants/one', expect: 'failed' } }),
  runRequest({ id: 'r-000000000c', kernel: { base: '6.12', series: 'harmless/two' } }),
];

function records(change: { mutant?: Partial<RunRecord>; harmless?: Partial<RunRecord> } = {}): RunRecord[] {
  return [
    runRecord({ id: 'r-000000000a' }),
    runRecord({ id: 'r-000000000b', series: 'mutants/one', claim: MUTANT, expect: 'failed', outcome: { kind: 'failed', stage: 'kernel', why: 'does not build' }, ...change.mutant }),
    runRecord({ id: 'r-000000000c', series: 'harmless/two', claim: HARMLESS, ...change.harmless }),
  ];
}

test('every mutant caught, and nothing right blamed', () => {
  expect(judgeSelfTest(job, asked, records())).toEqual({ job: JOB_ID, caught: 1, total: 1, falseAlarms: 0, missed: [] });
});

test.each([
  { what: 'a mutant that passed', seen: records({ mutant: { outcome: PASSED } }), caught: 0, missed: 'mutants/one', falseAlarms: 0 },
  { what: 'a mutant that the lab broke', seen: records({ mutant: { outcome: { kind: 'broken', stage: 'guest', why: 'QEMU died' }, claim: null } }), caught: 0, missed: 'mutants/one', falseAlarms: 0 },
  { what: 'a mutant that nobody ran', seen: records().filter((one) => one.series !== 'mutants/one'), caught: 0, missed: 'mutants/one', falseAlarms: 0 },
  { what: 'a right one that was blamed', seen: records({ harmless: { outcome: { kind: 'failed', stage: 'verify', why: 'x' } } }), caught: 1, missed: 'harmless/two', falseAlarms: 1 },
])('$what is no passed test', ({ seen, caught, missed, falseAlarms }) => {
  const judged = judgeSelfTest(job, asked, seen);
  expect(judged).toMatchObject({ caught, total: 1, falseAlarms });
  expect(judged.missed.map((one) => one.series)).toEqual([missed]);
});

test('a profile leaves out flavours and series, and never all mutants', async () => {
  const whole = Job.parse({ title: 't', kernels: [{ base: '6.12' }, { base: '6.12', series: 'mutants/a', expect: 'failed' }, { base: '6.12', series: 'mutants/b', flavour: 'debug', expect: 'failed' }, { base: '6.12', series: 'harmless/c' }], pipelines: ['upload'], clip: 'c' });
  const of = (change: Record<string, unknown>): SelfTest => SelfTest.parse({ job: 'mutants.yaml', flavours: ['perf'], why: 'w', ...change });
  expect(selfTestJob(whole, of({ leaveOut: ['harmless/c'] })).kernels.map((one) => one.series)).toEqual([undefined, 'mutants/a']);
  expect(await rejection(Promise.resolve().then(() => selfTestJob(whole, of({ leaveOut: ['mutants/a'] }))))).toMatchObject({ code: 'NO_MUTANTS' });
  expect(await rejection(Promise.resolve().then(() => selfTestJob(whole, of({ leaveOut: ['mutants/z'] }))))).toMatchObject({ code: 'BAD_PLAN' });
  expect(SelfTest.safeParse({ job: '../x.yaml', flavours: ['perf'], why: 'w' }).success).toBe(false);
});
