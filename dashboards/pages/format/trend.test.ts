// Panels of one metric: their names, levels and points.
import { expect, test } from 'vitest';
import type { Trend } from '../../api/shapes.ts';
import { canBeLog, columnsOf, fixedSpan, levelsOf, namesOf, orderLabels, rangeOf, sayPoint, sayRange, spanOf, timeLabels } from './trend.ts';

type Point = Trend['points'][number];
const run = 'r-0123456789' as Point['run'];
const PLACE = { subject: 'upload', base: '6.12', series: '', flavour: 'perf', device: 'virgl', stack: 'trixie', image: 'trixie', clip: 'h264', host: 'vm' };

function point(minute: number, value: number, over: Partial<Point> = {}): Point {
  return { at: new Date(minute * 60_000).toISOString(), value, low: value, high: value, count: 1, run, version: null, ...over };
}

function change(index: number, changePct: number): Trend['changes'][number] {
  return { at: '', index, beforeMedian: 1, afterMedian: 2, changePct, p: 0.001, direction: changePct > 0 ? 'better' : 'worse', from: run, to: run };
}

test('a link to what is shown now has the metric and both ends of the time, and keeps what is given', () => {
  const shown = { trends: [{ metric: 'ready' }], span: { from: '1970-01-01T00:03:00.000Z', to: '1970-01-01T00:07:00.000Z' } };
  expect(Object.fromEntries(new URLSearchParams(fixedSpan('base=6.12&scale=log', shown)))).toEqual({ base: '6.12', scale: 'log', metric: 'ready', ...shown.span });
  const given = 'from=2026-01-01T00:00:00.000Z&to=2026-02-01T00:00:00.000Z&metric=ready';
  expect(fixedSpan(given, shown)).toBe(given);
  expect(fixedSpan('', { trends: [{ metric: 'ready' }], span: null })).toBeUndefined();
});

test('what all panels share is said once', () => {
  const { shared, own } = namesOf([PLACE, { ...PLACE, subject: 'dmabuf-copy', series: 'mutants/slow-fence' }]);
  expect(own).toEqual(['upload, the base', 'dmabuf-copy, mutants/slow-fence']);
  expect(shared.map(([name]) => name)).toEqual(['base', 'flavour', 'device', 'stack', 'image', 'clip', 'host']);
  expect(namesOf([])).toEqual({ shared: [], own: [] });
});

test('a plot is given the low end of each point, then the high one, then the middle, over time or in their order', () => {
  const points = [point(1, 5, { low: 4, high: 7, count: 3 }), point(2, 6, { low: 6, high: 6 })];
  expect(columnsOf(points, false)).toEqual([[60, 120], [4, 6], [7, 6], [5, 6]]);
  expect(columnsOf(points, true)[0]).toEqual([0, 1]);
});

test('one panel alone is still called by its subject', () => {
  expect(namesOf([PLACE]).own).toEqual(['upload']);
});

test('a level lasts until the next change point, the last one to the end', () => {
  const points = Array.from({ length: 10 }, (_, at) => point(at, at));
  expect(levelsOf({ points, changes: [change(7, -3), change(4, 12.5)] }).map(({ from, to, label }) => [from, to, label])).toEqual([[4, 6, '+12.50 % better'], [7, 9, '−3.00 % worse']]);
  expect(levelsOf({ points, changes: [change(99, 1)] })).toEqual([]);
});

test('a point says how many runs it stands for and what they ran on', () => {
  expect(sayPoint(point(0, 5, { low: 4, high: 6, count: 12, version: '6.12.117' }), 'ms')).toMatch(/: 5 ms \(4 to 6 in 12 runs\), 6\.12\.117$/);
});

test('where the culprit is: between two versions, or in something else', () => {
  const points = [point(0, 1, { version: '6.12.1' }), point(1, 1, { version: '6.12.2' }), point(2, 1, { version: '6.12.2' }), point(3, 1)];
  expect(rangeOf(points, 1)).toBe('6.12.1 to 6.12.2');
  expect(rangeOf(points, 2)).toBe('kernel 6.12.2 before and after');
  expect(rangeOf(points, 3)).toBeNull();
  expect(rangeOf(points, 0)).toBeNull();
  expect([0, 1, 3].map((at) => sayRange(points, at))).toEqual(['the first point', 'since the point before: 6.12.1 to 6.12.2', 'since the point before: the kernel\'s versions are not both known']);
});

test('one place is one time in every panel', () => {
  expect(spanOf([{ points: [point(0, 1), point(10, 1)] }, { points: [point(100, 1)] }])).toEqual([-120, 6120]);
  expect(spanOf([{ points: [] }])).toBeUndefined();
});

test('nothing has no logarithm', () => {
  expect(canBeLog({ points: [point(0, 1)] })).toBe(true);
  expect(canBeLog({ points: [point(0, 1, { low: 0 })] })).toBe(false);
});

test('days are written where steps are days, else where a day begins', () => {
  const midnight = new Date(2026, 10, 29).getTime() / 1000;
  expect(timeLabels([midnight, midnight + 3600], 3600)).toEqual(['00:00\n11-29', '01:00']);
  expect(timeLabels([midnight], 86_400)).toEqual(['11-29']);
});

test('in order, a place between two points has no label', () => {
  const points = [point(0, 1), point(1, 1), point(2, 1)];
  const labels = orderLabels(points, [0, 0.5, 1, 7]);
  expect(labels.map((label) => label.split('\n').length)).toEqual([2, 1, 1, 1]);
  expect([labels[1], labels[3]]).toEqual(['', '']);
});
