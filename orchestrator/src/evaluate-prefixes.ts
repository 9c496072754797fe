// The prefixes of a series, one boot of each: whether every patch builds upon those before it, and with which of them a cost comes in.
import type { Failure, Prefix } from './contract/evaluation.ts';
import type { RunRequest } from './contract/job.ts';
import type { RunRecord } from './contract/run.ts';
import { failuresOf } from './evaluate/correctness.ts';
import { METRICS } from './evaluate/metrics.ts';
import { figuresOf } from './evaluate/pairs.ts';
import type { Asked, Bench } from './evaluate-series.ts';

/** `first` and `again`: what was wrong with a prefix on its boot, and on another one of it; `base`: what the base shows too. `lost`: those of which the lab got nothing. */
export type PrefixesSeen = { prefixes: Prefix[]; first: Failure[]; again: Failure[]; base: Failure[]; lost: string[] };

/** From the base to the whole series. Instructions, since one boot says enough of them; two at a time. What did not end well is booted once more. */
export async function bootPrefixes({ series, pipelines }: Pick<Asked, 'series' | 'pipelines'>, requestOf: (patches: number) => RunRequest, { block }: Pick<Bench, 'block'>): Promise<PrefixesSeen> {
  const bootEach = async (which: readonly number[]): Promise<(RunRecord | undefined)[]> => {
    const requests = which.map(requestOf);
    return (await block(Array.from({ length: Math.ceil(requests.length / 2) }, (_, n) => requests.slice(2 * n, 2 * n + 2)), false)).records;
  };
  const records = await bootEach([0, ...series.patches.map((_, at) => at + 1)]);
  const wanting = records.flatMap((record, patches) => (record?.outcome.kind === 'passed' ? [] : [patches]));
  const second = new Map(wanting.length === 0 ? [] : (await bootEach(wanting)).map((record, at) => [wanting[at], record] as const));
  const seen: PrefixesSeen = { prefixes: [], first: [], again: [], base: [], lost: [] };
  for (const [patches, booted] of records.entries()) {
    const other = second.get(patches);
    const name = patches === 0 ? 'the base' : `the first ${String(patches)} of ${String(series.patches.length)} patches`;
    const wrong = (record: RunRecord | undefined): Failure[] => (record?.outcome.kind !== 'failed' ? [] : failuresOf(record).map((one) => ({ ...one, why: `${name}: ${one.why}` })));
    (patches === 0 ? seen.base : seen.first).push(...wrong(booted));
    (patches === 0 ? seen.base : seen.again).push(...wrong(other));
    const record = [booted, other].find((one) => one?.outcome.kind === 'passed');
    if (record === undefined) {
      if (wrong(booted).length + wrong(other).length === 0) seen.lost.push(`${name} could not be measured: ${(other ?? booted)?.outcome.why ?? 'no worker brought the run to its end'}`);
      continue;
    }
    seen.prefixes.push(prefixFrom(record, { patches, file: series.patches[patches - 1]?.file ?? '', before: seen.prefixes, pipelines }));
  }
  return seen;
}

type Place = { patches: number; file: string; before: readonly Prefix[]; pipelines: Asked['pipelines'] };

function prefixFrom(record: RunRecord, { patches, file, before, pipelines }: Place): Prefix {
  const base = before.find((one) => one.patches === 0);
  const previous = before.find((one) => one.patches === patches - 1);
  // A prefix that is its base, byte for byte, is not booted: its figures are the base's.
  const figures: Figure[] = record.kernel?.identicalToBase === true && base !== undefined ? base.figures : figuresIn(record, pipelines);
  return { patches, file, run: record.id, figures: figures.map(({ metric, pipeline, value }) => {
    const last = previous?.figures.find((one) => one.metric === metric && one.pipeline === pipeline)?.value ?? 0;
    return { metric, pipeline, value, stepPct: last === 0 ? null : Math.round((1e6 * (value - last)) / last) / 1e4 };
  }) };
}

type Figure = Omit<Prefix['figures'][number], 'stepPct'>;

function figuresIn(record: RunRecord, pipelines: Asked['pipelines']): Figure[] {
  return METRICS.filter((metric) => metric.kind === 'instructions').flatMap((metric) => figuresOf(metric, pipelines, record).map(({ subject, value }) => ({ metric: metric.name, pipeline: subject, value })));
}
