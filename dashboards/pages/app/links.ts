// The addresses of the pages themselves. The only place where one is made of data.
import { listed } from '../../api/listed.ts';
import type { Alert, RunFilter, Trend } from '../../api/shapes.ts';

const part = encodeURIComponent;

export function runLink(id: string): string { return `/runs/${part(id)}`; }
export function jobLink(id: string): string { return `/jobs/${part(id)}`; }
export function nightLink(id: string): string { return `/nights/${part(id)}`; }
export function evaluationLink(id: string): string { return `/evaluations/${part(id)}`; }
export function seriesLink(name: string): string { return `/series/view?name=${part(name)}`; }
export function consoleLine(run: string, line: number): string { return `${runLink(run)}#console:${String(line)}`; }
export function compareLink(from: string, to: string): string { return `/compare?from=${part(from)}&to=${part(to)}`; }

export type Where = Partial<Record<Exclude<keyof RunFilter, 'text' | 'from' | 'to' | 'expected' | 'findings'>, string>>;

/** The list of runs, narrowed to one value of each. */
export function runsLink(where: Where): string {
  return withQuery('/runs', Object.fromEntries(Object.entries(where).map(([name, value]) => [name, listed([value])])));
}

const LABELS = ['subject', 'base', 'series', 'flavour', 'device', 'stack', 'clip', 'host'] as const;

/** One panel. What is empty has a word of its own in a filter. */
export function trendLink(of: Pick<Trend, 'metric' | (typeof LABELS)[number]>): string {
  return withQuery('/trends', { metric: of.metric, ...Object.fromEntries(LABELS.map((name) => [name, listed([of[name] === '' ? 'none' : of[name]])])) });
}

/** Where an alert is looked at: the evaluation that confirmed it, or its panel. */
export function whereShown(alert: Alert): string {
  return alert.evaluation === null ? trendLink(alert) : evaluationLink(alert.evaluation);
}

export type FrameAt = { pipeline?: string; clip?: string; fault?: string; frame?: string; plane?: string; oracle?: string; mode?: string };

export function framesLink(run: string, at: FrameAt = {}): string {
  return withQuery(`${runLink(run)}/frames`, at);
}

function withQuery(path: string, values: Record<string, string | undefined>): string {
  const query = new URLSearchParams(Object.entries(values).flatMap(([name, value]) => (value === undefined || value === '' ? [] : [[name, value]])));
  return query.size === 0 ? path : `${path}?${query.toString()}`;
}
