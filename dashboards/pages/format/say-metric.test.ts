// What a row of a verdict says of its statistics.
import { expect, test } from 'vitest';
import { sayMetric } from './say-metric.ts';

type Row = Parameters<typeof sayMetric>[0];

const ROW: Row = {
  metric: 'instructions', pipeline: 'upload', kind: 'instructions', primary: true, verdict: 'worse', changePct: 2.5, ci: [2.4, 2.6], p: 0.000488, adjusted: 0.00195, pairs: 12, dropped: 1, limitPct: 0.2, noisePct: 0.02,
  detectablePct: 0.1, morePairs: 0, unit: 'per frame', baseMedian: 1_000_000, patchedMedian: 1_025_000, baseSdPct: 0.01, patchedSdPct: null, bimodal: false,
};

test('an estimate has its interval, its test and its limit', () => {
  const said = sayMetric(ROW, undefined).join('\n');
  expect(said).toContain('+2.50 % is the Hodges-Lehmann estimate of the paired log-ratios; its 95 % bootstrap interval is +2.40 % to +2.60 %.');
  expect(said).toContain('12 pairs of boots; 1 pair left out, of which a boot was lost.');
  expect(said).toContain('is 4.9 × 10⁻⁴, after Holm over the primary metrics of its kind 0.0019.');
  expect(said).toContain('the noise floor (0.02 %)');
});

test('pairs that came after the look that decided it do not count', () => {
  const pair = (block: number): NonNullable<Parameters<typeof sayMetric>[1]>['pairs'][number] => ({ base: 1, patched: 1, order: 'AB', block, host: 'vm', runs: { base: 'r-aaaaaaaaaa' as never, patched: 'r-bbbbbbbbbb' as never } });
  const samples = { metric: 'instructions', pipeline: 'upload', kind: 'instructions', unit: 'per frame', better: 'lower', primary: true, limitPct: 0.2, pairs: Array.from({ length: 24 }, (_, n) => pair(n >> 2)), noise: [] } as const;
  expect(sayMetric({ ...ROW, dropped: 0 }, { ...samples, pairs: [...samples.pairs], noise: [] })[1]).toContain('12 pairs of boots in 3 blocks on 1 host. That decided it; 12 pairs more, which other metrics wanted, are drawn and do not count.');
});

test('what is undecided says what would have been seen, and what would decide it', () => {
  expect(sayMetric({ ...ROW, verdict: 'inconclusive', morePairs: 9, bimodal: true }, undefined).slice(-2)).toEqual([
    'So many pairs would have shown a change of 0.10 % (power 0.8). 9 pairs more would decide it.', 'The samples of a side fall into two heaps; one figure does not describe them.',
  ]);
  expect(sayMetric({ ...ROW, verdict: 'inconclusive', detectablePct: null, morePairs: 4 }, undefined).at(-1)).toBe('So few pairs show no change, however large. 4 pairs more would decide it.');
});

test('a counter is exact, and nothing has no percentage', () => {
  expect(sayMetric({ ...ROW, kind: 'counters', p: null, adjusted: null }, undefined)).toEqual(['A counter: exact, the same in every boot of each kernel. The change is +2.50 %. Medians: base 1 M per frame (spread 0.01 %), patched 1.025 M per frame.']);
  expect(sayMetric({ ...ROW, changePct: null, ci: null, baseMedian: 0, patchedMedian: 2 }, undefined)).toEqual(['From 0 to 2 per frame: of nothing there is no percentage.']);
  expect(sayMetric({ ...ROW, changePct: null, ci: null, baseMedian: null }, undefined)).toEqual(['Nothing was measured.']);
});
