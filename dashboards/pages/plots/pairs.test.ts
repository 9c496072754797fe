// Pairs of boots, of which a half may be lost.
import { expect, test } from 'vitest';
import { blockStarts, bootsOf, changesOf, ecdf, spreadOut, stairs, wholeOf, type Pair } from './pairs.ts';

function pair(base: number | null, patched: number | null, order: 'AB' | 'BA', block: number): Pair {
  return { base, patched, order, block, host: 'vm', runs: { base: 'r-aaaaaaaaaa' as Pair['runs']['base'], patched: 'r-bbbbbbbbbb' as Pair['runs']['base'] } };
}

const PAIRS = [pair(100, 103, 'AB', 0), pair(101, null, 'BA', 0), pair(200, 190, 'BA', 1)];

test('a pair without a half is no pair', () => {
  expect(wholeOf(PAIRS).map(({ base, patched }) => [base, patched])).toEqual([[100, 103], [200, 190]]);
  expect(changesOf(wholeOf(PAIRS)).map((one) => one.toFixed(1))).toEqual(['3.0', '-5.0']);
});

test('boots stand in the order in which they were made, a lost one is a gap', () => {
  const boots = bootsOf(PAIRS);
  expect(boots.map((boot) => (boot === undefined ? 'lost' : `${boot.side} ${String(boot.value)}`))).toEqual(['base 100', 'patched 103', 'lost', 'base 101', 'patched 190', 'base 200']);
  expect(blockStarts(boots)).toEqual([0, 4]);
});

test('equal values are one step', () => {
  expect(ecdf([2, 1, 2, 3])).toEqual([{ value: 1, share: 0.25 }, { value: 2, share: 0.75 }, { value: 3, share: 1 }]);
  expect(stairs(ecdf([1, 3]), (value) => value * 10, (share) => 100 - 100 * share, 50)).toBe('M10.0 100.0H10.0V50.0H30.0V0.0H50.0');
  expect(stairs([], Number, Number, 50)).toBe('');
});

test('dots of one height stand beside each other', () => {
  expect(spreadOut([10, 10, 10, 50], 5)).toEqual([0, 1, -1, 0]);
});
