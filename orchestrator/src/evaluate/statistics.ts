// Statistics of paired measurements: pure, and the same for the same seed. Values are log-ratios: ln(patched / base) of one pair of boots.
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { median, probit, quantileSorted, sampleVariance } from 'simple-statistics';

/** One measurement of the base and one of the patched kernel, of the same block of boots on one host; null where a boot was lost. */
export type Pair = { base: number | null; patched: number | null; block: number };

/** ln(patched / base) of every whole pair. A pair with a half that is missing, not finite or not positive is left out and counted. */
export function logRatios(pairs: readonly Pair[]): { ratios: number[]; dropped: number } {
  const ratios = pairs.filter(isWhole).map(({ base, patched }) => Math.log(patched / base));
  return { ratios, dropped: pairs.length - ratios.length };
}

type WholePair = { base: number; patched: number; block: number };

function isWhole(pair: Pair): pair is WholePair {
  return [pair.base, pair.patched].every((value) => value !== null && Number.isFinite(value) && value > 0);
}

/** The median of all pairwise averages, each value with itself included (Hodges and Lehmann 1963, Annals of Mathematical Statistics 34). NaN of nothing. */
export function hodgesLehmann(values: readonly number[]): number {
  if (values.length === 0) return NaN;
  const averages = new Float64Array((values.length * (values.length + 1)) / 2);
  let nth = 0;
  for (let one = 0; one < values.length; one++) for (let other = one; other < values.length; other++) averages[nth++] = ((values[one] ?? NaN) + (values[other] ?? NaN)) / 2;
  // The library's middle, to the last bit: stored verdicts are worked out again.
  return quantileSorted(Array.from(averages.sort()), 0.5);
}

/**
 * The exact two-sided p that base and patched are the same, where each block's boots were given to the two by lot: the aligned rank test of Hodges
 * and Lehmann (1962, Annals of Mathematical Statistics 33). Each block's mean is taken from its values, so that hosts and hours do not count; all of them
 * are ranked together, ties sharing their mean rank; and p is the share of all assignments within blocks whose rank sum of the patched boots lies as far
 * out. 1 of nothing.
 */
export function blockedRankP(pairs: readonly Pair[]): number {
  const whole = pairs.filter(isWhole);
  const blocks = [...new Set(whole.map(({ block }) => block))].map((block) => alignedBlock(whole.filter((pair) => pair.block === block)));
  const ranks = doubledRanks(blocks.flat().map(({ value }) => value));
  let rankSum = 0;
  let at = 0;
  // chance[s]: of the doubled ranks that a random assignment gives to the patched boots adding up to s.
  let chance: Float64Array = Float64Array.of(1);
  for (const block of blocks) {
    const own = ranks.slice(at, at + block.length);
    at += block.length;
    rankSum += own.reduce((sum, rank, n) => sum + (block[n]?.patched === true ? rank : 0), 0);
    const sums = halvesOf(own);
    chance = spread(chance, sums);
  }
  const total = (shares: Float64Array): number => shares.reduce((sum, share) => sum + share, 0);
  return Math.min(1, 2 * Math.min(total(chance.subarray(0, rankSum + 1)), total(chance.subarray(rankSum))));
}

/** The sum of what was there and of one of `sums`, each as likely. */
function spread(chance: Float64Array, sums: readonly number[]): Float64Array {
  const next = new Float64Array(chance.length + Math.max(...sums));
  for (const sum of sums) for (let before = 0; before < chance.length; before++) next[before + sum] = (next[before + sum] ?? 0) + (chance[before] ?? 0) / sums.length;
  return next;
}

type Aligned = { value: number; patched: boolean };

/** Rounded, so that equal values stay equal whatever was taken from them. */
function alignedBlock(pairs: readonly WholePair[]): Aligned[] {
  const logs = pairs.flatMap(({ base, patched }) => [{ value: Math.log(base), patched: false }, { value: Math.log(patched), patched: true }]);
  const mean = logs.reduce((sum, { value }) => sum + value, 0) / logs.length;
  return logs.map(({ value, patched }) => ({ value: Math.round((value - mean) * 1e12) / 1e12, patched }));
}

/** The sums of every choice of half of the values. */
function halvesOf(values: readonly number[]): number[] {
  const sums: number[] = [];
  const choose = (from: number, left: number, sum: number): void => {
    if (left === 0) sums.push(sum);
    else for (let n = from; n <= values.length - left; n++) choose(n + 1, left - 1, sum + (values[n] ?? 0));
  };
  choose(0, values.length / 2, 0);
  return sums;
}

/** Twice each value's rank among all, so that the mean rank of a tie is a whole number. */
function doubledRanks(values: readonly number[]): number[] {
  const sorted = [...values].sort((a, b) => a - b);
  return values.map((value) => sorted.indexOf(value) + 1 + sorted.lastIndexOf(value) + 1);
}

/**
 * How far the logarithm of a ratio of two boots scatters, from the scatter of either kernel's boots within their blocks (pooled variances, summed). Of so few values the
 * ratios themselves say less: a pair is what was drawn together, not what is alike. Infinite where no block has two boots of both.
 */
export function scatterWithin(pairs: readonly Pair[]): number {
  const whole = pairs.filter(isWhole);
  const blocks = [...new Set(whole.map(({ block }) => block))].map((block) => whole.filter((pair) => pair.block === block));
  const varianceOf = (side: 'base' | 'patched'): number => {
    const logs = blocks.map((block) => block.map((pair) => Math.log(pair[side]))).filter((values) => values.length > 1);
    const freedom = logs.reduce((sum, values) => sum + values.length - 1, 0);
    return freedom === 0 ? Infinity : logs.reduce((sum, values) => sum + sampleVariance(values) * (values.length - 1), 0) / freedom;
  };
  return Math.sqrt(varianceOf('base') + varianceOf('patched'));
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
export function pairsNeeded(values: readonly number[], effect: number, { alpha, power, spread = spreadOf }: { alpha: number; power: number; spread?: (values: readonly number[]) => number }): number {
  if (values.length < 2 || effect === 0) return Infinity;
  return Math.ceil(((reach(alpha, power) * spread(values)) / Math.abs(effect)) ** 2 / EFFICIENCY);
}

/** How many pairs would have an interval of this level that reaches no further than `distance` (a log-ratio) from its middle, from the spread of those that are there. */
export function pairsToEnclose(values: readonly number[], distance: number, level: number): number {
  if (values.length < 2 || distance <= 0) return Infinity;
  return Math.ceil(((probit((1 + level) / 2) * spreadOf(values)) / distance) ** 2 / EFFICIENCY);
}

function reach(alpha: number, power: number): number {
  return probit(1 - alpha / 2) + probit(power);
}

/** The standard deviation that the median distance from the median stands for: one boot that went wild does not widen it. */
function spreadOf(values: readonly number[]): number {
  const middle = median([...values]);
  return median(values.map((value) => Math.abs(value - middle))) / probit(0.75);
}
