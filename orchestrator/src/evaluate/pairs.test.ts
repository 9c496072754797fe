// Which boots are held against each other, and what an evaluation makes of them.
import { expect, test } from 'vitest';
import { BOOTS_PER_BLOCK, ordersOf, PAIRS_PER_BLOCK, samplesOf, type BlockSeen } from './pairs.ts';
import type { RunId } from '../contract/ids.ts';
import { emptyResult, type RunRecord } from '../contract/run.ts';

const id = (name: string): RunId => `r-${name.padEnd(10, '0')}` as RunId;
function record(instructionsPerFrame: number): RunRecord {
  return { pipelines: [{ ...emptyResult('upload', 'vp9-64x48'), status: 'passed', instructionsPerFrame }] } as unknown as RunRecord;
}
function block(order: BlockSeen['order'], values: readonly (number | undefined)[]): BlockSeen {
  return { order, ids: ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map(id), records: values.map((value) => (value === undefined ? undefined : record(value))), host: 'one' };
}
const sides = (letters: string): BlockSeen['order'] => Array.from(letters, (one) => (one === 'A' ? 'base' : 'patched'));

test('orders are drawn by lot, all seventy of them about as often, and a longer plan begins like a shorter one', () => {
  const orders = ordersOf(7, 7000).map((one) => one.join(' '));
  expect(ordersOf(7, 4).map((one) => one.join(' '))).toEqual(orders.slice(0, 4));
  expect(orders.every((one) => one.split(' ').length === BOOTS_PER_BLOCK && one.split(' ').filter((side) => side === 'base').length === PAIRS_PER_BLOCK)).toBe(true);
  const often = new Map<string, number>();
  for (const one of orders) often.set(one, (often.get(one) ?? 0) + 1);
  expect(often.size).toBe(70);
  // Chi-squared with 69 degrees of freedom: one in a hundred thousand is beyond 131.
  expect([...often.values()].reduce((sum, count) => sum + (count - 100) ** 2 / 100, 0)).toBeLessThan(131);
  expect(ordersOf(8, 40)).not.toEqual(ordersOf(7, 40));
});

test('the first boot of the one is held against the first of the other, whichever came first, and so on; and the base against itself', () => {
  const [samples] = samplesOf('instructions', ['upload'], [block(sides('ABBABAAB'), [100, 110, 111, 101, 112, 102, 103, 113])]);
  expect(samples?.pairs.map(({ base, patched, order }) => [base, patched, order])).toEqual([[100, 110, 'AB'], [101, 111, 'BA'], [102, 112, 'BA'], [103, 113, 'AB']]);
  expect(samples?.noise.map(({ base, patched }) => [base, patched])).toEqual([[100, 102], [101, 103]]);
  expect(samples?.pairs[1]?.runs).toEqual({ base: id('d'), patched: id('c') });
});

test('all of the one before all of the other', () => {
  const [samples] = samplesOf('instructions', ['upload'], [block(sides('AAAABBBB'), [100, 101, 102, 103, 110, 111, 112, 113])]);
  expect(samples?.pairs.map(({ base, patched, order }) => [base, patched, order])).toEqual([[100, 110, 'AB'], [101, 111, 'AB'], [102, 112, 'AB'], [103, 113, 'AB']]);
});

test('a lost boot takes its pair with it and no other', () => {
  const [samples] = samplesOf('instructions', ['upload'], [block(sides('ABBABAAB'), [100, undefined, 111, 101, 112, 102, 103, 113])]);
  expect(samples?.pairs.map(({ base, patched }) => [base, patched])).toEqual([[100, null], [101, 111], [102, 112], [103, 113]]);
});
