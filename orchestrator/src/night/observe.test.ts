// A boot says of each cell what it saw, and of the guest as a whole what no pipeline shows.
import { expect, test } from 'vitest';
import { PASSED, pipelineResult, runRecord } from '../../test/parts.ts';
import type { RunRecord } from '../contract/run.ts';
import { observe, worstOf } from './observe.ts';

const states = (record: RunRecord): string[] => observe(record).map(({ key, state }) => `${key.pipeline} ${state}`);
const FAILED = { kind: 'failed', stage: 'verify', why: 'w' } as const;

test('passes as they are, and the whole right, where all is well', () => {
  expect(states(runRecord({ pipelines: [pipelineResult(), pipelineResult({ pipeline: 'blob-guest', status: 'unavailable' })] }))).toEqual(['upload right', 'blob-guest absent', 'whole right']);
});

test('a wrong frame is its pipeline\'s, not the whole\'s; a splat is the whole\'s, not the pipeline\'s', () => {
  expect(states(runRecord({ outcome: FAILED, pipelines: [pipelineResult({ status: 'failed' })] }))).toEqual(['upload wrong', 'whole right']);
  expect(states(runRecord({ outcome: FAILED, pipelines: [pipelineResult()], console: [{ kind: 'warning', line: 1, text: 'WARNING', around: [] }] }))).toEqual(['upload right', 'whole wrong']);
  expect(states(runRecord({ outcome: FAILED, pipelines: [pipelineResult({ status: 'failed' })], console: [{ kind: 'oops', line: 1, text: 'BUG', around: [] }] }))).toEqual(['upload wrong', 'whole wrong']);
});

test('a guest that does not boot is wrong as a whole, and its pipelines are unknown', () => {
  expect(states(runRecord({ outcome: { ...FAILED, stage: 'guest' }, pipelines: [pipelineResult({ status: 'not-run' })] }))).toEqual(['upload unknown', 'whole wrong']);
});

test('of a run that the lab lost nothing counts, not even what looked right; a refused one is absent', () => {
  for (const kind of ['broken', 'cancelled'] as const) expect(states(runRecord({ outcome: { ...PASSED, kind }, pipelines: [pipelineResult(), pipelineResult({ pipeline: 'dmabuf-copy', status: 'failed' })] }))).toEqual(['upload unknown', 'dmabuf-copy unknown', 'whole unknown']);
  expect(states(runRecord({ outcome: { ...PASSED, kind: 'rejected' }, pipelines: [] }))).toEqual(['whole absent']);
});

test('a fault that was made on purpose is no cell', () => {
  expect(states(runRecord({ pipelines: [pipelineResult({ fault: 'skip-transfer', status: 'failed' })] }))).toEqual(['whole right']);
});

test('of several boots of one cell the worst is told, and what is known before what is not', () => {
  const seen = ['right', 'wrong', 'unknown'].map((state, at) => ({ ...observe(runRecord({ pipelines: [pipelineResult()], id: `r-000000000${String(at)}` }))[0], state }));
  expect([...worstOf(seen as never).values()]).toMatchObject([{ state: 'wrong', run: 'r-0000000001' }]);
  expect([...worstOf([seen[2], seen[0]] as never).values()]).toMatchObject([{ state: 'right' }]);
});
