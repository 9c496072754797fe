// The prefixes of a series, one boot of each: whether every patch builds upon those before it, and with which of them a cost comes in.
import type { Prefix } from './contract/evaluation.ts';
import type { RunRequest } from './contract/job.ts';
import type { RunRecord } from './contract/run.ts';
import { METRICS } from './evaluate/metrics.ts';
import { figuresOf } from './evaluate/pairs.ts';
import type { Asked, Bench } from './evaluate-series.ts';
import { LabError } from './lib/lab-error.ts';

/** From the base to the whole series. Instructions, since one boot says enough of them; two at a time. */
export async function bootPrefixes({ series, pipelines }: Asked, requestOf: (patches: number) => RunRequest, bench: Bench): Promise<Prefix[]> {
  const requests = [0, ...series.patches.map((_, at) => at + 1)].map(requestOf);
  const steps = Array.from({ length: Math.ceil(requests.length / 2) }, (_, n) => requests.slice(2 * n, 2 * n + 2));
  const { records } = await bench.block(steps, false);
  const prefixes: Prefix[] = [];
  for (const [patches, record] of records.entries()) {
    if (record?.outcome.kind !== 'passed') throw new LabError('LOST_PREFIX', `the first ${String(patches)} patches could not be measured: ${record?.outcome.why ?? 'no worker brought the run to its end'}`, { blame: 'lab', stage: 'queue', ...(record === undefined ? {} : { hint: `vlab show ${record.id}` }) });
    const before = prefixes.at(-1);
    // A prefix that is its base, byte for byte, is not booted: its figures are the base's.
    const seen: Figure[] = record.kernel?.identicalToBase === true && prefixes[0] !== undefined ? prefixes[0].figures : figuresIn(record, pipelines);
    const figures = seen.map(({ metric, pipeline, value }) => {
      const last = before?.figures.find((one) => one.metric === metric && one.pipeline === pipeline)?.value;
      return { metric, pipeline, value, stepPct: last === undefined ? null : Math.round((1e6 * (value - last)) / last) / 1e4 };
    });
    prefixes.push({ patches, file: series.patches[patches - 1]?.file ?? '', run: record.id, figures });
  }
  return prefixes;
}

type Figure = Omit<Prefix['figures'][number], 'stepPct'>;

function figuresIn(record: RunRecord, pipelines: Asked['pipelines']): Figure[] {
  return METRICS.filter((metric) => metric.kind === 'instructions').flatMap((metric) => figuresOf(metric, pipelines, record).map(({ subject, value }) => ({ metric: metric.name, pipeline: subject, value })));
}
