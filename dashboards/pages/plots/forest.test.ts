// Intervals on one scale, of which one may be wild.
import { expect, test } from 'vitest';
import { forestRow, forestScale, type MetricRow } from './forest.ts';

function row(changePct: number | null, half: number, limitPct = 2): MetricRow {
  return {
    metric: 'frame time', pipeline: 'upload', kind: 'time', primary: true, verdict: 'inconclusive', changePct, ci: changePct === null ? null : [changePct - half, changePct + half], p: 0.5, adjusted: 0.5, pairs: 8, dropped: 0,
    limitPct, noisePct: 1, detectablePct: 3, morePairs: 0, unit: 'ms', baseMedian: 1, patchedMedian: 1, baseSdPct: 1, patchedSdPct: 1, bimodal: false,
  };
}

test('no change is in the middle, and the band lies around it', () => {
  const scale = forestScale([row(1, 1), row(-2, 1)]);
  expect(scale.at(0)).toBe(50);
  const placed = forestRow(row(1, 1), scale);
  expect(placed?.low).toBe(50);
  expect(placed?.point).toBeGreaterThan(50);
  expect((placed?.band[0] ?? 0) + (placed?.band[1] ?? 0)).toBeCloseTo(100);
});

test('beside one wild interval the others can still be seen, and nothing leaves the plot', () => {
  const rows = [row(1, 0.5), row(-1, 0.5), row(0.5, 0.5), row(800, 100)];
  const scale = forestScale(rows);
  expect(scale.bent).toBe(true);
  expect(scale.ticks).toEqual([-100, -10, 0, 10, 100]);
  expect(forestScale([row(1, 0.5, 15), row(800, 100, 15)]).ticks).toEqual([-300, -100, -30, 0, 30, 100, 300]);
  const [small, wild] = [forestRow(row(1, 0.5), scale), forestRow(row(800, 100), scale)];
  expect((small?.point ?? 50) - 50).toBeGreaterThan(2);
  expect(wild?.high).toBeCloseTo(96);
  expect(forestScale(rows.slice(0, 3)).bent).toBe(false);
});

test('what was not measured has no place', () => {
  expect(forestRow(row(null, 0), forestScale([row(null, 0)]))).toBeUndefined();
});

test('the band is always seen whole', () => {
  const placed = forestRow(row(0, 0.01), forestScale([row(0, 0.01), row(0, 0.01), row(0, 0.01), row(0, 0.01)]));
  expect(placed?.band[0]).toBeGreaterThan(0);
  expect(placed?.band[1]).toBeLessThan(100);
});
