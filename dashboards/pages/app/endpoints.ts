// Every address of the server that a page asks, with the shape of its answer as api/shapes.ts promises it. The only place where such an address is made.
import type { Alerts, Designs, EvaluationDetail, Evaluations, Health, Home, LogName, Matrix, Change, NightDetail, QueueView, RunDetail, Runs, SeriesDetail, SeriesRow, SignedIn, Trends } from '../../api/shapes.ts';

/** `answer` is never there: it carries the type. */
export type Ask<Answer> = { readonly url: string; readonly answer?: Answer };

export type JobDetail = { matrix: Matrix; changes: Change[] };

const part = encodeURIComponent;

export function askHealth(): Ask<Health> { return { url: '/api/health' }; }
export function askHome(): Ask<Home> { return { url: '/api/home' }; }
export function askJob(id: string): Ask<JobDetail> { return { url: `/api/jobs/${part(id)}` }; }
export function askNight(id: string): Ask<NightDetail> { return { url: `/api/nights/${part(id)}` }; }
export function askRuns(query: string): Ask<Runs> { return { url: withQuery('/api/runs', query) }; }
export function askRun(id: string): Ask<RunDetail> { return { url: `/api/runs/${part(id)}` }; }
export function askEvaluations(query: string): Ask<Evaluations> { return { url: withQuery('/api/evaluations', query) }; }
export function askEvaluation(id: string): Ask<EvaluationDetail> { return { url: `/api/evaluations/${part(id)}` }; }
export function askSeriesList(): Ask<{ series: SeriesRow[] }> { return { url: '/api/series' }; }
export function askDesigns(): Ask<Designs> { return { url: '/api/series/designs' }; }
export function askSeries(name: string): Ask<SeriesDetail> { return { url: `/api/series/view?name=${part(name)}` }; }
export function askTrends(query: string): Ask<Trends> { return { url: withQuery('/api/trends', query) }; }
export function askAlerts(query: string): Ask<Alerts> { return { url: withQuery('/api/alerts', query) }; }
export function askQueue(): Ask<QueueView> { return { url: '/api/queue' }; }

export function alertNotesUrl(alert: string): string { return `/api/alerts/${part(alert)}/notes`; }

export function drainUrl(worker: string): string { return `/api/workers/${part(worker)}/drain`; }
export function undrainUrl(worker: string): string { return `/api/workers/${part(worker)}/undrain`; }

export function askSession(): Ask<SignedIn> { return { url: '/api/session' }; }

export const LIVE_URL = '/api/live';

export function logUrl(run: string, name: LogName, from: number): string {
  return `/api/runs/${part(run)}/log/${part(name)}${from === 0 ? '' : `?from=${String(from)}`}`;
}

function withQuery(path: string, query: string): string {
  return query === '' ? path : `${path}?${query}`;
}
