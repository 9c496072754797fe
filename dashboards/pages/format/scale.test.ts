// Places and round values on an axis.
import { expect, test } from 'vitest';
import { linear, median, padded, quantile, ticks } from './scale.ts';

test('a span of nothing is drawn in the middle', () => {
  expect(linear(5, 5, 0, 100).at(5)).toBe(50);
  expect(linear(0, 10, 100, 0).at(2.5)).toBe(75);
});

test('ticks are round and lie within', () => {
  expect(ticks(0, 10, 5)).toEqual([0, 2, 4, 6, 8, 10]);
  expect(ticks(-0.31, 0.31, 4)).toEqual([-0.2, 0, 0.2]);
  expect(ticks(596_400, 598_200, 4)).toEqual([596_500, 597_000, 597_500, 598_000]);
  expect(ticks(3, 3, 4)).toEqual([3]);
  expect(ticks(NaN, 1, 4)).toEqual([NaN]);
});

test('room around one value is not nothing', () => {
  const [low, high] = padded(100, 100);
  expect(low).toBeLessThan(100);
  expect(high).toBeGreaterThan(100);
});

test('medians and quantiles', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
  expect(median([])).toBeNaN();
  expect(quantile([1, 2, 3, 4], 0.75)).toBe(3);
  expect(quantile([7], 0.1)).toBe(7);
});
