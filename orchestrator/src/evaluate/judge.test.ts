// What is made of pairs: it keeps its word on false alarms although it looks several times, finds what is there, and never takes silence for sameness.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { seeded } from '../../test/parts.ts';
import { judge, type Measured, type MetricVerdict } from './judge.ts';
import { looksOf } from './looks.ts';
import { PAIRS_PER_BLOCK } from './pairs.ts';
import type { Pair } from './statistics.ts';

const ASKED = { alpha: 0.004, seed: 1, resamples: 500 };

/** Pairs that differ by `change` (a log-ratio) and scatter by `noise` around it. */
function pairs(count: number, change: number, noise: number, random: () => number): Pair[] {
  const gauss = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return Array.from({ length: count }, (_, n) => ({ base: 100 * Math.exp(noise * gauss()), patched: 100 * Math.exp(change + noise * gauss()), block: Math.floor(n / PAIRS_PER_BLOCK) }));
}

function measured(change: Partial<Measured>): Measured {
  return { metric: 'instructions', better: 'lower', limit: 0.005, pairs: [], noise: [], ...change };
}

function one(change: Partial<Measured>, asked = ASKED): MetricVerdict {
  const [verdict] = judge([measured(change)], asked);
  if (verdict === undefined) throw new Error('Expected a verdict');
  return verdict;
}

describe('a change that matters', () => {
  test.each([
    { change: 0.02, better: 'lower', verdict: 'worse' }, { change: -0.02, better: 'lower', verdict: 'better' },
    { change: 0.02, better: 'higher', verdict: 'better' }, { change: -0.02, better: 'higher', verdict: 'worse' },
  ] as const)('of $change, where $better is better, is $verdict', ({ change, better, verdict }) => {
    const random = seeded(3);
    const seen = one({ better, pairs: pairs(10, change, 0.001, random), noise: pairs(6, 0, 0.001, random) });
    expect(seen).toMatchObject({ verdict, more: 0, pairs: 10, dropped: 0 });
    expect(seen.change).toBeCloseTo(change, 2);
  });

  test('is not called so while it is smaller than the noise of the base against itself', () => {
    const random = seeded(5);
    const seen = one({ pairs: pairs(14, 0.02, 0.004, random), noise: pairs(12, 0, 0.03, random) });
    expect(seen.limit).toBe(seen.noise);
    expect(['equivalent', 'inconclusive']).toContain(seen.verdict);
  });
});

describe('no verdict without enough to tell', () => {
  test.each([0, 1, 2, 7])('%i pairs that agree wholly are inconclusive, and say how many more', (count) => {
    const seen = one({ pairs: Array.from({ length: count }, (_, n) => ({ base: 100, patched: 110, block: Math.floor(n / PAIRS_PER_BLOCK) })) });
    expect(seen).toMatchObject({ verdict: 'inconclusive', pairs: count });
    expect(seen.more).toBeGreaterThan(0);
  });

  test('lost halves are dropped and counted, and all lost is never equivalent', () => {
    expect(one({ pairs: Array.from({ length: 20 }, (_, n) => ({ base: 1, patched: null, block: Math.floor(n / PAIRS_PER_BLOCK) })) })).toMatchObject({ verdict: 'inconclusive', pairs: 0, dropped: 20 });
  });

  test('how many more: as many as an interval within the limit needs, where the change is small; so many, and it is equivalent', () => {
    const random = seeded(21);
    const list = pairs(64, 0, 0.008, random);
    const seen = one({ pairs: list.slice(0, 12) });
    expect(seen.verdict).toBe('inconclusive');
    expect(seen.more).toBeLessThan(40);
    expect(one({ pairs: list.slice(0, Math.ceil((12 + seen.more) / 4) * 4) }).verdict).toBe('equivalent');
  });

  test('identical halves are equivalent', () => {
    expect(one({ pairs: Array.from({ length: 10 }, (_, n) => ({ base: 7, patched: 7, block: Math.floor(n / PAIRS_PER_BLOCK) })) })).toMatchObject({ verdict: 'equivalent', change: 0, p: 1 });
  });

  test('a wide interval around nothing is inconclusive', () => {
    expect(one({ pairs: pairs(10, 0, 0.1, seeded(9)) }).verdict).toBe('inconclusive');
  });
});

test('base against base: over all looks at two metrics, fewer false alarms than were promised', () => {
  const alpha = 0.01;
  const random = seeded(11);
  const rounds = 400;
  let alarms = 0;
  for (let round = 0; round < rounds; round++) {
    const all = [0, 1].map(() => pairs(24, 0, 0.01, random));
    const alarm = looksOf(alpha).some((look) => judge(all.map((list) => measured({ pairs: list.slice(0, look.pairs), limit: 0 })), { alpha: look.alpha, seed: 1, resamples: 1 })
      .some(({ verdict }) => verdict === 'better' || verdict === 'worse'));
    if (alarm) alarms++;
  }
  expect(alarms / rounds).toBeLessThanOrEqual(alpha);
});

test('to exchange base and patched turns the verdict round, and the same is said of the same', () => {
  const turned = { better: 'worse', worse: 'better', equivalent: 'equivalent', inconclusive: 'inconclusive' } as const;
  fc.assert(fc.property(fc.integer({ min: 1, max: 1000 }), fc.double({ min: -0.03, max: 0.03, noNaN: true }), (seed, change) => {
    const list = pairs(10, change, 0.002, seeded(seed));
    const seen = one({ pairs: list });
    expect(one({ pairs: list })).toEqual(seen);
    const back = one({ pairs: list.map(({ base, patched, block }) => ({ base: patched, patched: base, block })) });
    // An interval's end is a draw: right at the limit the two may differ in what they dare to call equivalent.
    if (seen.verdict === 'better' || seen.verdict === 'worse') expect(back.verdict).toBe(turned[seen.verdict]);
    expect(back.change).toBeCloseTo(-seen.change, 10);
  }), { numRuns: 30 });
});

test('the first look at half of an alpha can decide five metrics: two blocks that agree wholly are unlikely enough', () => {
  const [look] = looksOf(0.01 / 2);
  const list = Array.from({ length: look?.pairs ?? 0 }, (_, n) => ({ base: 100 + n * 1e-3, patched: 110 + n * 1e-3, block: Math.floor(n / PAIRS_PER_BLOCK) }));
  const seen = judge(['a', 'b', 'c', 'd', 'e'].map((metric) => measured({ metric, pairs: list })), { alpha: look?.alpha ?? 0, seed: 1 });
  expect(seen.map(({ verdict }) => verdict)).toEqual(['worse', 'worse', 'worse', 'worse', 'worse']);
});

test('the shares of the looks add up to what was promised', () => {
  expect(looksOf(0.01).reduce((sum, look) => sum + look.alpha, 0)).toBeCloseTo(0.01, 12);
});
