// What the pictures of one metric are made of: its pairs, the boots in their order, and the changes. Pure.
import type { EvaluationRecord } from '../../../orchestrator/src/contract/evaluation.ts';

export type Samples = EvaluationRecord['samples'][number];
export type Pair = Samples['pairs'][number];
export type Whole = { base: number; patched: number; pair: Pair };

/** Pairs of which both boots gave a figure. */
export function wholeOf(pairs: readonly Pair[]): Whole[] {
  return pairs.flatMap((pair) => (pair.base === null || pair.patched === null ? [] : [{ base: pair.base, patched: pair.patched, pair }]));
}

export type Boot = { value: number; side: 'base' | 'patched'; block: number; run: string };

/** One boot after another as far as the record knows: which of a pair was first is told, and pairs of a block stand in their order. A half that was lost is a gap. */
export function bootsOf(pairs: readonly Pair[]): (Boot | undefined)[] {
  return pairs.flatMap(({ base, patched, order, block, runs }) => {
    const halves = [
      base === null ? undefined : { value: base, side: 'base' as const, block, run: runs.base },
      patched === null ? undefined : { value: patched, side: 'patched' as const, block, run: runs.patched },
    ];
    return order === 'AB' ? halves : halves.reverse();
  });
}

/** Where a block begins among the boots. */
export function blockStarts(boots: readonly (Boot | undefined)[]): number[] {
  let before: number | undefined;
  return boots.flatMap((boot, at) => {
    if (boot === undefined || boot.block === before) return [];
    before = boot.block;
    return [at];
  });
}

/** Percent by which patched differs from base. Nothing can be said of what is not positive. */
export function changesOf(pairs: readonly Whole[]): number[] {
  return pairs.flatMap(({ base, patched }) => (base > 0 ? [100 * (patched / base - 1)] : []));
}

export type Step = { value: number; share: number };

/** The share of values that are at most `value`, at each of them. */
export function ecdf(values: readonly number[]): Step[] {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted.flatMap((value, at) => (sorted[at + 1] === value ? [] : [{ value, share: (at + 1) / sorted.length }]));
}

/** A staircase as an SVG path, from the left edge to the right. */
export function stairs(steps: readonly Step[], x: (value: number) => number, y: (share: number) => number, right: number): string {
  const [first] = steps;
  if (first === undefined) return '';
  let path = `M${f(x(first.value))} ${f(y(0))}`;
  for (const { value, share } of steps) path += `H${f(x(value))}V${f(y(share))}`;
  return `${path}H${f(right)}`;
}

/** Dots of like height beside each other instead of on each other: for each value, how many places it moves from the middle. */
export function spreadOut(places: readonly number[], room: number): number[] {
  const order = places.map((_, at) => at).sort((a, b) => (places[a] ?? 0) - (places[b] ?? 0));
  const shift = new Array<number>(places.length).fill(0);
  const placed: { at: number; by: number }[] = [];
  for (const index of order) {
    const at = places[index] ?? 0;
    const taken = new Set(placed.filter((one) => Math.abs(one.at - at) < room).map(({ by }) => by));
    let by = 0;
    for (let n = 1; taken.has(by); n++) by = n % 2 === 1 ? (n + 1) / 2 : -n / 2;
    shift[index] = by;
    placed.push({ at, by });
  }
  return shift;
}

function f(value: number): string {
  return value.toFixed(1);
}
