// When more pairs would only cost time: to stop without a verdict is no false alarm, whatever it is that one stops by. Pure.
//
// The rule by what was seen so far is that of a stochastically curtailed test (Lan, Simon and Halperin 1982, Communications in Statistics C 1): would the
// change be found by all pairs that there can be, were it just what it looks like now?
import { leftToInstructions, type MetricRow, type Samples } from '../contract/evaluation.ts';
import { POWER } from './judge.ts';
import type { Look } from './looks.ts';
import { hodgesLehmann, logRatios, pairsNeeded, scatterWithin } from './statistics.ts';

/**
 * `rows` of all kinds as of now, `samples` of the kind that is being measured, `next` the look to come, `looked` whether there was one. `brief`: whoever asked wants
 * an answer soon, and after a look that did not decide goes on for the next one at most.
 */
export type Stand = { rows: readonly MetricRow[]; samples: readonly Samples[]; pairs: number; most: number; next: Look; looked: boolean; brief: boolean };

/** Why no more pairs are worth booting, as a note for the record; undefined where they are. */
export function futile({ rows, samples, pairs, most, next, looked, brief }: Stand): string | undefined {
  const primary = samples.filter((one) => one.primary);
  const kind = primary[0]?.kind;
  const decided = rows.filter((row) => row.kind === kind && row.verdict !== 'inconclusive');
  const open = primary.filter((one) => !decided.some((row) => isOf(row, one)));
  if (kind === undefined || open.length === 0) return undefined;
  const rowOf = (one: Samples): MetricRow | undefined => rows.find((row) => isOf(row, one));
  if (open.every((one) => (rowOf(one)?.morePairs ?? 0) > most - pairs)) return `no more pairs of ${kind} than ${String(pairs)} were booted: what is open would not be decided by ${String(most - pairs)} more`;
  if (!brief) return undefined;
  const left = leftToInstructions([...rows.filter((row) => row.kind === 'instructions'), ...open.map((one) => ({ metric: one.metric, pipeline: one.pipeline, kind: one.kind, primary: true, verdict: 'inconclusive' as const }))]);
  const within = looked ? next.pairs : most;
  const unseen = (one: Samples): boolean => {
    const { ratios } = logRatios(one.pairs);
    return pairsNeeded(ratios, hodgesLehmann(ratios), { alpha: next.alpha / primary.length, power: POWER, spread: () => scatterWithin(one.pairs) }) > within;
  };
  if (left.length < open.length || !open.every(unseen)) return undefined;
  return `no more pairs of ${kind} than ${String(pairs)} were booted: what they show would not be decided by ${String(within)}, and the instructions of the same are; a longer budget goes on`;
}

function isOf(row: Pick<MetricRow, 'metric' | 'pipeline' | 'kind'>, { metric, pipeline, kind }: Samples): boolean {
  return row.metric === metric && row.pipeline === pipeline && row.kind === kind;
}
