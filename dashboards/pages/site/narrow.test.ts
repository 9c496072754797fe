// A copy narrows its runs as the server does.
import { expect, test } from 'vitest';
import type { RunRow } from '../../api/shapes.ts';
import { toggled } from '../format/query.ts';
import { facetsOf, narrowed } from './narrow.ts';

function pass(change: Partial<RunRow['passes'][number]> = {}): RunRow['passes'][number] {
  return { pipeline: 'upload', clip: 'h264-640x360', fault: null, defect: null, ...change };
}

function row(n: number, change: Partial<RunRow> = {}): RunRow {
  return {
    id: `r-000000000${String(n)}` as RunRow['id'], job: 'j-0123456789' as RunRow['job'], title: `run ${String(n)}`, base: '6.12', version: null, series: null, flavour: 'perf', kernel: null, image: 'trixie', stack: 'trixie', device: 'virgl',
    measure: null, host: null, accelerator: 'tcg', renderer: null, outcome: 'passed', stage: 'verify', why: 'all right', expect: 'passed', asExpected: true, frames: 60, wrong: 0, findings: 0,
    startedAt: '2026-01-01T00:00:00.000Z', sealedAt: `2026-01-0${String(n)}T00:00:00.000Z`, seconds: 10, passes: [pass()], ...change,
  };
}

const ROWS = [row(1), row(2, { outcome: 'failed', series: 'mutants/torn', asExpected: false, why: 'Torn <b>', findings: 2, passes: [pass(), pass({ pipeline: 'dmabuf-direct', defect: 'torn' })] }), row(3, { device: '2d', renderer: 'virgl (LLVM 19, 256 bits)', passes: [pass(), pass({ pipeline: 'dmabuf-copy', fault: 'skip-transfer' })] })];
const ids = (query: string): string[] => narrowed(ROWS, query).map(({ id }) => id.at(-1) ?? '');

test('several values of one name are alternatives, several names hold together, and what is missing is called none', () => {
  expect(ids('')).toEqual(['1', '2', '3']);
  expect(ids('outcome=failed,passed')).toEqual(['1', '2', '3']);
  expect(ids('series=none&device=virgl')).toEqual(['1']);
  expect(ids('pipeline=dmabuf-copy')).toEqual(['3']);
  expect(ids('defect=torn')).toEqual(['2']);
  expect(ids('fault=skip-transfer')).toEqual(['3']);
  expect(ids('stage=verify&expect=passed&kernel=none&base=6.12')).toEqual(['1', '2', '3']);
  expect(ids(toggled('', 'renderer', 'virgl (LLVM 19, 256 bits)'))).toEqual(['3']);
});

test('what is asked of passes has to hold of one and the same', () => {
  expect(ids('pipeline=dmabuf-direct&defect=torn')).toEqual(['2']);
  expect(ids('pipeline=upload&defect=torn')).toEqual([]);
});

test('words, expectation and time narrow too', () => {
  expect(ids('text=torn')).toEqual(['2']);
  expect(ids('expected=no')).toEqual(['2']);
  expect([ids('findings=yes'), ids('findings=no')]).toEqual([['2'], ['1', '3']]);
  expect(ids('expected=yes&from=2026-01-02T00:00:00.000Z')).toEqual(['3']);
  expect(ids('to=2026-01-02T00:00:00.000Z')).toEqual(['1', '2']);
});

test('what there is to tick is counted over all rows, the commonest first', () => {
  const facets = facetsOf(ROWS);
  expect(facets.find(({ dimension }) => dimension === 'pipeline')?.values).toEqual([{ value: 'upload', runs: 3 }, { value: 'dmabuf-direct', runs: 1 }, { value: 'dmabuf-copy', runs: 1 }]);
  expect(facets.find(({ dimension }) => dimension === 'series')?.values[0]).toEqual({ value: 'none', runs: 2 });
});
