// Change points for the worse that are sure enough to alarm somebody, each with what the runs around it were made of.
import { sql } from 'kysely';
import type { Database } from '../../../orchestrator/src/record/database.ts';
import type { SampleSeriesTable, StoredPoint } from '../../../orchestrator/src/record/tables.ts';
import { readWorld } from '../../../orchestrator/src/store/read.ts';
import { changedLayers, type Changed, type Layers } from './what-changed.ts';

/** What is older alarms nobody. */
const WEEKS = 8;
/** Of a frame's time one figure speaks for the others: its steps and percentiles move with it, and would cry a dozen times. */
const METRICS = ['frames per second', 'instructions', 'call time p10', 'commands', 'transfers', 'bytes', 'fences', 'kicks', 'pages', 'ready'];
/** A level that is told must have been seen so often, and lie so many of its own spreads away from the one before: a burst of boots on a busy host is no level. */
export const LEAST_SAMPLES = 5;
const SPREADS = 2;
/** A change point is found a sample or two beside the change: what these runs around it have in common has not changed. */
const AROUND = 3;

type Labels = Pick<SampleSeriesTable, 'metric' | 'subject' | 'unit' | 'better' | 'base' | 'series' | 'flavour' | 'device' | 'stack' | 'image' | 'clip' | 'host'>;
type End = { id: string; at: Date; version: string | null; kernel: string | null };
type Found = Labels & { id: number; point: StoredPoint; from: End; to: End; before: End; after: End };

/** `id` is that of the series of samples. `from` and `to` are the runs beside the change point, `sinceMs` and `untilMs` the time in which the change must lie. */
export type AlertRow = Labels & { id: number; point: StoredPoint; from: string; to: string; sinceMs: number; untilMs: number; changed: readonly Changed[] };

export async function alertRows(db: Database, home: string): Promise<AlertRow[]> {
  const { rows } = await sql<Found>`
    select s.*, point, ${end('f')} as "from", ${end('t')} as "to", ${end('b')} as "before", ${end('a')} as "after"
    from levels l join sample_series s on s.id = l.series cross join lateral jsonb_array_elements(l.points) point
    join runs f on f.n = (point->>'from')::int join runs t on t.n = (point->>'to')::int
    join runs b on b.n = (select run from samples where series = s.id and at < (point->>'at')::timestamptz order by at desc, run desc offset ${AROUND - 1}::int limit 1)
    join runs a on a.n = (select run from samples where series = s.id and at >= (point->>'at')::timestamptz order by at, run offset ${AROUND - 1}::int limit 1)
    where s.metric = any(${METRICS}::text[]) and (point->>'at')::timestamptz > now() - ${`${String(WEEKS)} weeks`}::interval
      and sign((point->'after'->>'median')::float8 - (point->'before'->>'median')::float8) = case when s.better = 'higher' then -1 else 1 end
      and (point->'after'->>'count')::int >= ${LEAST_SAMPLES} and (point->'before'->>'count')::int >= ${LEAST_SAMPLES}
      and abs((point->'after'->>'median')::float8 - (point->'before'->>'median')::float8) >= ${SPREADS} * greatest((point->'after'->>'sd')::float8, (point->'before'->>'sd')::float8)
    order by (point->>'at')::timestamptz desc, s.id`.execute(db);
  return Promise.all(rows.map(async ({ from, to, before, after, ...row }): Promise<AlertRow> => {
    const next = await changedBetween(home, from, to);
    const changed = next.length > 0 ? next : await changedBetween(home, before, after);
    return { ...row, from: from.id, to: to.id, sinceMs: new Date(before.at).getTime(), untilMs: new Date(after.at).getTime(), changed };
  }));
}

function end(run: string): ReturnType<typeof sql> {
  return sql`json_build_object('id', ${sql.ref(`${run}.id`)}, 'at', ${sql.ref(`${run}.sealed_at`)}, 'version', ${sql.ref(`${run}.version`)}, 'kernel', ${sql.ref(`${run}.kernel`)})`;
}

async function changedBetween(home: string, from: End, to: End): Promise<Changed[]> {
  const [before, after] = await Promise.all([layersOf(home, from), layersOf(home, to)]);
  return changedLayers(before, after);
}

/** What is sealed does not change: each is read once. */
const WORLDS = new Map<string, Promise<Layers>>();
const MOST_WORLDS = 5000;

async function layersOf(home: string, { id, version, kernel }: End): Promise<Layers> {
  if (WORLDS.size > MOST_WORLDS) WORLDS.clear();
  const world = WORLDS.get(id) ?? readWorld(home, id).catch(() => ({}));
  WORLDS.set(id, world);
  return { ...(version === null ? {} : { kernel: version }), ...(kernel === null ? {} : { build: kernel }), ...await world };
}
