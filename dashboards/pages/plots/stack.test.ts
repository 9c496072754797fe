// The parts of a stacked bar.
import { expect, test } from 'vitest';
import { ordered, stack, toneOf, totalOf } from './stack.ts';

const PARTS = [{ name: 'draw', value: 30 }, { name: 'decode', value: 10 }, { name: 'something new', value: 5 }];

test('steps stand in the order in which a frame takes them, and what is not known last', () => {
  expect(ordered(PARTS).map(({ name }) => name)).toEqual(['decode', 'draw', 'something new']);
});

test('parts lie end to end, on the scale of the longest bar', () => {
  expect(stack(PARTS, 90).map(({ from, width }) => [Math.round(from), Math.round(width)])).toEqual([[0, 11], [11, 33], [44, 6]]);
  expect(totalOf(PARTS)).toBe(45);
});

test('a bar of nothing has no width', () => {
  expect(stack([{ name: 'draw', value: 0 }], 0)).toEqual([{ name: 'draw', value: 0, from: 0, width: 0, tone: toneOf('draw') }]);
});
