// What there is to see first: the newest night, what it changed, and who is at work.
import * as z from 'zod';
import { JobId } from '../../../orchestrator/src/contract/ids.ts';
import { nightAlarm } from '../../../orchestrator/src/night/alarm.ts';
import { LabError, messageOf } from '../../../orchestrator/src/lib/lab-error.ts';
import { Change, Home, Matrix, Problem, QueueView } from '../../api/shapes.ts';
import { findAlerts } from '../queries/alerts.ts';
import { findEvaluations } from '../queries/evaluations.ts';
import { jobSummaries, matrixOf, shownJob } from '../queries/matrix.ts';
import { newestNight } from '../queries/nights.ts';
import { noiseByHost } from '../queries/noise.ts';
import type { Parts } from '../server.ts';
import { serveTable } from '../tables.ts';
import type { Api } from './api.ts';

const NIGHTLY = 'nightly.yaml';
const NEWEST = 10;
const ALERTS_SHOWN = 5;
const JOBS_EXPORTED = 1000;
const JOBS = ['id', 'title', 'file', 'submittedAt', 'runs', 'sealed', 'asExpected'] as const;
const CHANGES = ['kind', 'kernel', 'pipeline', 'device', 'stack', 'clip', 'before', 'status', 'asExpected', 'why', 'run'] as const;
const WORKERS = ['worker', 'host', 'version', 'slots', 'can', 'running', 'since', 'draining', 'why', 'noisePct', 'noiseWhy'] as const;
const CELLS = ['base', 'series', 'flavour', 'expect', 'pipeline', 'device', 'stack', 'clip', 'status', 'asExpected', 'before', 'why', 'run'] as const;

export function homeRoutes(api: Api, { keeper, queue, home }: Parts): void {
  api.get('/home', { schema: { summary: 'The newest nightly, what it changed, the queue and the workers', response: { 200: Home, 503: Problem } } }, async () => {
    const { db } = keeper;
    const [night, nightAlarmed] = await Promise.all([newestNight(home), nightAlarm(home)]);
    const id = night?.matrix ?? await shownJob(db, NIGHTLY);
    const [shown, jobs, { evaluations }, view, alerts] = await Promise.all([id === undefined ? undefined : matrixOf(db, home, id), jobSummaries(db, NEWEST), findEvaluations(db, { limit: NEWEST }), queueView(), findAlerts(db, home)]);
    const open = alerts.filter((one) => one.state === 'new');
    return { matrix: shown?.matrix ?? null, changes: shown?.changes ?? [], night, nightAlarm: nightAlarmed ?? null, alerts: { open: open.length, newest: open.slice(0, ALERTS_SHOWN) }, jobs, evaluations, queue: view };
  });

  api.get('/jobs/:id', { schema: { summary: 'One job as a matrix', params: z.object({ id: JobId }), response: { 200: z.object({ matrix: Matrix, changes: z.array(Change) }), 404: Problem, 503: Problem } } }, async ({ params: { id } }) => {
    const found = await matrixOf(keeper.db, home, id);
    if (found === undefined) throw new LabError('UNKNOWN_ID', `the record has no job ${id}`, { blame: 'request', hint: 'GET /api/home has the newest' });
    return found;
  });

  serveTable(api, {
    path: '/cells', summary: 'The cells of a job\'s matrix', query: z.object({ job: JobId }), columns: CELLS,
    rows: async ({ job }) => ((await matrixOf(keeper.db, home, job))?.matrix.rows ?? []).flatMap(({ cells, ...kernel }) => cells.map((cell) => ({ ...kernel, ...cell }))),
  });

  serveTable(api, { path: '/jobs', summary: 'The newest jobs', query: z.object({}), columns: JOBS, rows: () => jobSummaries(keeper.db, JOBS_EXPORTED) });

  serveTable(api, {
    path: '/changes', summary: 'What a job changed since the one before of the same file', query: z.object({ job: JobId }), columns: CHANGES,
    rows: async ({ job }) => ((await matrixOf(keeper.db, home, job))?.changes ?? []).map(({ kind, kernel, cell }) => ({ kind, kernel, ...cell })),
  });

  serveTable(api, { path: '/workers', summary: 'Who is at work', query: z.object({}), columns: WORKERS, rows: async () => (await queueView()).workers });

  api.get('/queue', { schema: { summary: 'The queue and its workers', response: { 200: QueueView, 503: Problem } } }, queueView);

  async function queueView(): Promise<QueueView> {
    // Who is at work is known without the database.
    const noiseOf = noiseByHost(keeper).then((noise) => (host: string) => ({ noisePct: noise.get(host) ?? null, noiseWhy: null }), (error: unknown) => () => ({ noisePct: null, noiseWhy: messageOf(error) }));
    const [view, noise] = await Promise.all([queue.look(), noiseOf]);
    return { ...view, workers: view.workers.map((one) => ({ ...one, ...noise(one.host) })) };
  }
}
