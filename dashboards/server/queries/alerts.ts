// Alerts: every change point for the worse of the last weeks, what people said of it, grouped by what came new with it.
import { sql } from 'kysely';
import type { AlertId, AlertNote } from '../../../orchestrator/src/contract/alert.ts';
import type { RunId } from '../../../orchestrator/src/contract/ids.ts';
import { keyOf } from '../../../orchestrator/src/lib/files.ts';
import type { Database } from '../../../orchestrator/src/record/database.ts';
import type { StoredPoint } from '../../../orchestrator/src/record/tables.ts';
import { readAlertNotes } from '../../../orchestrator/src/store/alert-notes.ts';
import type { Alert } from '../../api/shapes.ts';

/** What is older alarms nobody. */
const WEEKS = 8;
/** Of a frame's time one figure speaks for the others: its steps and percentiles move with it, and would cry a dozen times. */
const METRICS = ['frames per second', 'instructions', 'call time p10', 'commands', 'transfers', 'bytes', 'fences', 'kicks', 'pages', 'ready'];
/** A level that is told must have been seen so often, and lie so many of its own spreads away from the one before: a burst of boots on a busy host is no level. */
const LEAST_SAMPLES = 5;
const SPREADS = 2;
/** A change point moves by a few samples as others come in: what was said of it goes with it. */
const SHIFT = 5;

type Row = {
  id: number; metric: string; subject: string; unit: string; better: string; base: string; series: string; flavour: string; device: string; stack: string; image: string; clip: string; host: string;
  point: StoredPoint; fromId: string; toId: string; fromVersion: string | null; toVersion: string | null;
};

export async function findAlerts(db: Database, home: string): Promise<Alert[]> {
  const [{ rows }, notes] = await Promise.all([
    sql<Row>`
      select s.*, point, f.id as "fromId", t.id as "toId", f.version as "fromVersion", t.version as "toVersion"
      from levels l join sample_series s on s.id = l.series, jsonb_array_elements(l.points) point
      join runs f on f.n = (point->>'from')::int join runs t on t.n = (point->>'to')::int
      where s.metric = any(${METRICS}::text[]) and (point->>'at')::timestamptz > now() - ${`${String(WEEKS)} weeks`}::interval
        and sign((point->'after'->>'median')::float8 - (point->'before'->>'median')::float8) = case when s.better = 'higher' then -1 else 1 end
        and (point->'after'->>'count')::int >= ${LEAST_SAMPLES} and (point->'before'->>'count')::int >= ${LEAST_SAMPLES}
        and abs((point->'after'->>'median')::float8 - (point->'before'->>'median')::float8) >= ${SPREADS} * greatest((point->'after'->>'sd')::float8, (point->'before'->>'sd')::float8)
      order by (point->>'at')::timestamptz desc, s.id`.execute(db),
    readAlertNotes(home),
  ]);
  const near = await shifted(db, rows, notes);
  return rows.map((row): Alert => {
    const { metric, subject, unit, base, series, flavour, device, stack, clip, host, point, fromId, toId } = row;
    const said = near.get(alertId(row)) ?? [];
    return {
      id: alertId(row), metric, subject, unit, base, series, flavour, device, stack, clip, host, at: point.at, p: point.p,
      before: point.before.median, after: point.after.median, changePct: 100 * (point.after.median / point.before.median - 1), from: fromId as RunId, to: toId as RunId,
      state: said.at(-1)?.state ?? 'new', notes: said.map(({ state, who, when, why }) => ({ state, who, when, why })), group: groupOf(row),
    };
  });
}

function labelsOf({ metric, subject, base, series, flavour, device, stack, image, clip, host }: Row): string {
  return JSON.stringify([metric, subject, base, series, flavour, device, stack, image, clip, host]);
}

function alertId(row: Row): AlertId {
  return `a-${keyOf({ series: labelsOf(row), run: row.toId }).slice(0, 10)}` as AlertId;
}

/** What was another in the first run of the new level: its kernel, or, where that is the same, whatever else the day brought. */
function groupOf({ fromVersion, toVersion, series, base, stack, point }: Row): string {
  if (fromVersion !== toVersion) return `${base}: ${fromVersion ?? 'unknown'} to ${toVersion ?? 'unknown'}`;
  return `${series === '' ? base : series} on ${stack}, ${point.at.slice(0, 10)}`;
}

/** Notes by the alert that they are of now. */
async function shifted(db: Database, rows: readonly Row[], notes: readonly AlertNote[]): Promise<Map<AlertId, AlertNote[]>> {
  const found = new Map<AlertId, AlertNote[]>();
  const add = (id: AlertId, note: AlertNote): void => { found.set(id, [...(found.get(id) ?? []), note]); };
  for (const note of notes) {
    const same = rows.filter((row) => labelsOf(row) === note.series);
    const exact = same.find((row) => row.toId === note.run);
    if (exact !== undefined) add(alertId(exact), note);
    else for (const row of same) if (await between(db, row.id, note.run, row.toId) <= SHIFT) add(alertId(row), note);
  }
  return found;
}

/** How many samples of a series lie from one run to another. */
async function between(db: Database, series: number, a: string, b: string): Promise<number> {
  const { rows: [row] } = await sql<{ count: number }>`
    with ends as (select min(at) as low, max(at) as high, count(*) as found from samples join runs on runs.n = samples.run where samples.series = ${series} and runs.id in (${a}, ${b}))
    select case when found < 2 then 1000000 else (select count(*) from samples where series = ${series} and at >= low and at < high) end as count from ends`.execute(db);
  return row?.count ?? Infinity;
}

export async function alertOf(db: Database, home: string, id: AlertId): Promise<{ alert: Alert; series: string } | undefined> {
  const alert = (await findAlerts(db, home)).find((one) => one.id === id);
  if (alert === undefined) return undefined;
  const { rows: [row] } = await sql<Row>`select s.* from sample_series s where s.metric = ${alert.metric} and s.subject = ${alert.subject} and s.base = ${alert.base} and s.series = ${alert.series}
    and s.flavour = ${alert.flavour} and s.device = ${alert.device} and s.stack = ${alert.stack} and s.clip = ${alert.clip} and s.host = ${alert.host} limit 1`.execute(db);
  return row === undefined ? undefined : { alert, series: labelsOf(row) };
}
