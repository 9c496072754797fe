// A series of samples over time as a panel draws it: its name among its neighbours, the levels between change points, what a point says. Pure.
import type { Trend, TrendPoint, Trends } from '../../api/shapes.ts';
import { figure, sayChange } from './number.ts';
import { filled } from './query.ts';
import { day, moment } from './time.ts';

const PARTS = ['subject', 'base', 'series', 'flavour', 'device', 'stack', 'image', 'clip', 'host'] as const satisfies readonly (keyof Trend)[];
type Named = Pick<Trend, (typeof PARTS)[number]>;

/** What all panels share is said once; a panel is called by what sets it apart. */
export function namesOf(trends: readonly Named[]): { shared: (readonly [string, string])[]; own: string[] } {
  const [first] = trends;
  if (first === undefined) return { shared: [], own: [] };
  const varying = PARTS.filter((part) => part === 'subject' || trends.some((trend) => trend[part] !== first[part]));
  return {
    shared: PARTS.filter((part) => !varying.includes(part) && first[part] !== '').map((part) => [part, first[part]] as const),
    own: trends.map((trend) => varying.map((part) => (trend[part] === '' ? (part === 'series' ? 'the base' : '') : trend[part])).filter((one) => one !== '').join(', ')),
  };
}

/** Times in seconds, or places in the order, then low, high and middle, as uPlot takes them. */
export function columnsOf(points: readonly TrendPoint[], order: boolean): [number[], number[], number[], number[]] {
  return [points.map(({ at }, n) => (order ? n : Date.parse(at) / 1000)), points.map(({ low }) => low), points.map(({ high }) => high), points.map(({ value }) => value)];
}

export type Level = { from: number; to: number; label: string; direction: 'better' | 'worse'; change: Trend['changes'][number] };

/** From each change point to the next one, or to the end: indices of points. */
export function levelsOf({ points, changes }: Pick<Trend, 'points' | 'changes'>): Level[] {
  const sorted = [...changes].sort((a, b) => a.index - b.index).filter(({ index }) => index >= 0 && index < points.length);
  return sorted.map((change, at) => ({ from: change.index, to: (sorted[at + 1]?.index ?? points.length) - 1, label: `${sayChange(change.changePct)} ${change.direction}`, direction: change.direction, change }));
}

export function sayPoint(point: TrendPoint, unit: string): string {
  const band = point.count > 1 ? ` (${figure(point.low)} to ${figure(point.high)} in ${String(point.count)} runs)` : '';
  return `${moment(point.at)}: ${figure(point.value)} ${unit}${band}${point.version === null ? '' : `, ${point.version}`}`;
}

/** Versions on either side of a change, where they are known: where the culprit is. */
export function rangeOf(points: readonly TrendPoint[], index: number): string | null {
  const [before, after] = [points[index - 1]?.version ?? null, points[index]?.version ?? null];
  if (before === null || after === null) return null;
  return before === after ? `kernel ${before} before and after` : `${before} to ${after}`;
}

/** What came new with a point. */
export function sayRange(points: readonly TrendPoint[], index: number): string {
  return index === 0 ? 'the first point' : `since the point before: ${rangeOf(points, index) ?? 'the kernel\'s versions are not both known'}`;
}

/** Labels of an axis on which every point has as much room as its neighbours: when that point was. */
export function orderLabels(points: readonly TrendPoint[], splits: readonly number[]): string[] {
  let before = '';
  return splits.map((at) => {
    const point = Number.isInteger(at) ? points[at] : undefined;
    if (point === undefined) return '';
    const [date = '', clock = ''] = moment(point.at).slice(5).split(' ');
    const label = date === before ? clock : `${clock}\n${date}`;
    before = date;
    return label;
  });
}

/** The address of what is shown now: with the metric and both ends of the time, whether they were given or are those of the samples. */
export function fixedSpan(query: string, { trends: [first], span }: { trends: readonly Pick<Trend, 'metric'>[]; span: Trends['span'] }): string | undefined {
  if (first === undefined || span === null) return undefined;
  return filled(query, { metric: first.metric, ...span });
}

/** The whole span of all panels, in seconds, so that one place is one time in each. */
export function spanOf(trends: readonly Pick<Trend, 'points'>[]): [number, number] | undefined {
  const ends = trends.flatMap(({ points }) => [points[0], points.at(-1)].flatMap((point) => (point === undefined ? [] : [Date.parse(point.at) / 1000])));
  if (ends.length === 0) return undefined;
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  const room = Math.max(60, (high - low) * 0.02);
  return [low - room, high + room];
}

/** A logarithm wants what is greater than nothing. */
export function canBeLog({ points }: Pick<Trend, 'points'>): boolean {
  return points.length > 0 && points.every(({ low, value }) => low > 0 && value > 0);
}

const DAY = 86_400;

/** Labels of a time axis: days where steps are days, else hours, with the day where it begins. */
export function timeLabels(splits: readonly number[], step: number): string[] {
  let before = '';
  return splits.map((seconds) => {
    const at = new Date(seconds * 1000);
    const date = day(at).slice(5);
    const clock = `${String(at.getHours()).padStart(2, '0')}:${String(at.getMinutes()).padStart(2, '0')}`;
    const label = step >= DAY ? date : date === before ? clock : `${clock}\n${date}`;
    before = date;
    return label;
  });
}
