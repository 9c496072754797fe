// The statistics of paired boots against scipy's values, and what must hold of any sample.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { median } from 'simple-statistics';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { seeded } from '../../test/parts.ts';
import { blockedRankP, bootstrapInterval, detectableEffect, hodgesLehmann, holm, logRatios, pairsNeeded, scatterWithin, type Pair } from './statistics.ts';

const REFERENCE = z.object({ cases: z.array(z.object({ values: z.array(z.number()), hodgesLehmann: z.number() })),
  blocks: z.array(z.object({ base: z.array(z.array(z.number())), patched: z.array(z.array(z.number())), p: z.number() })),
})
  .parse(JSON.parse(readFileSync(new URL('../../test/reference/statistics.json', import.meta.url), 'utf8')));

/** Two pairs to a block. */
function inBlocks(values: readonly (readonly [number | null, number | null])[]): Pair[] {
  return values.map(([base, patched], n) => ({ base, patched, block: Math.floor(n / 2) }));
}

const value = fc.double({ min: -1, max: 1, noNaN: true }).map((one) => Math.round(one * 1e4) / 1e4);
const sample = fc.array(value, { minLength: 1, maxLength: 24 });

describe('against scipy', () => {
  test.each(REFERENCE.cases)('$values', ({ values, hodgesLehmann: estimate }) => {
    expect(hodgesLehmann(values)).toBeCloseTo(estimate, 10);
  });

  test.each(REFERENCE.blocks)('p of blocks $base and $patched', ({ base, patched, p }) => {
    const pairs = base.flatMap((values, block) => values.map((one, n): Pair => ({ base: one, patched: patched[block]?.[n] ?? null, block })));
    expect(blockedRankP(pairs)).toBeCloseTo(p, 10);
  });
});

describe('log-ratios', () => {
  test('a pair that is not whole is left out and counted', () => {
    const { ratios, dropped } = logRatios(inBlocks([[2, 4], [null, 1], [0, 1], [1, Infinity], [1, NaN], [4, 2]]));
    expect(ratios).toEqual([Math.log(2), Math.log(0.5)]);
    expect(dropped).toBe(4);
  });
});

describe('of any sample', () => {
  test('the estimate turns with the sign, moves with a shift and lies within the sample', () => {
    fc.assert(fc.property(sample, value, (values, shift) => {
      const estimate = hodgesLehmann(values);
      // To the last bit: stored verdicts are worked out again.
      expect(estimate + 0).toBe(median(values.flatMap((one, at) => values.slice(at).map((other) => (one + other) / 2))) + 0);
      expect(hodgesLehmann(values.map((one) => -one))).toBeCloseTo(-estimate, 10);
      expect(hodgesLehmann(values.map((one) => one + shift))).toBeCloseTo(estimate + shift, 10);
      expect(estimate).toBeGreaterThanOrEqual(Math.min(...values) - 1e-12);
      expect(estimate).toBeLessThanOrEqual(Math.max(...values) + 1e-12);
    }));
  });

  test('p is a probability, the same either way round and in any order', () => {
    const positive = fc.integer({ min: 1, max: 50 });
    fc.assert(fc.property(fc.array(fc.tuple(positive, positive), { minLength: 1, maxLength: 12 }), (values) => {
      const pairs = inBlocks(values);
      const p = blockedRankP(pairs);
      expect(p).toBeGreaterThan(0);
      expect(p).toBeLessThanOrEqual(1);
      expect(blockedRankP(pairs.map(({ base, patched, block }) => ({ base: patched, patched: base, block })))).toBeCloseTo(p, 10);
      expect(blockedRankP([...pairs].reverse())).toBeCloseTo(p, 10);
      // A host of twice the speed is another unit and nothing else.
      expect(blockedRankP(pairs.map(({ base, patched, block }) => ({ base: (base ?? 1) * (block + 1), patched: (patched ?? 1) * (block + 1), block })))).toBeCloseTo(p, 10);
    }));
  });

  test('a lost half, and a value that is none, take their pair and nothing else', () => {
    const pairs = inBlocks([[1, 2], [1, 3], [1, 2], [1, 4]]);
    expect(blockedRankP([...pairs, { base: null, patched: 1, block: 0 }, { base: 1, patched: Infinity, block: 9 }, { base: NaN, patched: 0, block: 1 }])).toBe(blockedRankP(pairs));
  });

  test('where nothing differs there is nothing to be seen', () => {
    expect([blockedRankP(inBlocks(Array.from({ length: 6 }, () => [7, 7]))), hodgesLehmann([0, 0, 0])]).toEqual([1, 0]);
    expect(blockedRankP([])).toBe(1);
    expect(hodgesLehmann([])).toBeNaN();
  });

  test('no p of one direction is smaller than two in 6^blocks', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 12 }), (blocks) => {
      expect(blockedRankP(inBlocks(Array.from({ length: 2 * blocks }, (_, n) => [100 + n / 100, 110 + n / 100])))).toBeCloseTo(Math.min(1, 2 * 6 ** -blocks), 12);
    }));
  });

  test('where the sides are given by lot, p is no smaller than it says, though one block is as fast again as another', () => {
    const random = seeded(7);
    let below = 0;
    const rounds = 4000;
    for (let round = 0; round < rounds; round++) {
      const pairs = inBlocks(Array.from({ length: 10 }, (_, n) => [2 ** Math.floor(n / 2) + random(), 2 ** Math.floor(n / 2) + random()]));
      if (blockedRankP(pairs) <= 0.05) below++;
    }
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

describe('the scatter of a ratio within blocks', () => {
  test('is that of either kernel\'s boots, whatever the blocks\' levels and whichever boot was paired with which', () => {
    const pairs = inBlocks([[1, 3], [Math.E ** 2, 3], [100, 5], [100, 5 * Math.E ** 4]]);
    // Variances of the base: 2 and 0, of the patched one: 0 and 8.
    expect(scatterWithin(pairs)).toBeCloseTo(Math.sqrt(1 + 4), 12);
    expect(scatterWithin(inBlocks([[1, 3], [Math.E ** 2, 3], [100, 5 * Math.E ** 4], [100, 5]]))).toBeCloseTo(Math.sqrt(5), 12);
  });

  test('is unknown of single boots and of what was lost', () => {
    expect(scatterWithin([])).toBe(Infinity);
    expect(scatterWithin(inBlocks([[1, 2], [null, 2], [1, 0], [3, 4]]))).toBe(Infinity);
  });
});
