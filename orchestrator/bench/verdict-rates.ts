// How often a verdict is wrong: evaluations are drawn again and again from recorded boots of one and the same kernel, and judged as real ones are.
import { fileURLToPath } from 'node:url';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { probit } from 'simple-statistics';
import * as z from 'zod';
import { judge, type Measured } from '../src/evaluate/judge.ts';
import { looksOf } from '../src/evaluate/looks.ts';
import { BOOTS_PER_BLOCK, ordersOf, PAIRS_PER_BLOCK } from '../src/evaluate/pairs.ts';
import { blockedRankP, holm, type Pair } from '../src/evaluate/statistics.ts';

export const RECORDED = fileURLToPath(new URL('recorded/base-6.12.json', import.meta.url));

const Kind = z.enum(['time', 'instructions']);
type Kind = z.infer<typeof Kind>;
/** Of each block eight boots of the same kernel, one after another: the values of every metric in that order. `load` is the host's over the last minute. */
export const Recording = z.strictObject({
  base: z.string(), conditions: z.string(), limits: z.record(z.string(), z.number()),
  blocks: z.array(z.strictObject({ kind: Kind, load: z.number(), values: z.record(z.string(), z.array(z.number().positive()).length(BOOTS_PER_BLOCK)) })),
});
export type Recording = z.infer<typeof Recording>;
type Values = Recording['blocks'][number]['values'];

/** As an evaluation divides it: half of alpha for either kind. */
const ALPHA = 0.01;
const SHARE = 0.5;
export const KINDS = Kind.options;

export type Random = ReturnType<typeof xoroshiro128plus>;
export const seededRandom = (seed: number): Random => xoroshiro128plus(seed);
export const pick = <T>(from: readonly T[], random: Random): T => {
  const one = from[uniformInt(random, 0, from.length - 1)];
  if (one === undefined) throw new Error('nothing to pick from');
  return one;
};

/** So many blocks of one evaluation, drawn with replacement. */
export type Draw = (kind: Kind, blocks: number, random: Random) => Values[];

export function drawRecorded({ blocks }: Recording): Draw {
  const of = Object.fromEntries(KINDS.map((kind) => [kind, blocks.filter((block) => block.kind === kind).map(({ values }) => values)]));
  return (kind, count, random) => Array.from({ length: count }, () => pick(of[kind] ?? [], random));
}

/**
 * Not the recorded boots again, but new ones with their noise: the scatter of a boot within its block, all metrics of it together, drawn from all blocks and
 * smoothed, on the level of a drawn block.
 */
export function drawSimulated({ blocks }: Recording): Draw {
  const of = Object.fromEntries(KINDS.map((kind) => {
    const all = blocks.filter((block) => block.kind === kind).map(({ values }) => values);
    const levels = all.map((values) => Object.fromEntries(Object.entries(values).map(([name, boots]) => [name, meanLog(boots)])));
    // A block's own mean takes an eighth of the variance away.
    const scatter = all.flatMap((values, at) => BOOTS.map((boot) => Object.fromEntries(Object.entries(values).map(([name, boots]) => [name, (Math.log(boots[boot] ?? NaN) - (levels[at]?.[name] ?? NaN)) * Math.sqrt(BOOTS.length / (BOOTS.length - 1))]))));
    return [kind, { levels, scatter, spread: Object.fromEntries(Object.keys(levels[0] ?? {}).map((name) => [name, Math.sqrt(scatter.reduce((sum, one) => sum + (one[name] ?? 0) ** 2, 0) / scatter.length)])) }];
  }));
  return (kind, count, random) => {
    const { levels = [], scatter = [], spread = {} } = of[kind] ?? {};
    return Array.from({ length: count }, () => {
      const level = pick(levels, random);
      const boots = BOOTS.map(() => pick(scatter, random));
      return Object.fromEntries(Object.keys(level).map((name) => [name, boots.map((boot) => Math.exp((level[name] ?? 0) + (boot[name] ?? 0) + SMOOTH * (spread[name] ?? 0) * gauss(random)))]));
    });
  };
}

const BOOTS = Array.from({ length: BOOTS_PER_BLOCK }, (_, boot) => boot);

/** Of the spread of what is drawn. */
const SMOOTH = 0.2;

function meanLog(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + Math.log(value), 0) / values.length;
}

function gauss(random: Random): number {
  const uniform = (): number => (uniformInt(random, 0, 2 ** 30) + 0.5) / (2 ** 30 + 1);
  return Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}

/** What is put on top of the patched boots: a factor per metric. */
export type Effect = Readonly<Record<string, number>>;

export type ToDraw = { limits: Readonly<Record<string, number>>; effect: Effect; kinds: readonly Kind[] };

/** What one evaluation would have measured by its last look. */
function measuredFrom(draw: Draw, { limits, effect }: Omit<ToDraw, 'kinds'>, kind: Kind, seed: number): Measured[] {
  const random = seededRandom(seed * 2 + (kind === 'time' ? 0 : 1));
  const most = (LOOKS.at(-1)?.pairs ?? 0) / PAIRS_PER_BLOCK;
  const blocks = draw(kind, most, random);
  const orders = ordersOf(uniformInt(random, 0, 2 ** 30), most);
  return Object.keys(blocks[0] ?? {}).map((name): Measured => {
    const pairs: Pair[] = [];
    const noise: Pair[] = [];
    blocks.forEach((values, block) => {
      const by = (side: 'base' | 'patched'): number[] => orders[block]?.flatMap((one, boot) => (one === side ? [(values[name]?.[boot] ?? NaN) * (side === 'patched' ? (effect[name] ?? 1) : 1)] : [])) ?? [];
      const [base, patched] = [by('base'), by('patched')];
      base.forEach((value, n) => pairs.push({ base: value, patched: patched[n] ?? null, block }));
      base.slice(0, base.length / 2).forEach((value, n) => noise.push({ base: value, patched: base[base.length / 2 + n] ?? null, block }));
    });
    return { metric: name, better: 'lower', limit: Math.log1p(limitPctOf(limits, name) / 100), pairs, noise };
  });
}

const LOOKS = looksOf(ALPHA * SHARE);
const until = (pairs: number) => (one: Measured): Measured => ({ ...one, pairs: one.pairs.slice(0, pairs), noise: one.noise.slice(0, pairs / 2) });

export function limitPctOf(limits: ToDraw['limits'], name: string): number {
  return limits[name.split(',')[0] ?? ''] ?? 0;
}

/** One evaluation, at every look: which primary metrics were called better or worse, and whether at the first look already. */
export function evaluateDrawn(draw: Draw, { limits, effect, kinds }: ToDraw, seed: number): Map<string, 'first' | 'later'> {
  const called = new Map<string, 'first' | 'later'>();
  for (const kind of kinds) {
    const metrics = measuredFrom(draw, { limits, effect }, kind, seed);
    LOOKS.forEach((look, at) => {
      const soFar = metrics.map(until(look.pairs));
      // Nothing else can be called anything, and the rest of a judgement takes a hundred times as long.
      if (holm(soFar.map((one) => blockedRankP(one.pairs))).every((p) => p > look.alpha)) return;
      for (const { metric, verdict } of judge(soFar, { alpha: look.alpha, seed, resamples: 50 })) {
        if ((verdict === 'better' || verdict === 'worse') && !called.has(metric)) called.set(metric, at === 0 ? 'first' : 'later');
      }
    });
  }
  return called;
}

/** Of instructions, each of which takes exactly as much more as matters: how many metrics are called equivalent, by whichever look decides them. Where the noise floor is higher, so little does not matter. */
export function missedDrawn(draw: Draw, limits: ToDraw['limits'], names: readonly string[], seed: number): { missed: number; of: number } {
  const effect = Object.fromEntries(names.map((name) => [name, 1 + limitPctOf(limits, name) / 100]));
  const open = new Set<string>();
  let missed = 0;
  const metrics = measuredFrom(draw, { limits, effect }, 'instructions', seed);
  for (const { metric } of metrics) open.add(metric);
  for (const look of LOOKS) {
    for (const { metric, verdict, limit, noise } of judge(metrics.map(until(look.pairs)), { alpha: look.alpha, seed, resamples: 500 })) {
      if (verdict === 'inconclusive' || !open.delete(metric)) continue;
      if (verdict === 'equivalent' && noise < limit) missed++;
    }
  }
  return { missed, of: metrics.length };
}

export type Rate = { count: number; of: number; rate: number; low: number; high: number };

/** The share and its 95 % interval (Wilson 1927, Journal of the American Statistical Association 22). */
export function rateOf(count: number, of: number): Rate {
  const z2 = probit(0.975) ** 2;
  const middle = (count + z2 / 2) / (of + z2);
  const half = (Math.sqrt(z2) * Math.sqrt((count * (of - count)) / of + z2 / 4)) / (of + z2);
  return { count, of, rate: count / of, low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
}
