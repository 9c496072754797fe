// What a job came to: an exit code that a script can trust, and a table that a person can read, whatever a guest put into it.
import { describe, expect, test } from 'vitest';
import { JOB_ID, pipelineResult, runRecord, runRequest } from '../../test/parts.ts';
import type { RunDocument } from '../contract/documents.ts';
import { RunDocument as RunDocumentSchema } from '../contract/documents.ts';
import { Fault } from '../contract/fault.ts';
import type { OutcomeKind } from '../contract/outcome.ts';
import type { Counters, PipelineResult, RunRecord, Time } from '../contract/run.ts';
import { JobRecord } from '../store/read.ts';
import { documentOf, exitCodeOf, runTable } from './run-report.ts';

const PIPELINE = pipelineResult();

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

test('two flavours of one kernel are told apart', () => {
  const text = runTable(documentFor([record('passed', 'passed', { pipelines: [pipelineResult()] }), record('passed', 'passed', { flavour: 'debug', pipelines: [pipelineResult()] })]));
  expect(text).toMatch(/^6\.12 +upload/m);
  expect(text).toMatch(/^6\.12, debug +upload/m);
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

const TIME: Time = { frames: 55, warmup: 5, fps: 123.4, stepsMs: { frame: { mean: 8, p50: 8, p95: 9, p99: 10 } }, guestCpuMsPerFrame: 7, hostCpuMsPerFrame: 20, bookkeepingShare: 0.001 };
const COUNTERS: Counters = { frames: 55, commandsPerFrame: 9.04, transfersPerFrame: 3, bytesPerFrame: 345_612, fencesPerFrame: 4, byKind: { ctx_submit: 6.04, res_xfer_toh_3d: 3 } };
const EMPTY = { counters: null, time: null, instructions: null };

describe('a kernel that was booted once for each measure', () => {
  const boots = measuredBoots();
  const document = documentFor(boots);

  test('has in each of its runs every figure of every row, and the run that each is from', () => {
    for (const run of document.runs) {
      expect(run.pipelines).toMatchObject([{
        counters: COUNTERS, time: TIME, instructionsPerFrame: 2_500_000, measuredIn: { counters: 'r-0000000001', time: 'r-0000000002', instructions: 'r-0000000003' },
      }]);
    }
    expect(RunDocumentSchema.parse(document)).toEqual(document);
  });

  test('is one row in the table', () => {
    const lines = runTable(document).split('\n');
    expect(lines[0]).toBe('kernel 6.12');
    expect(lines[1]).toMatch(/^pipeline +clip +outcome +right +fps +cmd\/f +xfer\/f +kB\/f +fence\/f +Minstr\/f$/);
    expect(lines[2]).toMatch(/^upload +h264-640x360 +passed +60\/60 +123\.4 +9\.0 +3\.0 +346 +4\.0 +2\.50$/);
    expect(lines[3]).toBe('');
    expect(lines).toContain('r-0000000002  6.12, time: passed (as expected)');
  });

  test('does not lend its figures to another kernel, series, flavour, device, clip or fault', () => {
    const other = (id: string, change: Partial<Record<keyof RunRecord, unknown>>): RunRecord => record('passed', 'passed', { id, pipelines: [PIPELINE], ...change });
    const strangers = [
      other('r-0000000011', { series: 'designs/upcast-resource-id' }), other('r-0000000012', { base: '7.3' }), other('r-0000000013', { device: '2d' }), other('r-0000000017', { flavour: 'debug' }),
      other('r-0000000014', { pipelines: [pipelineResult({ clip: 'fwht-640x360' })] }), other('r-0000000015', { pipelines: [pipelineResult({ fault: 'shift' })] }),
      other('r-0000000016', { pipelines: [pipelineResult({ pipeline: 'dmabuf-copy' })] }),
    ];
    const runs = documentFor([...boots, ...strangers]).runs.slice(boots.length);
    expect(runs.map((run) => run.pipelines[0]?.measuredIn)).toEqual(strangers.map(() => EMPTY));
    expect(runs.every((run) => run.pipelines.every((row) => row.time === null && row.counters === null))).toBe(true);
  });

  test('shows its own figure rather than a sibling\'s', () => {
    const twice = [...boots, record('passed', 'passed', { id: 'r-0000000004', measure: 'time', pipelines: [pipelineResult({ time: { ...TIME, fps: 99 } })] })];
    const [first, , , last] = documentFor(twice).runs;
    expect([first?.pipelines[0]?.time?.fps, last?.pipelines[0]?.time?.fps]).toEqual([123.4, 99]);
    expect([first, last].map((run) => run?.pipelines[0]?.measuredIn.time)).toEqual(['r-0000000002', 'r-0000000004']);
  });

  test('shows the boot in which a row went wrong, whichever that was', () => {
    const bad = boots.map((one, index) => (index === 1 ? { ...one, pipelines: one.pipelines.map((row) => ({ ...row, status: 'failed' as const, wrong: 2 })) } : one));
    expect(runTable(documentFor(bad)).split('\n')[2]).toMatch(/^upload +h264-640x360 +failed +58\/60 +123\.4 /);
  });
});

test('columns of what nobody measured are left out, and a row without a figure that others have has a dash', () => {
  const rows = [pipelineResult({ counters: COUNTERS }), pipelineResult({ pipeline: 'gst-upload', status: 'unavailable', frames: 0, why: 'no GStreamer in this image' })];
  const lines = runTable(documentFor([record('passed', 'passed', { measure: 'counters', pipelines: rows })])).split('\n');
  expect(lines[1]).toMatch(/^pipeline +clip +outcome +right +cmd\/f +xfer\/f +kB\/f +fence\/f$/);
  expect(lines[3]).toMatch(/^gst-upload +h264-640x360 +unavailable +0\/0 +- +- +- +-$/);
});

test('a fault is a row of its own, with what the lab called it; one that was missed or misnamed cannot be overlooked', () => {
  const fault = (change: Partial<PipelineResult>): PipelineResult => pipelineResult({ fault: 'shift', status: 'failed', wrong: 60, caught: true, named: true, defect: 'shifted', ...change });
  const rows = [PIPELINE, fault({}), fault({ fault: 'swizzle', named: false, defect: 'corrupt' }), fault({ fault: 'skip-wait', caught: false, named: false, defect: null, status: 'passed', wrong: 0 })];
  const lines = runTable(documentFor([record('passed', 'passed', { pipelines: rows })])).split('\n');
  expect(lines.slice(1, 6)).toEqual([
    expect.stringMatching(/^pipeline +clip +fault +called +outcome +right$/), expect.stringMatching(/^upload +h264-640x360 +- +- +passed +60\/60$/),
    expect.stringMatching(/^upload +h264-640x360 +shift +shifted +failed +0\/60$/), expect.stringMatching(/ swizzle +NOT SO: corrupt +failed /), expect.stringMatching(/ skip-wait +NOT CAUGHT +passed /),
  ]);
});

test('each kernel has a table of its own under its name, which may be long', () => {
  const series = 'designs/a-series-with-quite-a-long-name-as-people-give-them';
  const boots = [...measuredBoots(), ...measuredBoots().map((one) => ({ ...one, series }))];
  const lines = runTable(documentFor(boots)).split('\n');
  expect(lines.filter((line) => line.startsWith('kernel '))).toEqual(['kernel 6.12', `kernel 6.12 + ${series}`]);
  expect(lines.filter((line) => line.startsWith('upload '))).toHaveLength(2);
});

test('with every column that there is, names as this checkout has them fit 100 columns, and nothing is cut', () => {
  const rows = [...PIPELINES_OF_JOB.map((pipeline) => pipelineResult({ pipeline, status: 'unavailable', counters: { ...COUNTERS, commandsPerFrame: 123.4, bytesPerFrame: 12_441_600 }, time: { ...TIME, fps: 1234.5 }, instructionsPerFrame: 250_000_000 }))];
  const lines = runTable(documentFor([record('passed', 'passed', { measure: 'time', series: 'designs/upcast-resource-id', pipelines: rows })])).split('\n');
  expect(lines.filter((line) => line.length > 100 || line.endsWith('...'))).toEqual([]);
  const faults = ['vp9-odd-faults', 'ffv1-xrgb-faults'].flatMap((clip) => [null, ...Fault.options].map((fault) =>
    pipelineResult({ pipeline: 'dmabuf-direct', clip, fault, status: 'failed', caught: fault !== null, named: fault !== 'shift', defect: 'columns-missing' })));
  const table = runTable(documentFor([record('passed', 'broken', { pipelines: faults })])).split('\n');
  expect(table.filter((line) => line.length > 100 || line.endsWith('...'))).toEqual([]);
});

test('why a pipeline is unavailable is said below the table, each reason once, with all that it is true of', () => {
  const none = 'EGL_EXT_image_dma_buf_import is missing';
  const rows = [
    PIPELINE, pipelineResult({ pipeline: 'dmabuf-copy', status: 'unavailable', why: none }), pipelineResult({ pipeline: 'dmabuf-direct', status: 'unavailable', why: none }),
    pipelineResult({ pipeline: 'dmabuf-direct', clip: 'vp9-640x360', status: 'unavailable', why: none }), pipelineResult({ pipeline: 'edu-dma', clip: 'none', status: 'unavailable', why: 'no importer' }),
    pipelineResult({ pipeline: 'blob-guest', status: 'failed', why: 'frame 3 is sheared' }),
  ];
  const lines = runTable(documentFor([record('passed', 'failed', { pipelines: rows })])).split('\n');
  const from = lines.indexOf('unavailable:');
  expect(lines.slice(from, from + 4)).toEqual(['unavailable:', `    dmabuf-copy, dmabuf-direct: ${none}`, '    edu-dma: no importer', '']);
});

test('a table where all is available says nothing of what is not', () => {
  expect(runTable(documentFor([record('passed', 'passed', { pipelines: [PIPELINE] })]))).not.toContain('unavailable');
});

test('reasons of many words wrap, those of a hostile guest drive no terminal, and both stay within 100 columns', () => {
  const why = `VIDIOC_REQBUFS on /dev/video1: ${'the driver says that it cannot '.repeat(8)}\u001b[2J`;
  const rows = PIPELINES_OF_JOB.map((pipeline) => pipelineResult({ pipeline, status: 'unavailable', why }));
  const text = runTable(documentFor([record('passed', 'passed', { pipelines: rows })]));
  expect(text.split('\n').filter((line) => line.length > 100)).toEqual([]);
  expect(text.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
});

test('a clip is told in a column of its own once there are several', () => {
  const one = runTable(documentFor([record('passed', 'passed', { pipelines: [PIPELINE] })])).split('\n');
  const two = runTable(documentFor([record('passed', 'passed', { pipelines: [PIPELINE, pipelineResult({ clip: 'vp9-640x360' })] })])).split('\n');
  expect([one[0], two[0]]).toEqual([expect.not.stringContaining('clip'), expect.stringMatching(/^kernel +pipeline +clip +outcome /)]);
  expect(two[2]).toMatch(/^ +upload +vp9-640x360 +passed /);
});

/** The pipelines of the longest names. */
const PIPELINES_OF_JOB = ['capture-dmabuf', 'native-upload', 'dmabuf-direct'] as const;

function measuredBoots(): RunRecord[] {
  const boot = (id: string, measure: string, figures: Partial<PipelineResult>): RunRecord => record('passed', 'passed', { id, measure, pipelines: [pipelineResult({ fps: null, ...figures })] });
  return [boot('r-0000000001', 'counters', { counters: COUNTERS }), boot('r-0000000002', 'time', { time: TIME }), boot('r-0000000003', 'instructions', { instructionsPerFrame: 2_500_000 })];
}

function record(expected: OutcomeKind, got: OutcomeKind, change: Partial<Record<keyof RunRecord, unknown>> = {}): RunRecord {
  return runRecord({ id: 'r-0000000000', expect: expected, asExpected: expected === got, outcome: { kind: got, stage: 'verify', why: 'because' }, ...change });
}

function documentFor(records: readonly RunRecord[]): RunDocument {
  return documentOf(jobOf(records.length), records, 12, '/h');
}

function jobOf(runs: number): JobRecord {
  return JobRecord.parse({ job: JOB_ID, title: 'a test', file: 'a.yaml', submittedAt: '2025-06-01T12:00:00.000Z', runs: Array.from({ length: runs }, () => runRequest()) });
}
