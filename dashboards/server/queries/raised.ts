// What is an alert, before anybody said anything of it: change points for the worse, those of a whole host as one, each with the change that made it. Worked out once for each state of the record.
import { sql } from 'kysely';
import type { RunId } from '../../../orchestrator/src/contract/ids.ts';
import type { Database } from '../../../orchestrator/src/record/database.ts';
import { ALERT_WEEKS } from '../../../orchestrator/src/record/levels.ts';
import { changePct } from '../../api/change.ts';
import type { Alert } from '../../api/shapes.ts';
import { alertId, type Known } from './alert-id.ts';
import { alertRows, LEAST_SAMPLES, type AlertRow } from './alert-rows.ts';
import { hostShifts, TIMES, type Shift } from './host-shifts.ts';
import { blameFor, sayChanged } from './what-changed.ts';

export const WEEK_MS = 7 * 86_400_000;
/** Of a shift of a host some series are from a little before: at the beginning of a span it is the same shift as in the middle of another. */
const MARGIN_WEEKS = 2;

/** Of time. `to` undefined: it has no end, since a host whose clock is ahead seals what is not yet. */
export type AlertSpan = { from: Date; to: Date | undefined };

/** `rows`: the change points that it is of, the earliest first; none of what a night confirmed. */
export type Raised = Known & { alert: Omit<Alert, 'state' | 'notes'>; rows: readonly AlertRow[] };

type Worked = { version: string; begunAt: number; raised: Promise<readonly Raised[]>; working: boolean };
/** Pages ask for the last weeks far more often than for all of the time, which takes much longer. */
const WORKED = { recent: new WeakMap<Database, Worked>(), ever: new WeakMap<Database, Worked>() };

/** Those since then, and more: of some weeks before it, or all. However many ask, they are worked out once at a time; whoever comes while older ones are waits, and gets some that were begun since. */
export async function raisedSince(db: Database, home: string, from: Date): Promise<readonly Raised[]> {
  const now = Date.now();
  const era = from.getTime() >= now - (ALERT_WEEKS + 1) * WEEK_MS ? 'recent' : 'ever';
  for (;;) {
    const version = await versionOf(db);
    const known = WORKED[era].get(db);
    if (known !== undefined && (known.version === version || known.begunAt >= now)) return known.raised;
    if (known?.working !== true) return begin(db, home, era, version).raised;
    await known.raised.catch(() => undefined);
  }
}

function begin(db: Database, home: string, era: keyof typeof WORKED, version: string): Worked {
  const begunAt = Date.now();
  const raised = workOut(db, home, era === 'recent' ? new Date(begunAt - (ALERT_WEEKS + 1 + MARGIN_WEEKS) * WEEK_MS) : new Date(0));
  const worked = { version, begunAt, raised, working: true };
  WORKED[era].set(db, worked);
  // What failed is asked for anew.
  raised.then(() => { worked.working = false; }, () => { WORKED[era].delete(db); });
  return worked;
}

/** Another one whenever a series grew, shrank or was numbered anew, and each hour, since what is old alarms nobody. */
async function versionOf(db: Database): Promise<string> {
  const { rows: [row] } = await sql<{ version: string }>`
    select concat_ws(' ', count(*), sum(count), sum(series::bigint * count), max(last), sum(extract(epoch from last)), date_trunc('hour', now())) as version from levels`.execute(db);
  return row?.version ?? '';
}

async function workOut(db: Database, home: string, since: Date): Promise<Raised[]> {
  const rows = await alertRows(db, home, since);
  const shifts = await hostShifts(rows, (host, atMs) => comparable(db, host, atMs));
  const moved = new Set(shifts.flatMap((one) => one.rows));
  return [...shifts.map(ofHost), ...rows.filter((row) => !moved.has(row)).map(ofRow)];
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
