// Which boots of a block are held against each other. Pure.
//
// A block is four boots, base and patched in the order ABBA or BAAB, drawn by lot: two pairs, of which one began with the base and one with the
// patched kernel, so that a host that drifts pushes them apart in opposite directions; and the two boots of the base against each other, which say
// what nothing at all looks like on this host in this hour.
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { Pair, Samples } from '../contract/evaluation.ts';
import type { RunId } from '../contract/ids.ts';
import type { Pipeline } from '../contract/pipeline.ts';
import type { RunRecord } from '../contract/run.ts';
import { METRICS, type Metric } from './metrics.ts';

export type Side = 'base' | 'patched';
export type BlockOrder = readonly [Side, Side, Side, Side];
export const PAIRS_PER_BLOCK = 2;

/** The orders of the first `blocks` blocks; more of them begin with the same. */
export function ordersOf(seed: number, blocks: number): BlockOrder[] {
  const random = xoroshiro128plus(seed);
  return Array.from({ length: blocks }, () => (uniformInt(random, 0, 1) === 0 ? ['base', 'patched', 'patched', 'base'] : ['patched', 'base', 'base', 'patched']));
}

/** `records` in the order in which they were asked for; undefined where a run was lost. */
export type BlockSeen = { order: BlockOrder; ids: readonly RunId[]; records: readonly (RunRecord | undefined)[]; host: string };

export function samplesOf(kind: Metric['kind'], pipelines: readonly Pipeline[], blocks: readonly BlockSeen[]): Samples[] {
  return METRICS.filter((metric) => metric.kind === kind).flatMap((metric) => pipelines.map((pipeline) => ({
    metric: metric.name, pipeline, kind, unit: metric.unit, better: metric.better, primary: metric.primary, limitPct: metric.limitPct,
    pairs: blocks.flatMap((block, at) => pairsOf(block, at, (record) => valueOf(record, pipeline, metric))),
    noise: blocks.map((block, at) => noiseOf(block, at, (record) => valueOf(record, pipeline, metric))),
  })));
}

type ValueOf = (record: RunRecord | undefined) => number | null;

function pairsOf({ order, ids, records, host }: BlockSeen, block: number, valueOf: ValueOf): Pair[] {
  return [0, 2].map((first) => {
    const base = order[first] === 'base' ? first : first + 1;
    const patched = order[first] === 'base' ? first + 1 : first;
    return { ...half(ids, records, base, patched, valueOf), order: base < patched ? 'AB' : 'BA', block, host };
  });
}

function noiseOf({ order, ids, records, host }: BlockSeen, block: number, valueOf: ValueOf): Pair {
  return { ...half(ids, records, order.indexOf('base'), order.lastIndexOf('base'), valueOf), order: 'AB', block, host };
}

function half(ids: readonly RunId[], records: readonly (RunRecord | undefined)[], base: number, patched: number, valueOf: ValueOf): Pick<Pair, 'base' | 'patched' | 'runs'> {
  const [one, other] = [ids[base], ids[patched]];
  if (one === undefined || other === undefined) throw new Error(`a block of ${String(ids.length)} runs has no pair ${String(base)}, ${String(patched)}`);
  return { base: valueOf(records[base]), patched: valueOf(records[patched]), runs: { base: one, patched: other } };
}

function valueOf(record: RunRecord | undefined, pipeline: Pipeline, metric: Metric): number | null {
  const row = record?.pipelines.find((one) => one.pipeline === pipeline && one.fault === null);
  return row === undefined ? null : metric.of(row);
}
