// Where intervals lie on a forest plot, in percent of its width. Pure.
import type { EvaluationRecord } from '../../../orchestrator/src/contract/evaluation.ts';
import { linear, ticks } from '../format/scale.ts';

export type MetricRow = EvaluationRecord['metrics'][number];
/** `bent`: linear near nothing and logarithmic far from it. */
export type ForestScale = { readonly reach: number; readonly bent: boolean; readonly at: (percent: number) => number; readonly ticks: readonly number[] };
export type ForestRow = { readonly low: number; readonly high: number; readonly point: number; readonly band: readonly [number, number] };

const MARGIN = 4;
/** How many times the smallest limit a plot may reach before small changes cannot be seen beside large ones. */
const STRETCH = 15;

/** Kinds differ a thousandfold in noise, so that each has a scale of its own. Where one row changes by a thousand percent and another by three, it is bent. */
export function forestScale(rows: readonly MetricRow[]): ForestScale {
  const measured = rows.filter(({ ci, changePct }) => ci !== null && changePct !== null);
  const most = Math.max(0.01, ...measured.flatMap(({ ci, changePct, limitPct }) => [Math.abs(ci?.[0] ?? 0), Math.abs(ci?.[1] ?? 0), Math.abs(changePct ?? 0), limitPct]));
  const least = Math.min(...measured.map(({ limitPct }) => limitPct).filter((limit) => limit > 0));
  const bent = Number.isFinite(least) && most > STRETCH * least;
  const bend = bent ? (percent: number): number => Math.asinh(percent / least) : (percent: number): number => percent;
  const { at } = linear(-bend(most), bend(most), MARGIN, 100 - MARGIN);
  return { reach: most, bent, at: (percent) => at(bend(percent)), ticks: bent ? bentTicks(least, most) : ticks(-most, most, 4) };
}

/** Nothing, and powers of ten on either side, from where the scale begins to bend; with few of those also three times each. */
function bentTicks(from: number, to: number): number[] {
  const between = (times: readonly number[]): number[] => {
    const found: number[] = [];
    for (let power = Math.floor(Math.log10(from)); 10 ** power <= to; power++) found.push(...times.map((one) => Number((one * 10 ** power).toPrecision(1))).filter((one) => one >= from && one <= to));
    return found;
  };
  const powers = between([1]).length < 2 ? between([1, 3]) : between([1]);
  return [...powers.map((one) => -one).reverse(), 0, ...powers];
}

/** Undefined where nothing was measured. */
export function forestRow({ ci, changePct, limitPct }: Pick<MetricRow, 'ci' | 'changePct' | 'limitPct'>, { at }: ForestScale): ForestRow | undefined {
  if (ci === null || changePct === null) return undefined;
  return { low: at(ci[0]), high: at(ci[1]), point: at(changePct), band: [at(-limitPct), at(limitPct)] };
}
