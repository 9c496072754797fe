// From raw samples to the rows and the verdict of an evaluation. Pure, and all that `--recompute` needs: the same samples, looks and seed give
// the same answer.
import { ckmeans, mean, median, standardDeviation } from 'simple-statistics';
import { leftToInstructions, type CounterFact, type MetricRow, type Samples, type Verdict } from '../contract/evaluation.ts';
import { CallName } from '../contract/run.ts';
import { judge, type MetricVerdict } from './judge.ts';
import type { Look } from './looks.ts';

/** A primary metric keeps the verdict of the look that decided it; what is still open is judged again with more pairs. */
export function rowsOf(samples: readonly Samples[], looks: readonly Look[], seed: number): MetricRow[] {
  const primary = samples.filter((one) => one.primary);
  const decided = new Map<Samples, MetricRow>();
  for (const look of looks) {
    const verdicts = judge(primary.map((one) => measuredOf(one, look.pairs)), { alpha: look.alpha, seed });
    primary.forEach((one, at) => {
      const verdict = verdicts[at];
      if (verdict === undefined || (decided.get(one)?.verdict ?? 'inconclusive') !== 'inconclusive') return;
      decided.set(one, rowOf(one, verdict, look.pairs));
    });
  }
  const alpha = looks.reduce((sum, look) => sum + look.alpha, 0);
  return samples.map((one) => {
    const row = decided.get(one);
    if (row !== undefined) return row;
    const [verdict] = judge([measuredOf(one, one.pairs.length)], { alpha, seed });
    if (verdict === undefined) throw new Error('judge() gave no verdict for one metric');
    return rowOf(one, verdict, one.pairs.length);
  });
}

/** As it was at that look: later blocks say nothing of what was decided before them. For two pairs there is one of the base against itself. */
function measuredOf({ metric, better, limitPct, pairs, noise }: Samples, most: number): Parameters<typeof judge>[0][number] {
  return { metric, better, limit: Math.log1p(limitPct / 100), pairs: pairs.slice(0, most), noise: noise.slice(0, most / 2) };
}

function rowOf(samples: Samples, verdict: MetricVerdict, most: number): MetricRow {
  const { metric, pipeline, kind, primary, unit } = samples;
  const pairs = samples.pairs.slice(0, most);
  const base = pairs.flatMap((pair) => pair.base ?? []);
  const patched = pairs.flatMap((pair) => pair.patched ?? []);
  const measured = Number.isFinite(verdict.change);
  return {
    metric, pipeline, kind, primary, verdict: verdict.verdict, changePct: measured ? percent(verdict.change) : null,
    ci: measured ? [percent(verdict.interval.low), percent(verdict.interval.high)] : null, p: verdict.p, adjusted: verdict.adjusted, pairs: verdict.pairs, dropped: verdict.dropped,
    limitPct: percent(verdict.limit), noisePct: percent(verdict.noise), detectablePct: Number.isFinite(verdict.detectable) ? percent(verdict.detectable) : null,
    morePairs: Number.isFinite(verdict.more) ? verdict.more : 0, unit, baseMedian: middle(base), patchedMedian: middle(patched), baseSdPct: spread(base), patchedSdPct: spread(patched),
    bimodal: isBimodal(withinHosts(pairs, 'base')) || isBimodal(withinHosts(pairs, 'patched')),
  };
}

/** Of a log-ratio. */
function percent(change: number): number {
  return Math.round(100 * Math.expm1(change) * 10_000) / 10_000;
}

function middle(values: readonly number[]): number | null {
  return values.length === 0 ? null : median([...values]);
}

function spread(values: readonly number[]): number | null {
  return values.length < 2 ? null : Math.round((10_000 * standardDeviation([...values])) / mean([...values])) / 100;
}

/** In medians of the host that each is of: a host that is faster than another is no heap. */
function withinHosts(pairs: Samples['pairs'], side: 'base' | 'patched'): number[] {
  return [...new Set(pairs.map((pair) => pair.host))].flatMap((host) => {
    const values = pairs.filter((pair) => pair.host === host).flatMap((pair) => pair[side] ?? []);
    const of = middle(values);
    return of === null || of === 0 ? values : values.map((value) => value / of);
  });
}

const FEWEST_FOR_HEAPS = 8;
/** Of the distance between two heaps over the spread within them: of one normal heap cut in the middle it is 2.6, so that 6 is well apart. */
const HEAPS_APART = 6;

/** Whether the values fall into two heaps, each of a quarter of them at least: no single figure describes such samples. */
export function isBimodal(values: readonly number[]): boolean {
  if (values.length < FEWEST_FOR_HEAPS || new Set(values).size < 3) return false;
  const [low = [], high = []] = ckmeans([...values], 2);
  if (Math.min(low.length, high.length) < values.length / 4) return false;
  const within = Math.sqrt((low.length * standardDeviation(low) ** 2 + high.length * standardDeviation(high) ** 2) / values.length);
  return mean(high) - mean(low) > HEAPS_APART * within;
}

/** A counter is a fact: more of it is worse, without statistics. */
export function counterRows(facts: readonly CounterFact[]): MetricRow[] {
  return facts.map(({ pipeline, counter, base, patched, boots }) => {
    const change = base === 0 ? null : Math.round(((patched - base) / base) * 1e6) / 1e4;
    return {
      metric: counter, pipeline, kind: 'counters', primary: true, verdict: patched > base ? 'worse' : 'better', changePct: change, ci: change === null ? null : [change, change], p: null, adjusted: null,
      pairs: boots, dropped: 0, limitPct: 0, noisePct: 0, detectablePct: 0, morePairs: 0, unit: CallName.safeParse(pipeline).success ? 'per call' : 'per frame', baseMedian: base, patchedMedian: patched, baseSdPct: null, patchedSdPct: null, bimodal: false,
    };
  });
}

/** Worse in one thing is worse; whoever made it better in another may say so. */
export function overall(correct: boolean, rows: readonly MetricRow[]): Verdict {
  if (!correct) return 'failed';
  const left = new Set(leftToInstructions(rows));
  const verdicts = rows.filter((row) => row.primary && !left.has(row)).map((row) => row.verdict);
  if (verdicts.includes('worse')) return 'worse';
  if (verdicts.includes('better')) return 'better';
  return verdicts.length > 0 && verdicts.every((one) => one === 'equivalent') ? 'equivalent' : 'inconclusive';
}
