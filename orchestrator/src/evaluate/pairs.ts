// Which boots of a block are held against each other. Pure.
//
// A block is eight boots, four of the base and four of the patched kernel, in one of the seventy possible orders, drawn by lot: what is exact about the
// test is that lot. The first boot of the one is held against the first of the other, and so on; and boots of the base against each other, which say what
// nothing at all looks like on this host in this hour.
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { Pair, Samples } from '../contract/evaluation.ts';
import type { RunId } from '../contract/ids.ts';
import type { Pipeline } from '../contract/pipeline.ts';
import { CallName, type RunRecord } from '../contract/run.ts';
import { METRICS, type Metric } from './metrics.ts';

export type Side = 'base' | 'patched';
export type BlockOrder = readonly Side[];
export const PAIRS_PER_BLOCK = 4;
export const BOOTS_PER_BLOCK = 2 * PAIRS_PER_BLOCK;

/** The orders of the first `blocks` blocks; more of them begin with the same. */
export function ordersOf(seed: number, blocks: number): BlockOrder[] {
  const random = xoroshiro128plus(seed);
  return Array.from({ length: blocks }, () => {
    let base = PAIRS_PER_BLOCK;
    // Each place is the base's as likely as the boots that are left are: so every order is as likely as any other.
    return Array.from({ length: BOOTS_PER_BLOCK }, (_, place): Side => {
      if (uniformInt(random, 1, BOOTS_PER_BLOCK - place) > base) return 'patched';
      base--;
      return 'base';
    });
  });
}

/** `records` in the order in which they were asked for; undefined where a run was lost. */
export type BlockSeen = { order: BlockOrder; ids: readonly RunId[]; records: readonly (RunRecord | undefined)[]; host: string };

export function samplesOf(kind: Metric['kind'], pipelines: readonly Pipeline[], blocks: readonly BlockSeen[]): Samples[] {
  return METRICS.filter((metric) => metric.kind === kind).flatMap((metric) => subjectsOf(metric, pipelines, blocks).map(({ subject, valueOf }) => ({
    metric: metric.name, pipeline: subject, kind, unit: metric.unit, better: metric.better, primary: metric.primary, limitPct: metric.limitPct,
    pairs: blocks.flatMap((block, at) => pairsOf(block, at, valueOf)),
    noise: blocks.flatMap((block, at) => noiseOf(block, at, valueOf)),
  })));
}

type ValueOf = (record: RunRecord | undefined) => number | null;

function placesOf(side: Side, order: BlockOrder): number[] {
  return order.flatMap((one, place) => (one === side ? [place] : []));
}

function pairsOf({ order, ids, records, host }: BlockSeen, block: number, valueOf: ValueOf): Pair[] {
  const patchedAt = placesOf('patched', order);
  return placesOf('base', order).map((base, nth) => {
    const patched = patchedAt[nth] ?? NaN;
    return { ...half(ids, records, base, patched, valueOf), order: base < patched ? 'AB' : 'BA', block, host };
  });
}

/** The first half of the base's boots against the second: no boot twice. */
function noiseOf({ order, ids, records, host }: BlockSeen, block: number, valueOf: ValueOf): Pair[] {
  const places = placesOf('base', order);
  const later = places.slice(places.length / 2);
  return places.slice(0, places.length / 2).map((place, nth) => ({ ...half(ids, records, place, later[nth] ?? NaN, valueOf), order: 'AB', block, host }));
}

function half(ids: readonly RunId[], records: readonly (RunRecord | undefined)[], base: number, patched: number, valueOf: ValueOf): Pick<Pair, 'base' | 'patched' | 'runs'> {
  const [one, other] = [ids[base], ids[patched]];
  if (one === undefined || other === undefined) throw new Error(`a block of ${String(ids.length)} runs has no pair ${String(base)}, ${String(patched)}`);
  return { base: valueOf(records[base]), patched: valueOf(records[patched]), runs: { base: one, patched: other } };
}

type SubjectOf = { subject: Samples['pipeline']; valueOf: ValueOf };

/** Calls are of no pipeline; on a device whose calls nobody made there are none. */
function subjectsOf(metric: Metric, pipelines: readonly Pipeline[], blocks: readonly Pick<BlockSeen, 'records'>[]): SubjectOf[] {
  if (metric.on === 'pipelines') {
    return pipelines.map((pipeline) => ({
      subject: pipeline,
      valueOf: (record) => {
        const row = record?.pipelines.find((one) => one.pipeline === pipeline && one.fault === null);
        return row === undefined ? null : metric.of(row);
      },
    }));
  }
  const made = new Set(blocks.flatMap(({ records }) => records.flatMap((record) => record?.calls ?? [])).map(({ call }) => call));
  return CallName.options.filter((call) => made.has(call)).map((call) => ({
    subject: call,
    valueOf: (record) => {
      const row = record?.calls.find((one) => one.call === call);
      return row === undefined ? null : metric.of(row);
    },
  }));
}

/** What one boot says of a metric; nothing where it has no such figure. */
export function figuresOf(metric: Metric, pipelines: readonly Pipeline[], record: RunRecord): { subject: Samples['pipeline']; value: number }[] {
  return subjectsOf(metric, pipelines, [{ records: [record] }]).flatMap(({ subject, valueOf }) => {
    const value = valueOf(record);
    return value === null ? [] : [{ subject, value }];
  });
}
