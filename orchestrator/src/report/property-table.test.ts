// One table property by design, which fits a terminal, and says what is a failure and what only an answer.
import { describe, expect, test } from 'vitest';
import { runRecord } from '../../test/parts.ts';
import type { PropertyResult } from '../contract/property.ts';
import type { RunRecord } from '../contract/run.ts';
import { cellsOf, propertyTable } from './property-table.ts';

const DESIGNS = ['designs/baseline-uuid', 'designs/rfc-handle-as-dma-address', 'designs/host-id-field', 'designs/upcast-resource-id'];

function result(change: Partial<PropertyResult> = {}): PropertyResult {
  return { property: 'dma', asked: true, holds: true, binding: true, value: 'lands in the buffer', evidence: '4096 of 4096', ...change };
}

function record(n: number, series: string | null, properties: readonly PropertyResult[], change: Partial<RunRecord> = {}): RunRecord {
  return runRecord({ id: `r-00000000${String(n).padStart(2, '0')}`, series, properties, ...change });
}

function tableOf(records: readonly RunRecord[]): string[] {
  const table = cellsOf(records);
  return propertyTable(table === undefined ? {} : { table });
}

test('a job that asks for no property has no table', () => {
  expect(cellsOf([record(1, null, [])])).toBeUndefined();
  expect(tableOf([record(1, null, [])])).toEqual([]);
});

test('a cell names its run in its evidence, and its design by the last part of the series', () => {
  expect(cellsOf([record(1, DESIGNS[1] ?? '', [result()]), record(2, null, [result()])])).toMatchObject([
    { property: 'dma', design: 'rfc-handle-as-dma-address', base: '6.12', device: 'virgl', run: 'r-0000000001', evidence: 'r-0000000001 on virgl: 4096 of 4096' }, { design: '6.12' },
  ]);
});

describe('four designs beside each other', () => {
  const lines = tableOf(DESIGNS.map((series, n) => record(n, series, [
    result({ holds: n !== 1, value: n === 1 ? 'lands at 0x1c0' : 'lands in the buffer' }),
    result({ property: 'early', binding: false, holds: n === 0 ? null : false, value: n === 0 ? 'no id' : '59 of 72 before' }),
  ])));

  test('fit 100 columns, the evidence too', () => {
    expect(lines.filter((line) => line.length > 100)).toEqual([]);
  });

  test('have a column each, in their order', () => {
    expect(lines[0]?.split(/\s{2,}/)).toEqual(['property', 'baseline-uuid', 'rfc-handle-as-dma-', 'host-id-field', 'upcast-resource-id']);
  });

  test('say NO only where the kernel has failed by it', () => {
    const text = lines.join('\n');
    expect(text).toMatch(/^dma .*NO: lands at/m);
    expect(text).toMatch(/^early +- no id +no: 59 of 72/m);
  });
});

test('a job with two bases says which is which', () => {
  const [head] = tableOf([record(1, 'designs/host-id-field', [result()]), record(2, 'designs/host-id-field', [result()], { base: '7.3' })]);
  expect(head).toMatch(/6\.12 host-id-field +7\.3 host-id-field/);
});

test('of a property that was asked on several devices the worst answer is shown', () => {
  const lines = tableOf([record(1, null, [result()]), record(2, null, [result({ holds: false, value: 'lands nowhere' })], { device: 'virgl-iommu' })]);
  expect(lines[1]).toMatch(/^dma +NO: lands nowhere$/);
});
