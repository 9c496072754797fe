// What the pairs of an evaluation say of each metric: better, worse, equivalent, or not enough to tell. Pure: the same pairs, noise and seed give
// the same answer.
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { quantile } from 'simple-statistics';
import { blockedRankP, bootstrapInterval, detectableEffect, hodgesLehmann, holm, logRatios, pairsNeeded, pairsToEnclose, type Interval, type Pair } from './statistics.ts';

/** Of this method: a change of the rules is another version, so that a verdict can be told from one that was made otherwise. */
export const METHOD = 6;

const LEVEL = 0.95;
export const POWER = 0.8;
/** Fewer pairs than this say nothing, however well they agree. */
const FEWEST_PAIRS = 8;

/** `limit`: the log-ratio that matters to people, whatever the noise; `noise`: pairs of the base against itself, on the same host in the same hour. */
export type Measured = { metric: string; better: 'lower' | 'higher'; limit: number; pairs: readonly Pair[]; noise: readonly Pair[] };

export type MetricVerdict = {
  metric: string;
  verdict: 'better' | 'worse' | 'equivalent' | 'inconclusive';
  /** ln(patched / base), estimated; the interval is of the same. NaN where nothing was measured. */
  change: number;
  interval: Interval;
  p: number;
  /** Corrected for all primary metrics. */
  adjusted: number;
  pairs: number;
  dropped: number;
  /** What was held to matter: the larger of the configured limit and the noise of the base against itself. */
  limit: number;
  noise: number;
  /** The smallest change that so many pairs would have shown, were all else as noisy; infinite where they are too few to show any. */
  detectable: number;
  /** How many pairs more would decide it; 0 where it is decided. */
  more: number;
};

/** `alpha` is what this look may spend on all metrics together; they are the primary ones. `resamples` of the bootstrap, 2000 where nothing is said. */
export type Asked = { alpha: number; seed: number; resamples?: number };

export function judge(measured: readonly Measured[], { alpha, seed, resamples = 2000 }: Asked): MetricVerdict[] {
  const seen = measured.map((one) => ({ ...one, ...logRatios(one.pairs) }));
  const ps = seen.map((one) => blockedRankP(one.pairs));
  const adjusted = holm(ps);
  return seen.map(({ metric, better, limit, ratios, dropped, noise: noisePairs }, at) => {
    const noise = noiseFloor(noisePairs, ratios.length, seed + at);
    const matters = Math.max(limit, noise);
    const change = hodgesLehmann(ratios);
    const interval = bootstrapInterval(ratios, { level: LEVEL, seed: seed + at, resamples });
    const verdict = verdictOf({ change, interval, better, limit: matters, pairs: ratios.length, significant: (adjusted[at] ?? 1) <= alpha });
    // Whichever comes first: a change that matters is seen, or an interval that stays where it is lies within the limit.
    const needed = Math.min(pairsNeeded(ratios, matters, { alpha, power: POWER }), pairsToEnclose(ratios, matters - Math.abs(change), LEVEL));
    return {
      metric, verdict, change, interval, p: ps[at] ?? 1, adjusted: adjusted[at] ?? 1, pairs: ratios.length, dropped, limit: matters, noise,
      detectable: ratios.length < FEWEST_PAIRS ? Infinity : Math.max(matters, detectableEffect(ratios, { alpha: alpha / measured.length, power: POWER })), more: verdict === 'inconclusive' ? Math.max(1, needed - ratios.length, FEWEST_PAIRS - ratios.length) : 0,
    };
  });
}

const NOISE_RESAMPLES = 400;

/**
 * What 95 of 100 evaluations of the base against itself would estimate with as many pairs: pairs of the base against itself are drawn with
 * replacement, either way round. One pair differs by much more than an estimate of many does. 0 where there is no such pair: whoever asks then has
 * only the configured limit.
 */
function noiseFloor(noise: readonly Pair[], pairs: number, seed: number): number {
  const { ratios } = logRatios(noise);
  if (ratios.length === 0 || pairs === 0) return 0;
  const random = xoroshiro128plus(seed);
  const draw = (): number => (ratios[uniformInt(random, 0, ratios.length - 1)] ?? 0) * (uniformInt(random, 0, 1) === 0 ? 1 : -1);
  const estimates = Array.from({ length: NOISE_RESAMPLES }, () => Math.abs(hodgesLehmann(Array.from({ length: pairs }, draw))));
  return quantile(estimates, LEVEL);
}

type Evidence = { change: number; interval: Interval; better: 'lower' | 'higher'; limit: number; pairs: number; significant: boolean };

function verdictOf({ change, interval, better, limit, pairs, significant }: Evidence): MetricVerdict['verdict'] {
  if (pairs < FEWEST_PAIRS) return 'inconclusive';
  if (significant && Math.abs(change) >= limit) return change < 0 === (better === 'lower') ? 'better' : 'worse';
  return interval.low > -limit && interval.high < limit ? 'equivalent' : 'inconclusive';
}
