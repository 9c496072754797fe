// The statistics of paired boots against scipy's values, and what must hold of any sample.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { seeded } from '../../test/parts.ts';
import { bootstrapInterval, detectableEffect, hodgesLehmann, holm, logRatios, pairsNeeded, signedRankP } from './statistics.ts';

const REFERENCE = z.object({ cases: z.array(z.object({ values: z.array(z.number()), hodgesLehmann: z.number(), p: z.number() })) })
  .parse(JSON.parse(readFileSync(new URL('../../test/reference/statistics.json', import.meta.url), 'utf8')));

const value = fc.double({ min: -1, max: 1, noNaN: true }).map((one) => Math.round(one * 1e4) / 1e4);
const sample = fc.array(value, { minLength: 1, maxLength: 24 });

describe('against scipy', () => {
  test.each(REFERENCE.cases)('$values', ({ values, hodgesLehmann: estimate, p }) => {
    expect(hodgesLehmann(values)).toBeCloseTo(estimate, 10);
    expect(signedRankP(values)).toBeCloseTo(p, 10);
  });
});

describe('log-ratios', () => {
  test('a pair that is not whole is left out and counted', () => {
    const { ratios, dropped } = logRatios([{ base: 2, patched: 4 }, { base: null, patched: 1 }, { base: 0, patched: 1 }, { base: 1, patched: Infinity }, { base: 1, patched: NaN }, { base: 4, patched: 2 }]);
    expect(ratios).toEqual([Math.log(2), Math.log(0.5)]);
    expect(dropped).toBe(4);
  });
});

describe('of any sample', () => {
  test('the estimate turns with the sign, moves with a shift and lies within the sample', () => {
    fc.assert(fc.property(sample, value, (values, shift) => {
      const estimate = hodgesLehmann(values);
      expect(hodgesLehmann(values.map((one) => -one))).toBeCloseTo(-estimate, 10);
      expect(hodgesLehmann(values.map((one) => one + shift))).toBeCloseTo(estimate + shift, 10);
      expect(estimate).toBeGreaterThanOrEqual(Math.min(...values) - 1e-12);
      expect(estimate).toBeLessThanOrEqual(Math.max(...values) + 1e-12);
    }));
  });

  test('p is a probability, the same for either sign and in any order', () => {
    fc.assert(fc.property(sample, (values) => {
      const p = signedRankP(values);
      expect(p).toBeGreaterThan(0);
      expect(p).toBeLessThanOrEqual(1);
      expect(signedRankP(values.map((one) => -one))).toBeCloseTo(p, 10);
      expect(signedRankP([...values].reverse())).toBeCloseTo(p, 10);
    }));
  });

  test('where nothing differs there is nothing to be seen', () => {
    expect([signedRankP([0, 0, 0, 0, 0, 0]), hodgesLehmann([0, 0, 0])]).toEqual([1, 0]);
    expect(signedRankP([])).toBe(1);
    expect(hodgesLehmann([])).toBeNaN();
  });

  test('no p of one sign is smaller than two in 2^n', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 30 }), (n) => {
      expect(signedRankP(Array.from({ length: n }, (_, at) => at + 1))).toBeCloseTo(Math.min(1, 2 ** (1 - n)), 12);
    }));
  });

  test('under a null of random signs, p is no smaller than it says', () => {
    const random = seeded(7);
    let below = 0;
    const rounds = 4000;
    for (let round = 0; round < rounds; round++) if (signedRankP(Array.from({ length: 10 }, () => random() - 0.5)) <= 0.05) below++;
    expect(below / rounds).toBeLessThanOrEqual(0.05 + 3 * Math.sqrt((0.05 * 0.95) / rounds));
  });
});

describe('the bootstrap interval', () => {
  test('is the same for the same seed, holds the estimate, and turns with the sign but for the draw', () => {
    fc.assert(fc.property(fc.array(value, { minLength: 2, maxLength: 16 }), fc.integer(), (values, seed) => {
      const asked = { level: 0.95, seed, resamples: 200 };
      const interval = bootstrapInterval(values, asked);
      expect(bootstrapInterval(values, asked)).toEqual(interval);
      expect(interval.low).toBeLessThanOrEqual(interval.high);
      expect(interval.low).toBeGreaterThanOrEqual(Math.min(...values) - 1e-12);
      expect(interval.high).toBeLessThanOrEqual(Math.max(...values) + 1e-12);
    }), { numRuns: 40 });
  });

  test('of nothing, of one value, of equal values', () => {
    expect(bootstrapInterval([], { level: 0.95, seed: 1 })).toEqual({ low: NaN, high: NaN });
    expect(bootstrapInterval([0.25], { level: 0.95, seed: 1, resamples: 50 })).toEqual({ low: 0.25, high: 0.25 });
    expect(bootstrapInterval([0.5, 0.5, 0.5], { level: 0.95, seed: 1, resamples: 50 })).toEqual({ low: 0.5, high: 0.5 });
  });
});

describe('Holm', () => {
  // R: p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm")
  test('as R has it', () => { expect(holm([0.01, 0.04, 0.03, 0.005]).map((p) => Number(p.toFixed(6)))).toEqual([0.03, 0.06, 0.06, 0.02]); });

  test('never makes a p smaller, nor another order of them', () => {
    fc.assert(fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 }), (ps) => {
      const adjusted = holm(ps);
      ps.forEach((p, at) => {
        expect(adjusted[at]).toBeGreaterThanOrEqual(p);
        ps.forEach((other, index) => { if (p < other) expect(adjusted[at]).toBeLessThanOrEqual(adjusted[index] ?? 0); });
      });
    }));
  });
});

describe('how much would have been seen', () => {
  const asked = { alpha: 0.01, power: 0.8 };
  const values = Array.from({ length: 20 }, (_, at) => (at - 9.5) / 1000);

  test('four times the pairs see half the effect, and what is asked for agrees with what was seen', () => {
    const effect = detectableEffect(values, asked);
    expect(pairsNeeded(values, effect, asked)).toBeLessThanOrEqual(values.length + 1);
    expect(pairsNeeded(values, effect / 2, asked)).toBeGreaterThanOrEqual(4 * values.length - 1);
  });

  test('one pair has shown no spread, and no number of pairs shows nothing', () => {
    expect(detectableEffect([0.1], asked)).toBe(Infinity);
    expect(pairsNeeded(values, 0, asked)).toBe(Infinity);
  });
});
