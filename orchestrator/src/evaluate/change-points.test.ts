// Change points on published series, where the answer is known, and what must hold of any series.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import published from '../../test/reference/change-points.json' with { type: 'json' };
import { DEFAULTS, findChangePoints, NOTHING, type Options } from './change-points.ts';

const indices = (values: readonly number[], options: Partial<Options> = {}): number[] => findChangePoints(values, { ...DEFAULTS, ...options }).points.map((one) => one.index);

describe('published series', () => {
  test('the flow of the Nile fell once, in 1899', () => {
    const { points } = findChangePoints(published.nile.values);
    expect(points.map((one) => 1871 + one.index)).toEqual([1899]);
    expect(points[0]?.before.mean).toBeCloseTo(1097.75, 2);
    expect(points[0]?.after.mean).toBeCloseTo(849.97, 2);
  });

  test('TigerBeetle: the two large changes that Apache Otava finds with the same limits', () => {
    expect(indices(published.tigerbeetle.values, { window: 30, maxP: 0.01, minShare: 0.05 })).toEqual([15, 71]);
  });

  // Otava divides by n where a sample's variance has n - 1, and so finds one more with the same limit, at 260.
  test('TigerBeetle: its small changes too', () => {
    expect(indices(published.tigerbeetle.values, { window: 30, maxP: 0.001 })).toEqual([15, 61, 71, 95, 117, 131, 142, 148, 192, 212]);
  });

  // Otava's own examples; it finds 10, 6 and 4.
  test.each([
    { values: [1.02, 0.95, 0.99, 1, 1.12, 1, 1.01, 0.98, 1.01, 0.96, 0.5, 0.51, 0.48, 0.48, 0.55, 0.5, 0.49, 0.51, 0.5, 0.49], at: [10], options: { window: 10, maxP: 0.0001 } },
    { values: [1.02, 0.95, 0.99, 1, 1.12, 0.9, 0.5, 0.51, 0.48, 0.48, 0.55], at: [6], options: {} },
    { values: [2.02, 2.03, 2.01, 2.04, 1.82, 1.85, 1.79, 1.81, 1.8, 1.76, 1.78], at: [4], options: {} },
  ])('a step at $at', ({ values, at, options }) => {
    expect(indices(values, options)).toEqual(at);
  });
});

const noise = fc.array(fc.double({ min: 99, max: 101, noNaN: true }), { minLength: 40, maxLength: 160 });

test('a series that grew is found to be what a fresh look finds, however it was cut', () => {
  fc.assert(fc.property(noise, fc.integer({ min: 0, max: 159 }), fc.integer({ min: 1, max: 40 }), (values, step, piece) => {
    const series = values.map((value, n) => (n >= step ? value * 1.05 : value));
    let state = NOTHING;
    let points: unknown = [];
    for (let end = piece; end < series.length + piece; end += piece) ({ points, state } = findChangePoints(series.slice(0, end), DEFAULTS, state));
    expect(points).toEqual(findChangePoints(series).points);
  }), { numRuns: 60 });
});

test('a step far larger than the noise is found where it is, whatever the scale', () => {
  fc.assert(fc.property(noise, fc.double({ min: 1e-3, max: 1e6, noNaN: true }), (values, scale) => {
    const at = Math.floor(values.length / 2);
    expect(indices(values.map((value, n) => scale * (n >= at ? value + 20 : value)))).toContain(at);
  }), { numRuns: 60 });
});

test('one figure that is out of line is no change of the level', () => {
  const values = published.nile.values.slice(30, 90).map((value, n) => (n === 25 ? value * 3 : value));
  expect(indices(values)).toEqual([]);
});

test.each([{ values: [] }, { values: [5] }, { values: [5, 5] }, { values: Array.from({ length: 80 }, () => 5) }])('nothing changes in $values.length equal samples', ({ values }) => {
  expect(findChangePoints(values).points).toEqual([]);
});

test('exact counters: a step without any noise is found at once', () => {
  expect(indices([...Array.from({ length: 6 }, () => 40), 42, 42])).toEqual([6]);
});
