// Where the level of a series of samples changed. E-divisive means (Matteson and James, "A Nonparametric Approach for Multiple Change Point Analysis of
// Multivariate Data", JASA 109, 2014) over sliding windows, with Student's t in place of permutations and a second pass that drops what was only weak: the way
// of Hunter (Fleming, Kolaczkowski, Kumar et al., ICPE 2023), which Apache Otava goes on with. Deterministic. Pure.
import tCdf from '@stdlib/stats-base-dists-t-cdf';
import { median } from 'simple-statistics';

/** `index` is the first sample of the new level. */
export type ChangePoint = { index: number; p: number; before: Level; after: Level };
export type Level = { mean: number; median: number; sd: number; count: number };

export type Options = {
  /** Samples looked at together. A longer one sees smaller changes and is slower to see them. */
  window: number;
  /** Of Student's t between the levels on both sides. */
  maxP: number;
  /** Of the change of the mean, as a share of the mean before; a smaller one is dropped. */
  minShare: number;
};
export const DEFAULTS: Options = { window: 50, maxP: 0.001, minShare: 0 };

/** A first pass takes what is this much weaker: a true change can hide behind another one next to it. */
const WEAKER = 10;
/** Fewer samples have no spread that a test could go by. */
const LEAST = 2;

/** What is known of a series so far: no later sample changes what the windows before `start` saw. */
export type State = { start: number; weak: readonly number[] };
export const NOTHING: State = { start: 0, weak: [] };

/**
 * `state` is what an earlier look at the first samples of the same series came to: only the windows that it saw in part are looked at anew, so that a look
 * costs the same however long the series is. It finds what a fresh look at all of them finds.
 */
export function findChangePoints(values: readonly number[], options: Options = DEFAULTS, state: State = NOTHING): { points: ChangePoint[]; state: State } {
  const { window, maxP } = options;
  const weak = [...state.weak];
  let { start } = state;
  let next = state;
  while (start < values.length) {
    const from = start;
    const found = split(values.slice(from, from + window), maxP * WEAKER).map((index) => from + index);
    for (const index of found) if (!weak.includes(index)) weak.push(index);
    // Windows overlap by half, so that no change is at the edge of both; after a change the next begins with the new level.
    start = Math.max(found.at(-1) ?? 0, from + Math.max(1, Math.floor(window / 2)));
    if (from + window <= values.length) next = { start, weak: [...weak] };
  }
  return { points: strongest(values, weak, options), state: next };
}

/** Splits where the two sides differ most, and each side again, as long as the sides differ. */
function split(values: readonly number[], maxP: number): number[] {
  const at = mostDivergent(values);
  if (at === undefined || tooAlike(values, at, maxP)) return [];
  return [...split(values.slice(0, at), maxP), at, ...split(values.slice(at), maxP).map((index) => at + index)];
}

function tooAlike(values: readonly number[], at: number, maxP: number): boolean {
  const sums = new Sums(values);
  return pOf(sums.of(0, at), sums.of(at, values.length)) > maxP;
}

/**
 * Where the energy distance of the samples before it and of some stretch after it, times mn/(m+n), is largest (the paper's Q with alpha = 1, over both tau and
 * kappa): a change that is taken back later is seen by the stretch that it lasts.
 */
function mostDivergent(values: readonly number[]): number | undefined {
  const n = values.length;
  const inner = sumsOfDistances(values);
  const sum = (from: number, to: number): number => inner[from]?.[to] ?? 0;
  let best: { at: number; q: number } | undefined;
  for (let at = LEAST; at <= n - LEAST; at++) for (let end = at + LEAST; end <= n; end++) {
    const [m, k] = [at, end - at];
    const [left, right] = [sum(0, at), sum(at, end)];
    const between = (2 / (m * k)) * (sum(0, end) - left - right);
    const within = (2 / (m * (m - 1))) * left + (2 / (k * (k - 1))) * right;
    const q = ((m * k) / (m + k)) * (between - within);
    if (best === undefined || q > best.q) best = { at, q };
  }
  return best?.at;
}

/** By [from][to]: the sum over all pairs of samples in that stretch. Each takes one step from the one that is a sample shorter. */
function sumsOfDistances(values: readonly number[]): number[][] {
  const n = values.length;
  const sums = Array.from({ length: n }, () => new Array<number>(n + 1).fill(0));
  for (let to = 2; to <= n; to++) {
    let added = 0;
    for (let from = to - 2; from >= 0; from--) {
      added += Math.abs((values[from] ?? 0) - (values[to - 1] ?? 0));
      const row = sums[from];
      if (row !== undefined) row[to] = (row[to - 1] ?? 0) + added;
    }
  }
  return sums;
}

/** Drops the weakest point as long as it is too weak between its neighbours, then the smallest as long as it is too small. */
function strongest(values: readonly number[], weak: readonly number[], { maxP, minShare }: Options): ChangePoint[] {
  const sums = new Sums(values);
  let left = describe(sums, [...weak].sort((a, b) => a - b));
  const dropWhile = (worse: (a: Between, b: Between) => number, tooBad: (one: Between) => boolean): void => {
    for (;;) {
      const [worst] = left.toSorted(worse);
      if (worst === undefined || !tooBad(worst)) return;
      left = describe(sums, left.filter((one) => one !== worst).map((one) => one.index));
    }
  };
  dropWhile((a, b) => b.p - a.p || a.index - b.index, (one) => one.p > maxP);
  dropWhile((a, b) => a.share - b.share || a.index - b.index, (one) => one.share < minShare);
  return left.map(({ index, p, from, to }) => ({ index, p, before: levelOf(values.slice(from, index)), after: levelOf(values.slice(index, to)) }));
}

/** A point between the one before and the one after it. */
type Between = { index: number; from: number; to: number; p: number; share: number };

function describe(sums: Sums, indices: readonly number[]): Between[] {
  return indices.map((index, n) => {
    const [from, to] = [indices[n - 1] ?? 0, indices[n + 1] ?? sums.count];
    const [before, after] = [sums.of(from, index), sums.of(index, to)];
    const share = before.mean === after.mean ? 0 : before.mean === 0 ? Infinity : Math.abs(after.mean / before.mean - 1);
    return { index, from, to, p: pOf(before, after), share };
  });
}

type Spread = Pick<Level, 'mean' | 'sd' | 'count'>;

/** Mean and spread of any stretch in a fixed time. Of the distances from the first value, so that large values lose no digits. */
class Sums {
  readonly count: number;
  readonly #first: number;
  readonly #sums: readonly number[];
  readonly #squares: readonly number[];

  constructor(values: readonly number[]) {
    this.count = values.length;
    this.#first = values[0] ?? 0;
    const sums = [0];
    const squares = [0];
    for (const [n, value] of values.entries()) {
      sums.push((sums[n] ?? 0) + (value - this.#first));
      squares.push((squares[n] ?? 0) + (value - this.#first) ** 2);
    }
    this.#sums = sums;
    this.#squares = squares;
  }

  of(from: number, to: number): Spread {
    const count = to - from;
    const sum = (this.#sums[to] ?? 0) - (this.#sums[from] ?? 0);
    const squares = (this.#squares[to] ?? 0) - (this.#squares[from] ?? 0);
    return { count, mean: this.#first + sum / count, sd: count < LEAST ? 0 : Math.sqrt(Math.max(0, squares - (sum * sum) / count) / (count - 1)) };
  }
}

function levelOf(values: readonly number[]): Level {
  return { ...new Sums(values).of(0, values.length), median: median([...values]) };
}

/** Two-sided, of Student's t with a common variance. Without any spread, two different means are certainly different. */
function pOf(x: Spread, y: Spread): number {
  const freedom = x.count + y.count - 2;
  if (x.count === 0 || y.count === 0 || freedom < 1) return 1;
  const variance = ((x.count - 1) * x.sd ** 2 + (y.count - 1) * y.sd ** 2) / freedom;
  if (x.mean === y.mean) return 1;
  if (variance === 0) return 0;
  const t = Math.abs(x.mean - y.mean) / Math.sqrt(variance * (1 / x.count + 1 / y.count));
  return 2 * tCdf(-t, freedom);
}
