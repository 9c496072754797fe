// Alerts of a span of time: every change point for the worse, what moved with a whole host as one, and what a night has confirmed; and what people said of them.
import { sql } from 'kysely';
import type { AlertId, AlertNote } from '../../../orchestrator/src/contract/alert.ts';
import type { Database } from '../../../orchestrator/src/record/database.ts';
import { ALERT_WEEKS } from '../../../orchestrator/src/record/levels.ts';
import { readAlertNotes } from '../../../orchestrator/src/store/alert-notes.ts';
import type { Alert, AlertQuery } from '../../api/shapes.ts';
import type { Known } from './alert-id.ts';
import { nightAlerts } from './night-alerts.ts';
import { raisedSince, WEEK_MS, type AlertSpan, type Raised } from './raised.ts';

/** A change point moves by a few samples as others come in: what was said of it goes with it. */
const SHIFT = 5;

/** The last weeks, or so many before the end that is given. */
export function spanOfAlerts({ from, to }: AlertQuery = {}): AlertSpan {
  const end = to === undefined ? undefined : new Date(to);
  return { from: from === undefined ? new Date((end?.getTime() ?? Date.now()) - ALERT_WEEKS * WEEK_MS) : new Date(from), to: end };
}

export async function findAlerts(db: Database, home: string, span = spanOfAlerts()): Promise<Alert[]> {
  return (await alertsIn(db, home, span)).map((one) => one.alert);
}

/** However old it is: who has its id may have kept it. */
export async function alertOf(db: Database, home: string, id: AlertId): Promise<(Known & { alert: Alert }) | undefined> {
  for (const from of [spanOfAlerts().from, new Date(0)]) {
    const found = (await alertsIn(db, home, { from, to: undefined })).find((one) => one.alert.id === id);
    if (found !== undefined) return found;
  }
  return undefined;
}

async function alertsIn(db: Database, home: string, span: AlertSpan): Promise<(Known & { alert: Alert })[]> {
  const [raised, notes, confirmed] = await Promise.all([raisedSince(db, home, span.from), readAlertNotes(home), nightAlerts(home, span)]);
  const [from, to] = [span.from.toISOString(), span.to?.toISOString()];
  const all: Raised[] = [...raised, ...confirmed.map((one) => ({ ...one, rows: [] }))];
  // Among all of them: what was said of one beside the span is not said of one within it.
  const said = await notesBy(db, all, notes);
  const within = all.filter(({ alert: { at } }) => at >= from && (to === undefined || at <= to)).sort((a, b) => b.alert.at.localeCompare(a.alert.at));
  return within.map(({ alert, series, run }) => {
    const own = said.get(alert.id) ?? [];
    return { series, run, alert: { ...alert, state: own.at(-1)?.state ?? 'new', notes: own.map(({ state, who, when, why }) => ({ state, who, when, why })) } };
  });
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
