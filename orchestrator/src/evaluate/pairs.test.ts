// Which boots are held against each other, and what an evaluation makes of them.
import { expect, test } from 'vitest';
import { ordersOf, samplesOf, type BlockSeen } from './pairs.ts';
import type { RunId } from '../contract/ids.ts';
import { emptyResult, type RunRecord } from '../contract/run.ts';

const id = (name: string): RunId => `r-${name.padEnd(10, '0')}` as RunId;
function record(instructionsPerFrame: number): RunRecord {
  return { pipelines: [{ ...emptyResult('upload', 'vp9-64x48'), status: 'passed', instructionsPerFrame }] } as unknown as RunRecord;
}
function block(order: BlockSeen['order'], values: readonly (number | undefined)[]): BlockSeen {
  return { order, ids: ['a', 'b', 'c', 'd'].map(id), records: values.map((value) => (value === undefined ? undefined : record(value))), host: 'one' };
}

test('orders are drawn by lot, all six of them, and a longer plan begins like a shorter one', () => {
  const orders = ordersOf(7, 40);
  expect(ordersOf(7, 4)).toEqual(orders.slice(0, 4));
  expect(new Set(orders.map((one) => one.join(' ')))).toEqual(new Set([
    'base base patched patched', 'base patched base patched', 'base patched patched base', 'patched base base patched', 'patched base patched base', 'patched patched base base',
  ]));
  expect(ordersOf(8, 40)).not.toEqual(orders);
});

test('ABBA gives a pair of either order, and the base against itself', () => {
  const [samples] = samplesOf('instructions', ['upload'], [block(['base', 'patched', 'patched', 'base'], [100, 110, 111, 101])]);
  expect(samples?.pairs.map(({ base, patched, order }) => [base, patched, order])).toEqual([[100, 110, 'AB'], [101, 111, 'BA']]);
  expect(samples?.noise.map(({ base, patched }) => [base, patched])).toEqual([[100, 101]]);
  expect(samples?.pairs[1]?.runs).toEqual({ base: id('d'), patched: id('c') });
});

test('BAAB too', () => {
  const [samples] = samplesOf('instructions', ['upload'], [block(['patched', 'base', 'base', 'patched'], [110, 100, 101, 111])]);
  expect(samples?.pairs.map(({ base, patched, order }) => [base, patched, order])).toEqual([[100, 110, 'BA'], [101, 111, 'AB']]);
  expect(samples?.noise.map(({ base, patched }) => [base, patched])).toEqual([[100, 101]]);
});

test('AABB: the first of either against each other', () => {
  const [samples] = samplesOf('instructions', ['upload'], [block(['base', 'base', 'patched', 'patched'], [100, 101, 110, 111])]);
  expect(samples?.pairs.map(({ base, patched, order }) => [base, patched, order])).toEqual([[100, 110, 'AB'], [101, 111, 'AB']]);
});

test('a lost boot takes its pair with it and no other', () => {
  const [samples] = samplesOf('instructions', ['upload'], [block(['base', 'patched', 'patched', 'base'], [100, undefined, 111, 101])]);
  expect(samples?.pairs.map(({ base, patched }) => [base, patched])).toEqual([[100, null], [101, 111]]);
});
