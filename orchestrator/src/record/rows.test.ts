// Records as rows: what is counted, what is cited, and text that PostgreSQL would not keep.
import { describe, expect, test } from 'vitest';
import { pipelineResult, runRecord } from '../../test/parts.ts';
import { citedBy } from '../contract/evaluation.ts';
import { ENDS, evaluationOf } from '../report/evaluation/fixture.ts';
import { evaluationRow, facetsOf, facetsOfPasses, passRows, runRow } from './rows.ts';
import { samplesOf } from './samples.ts';

const TIME = { frames: 50, warmup: 10, fps: 40, stepsMs: { frame: { mean: 25, p50: 24, p95: 30, p99: 33 }, decode: { mean: 9, p50: 8, p95: 12, p99: 13 } }, guestCpuMsPerFrame: 11, hostCpuMsPerFrame: null, bookkeepingShare: 0.001 };

describe('the row of a run', () => {
  test('has frames of all pipelines, and how long it took', () => {
    const row = runRow(runRecord({ pipelines: [pipelineResult({ frames: 60, wrong: 2 }), pipelineResult({ frames: 30, wrong: 1 })] }), 'a-host');
    expect(row).toMatchObject({ frames: 90, wrong: 3, seconds: 60, host: 'a-host', series: null, as_expected: true });
  });

  test('keeps no NUL, which a guest may print and PostgreSQL does not take', () => {
    const row = runRow(runRecord({ title: 'a\0b', outcome: { kind: 'failed', stage: 'verify', why: 'x\0' } }), null);
    expect([row.title, row.why]).toEqual(['a\u2400b', 'x\u2400']);
    expect(passRows(runRecord({ pipelines: [pipelineResult({ why: '\0' })] }), 1)[0]?.why).toBe('\u2400');
    expect(evaluationRow(evaluationOf({ title: 'a\0' })).record).not.toContain('\\u0000');
  });

  test('is found under "none" where there is no series', () => {
    expect(facetsOf(runRow(runRecord(), null))).toContainEqual(['series', 'none']);
  });

  test('counts once under a pipeline of which it made several passes, and under no defect where there was none', () => {
    const record = runRecord({ pipelines: [pipelineResult(), pipelineResult({ clip: 'another', defect: 'torn' })] });
    expect(facetsOfPasses([...passRows(record, 1), ...passRows(record, 2)])).toEqual([
      ['pipeline', 'upload'], ['pipeline', 'upload'], ['clip', 'h264-640x360'], ['clip', 'another'], ['clip', 'h264-640x360'], ['clip', 'another'], ['defect', 'torn'], ['defect', 'torn'],
    ]);
  });
});

describe('the samples of a run', () => {
  test('are the figures of what passed, and when the guest was ready', () => {
    const found = samplesOf(runRecord({ pipelines: [pipelineResult({ time: TIME, instructionsPerFrame: 600_000 })] })).map(({ metric, subject, value }) => [metric, subject, value]);
    expect(found).toContainEqual(['ready', 'boot', 9000]);
    expect(found).toContainEqual(['frames per second', 'upload', 40]);
    expect(found).toContainEqual(['frame time p95', 'upload', 30]);
    expect(found).toContainEqual(['instructions', 'upload', 600_000]);
    expect(found.map(([metric]) => metric)).not.toContain('host CPU');
  });

  test.each([{ what: 'failed', change: { status: 'failed' } }, { what: 'was broken on purpose', change: { fault: 'skip-transfer' } }])('leave out a pass that $what', ({ change }) => {
    const record = runRecord();
    const pass = { ...pipelineResult({ time: TIME }), ...change } as ReturnType<typeof pipelineResult>;
    expect(samplesOf({ ...record, pipelines: [pass] }).map((one) => one.metric)).toEqual(['ready']);
  });
});

test('a verdict cites every run that it stands on, each once', () => {
  expect(citedBy(evaluationOf()).sort()).toEqual(['r-aaaaaaaaaa', 'r-bbbbbbbbbb', 'r-cccccccccc']);
  expect(ENDS['failed'] === undefined ? [] : citedBy(ENDS['failed']).sort()).toEqual(['r-aaaaaaaaaa', 'r-bbbbbbbbbb']);
});
