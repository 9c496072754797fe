// From raw samples to rows and a verdict: decided by the first look that can, the same again from what is stored, and never by silence.
import { expect, test } from 'vitest';
import { leftToInstructions, type CounterFact, type Samples } from '../contract/evaluation.ts';
import type { RunId } from '../contract/ids.ts';
import { looksOf } from './looks.ts';
import { counterRows, isBimodal, overall, rowsOf } from './verdict.ts';

const runs = { base: 'r-aaaaaaaaaa' as RunId, patched: 'r-bbbbbbbbbb' as RunId };
function samples(ratio: (n: number) => number, pairs = 24, over: Partial<Samples> = {}): Samples {
  const one = (n: number, by: number): Samples['pairs'][number] => ({ base: 100 + (n % 5) * 0.01, patched: (100 + (n % 5) * 0.01) * by, order: n % 2 === 0 ? 'AB' : 'BA', block: n >> 2, host: 'one', runs });
  return {
    metric: 'instructions', pipeline: 'upload', kind: 'instructions', unit: 'per frame', better: 'lower', primary: true, limitPct: 0.2,
    pairs: Array.from({ length: pairs }, (_, n) => one(n, ratio(n))), noise: Array.from({ length: pairs / 2 }, (_, n) => one(n, 1 + (n % 3 - 1) * 1e-4)), ...over,
  };
}
const wobble = (n: number): number => ((n * 7) % 11 - 5) * 1e-5;

test('a change of one percent in a quiet metric is found by the first look', () => {
  const [row] = rowsOf([samples((n) => 1.01 + wobble(n))], looksOf(0.01).slice(0, 1), 1);
  expect(row).toMatchObject({ verdict: 'worse', pairs: 8, dropped: 0 });
  expect(row?.changePct).toBeCloseTo(1, 1);
  expect(row?.ci?.[0]).toBeGreaterThan(0.9);
});

test('what a look has decided stays, though later pairs would say otherwise', () => {
  const looks = looksOf(0.01);
  const [row] = rowsOf([samples((n) => (n < 8 ? 1.01 : 0.9) + wobble(n))], looks, 1);
  expect(row).toMatchObject({ verdict: 'worse', pairs: 8 });
});

test('what a look has decided stays, though the base is noisier later: each look knows the noise until then', () => {
  const noisy = (from: number): Samples => {
    const one = samples((n) => 1.01 + wobble(n));
    return { ...one, noise: one.noise.map((pair, n) => (n < from ? pair : { ...pair, patched: (pair.base ?? 0) * (n % 2 === 0 ? 1.2 : 0.8) })) };
  };
  expect(rowsOf([noisy(4)], looksOf(0.01), 1)[0]).toMatchObject({ verdict: 'worse', pairs: 8 });
  // Were it noisy from the beginning, a percent would not matter.
  expect(rowsOf([noisy(0)], looksOf(0.01), 1)[0]).toMatchObject({ verdict: 'equivalent', pairs: 8 });
});

test('too few pairs show no change of any size, and enough of them none that is below what matters', () => {
  const noisy = samples((n) => 1 + ((n * 7) % 11 - 5) * 1e-2);
  const row = (pairs: number, over: Partial<Samples> = {}): ReturnType<typeof rowsOf>[number] | undefined => rowsOf([{ ...noisy, ...over }], [{ pairs, alpha: 0.002 }], 1)[0];
  expect(row(4)).toMatchObject({ verdict: 'inconclusive', detectablePct: null });
  expect(row(8)?.detectablePct).toBeGreaterThan(1);
  const quiet = samples((n) => 1 + wobble(n), 24, { limitPct: 5 });
  expect(rowsOf([quiet], [{ pairs: 8, alpha: 0.002 }], 1)[0]?.detectablePct).toBeCloseTo(5, 5);
});

test('no change is equivalent, and a metric whose pairs were all lost is inconclusive', () => {
  const lost = samples(() => 1);
  const rows = rowsOf([samples((n) => 1 + wobble(n)), { ...lost, pipeline: 'dmabuf-copy', pairs: lost.pairs.map((pair) => ({ ...pair, patched: null })) }], looksOf(0.01), 1);
  expect(rows.map((row) => row.verdict)).toEqual(['equivalent', 'inconclusive']);
  expect(rows[1]).toMatchObject({ changePct: null, ci: null, pairs: 0, dropped: 24 });
});

test('the same samples, looks and seed give the same rows', () => {
  const all = [samples((n) => 1.001 + wobble(n)), samples((n) => 1 + 40 * wobble(n), 24, { metric: 'other' })];
  expect(rowsOf(all, looksOf(0.01), 5)).toEqual(rowsOf(structuredClone(all), looksOf(0.01), 5));
});

test('two heaps are told, one is not', () => {
  expect(isBimodal([10, 10.1, 10.05, 10.02, 12, 12.1, 12.05, 12.02])).toBe(true);
  expect(isBimodal([10, 10.3, 10.7, 11, 11.2, 11.4, 11.7, 12])).toBe(false);
  expect(isBimodal([10, 10, 10, 10, 10, 10, 10, 12])).toBe(false);
  expect(isBimodal([5, 5, 5, 5, 5, 5, 5, 5])).toBe(false);
});

test('of two hosts of which one is faster neither has two heaps', () => {
  const one = samples((n) => 1 + wobble(n));
  const faster = { ...one, pairs: one.pairs.map((pair, n) => (n < 12 ? pair : { ...pair, host: 'two', base: (pair.base ?? 0) / 2, patched: (pair.patched ?? 0) / 2 })) };
  expect(rowsOf([faster], [{ pairs: 24, alpha: 0.01 }], 1)[0]?.bimodal).toBe(false);
  expect(rowsOf([{ ...faster, pairs: faster.pairs.map((pair) => ({ ...pair, host: 'one' })) }], [{ pairs: 24, alpha: 0.01 }], 1)[0]?.bimodal).toBe(true);
});

const fact = (base: number, patched: number): CounterFact => ({ pipeline: 'upload', counter: 'transfersPerFrame', base, patched, boots: 2, runs });

test('a counter is a fact: more is worse, from nothing to something too', () => {
  expect(counterRows([fact(1, 2), fact(2, 1), fact(0, 1)]).map((row) => [row.verdict, row.changePct])).toEqual([['worse', 100], ['better', -50], ['worse', null]]);
});

test('overall: wrong is failed, whatever else; worse in one thing is worse; silence is inconclusive', () => {
  const rows = (...facts: CounterFact[]): ReturnType<typeof counterRows> => counterRows(facts);
  expect(overall(false, rows(fact(2, 1)))).toBe('failed');
  expect(overall(true, rows(fact(2, 1), fact(1, 2)))).toBe('worse');
  expect(overall(true, rows(fact(2, 1)))).toBe('better');
  expect(overall(true, [])).toBe('inconclusive');
  expect(overall(true, rowsOf([samples((n) => 1 + wobble(n))], looksOf(0.01), 1))).toBe('equivalent');
});

test('a time that the host is too noisy for is left to the instructions of the same; one that has none, or whose are open, is not', () => {
  const noisy = (n: number): number => 1 + ((n * 7) % 11 - 5) * 0.05;
  const of = (kind: 'time' | 'instructions', pipeline: 'upload' | 'dmabuf-copy', ratio: (n: number) => number): Samples => samples(ratio, 24, { kind, pipeline, metric: kind });
  const rows = (...all: Samples[]): ReturnType<typeof rowsOf> => all.flatMap((one) => rowsOf([one], looksOf(0.01), 1));
  const both = rows(of('instructions', 'upload', (n) => 1 + wobble(n)), of('time', 'upload', noisy));
  expect(both.map((row) => row.verdict)).toEqual(['equivalent', 'inconclusive']);
  expect([overall(true, both), leftToInstructions(both)]).toEqual(['equivalent', [both[1]]]);
  const other = rows(of('instructions', 'upload', (n) => 1 + wobble(n)), of('time', 'dmabuf-copy', noisy));
  expect([overall(true, other), leftToInstructions(other)]).toEqual(['inconclusive', []]);
  const open = rows(of('instructions', 'upload', noisy), of('time', 'upload', noisy));
  expect([overall(true, open), leftToInstructions(open)]).toEqual(['inconclusive', []]);
});
