// Alerts, and what people say of them.
import * as z from 'zod';
import { AlertId, AlertState } from '../../../orchestrator/src/contract/alert.ts';
import type { RunId } from '../../../orchestrator/src/contract/ids.ts';
import { LabError } from '../../../orchestrator/src/lib/lab-error.ts';
import { addAlertNote } from '../../../orchestrator/src/store/alert-notes.ts';
import { Alert, AlertQuery, Alerts, AlertTableQuery, Problem } from '../../api/shapes.ts';
import { TAKES_TOKEN, whoMay } from '../access.ts';
import { alertOf, findAlerts, spanOfAlerts } from '../queries/alerts.ts';
import type { Parts } from '../server.ts';
import { serveTable } from '../tables.ts';
import type { Api } from './api.ts';

const COLUMNS = ['id', 'group', 'metric', 'subject', 'unit', 'base', 'series', 'flavour', 'device', 'stack', 'clip', 'host', 'at', 'before', 'after', 'changePct', 'p', 'from', 'to', 'evaluation', 'blames', 'state', 'saidBy', 'saidAt', 'said', 'moved'] as const;

/** `told`: open pages look again. */
export function alertRoutes(api: Api, { keeper, home }: Parts, told: () => void): void {
  workOutAhead({ keeper, home });

  api.get('/alerts', { schema: { summary: 'Where a level became worse, newest first', querystring: AlertQuery, response: { 200: Alerts, 503: Problem } } }, async ({ query }) => {
    const span = spanOfAlerts(query);
    const alerts = await findAlerts(keeper.db, home, span);
    const now = new Date().toISOString();
    const newest = alerts[0]?.at ?? now;
    return { alerts, span: { from: span.from.toISOString(), to: span.to?.toISOString() ?? (newest > now ? newest : now) } };
  });

  serveTable(api, {
    path: '/alerts', summary: 'Alerts, with what was said of each last', query: AlertTableQuery, columns: COLUMNS,
    rows: async ({ state, ...asked }) => (await findAlerts(keeper.db, home, spanOfAlerts(asked))).filter((one) => state === undefined || state.length === 0 || state.includes(one.state)).map(({ notes, moved, ...alert }) => {
      const last = notes.at(-1);
      return { ...alert, saidBy: last?.who ?? null, saidAt: last?.when ?? null, said: last?.why ?? null, moved: moved.map(({ changePct, ...labels }) => `${Object.values(labels).filter((one) => one !== '').join(', ')}: ${changePct === null ? 'from nothing' : `${changePct.toFixed(2)} %`}`).join('; ') };
    }),
  });

  api.post('/alerts/:id/notes', {
    schema: { security: TAKES_TOKEN, summary: 'Say what an alert is; takes a token with the scope submit', params: z.object({ id: AlertId }), body: z.strictObject({ state: AlertState, why: z.string().max(2000).default('') }), response: { 200: Alert, 401: Problem, 403: Problem, 404: Problem } },
  }, async (request) => {
    const who = await whoMay(request, home, 'submit');
    const { id } = request.params;
    const found = await alertOf(keeper.db, home, id);
    if (found === undefined) throw new LabError('UNKNOWN_ID', `there is no alert ${id}`, { blame: 'request', hint: 'GET /api/alerts' });
    await addAlertNote(home, { alert: id, series: found.series, run: found.run as RunId, who, when: new Date().toISOString(), ...request.body });
    told();
    const after = await alertOf(keeper.db, home, id);
    return after?.alert ?? found.alert;
  });
}

/** Worked out at the beginning and as soon as runs came in, so that whoever looks next need not wait for it. A failure is told to whoever looks. */
function workOutAhead({ keeper, home }: Pick<Parts, 'keeper' | 'home'>): void {
  const work = (): void => { void Promise.resolve().then(() => findAlerts(keeper.db, home)).catch(() => undefined); };
  keeper.once('looked', work);
  keeper.on('seen', work);
}
