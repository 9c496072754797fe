// When pairs are not worth their time any more: never while one of them may decide something, and sooner where the instructions have decided already.
import { expect, test } from 'vitest';
import type { MetricRow, Samples } from '../contract/evaluation.ts';
import type { RunId } from '../contract/ids.ts';
import { futile, type Stand } from './futility.ts';

const runs = { base: 'r-aaaaaaaaaa' as RunId, patched: 'r-bbbbbbbbbb' as RunId };
const SCATTER = [1.09, 0.92, 0.95, 1.06];
/** Times of the base and of a kernel that is slower by `change`, some more and some less. */
function times(pairs: number, change: number, pipeline: Samples['pipeline'] = 'upload'): Samples {
  return {
    metric: 'frame time', pipeline, kind: 'time', unit: 'ms', better: 'lower', primary: true, limitPct: 2, noise: [],
    pairs: Array.from({ length: pairs }, (_, n) => ({ base: 100, patched: 100 * (1 + change) * (SCATTER[n % 4] ?? 1), order: 'AB', block: n >> 2, host: 'one', runs })),
  };
}
function row(over: Partial<MetricRow>): MetricRow {
  return {
    metric: 'instructions', pipeline: 'upload', kind: 'instructions', primary: true, verdict: 'equivalent', changePct: 0, ci: [0, 0], p: 1, adjusted: 1, pairs: 8, dropped: 0, limitPct: 1, noisePct: 0,
    detectablePct: 1, morePairs: 0, unit: '', baseMedian: 1, patchedMedian: 1, baseSdPct: 0, patchedSdPct: 0, bimodal: false, ...over,
  };
}
const stand = (over: Partial<Stand>): Stand => ({ rows: [row({})], samples: [times(4, 0)], pairs: 4, most: 24, next: { pairs: 8, alpha: 0.0021 }, looked: false, brief: true, ...over });

test('in a short evaluation, times that show nothing are left to instructions that are decided', () => {
  expect(futile(stand({}))).toMatch(/^no more pairs of time than 4 were booted: .* the instructions of the same are/);
  expect(futile(stand({ brief: false }))).toBeUndefined();
});

test('a change that would be found, were it what it looks like, is gone after', () => {
  expect(futile(stand({ samples: [times(4, 0.5)] }))).toBeUndefined();
  expect(futile(stand({ samples: [times(4, 0), times(4, -0.5, 'dmabuf-copy')], rows: [row({}), row({ pipeline: 'dmabuf-copy' })] }))).toBeUndefined();
});

test('after a look that did not decide, only what the next one would', () => {
  const after = (change: number, over: Partial<Stand> = {}): Stand => stand({ samples: [times(8, change)], pairs: 8, next: { pairs: 12, alpha: 0.00075 }, looked: true, ...over });
  expect(futile(after(0.09))).toMatch(/would not be decided by 12, and the instructions/);
  expect(futile(after(0.09, { looked: false }))).toBeUndefined();
  expect(futile(after(0.5))).toBeUndefined();
});

test('so is a time whose instructions are open, or not there', () => {
  expect(futile(stand({ rows: [row({ verdict: 'inconclusive' })] }))).toBeUndefined();
  expect(futile(stand({ samples: [times(4, 0), times(4, 0, 'dmabuf-copy')] }))).toBeUndefined();
});

test('instructions themselves are left to nobody', () => {
  const samples: Samples = { ...times(8, 0), kind: 'instructions', metric: 'instructions' };
  expect(futile(stand({ samples: [samples], pairs: 8, rows: [row({ verdict: 'inconclusive', morePairs: 5 })] }))).toBeUndefined();
});

test('what all pairs that are left would not decide ends a long evaluation too', () => {
  const open = (morePairs: number): string | undefined => futile(stand({ brief: false, pairs: 8, samples: [times(8, 0)], rows: [row({ metric: 'frame time', kind: 'time', verdict: 'inconclusive', morePairs })] }));
  expect(open(17)).toBe('no more pairs of time than 8 were booted: what is open would not be decided by 16 more');
  expect(open(16)).toBeUndefined();
});

test('where all is decided there is nothing to say', () => {
  expect(futile(stand({ rows: [row({ metric: 'frame time', kind: 'time' })] }))).toBeUndefined();
});
