// A matrix whose rows do not all have the same pipelines.
import { expect, test } from 'vitest';
import type { Cell, Matrix } from '../../api/shapes.ts';
import { cellsIn, columnsOf, rowKey } from './matrix.ts';

function cell(pipeline: string, device: string, status: Cell['status'] = 'passed'): Cell {
  return { pipeline, device, stack: 'trixie', clip: '', status, asExpected: true, why: '', run: 'r-0123456789' as Cell['run'], before: null, beforeAsExpected: null };
}

const rows: Matrix['rows'] = [
  { base: '6.12', series: null, flavour: 'perf', expect: 'passed', cells: [cell('upload', 'virgl'), cell('upload', '2d'), cell('dmabuf-copy', 'virgl')] },
  { base: '6.12', series: 'mutants/a', flavour: 'perf', expect: 'failed', cells: [cell('dmabuf-copy', 'virgl', 'failed'), cell('blob-guest', '2d')] },
];

test('columns of one device stand together, whatever the order of the cells', () => {
  const { columns, groups } = columnsOf({ rows });
  expect(columns.map(({ device, pipeline }) => `${device} ${pipeline}`)).toEqual(['virgl upload', 'virgl dmabuf-copy', '2d upload', '2d blob-guest']);
  expect(groups.map(({ device, columns: count }) => [device, count])).toEqual([['virgl', 2], ['2d', 2]]);
});

test('a kernel that has no cell in a column has a gap there', () => {
  const { columns } = columnsOf({ rows });
  const second = rows[1];
  expect(second === undefined ? [] : cellsIn(second, columns).map((one) => one?.status)).toEqual([undefined, 'failed', undefined, 'passed']);
});

test('the same series on two bases are two rows', () => {
  const keys = rows.map(rowKey);
  expect(new Set(keys).size).toBe(2);
});
