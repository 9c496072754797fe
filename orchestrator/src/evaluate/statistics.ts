// Statistics of paired measurements: pure, and the same for the same seed. Values are log-ratios: ln(patched / base) of one pair of boots.
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { median, probit, quantileSorted } from 'simple-statistics';

/** One measurement of the base and one of the patched kernel, next to each other in time on one host; null where a boot was lost. */
export type Pair = { base: number | null; patched: number | null };

/** ln(patched / base) of every whole pair. A pair with a half that is missing, not finite or not positive is left out and counted. */
export function logRatios(pairs: readonly Pair[]): { ratios: number[]; dropped: number } {
  const usable = (value: number | null): value is number => value !== null && Number.isFinite(value) && value > 0;
  const ratios = pairs.flatMap(({ base, patched }) => (usable(base) && usable(patched) ? [Math.log(patched / base)] : []));
  return { ratios, dropped: pairs.length - ratios.length };
}

/** The median of all pairwise averages, each value with itself included (Hodges and Lehmann 1963, Annals of Mathematical Statistics 34). NaN of nothing. */
export function hodgesLehmann(values: readonly number[]): number {
  if (values.length === 0) return NaN;
  return median(values.flatMap((one, at) => values.slice(at).map((other) => (one + other) / 2)));
}

/**
 * The exact two-sided p of Wilcoxon's signed-rank test that the values are symmetric about 0: the share of all 2^n assignments of signs that
 * lie as far out (Wilcoxon 1945, Biometrics Bulletin 1). Zeros are left out, ties share their mean rank. 1 of nothing.
 */
export function signedRankP(values: readonly number[]): number {
  const apart = values.filter((value) => value !== 0);
  const ranks = doubledRanks(apart.map(Math.abs));
  const rankSum = apart.reduce((sum, value, at) => sum + (value > 0 ? (ranks[at] ?? 0) : 0), 0);
  // chance[s]: of the doubled ranks of a random assignment adding up to s.
  let chance = [1];
  for (const rank of ranks) {
    const next = new Array<number>(chance.length + rank).fill(0);
    chance.forEach((share, sum) => {
      next[sum] = (next[sum] ?? 0) + share / 2;
      next[sum + rank] = (next[sum + rank] ?? 0) + share / 2;
    });
    chance = next;
  }
  const total = (shares: readonly number[]): number => shares.reduce((sum, share) => sum + share, 0);
  return Math.min(1, 2 * Math.min(total(chance.slice(0, rankSum + 1)), total(chance.slice(rankSum))));
}

/** Twice each value's rank among all, so that the mean rank of a tie is a whole number. */
function doubledRanks(values: readonly number[]): number[] {
  const sorted = [...values].sort((a, b) => a - b);
  return values.map((value) => sorted.indexOf(value) + 1 + sorted.lastIndexOf(value) + 1);
}

export type Interval = { low: number; high: number };

/** The percentile bootstrap of the Hodges-Lehmann estimate: pairs are drawn again with replacement (Efron and Tibshirani 1993, chapter 13). */
export function bootstrapInterval(values: readonly number[], { level, seed, resamples = 2000 }: { level: number; seed: number; resamples?: number }): Interval {
  if (values.length === 0) return { low: NaN, high: NaN };
  const random = xoroshiro128plus(seed);
  const estimates = Array.from({ length: resamples }, () => hodgesLehmann(values.map(() => values[uniformInt(random, 0, values.length - 1)] ?? NaN))).sort((a, b) => a - b);
  return { low: quantileSorted(estimates, (1 - level) / 2), high: quantileSorted(estimates, (1 + level) / 2) };
}

/** Each p, corrected for all of them: none is held to be small by luck more often than once would be (Holm 1979, Scandinavian Journal of Statistics 6). */
export function holm(ps: readonly number[]): number[] {
  const order = ps.map((_, at) => at).sort((a, b) => (ps[a] ?? 0) - (ps[b] ?? 0));
  const adjusted = new Array<number>(ps.length).fill(1);
  let floor = 0;
  order.forEach((at, rank) => {
    floor = Math.max(floor, Math.min(1, (ps.length - rank) * (ps[at] ?? 1)));
    adjusted[at] = floor;
  });
  return adjusted;
}

/** Of normal values, the signed-rank test needs this many times the pairs of a t test (Hodges and Lehmann 1956, Annals of Mathematical Statistics 27). */
const EFFICIENCY = 3 / Math.PI;

/** The smallest log-ratio that as many pairs would have shown with this power, from the spread that they have. Infinite of fewer than two. */
export function detectableEffect(values: readonly number[], { alpha, power }: { alpha: number; power: number }): number {
  if (values.length < 2) return Infinity;
  return (reach(alpha, power) * spreadOf(values)) / Math.sqrt(values.length * EFFICIENCY);
}

/** How many pairs would show `effect` (a log-ratio), from the spread of those that are there. */
export function pairsNeeded(values: readonly number[], effect: number, { alpha, power }: { alpha: number; power: number }): number {
  if (values.length < 2 || effect === 0) return Infinity;
  return Math.ceil(((reach(alpha, power) * spreadOf(values)) / Math.abs(effect)) ** 2 / EFFICIENCY);
}

function reach(alpha: number, power: number): number {
  return probit(1 - alpha / 2) + probit(power);
}

/** The standard deviation that the median distance from the median stands for: one boot that went wild does not widen it. */
function spreadOf(values: readonly number[]): number {
  const middle = median([...values]);
  return median(values.map((value) => Math.abs(value - middle))) / probit(0.75);
}
