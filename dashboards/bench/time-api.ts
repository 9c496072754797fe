// How long the data of each page take, as the pages ask for them, one after another.
import { pause } from '../../orchestrator/src/lib/within.ts';
import { evaluationId, RUNS_PER_EVALUATION } from './evaluations.ts';
import { p95, type Figures } from './figures.ts';
import { jobId, PICTURED, runId, RUNS_PER_JOB } from './generator.ts';
import { nightId } from './nights.ts';

const REQUESTS = 60;
const MORE_RUNS = 20;
const A_MOMENT_MS = 1000;

/** What the `n`th request of a page asks; `runs`: how many there are. */
const PAGES: Readonly<Record<string, (n: number, runs: number) => string>> = {
  'home': () => '/api/home',
  'runs': () => '/api/runs',
  'runs, filtered': (n) => `/api/runs?base=${['6.1', '6.12', '7.2'][n % 3] ?? ''}&device=virgl&outcome=${n % 2 === 0 ? 'failed' : 'passed'}&pipeline=upload`,
  'runs, by text': (n) => `/api/runs?text=${encodeURIComponent(`night ${String(n)}`)}`,
  'runs, by a text that none has': (n) => `/api/runs?text=${encodeURIComponent(`nowhere ${String(n)}`)}`,
  'runs, by a kind of wrong frame in one pipeline': (n) => `/api/runs?pipeline=${['upload', 'dmabuf-copy'][n % 2] ?? ''}&defect=missing-rows`,
  'runs, with findings': () => '/api/runs?findings=yes',
  'runs, of one kernel': (n) => `/api/runs?kernel=${`${String(n % 3)}${String(n % 5)}`.padStart(16, '0')}`,
  'runs, of a kernel that there is not': (n) => `/api/runs?kernel=${'f'.repeat(14)}${String(10 + n)}`,
  'runs, with an injected fault': () => '/api/runs?fault=skip-transfer',
  'runs, of a span of time': (n) => `/api/runs?from=${daysAgo(n + 30)}&to=${daysAgo(n)}`,
  'run': (n, runs) => `/api/runs/${runId((n * 7919) % runs)}`,
  'frames': () => `/api/runs/${runId(PICTURED)}/probe-lines`,
  'night': (n, runs) => `/api/nights/${nightId(n % (runs / RUNS_PER_JOB))}`,
  'job': (n, runs) => `/api/jobs/${jobId((n * 31) % (runs / RUNS_PER_JOB))}`,
  'evaluations': () => '/api/evaluations',
  'evaluations, filtered': (n) => `/api/evaluations?verdict=${n % 2 === 0 ? 'worse' : 'failed,better'}&base=6.12`,
  'evaluations, of a span of time': (n) => `/api/evaluations?from=${daysAgo(n + 30)}&to=${daysAgo(n)}`,
  'evaluation': (n, runs) => `/api/evaluations/${evaluationId(n % (runs / RUNS_PER_EVALUATION))}`,
  'series': () => '/api/series',
  'one series': (n) => `/api/series/view?name=${['designs/upcast-resource-id', 'mutants/short-transfer', 'harmless/refactor'][n % 3] ?? ''}`,
  'designs': () => '/api/series/designs',
  'trends': (n) => `/api/trends?metric=${encodeURIComponent(['frames per second', 'frame time p95', 'guest CPU'][n % 3] ?? '')}`,
  'trends, of a span of time': (n) => `/api/trends?metric=ready&to=${daysAgo(n)}`,
  'alerts': () => '/api/alerts',
  'alerts, of a span of time': (n) => `/api/alerts?from=${daysAgo(n + 56)}&to=${daysAgo(n)}`,
  'queue': () => '/api/queue',
};

/** Home and alerts while runs come in: a moment after each is in the record. `more` seals one, `recorded` says how many there are. */
export async function timeWhileTheyCome(url: string, more: (nth: number) => Promise<void>, recorded: () => Promise<number>): Promise<Figures> {
  const took: Record<'home' | 'alerts', number[]> = { home: [], alerts: [] };
  for (let nth = 0; nth < MORE_RUNS; nth++) {
    const before = await recorded();
    await more(nth);
    while (await recorded() === before) await pause(100);
    await pause(A_MOMENT_MS);
    for (const page of ['home', 'alerts'] as const) took[page].push(await timed(`${url}/api/${page}`));
  }
  return Object.fromEntries(Object.entries(took).map(([page, all]) => [`${page}, a second after one more run, p95 ms`, p95(all)]));
}

function daysAgo(days: number): string {
  return new Date(Date.now() - days * 86_400_000).toISOString();
}

export async function timeApi(url: string, runs: number): Promise<Figures> {
  const figures: Figures = {};
  for (const [page, path] of Object.entries(PAGES)) {
    const took: number[] = [];
    for (let n = 0; n < REQUESTS; n++) took.push(await timed(`${url}${path(n, runs)}`));
    figures[`${page}, p95 ms`] = p95(took);
  }
  return figures;
}

/** The time of the answer. Whoever asks this often is told to wait in between, which is no part of it. */
async function timed(address: string): Promise<number> {
  const started = performance.now();
  const response = await fetch(address);
  await response.arrayBuffer();
  if (response.ok) return performance.now() - started;
  const wait = Number(response.headers.get('retry-after'));
  if (response.status !== 429 || !(wait > 0)) throw new Error(`${address}: ${String(response.status)}`);
  await pause(wait * 1000);
  return timed(address);
}
