// What is wanted of the pages: which figures are held against it, which is the worst, and at which size.
import { describe, expect, test } from 'vitest';
import { judge, sayVerdict, WANTED_RUNS, type Judged, type Measured, type Verdict } from './judge.ts';

const GOOD: Measured['figures'] = {
  'ingest, runs/s': 646, 'change points of a series, fresh, p95 ms': 11.1, 'change points of a series, gone on, p95 ms': 6,
  'home, p95 ms': 182, 'runs, filtered, p95 ms': 46, 'home, first paint, worst ms': 740, 'runs, first paint, worst ms': 884, 'home, kB over the wire': 65.6, 'frames, kB over the wire': 194.5,
};

function judged({ figures = {}, ...change }: Partial<Measured> = {}): Verdict {
  return judge({ size: WANTED_RUNS, runs: 100_000, samples: 6_500_000, ...change, figures: { ...GOOD, ...figures } });
}

function missed({ limits }: Verdict): Pick<Judged, 'what' | 'got' | 'worst'>[] {
  return limits.filter((one) => !one.holds).map(({ what, got, worst }) => ({ what, got, worst }));
}

test('each limit says what was wanted, the worst that was got, and whose that is', () => {
  const { limits, ...verdict } = judged();
  expect(verdict).toEqual({ size: 100_000, asWanted: true, holds: true });
  expect(limits).toEqual([
    { what: 'runs in the record', way: 'at least', wanted: 100_000, unit: 'runs', got: 100_000, worst: '', figures: 1, holds: true },
    { what: 'samples in the record', way: 'at least', wanted: 5_000_000, unit: 'samples', got: 6_500_000, worst: '', figures: 1, holds: true },
    { what: 'runs that come in', way: 'above', wanted: 500, unit: 'runs/s', got: 646, worst: '', figures: 1, holds: true },
    { what: 'change points of a series, p95', way: 'below', wanted: 50, unit: 'ms', got: 11.1, worst: 'fresh', figures: 2, holds: true },
    { what: 'data of a page, p95', way: 'below', wanted: 200, unit: 'ms', got: 182, worst: 'home', figures: 2, holds: true },
    { what: 'first paint of a page', way: 'below', wanted: 1000, unit: 'ms', got: 884, worst: 'runs', figures: 2, holds: true },
    { what: 'weight of a page, compressed', way: 'below', wanted: 300, unit: 'kB', got: 194.5, worst: 'frames', figures: 2, holds: true },
  ]);
});

test.each([
  { figure: 'ingest, runs/s', holds: 500.1, misses: 500, what: 'runs that come in', worst: '' },
  { figure: 'change points of a series, gone on, p95 ms', holds: 49.9, misses: 50, what: 'change points of a series, p95', worst: 'gone on' },
  { figure: 'runs, filtered, p95 ms', holds: 199.9, misses: 200, what: 'data of a page, p95', worst: 'runs, filtered' },
  { figure: 'home, first paint, worst ms', holds: 999.9, misses: 1000, what: 'first paint of a page', worst: 'home' },
  { figure: 'home, kB over the wire', holds: 299.9, misses: 300, what: 'weight of a page, compressed', worst: 'home' },
])('$figure holds at $holds and misses at $misses, and nothing else does', ({ figure, holds, misses, what, worst }) => {
  expect(judged({ figures: { [figure]: holds } }).holds).toBe(true);
  const verdict = judged({ figures: { [figure]: misses } });
  expect([verdict.holds, missed(verdict)]).toEqual([false, [{ what, got: misses, worst }]]);
});

test.each([{ runs: 99_999 }, { samples: 4_999_999 }])('%j that came in are too few', (change) => {
  expect(judged({ runs: 100_000, samples: 5_000_000 }).holds).toBe(true);
  expect(missed(judged({ runs: 100_000, samples: 5_000_000, ...change })).map(({ got }) => got)).toEqual(Object.values(change));
});

describe('a figure that is not there', () => {
  test.each([NaN, Infinity])('misses where it is %d, whatever the others are', (value) => {
    for (const figure of Object.keys(GOOD)) expect(missed(judged({ figures: { [figure]: value } })), figure).toMatchObject([{ got: value }]);
    expect(missed(judged({ figures: { 'home, first paint, worst ms': value, 'runs, first paint, worst ms': 5000 } }))).toEqual([{ what: 'first paint of a page', got: value, worst: 'home' }]);
  });

  test('misses where no page has one', () => {
    const none = judge({ size: WANTED_RUNS, runs: NaN, samples: NaN, figures: {} });
    expect([none.holds, none.limits.length, none.limits.every((one) => !one.holds && Number.isNaN(one.got))]).toEqual([false, 7, true]);
  });
});

test('a figure of which nothing is known to be wanted is told as that, and does not hold', () => {
  const verdict = judged({ figures: { 'home, Mbit': 1 } });
  expect([verdict.holds, missed(verdict)]).toEqual([false, [{ what: 'home, Mbit', got: 1, worst: '' }]]);
  expect(sayVerdict(verdict).find((line) => line.startsWith('home, Mbit'))).toMatch(/no limit is known +1 +NO$/);
});

test('what holds at another size is not what is wanted, and says so', () => {
  const small = judged({ size: 5000, runs: 5000, samples: 320_000 });
  expect(small).toMatchObject({ size: 5000, asWanted: false, holds: true });
  expect(small.limits.slice(0, 2).map(({ wanted }) => wanted)).toEqual([5000, 250_000]);
  expect(sayVerdict(small).at(-1)).toBe('all of it holds at 5,000 runs, which is not the size that is wanted, 100,000');
});

test('is told as a table, with the size that was judged above and below it', () => {
  const said = sayVerdict(judged({ figures: { 'runs, filtered, p95 ms': 238.44, 'ingest, runs/s': NaN } }));
  expect(said.map((line) => line.replaceAll(/ {2,}/g, ' | '))).toEqual([
    'judged at 100,000 runs',
    ' | wanted | got | holds',
    'runs in the record | at least 100,000 runs | 100,000 | yes',
    'samples in the record | at least 5,000,000 samples | 6,500,000 | yes',
    'runs that come in | above 500 runs/s | nothing | NO',
    'change points of a series, p95 | below 50 ms | 11.1 (fresh; the worst of 2) | yes',
    'data of a page, p95 | below 200 ms | 238.4 (runs, filtered; the worst of 2) | NO',
    'first paint of a page | below 1,000 ms | 884 (runs; the worst of 2) | yes',
    'weight of a page, compressed | below 300 kB | 194.5 (frames; the worst of 2) | yes',
    'not all of it holds at 100,000 runs',
  ]);
});
