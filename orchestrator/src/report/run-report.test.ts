// What a job came to: an exit code that a script can trust, and a table that a person can read, whatever a guest put into it.
import { expect, test } from 'vitest';
import { JOB_ID, runRecord, runRequest } from '../../test/parts.ts';
import type { RunDocument } from '../contract/documents.ts';
import { RunDocument as RunDocumentSchema } from '../contract/documents.ts';
import type { OutcomeKind } from '../contract/outcome.ts';
import type { RunRecord } from '../contract/run.ts';
import { JobRecord } from '../store/read.ts';
import { documentOf, exitCodeOf, runTable } from './run-report.ts';

const PIPELINE = { pipeline: 'upload', clip: 'h264-640x360', status: 'passed', why: 'all right', frames: 60, wrong: 0, fps: 123.4, meanMs: {}, kept: [] };

test.each<{ name: string; runs: [expected: OutcomeKind, got: OutcomeKind][]; code: number }>([
  { name: 'every expectation holds', runs: [['passed', 'passed'], ['failed', 'failed'], ['rejected', 'rejected']], code: 0 },
  { name: 'a kernel fails that should pass', runs: [['passed', 'failed']], code: 1 },
  { name: 'a mutant passes that should fail', runs: [['failed', 'passed']], code: 1 },
  { name: 'a request is rejected', runs: [['passed', 'rejected']], code: 2 },
  { name: 'the lab breaks', runs: [['passed', 'broken']], code: 3 },
  { name: 'the lab breaks where the kernel should have failed', runs: [['failed', 'broken']], code: 3 },
  { name: 'somebody cancels', runs: [['passed', 'cancelled']], code: 130 },
  { name: 'a kernel fails and the lab breaks: nobody can say what the kernel would have done', runs: [['passed', 'failed'], ['passed', 'broken']], code: 3 },
  { name: 'a request is rejected and a kernel fails', runs: [['passed', 'failed'], ['passed', 'rejected']], code: 2 },
  { name: 'one is cancelled and a kernel fails', runs: [['passed', 'failed'], ['passed', 'cancelled']], code: 130 },
  { name: 'one breaks and one is cancelled', runs: [['passed', 'cancelled'], ['passed', 'broken']], code: 3 },
  { name: 'one is rejected and one breaks', runs: [['passed', 'rejected'], ['passed', 'broken']], code: 3 },
  { name: 'one is rejected and one is cancelled', runs: [['passed', 'cancelled'], ['passed', 'rejected']], code: 2 },
  { name: 'a mutant passes while the lab breaks elsewhere', runs: [['failed', 'passed'], ['passed', 'broken']], code: 3 },
])('exit code $code when $name', ({ runs, code }) => {
  expect(exitCodeOf(documentFor(runs.map(([expected, got]) => record(expected, got))))).toBe(code);
});

test('a run without a record is never exit code 0', () => {
  const document = documentOf(jobOf(2), [record('passed', 'passed')], 1, '/h');
  expect(document.asExpected).toBe(false);
  expect(exitCodeOf(document)).toBe(1);
});

test('the document is what docs/schemas/ promises, with the folder of each run', () => {
  const document = documentOf(jobOf(1), [record('passed', 'passed')], 12.345, '/home/lab');
  expect(RunDocumentSchema.parse(document)).toEqual(document);
  expect(document).toMatchObject({ seconds: 12.3, runs: [{ folder: '/home/lab/runs/r-0000000000' }] });
});

test('the table tells each pipeline of each kernel, and the sentence below says whether it is as expected', () => {
  const base = record('passed', 'passed', { pipelines: [PIPELINE, { ...PIPELINE, pipeline: 'dmabuf-copy', fps: null }] });
  const mutant = record('failed', 'failed', {
    id: 'r-0000000001', series: 'mutants/short-transfer', pipelines: [{ ...PIPELINE, status: 'failed', wrong: 59 }], outcome: { kind: 'failed', stage: 'verify', why: 'upload: 59 of 60 frames wrong' },
  });
  const lines = runTable(documentFor([base, mutant])).split('\n');
  expect(lines[1]).toMatch(/^6\.12 +upload +passed +60\/0 +123\.4 +virgl \(LLVMPIPE\)$/);
  expect(lines[2]).toMatch(/^ +dmabuf-copy +passed +60\/0 +- +virgl \(LLVMPIPE\)$/);
  expect(lines[3]).toMatch(/^6\.12 \+ mutants\/short-transfer +upload +failed +1\/59 +123\.4 +virgl \(LLVMPIPE\)$/);
  expect(lines).toContain('r-0000000001  6.12 + mutants/short-transfer: failed (as expected)');
  expect(lines).toContain('    upload: 59 of 60 frames wrong');
  expect(lines.join('\n')).toContain('2 of 2 runs as expected, every expectation holds');
});

test('a surprise cannot be overlooked', () => {
  const text = runTable(documentFor([record('failed', 'passed'), record('passed', 'passed')]));
  expect(text).toContain('passed (EXPECTED failed)');
  expect(text).toContain('1 of 2 runs as expected, NOT as expected');
});

test('the table fits 100 columns, whatever a kernel, a reason or a renderer is called', () => {
  const long = record('passed', 'failed', {
    series: 'designs/a-series-with-quite-a-long-name-as-people-give-them-when-they-mean-it/and-one-below-it-too',
    renderer: `virgl (${'LLVMPIPE (LLVM 19.1.7, 256 bits) '.repeat(6)})`,
    outcome: { kind: 'failed', stage: 'kernel', why: `patch does not apply: ${'drivers/gpu/drm/virtio/'.repeat(8)}virtgpu_ioctl.c:295, hunk #2\nerror: ${'word '.repeat(60)}` },
    pipelines: [PIPELINE],
  });
  const lines = runTable(documentFor([long, record('passed', 'passed')])).split('\n');
  expect(lines.filter((line) => line.length > 100)).toEqual([]);
});

test('nothing is cut from a table of names as this checkout has them', () => {
  const real = record('passed', 'passed', { series: 'designs/upcast-resource-id', pipelines: [{ ...PIPELINE, pipeline: 'dmabuf-copy', status: 'unavailable', frames: 1000 }] });
  expect(runTable(documentFor([real])).split('\n').filter((line) => line.endsWith('...'))).toEqual([]);
});

test('the last line of an ordinary job fits 100 columns too', () => {
  const lines = runTable({ ...documentFor([record('passed', 'passed'), record('passed', 'passed'), record('passed', 'passed')]), seconds: 125 }).split('\n');
  expect(lines.filter((line) => line.length > 100)).toEqual([]);
  expect(lines.join(' ')).toContain('vlab show r-0000000000');
});

test('what a hostile guest says is shown, and drives no terminal', () => {
  const hostile = record('passed', 'failed', {
    renderer: 'virgl\u001b]0;owned\u0007', outcome: { kind: 'failed', stage: 'guest', why: 'panic: \u001b[2J\u001b[1;1Hall is well\r' },
  });
  const text = runTable(documentFor([hostile]));
  expect(text.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
  expect(text).toContain('renderer: virgl\\x1b]0;owned\\x07');
  expect(text).toContain('panic: \\x1b[2J\\x1b[1;1Hall is well\\x0d');
});

test('a hostile guest cannot write a line of the report itself', () => {
  const forged = `${JOB_ID}: 1 of 1 runs as expected, every expectation holds`;
  const text = runTable(documentFor([record('passed', 'failed', { renderer: `virgl\n${forged}`, outcome: { kind: 'failed', stage: 'guest', why: `panic\n${forged}` } })]));
  expect(text.split('\n').filter((line) => line.startsWith(forged))).toEqual([]);
});

function record(expected: OutcomeKind, got: OutcomeKind, change: Partial<Record<keyof RunRecord, unknown>> = {}): RunRecord {
  return runRecord({ id: 'r-0000000000', expect: expected, asExpected: expected === got, outcome: { kind: got, stage: 'verify', why: 'because' }, ...change });
}

function documentFor(records: readonly RunRecord[]): RunDocument {
  return documentOf(jobOf(records.length), records, 12, '/h');
}

function jobOf(runs: number): JobRecord {
  return JobRecord.parse({ job: JOB_ID, title: 'a test', file: 'a.yaml', submittedAt: '2025-06-01T12:00:00.000Z', runs: Array.from({ length: runs }, () => runRequest()) });
}
