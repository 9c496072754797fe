// Alerts: every change point for the worse of a span of time, what moved with a whole host as one, and what a night has confirmed; grouped by the change that made them; and what people said of them.
import { sql } from 'kysely';
import type { AlertId, AlertNote } from '../../../orchestrator/src/contract/alert.ts';
import type { RunId } from '../../../orchestrator/src/contract/ids.ts';
import type { Database } from '../../../orchestrator/src/record/database.ts';
import { ALERT_WEEKS } from '../../../orchestrator/src/record/levels.ts';
import { readAlertNotes } from '../../../orchestrator/src/store/alert-notes.ts';
import { changePct } from '../../api/change.ts';
import type { Alert, AlertQuery } from '../../api/shapes.ts';
import { alertId, type Known } from './alert-id.ts';
import { alertRows, LEAST_SAMPLES, type AlertRow, type Span } from './alert-rows.ts';
import { hostShifts, TIMES, type Shift } from './host-shifts.ts';
import { nightAlerts } from './night-alerts.ts';
import { blameFor, sayChanged } from './what-changed.ts';

/** A change point moves by a few samples as others come in: what was said of it goes with it. */
const SHIFT = 5;

const WEEK_MS = 7 * 86_400_000;
const EVER = '1970-01-01T00:00:00.000Z';

/** What is told, before anybody said anything. `rows`: the change points that it is of, the earliest first; none of what a night confirmed. */
type Raised = Known & { alert: Omit<Alert, 'state' | 'notes'>; rows: readonly AlertRow[] };

/** The last weeks, or so many before the end that is given. */
export function spanOfAlerts({ from, to }: AlertQuery = {}): Span {
  const end = to === undefined ? new Date() : new Date(to);
  return { from: from === undefined ? new Date(end.getTime() - ALERT_WEEKS * WEEK_MS) : new Date(from), to: end, open: from === undefined && to === undefined };
}

export async function findAlerts(db: Database, home: string, span = spanOfAlerts()): Promise<Alert[]> {
  return (await findRaised(db, home, span)).map((one) => one.alert);
}

/** However old it is: who has its address may have kept it. */
export async function alertOf(db: Database, home: string, id: AlertId): Promise<(Known & { alert: Alert }) | undefined> {
  const among = (found: readonly (Known & { alert: Alert })[]): (Known & { alert: Alert }) | undefined => found.find((one) => one.alert.id === id);
  return among(await findRaised(db, home, spanOfAlerts())) ?? among(await findRaised(db, home, spanOfAlerts({ from: EVER })));
}

async function findRaised(db: Database, home: string, span: Span): Promise<(Known & { alert: Alert })[]> {
  const [rows, notes, confirmed] = await Promise.all([alertRows(db, home, span), readAlertNotes(home), nightAlerts(home, span)]);
  const shifts = await hostShifts(rows, (host, atMs) => comparable(db, host, atMs));
  const moved = new Set(shifts.flatMap((one) => one.rows));
  const raised: Raised[] = [...shifts.map(ofHost), ...rows.filter((row) => !moved.has(row)).map(ofRow), ...confirmed.map((one) => ({ ...one, rows: [] }))].sort((a, b) => b.alert.at.localeCompare(a.alert.at));
  const said = await notesBy(db, raised, notes);
  return raised.map(({ alert, series, run }) => {
    const own = said.get(alert.id) ?? [];
    return { series, run, alert: { ...alert, state: own.at(-1)?.state ?? 'new', notes: own.map(({ state, who, when, why }) => ({ state, who, when, why })) } };
  });
}

function ofRow(row: AlertRow): Raised {
  const { base, series, stack, host, point, changed } = row;
  const kernel = series === '' ? base : `${base} + ${series}`;
  const group = changed.length > 0 ? sayChanged(changed, kernel) : `${kernel} on ${[stack, host, point.at.slice(0, 10)].filter((one) => one !== '').join(', ')}: nothing that the lab knows of changed`;
  return { alert: { ...figuresOf(row, { series: labelsOf(row), run: row.to }), group, blames: blameFor(changed), moved: [] }, series: labelsOf(row), run: row.to, rows: [row] };
}

/** The largest change speaks for all of them; the earliest says when. */
function ofHost({ host, rows }: Shift): Raised {
  const inOrder = [...rows].sort((a, b) => a.point.at.localeCompare(b.point.at));
  const worst = [...rows].sort((a, b) => slowdown(b) - slowdown(a))[0];
  const first = inOrder[0];
  if (worst === undefined || first === undefined) throw new Error('a shift of a host without a series');
  const known = { series: JSON.stringify(['host', host]), run: first.to };
  const changed = rows.find((one) => one.changed.length > 0)?.changed ?? [];
  const group = `host ${host}, ${first.point.at.slice(0, 10)}: ${String(rows.length)} series moved at once, ${changed.length === 0 ? 'and nothing else that the lab knows of changed' : sayChanged(changed, '')}`;
  const moved = rows.map((row) => ({ metric: row.metric, subject: row.subject, base: row.base, series: row.series, flavour: row.flavour, device: row.device, stack: row.stack, clip: row.clip, host: row.host, changePct: changeOf(row) }));
  return { ...known, alert: { ...figuresOf(worst, known), at: first.point.at, group, blames: 'lab', moved }, rows: inOrder };
}

function figuresOf(row: AlertRow, known: Known): Omit<Alert, 'state' | 'notes' | 'group' | 'blames' | 'moved'> {
  const { metric, subject, unit, base, series: patches, flavour, device, stack, clip, host, point } = row;
  return {
    id: alertId(known), metric, subject, unit, base, series: patches, flavour, device, stack, clip, host, at: point.at, p: point.p,
    before: point.before.median, after: point.after.median, changePct: changeOf(row), from: row.from as RunId, to: row.to as RunId, evaluation: null,
  };
}

function changeOf({ point }: AlertRow): number | null {
  return changePct(point.before.median, point.after.median);
}

/** How many times as long it takes. */
function slowdown({ point, better }: AlertRow): number {
  return better === 'higher' ? point.before.median / point.after.median : point.after.median / point.before.median;
}

function labelsOf({ metric, subject, base, series, flavour, device, stack, image, clip, host }: AlertRow): string {
  return JSON.stringify([metric, subject, base, series, flavour, device, stack, image, clip, host]);
}

async function comparable(db: Database, host: string, atMs: number): Promise<number> {
  const at = new Date(atMs);
  const { rows: [row] } = await sql<{ count: number }>`
    select count(*)::int as count from sample_series s where host = ${host} and metric = any(${TIMES}::text[])
      and (select count(*) from (select 1 from samples where series = s.id and at < ${at} limit ${LEAST_SAMPLES}::int) before) = ${LEAST_SAMPLES}
      and (select count(*) from (select 1 from samples where series = s.id and at >= ${at} limit ${LEAST_SAMPLES}::int) after) = ${LEAST_SAMPLES}`.execute(db);
  return row?.count ?? 0;
}

/** Notes by the alert that they are of now. */
async function notesBy(db: Database, raised: readonly Raised[], notes: readonly AlertNote[]): Promise<Map<AlertId, AlertNote[]>> {
  const found = new Map<AlertId, AlertNote[]>();
  const add = (id: AlertId, note: AlertNote): void => { found.set(id, [...(found.get(id) ?? []), note]); };
  for (const note of notes) {
    const same = raised.filter((one) => one.series === note.series);
    const exact = same.find((one) => one.run === note.run);
    if (exact !== undefined) add(exact.alert.id, note);
    else for (const { alert, rows: [row] } of same) if (row !== undefined && await between(db, row.id, note.run, row.to) <= SHIFT) add(alert.id, note);
  }
  return found;
}

/** How many samples of a series lie from one run to another. */
async function between(db: Database, series: number, a: string, b: string): Promise<number> {
  const { rows: [row] } = await sql<{ count: number }>`
    with ends as (select min(sealed_at) as low, max(sealed_at) as high, count(*) as found from runs where id in (${a}, ${b}))
    select case when found < 2 then 1000000 else (select count(*) from samples where series = ${series} and at >= low and at < high) end as count from ends`.execute(db);
  return row?.count ?? Infinity;
}
