// A metric of an evaluation over the past: which series of samples it is, and their points in the order in which they were made. Pure.
import { listed } from '../../api/listed.ts';
import type { EvaluationDetail, RunDetail, Trend } from '../../api/shapes.ts';

type Evaluation = EvaluationDetail['record'];
type Labels = Pick<NonNullable<RunDetail['record']>, 'flavour' | 'image' | 'pipelines'>;
type Metric = Pick<Evaluation['samples'][number], 'metric' | 'pipeline' | 'pairs'>;
export type Past = { at: string; value: number; side: 'base' | 'patched'; run: string; host: string; count: number; own: boolean };

/** As the record of samples calls them (orchestrator/src/record/samples.ts); what is not here has one name in both. A frame's time is there as its inverse. */
const CALLED: Readonly<Record<string, string>> = { 'frame time': 'frames per second', 'call time': 'call time p10', 'call instructions': 'instructions' };

/** Asks for the series of both kernels on the hosts that measured. `boot` is one of its boots: an evaluation does not say which clip each kind of boot played. */
export function historyQuery({ base, against, series, device, stack }: Evaluation, { metric, pipeline, pairs }: Metric, { flavour, pipelines }: Labels): string {
  const clip = pipelines.find((one) => one.pipeline === pipeline)?.clip ?? 'none';
  return new URLSearchParams({
    metric: CALLED[metric] ?? metric, subject: pipeline, base: listed([base, ...(against === undefined ? [] : [against])]), series: listed(['none', ...(series === '' ? [] : [series])]), flavour, device, stack: listed([stack]), clip: listed([clip]),
    host: listed([...new Set(pairs.map(({ host }) => (host === '' ? 'none' : host)))]), most: '60',
  }).toString();
}

/** Oldest first. Of two bases `against` is the one that is held to be as it was. `own`: of this evaluation; where a point stands for several runs, the last of them is. */
export function pastOf(trends: readonly Trend[], { against }: Pick<Evaluation, 'against'>, { image }: Pick<Labels, 'image'>, own: ReadonlySet<string>): Past[] {
  return trends.filter((trend) => trend.image === image).flatMap((trend) => {
    const side = (against === undefined ? trend.series === '' : trend.base === against) ? 'base' as const : 'patched' as const;
    return trend.points.map(({ at, value, run, count }) => ({ at, value, side, run, host: trend.host, count, own: own.has(run) }));
  }).sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}

/** Every boot of a metric: pairs, the base against itself, and those of the prefixes. */
export function ownRuns({ pairs, noise }: Pick<Evaluation['samples'][number], 'pairs' | 'noise'>, { prefixes }: Pick<Evaluation, 'prefixes'>): Set<string> {
  return new Set([...[...pairs, ...noise].flatMap(({ runs }) => [runs.base, runs.patched]), ...prefixes.map(({ run }) => run)]);
}

/** Neighbours that are of this evaluation, as places in the order. */
export function ownStretches(past: readonly Past[]): [number, number][] {
  const found: [number, number][] = [];
  for (const [at, { own }] of past.entries()) {
    const last = found.at(-1);
    if (!own) continue;
    if (last?.[1] === at - 1) last[1] = at;
    else found.push([at, at]);
  }
  return found;
}
