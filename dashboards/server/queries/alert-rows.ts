// Change points for the worse that are sure enough to alarm somebody, each with what the runs around it were made of.
import { sql } from 'kysely';
import type { Database } from '../../../orchestrator/src/record/database.ts';
import type { RunsTable, SampleSeriesTable, StoredPoint } from '../../../orchestrator/src/record/tables.ts';
import { readWorld } from '../../../orchestrator/src/store/read.ts';
import { changedLayers, type Changed, type Layers } from './what-changed.ts';

/** Of a frame's time one figure speaks for the others: its steps and percentiles move with it, and would cry a dozen times. */
const METRICS = ['frames per second', 'instructions', 'call time p10', 'commands', 'transfers', 'bytes', 'fences', 'kicks', 'pages', 'ready'];
/** A level that is told must have been seen so often, and lie so many of its own spreads away from the one before: a burst of boots on a busy host is no level. */
export const LEAST_SAMPLES = 5;
const SPREADS = 2;
/** A change point is found a sample or two beside the change: what these runs around it have in common has not changed. */
const AROUND = 3;

type Labels = Pick<SampleSeriesTable, 'metric' | 'subject' | 'unit' | 'better' | 'base' | 'series' | 'flavour' | 'device' | 'stack' | 'image' | 'clip' | 'host'>;
/** `before` and `after`: the numbers of the runs a little farther away than those beside the point; null where there are none. */
type Found = Labels & { id: number; point: StoredPoint; before: number | null; after: number | null };
/** A run beside a change point, and what it was made of. */
type End = { id: string; atMs: number; layers: Layers };

/** `id` is that of the series of samples. `from` and `to` are the runs beside the change point, `sinceMs` and `untilMs` the time in which the change must lie. */
export type AlertRow = Labels & { id: number; point: StoredPoint; from: string; to: string; sinceMs: number; untilMs: number; changed: readonly Changed[] };

/** Of every change since then. */
export async function alertRows(db: Database, home: string, since: Date): Promise<AlertRow[]> {
  const { rows } = await sql<Found>`
    select s.id, s.metric, s.subject, s.unit, s.better, s.base, s.series, s.flavour, s.device, s.stack, s.image, s.clip, s.host, point,
      (select run from samples where series = s.id and at < (point->>'at')::timestamptz order by at desc, run desc offset ${AROUND - 1}::int limit 1) as before,
      (select run from samples where series = s.id and at >= (point->>'at')::timestamptz order by at, run offset ${AROUND - 1}::int limit 1) as after
    from levels l join sample_series s on s.id = l.series cross join lateral jsonb_array_elements(l.points) point
    where s.metric = any(${METRICS}::text[]) and (point->>'at')::timestamptz > ${since}
      and sign((point->'after'->>'median')::float8 - (point->'before'->>'median')::float8) = case when s.better = 'higher' then -1 else 1 end
      and (point->'after'->>'count')::int >= ${LEAST_SAMPLES} and (point->'before'->>'count')::int >= ${LEAST_SAMPLES}
      and abs((point->'after'->>'median')::float8 - (point->'before'->>'median')::float8) >= ${SPREADS} * greatest((point->'after'->>'sd')::float8, (point->'before'->>'sd')::float8)
    order by (point->>'at')::timestamptz desc, s.id`.execute(db);
  const ends = await endsOf(db, home, rows.flatMap(({ point, before, after }) => [point.from, point.to, before ?? point.from, after ?? point.to]));
  const changed = changesBetween();
  return rows.flatMap((row): AlertRow[] => {
    const [from, to, first, last] = [row.point.from, row.point.to, row.before, row.after].map((run) => (run === null ? undefined : ends.get(run)));
    // Of a run that was deleted a moment ago its samples may still be there.
    if (from === undefined || to === undefined || first === undefined || last === undefined) return [];
    const next = changed(from, to);
    return [{ ...row, from: from.id, to: to.id, sinceMs: first.atMs, untilMs: last.atMs, changed: next.length > 0 ? next : changed(first, last) }];
  });
}

/** By the numbers of the runs: figures of one boot change together, so that many share an end. */
async function endsOf(db: Database, home: string, numbers: readonly number[]): Promise<Map<number, End>> {
  const runs = await db.selectFrom('runs').select(['n', 'id', 'sealed_at', 'version', 'kernel']).where('n', '=', sql<number>`any(${[...new Set(numbers)]}::int[])`).execute();
  const ends = new Map<number, End>();
  for (let at = 0; at < runs.length; at += READ_AT_ONCE) {
    await Promise.all(runs.slice(at, at + READ_AT_ONCE).map(async ({ n, sealed_at: sealedAt, ...run }) => { ends.set(n, { id: run.id, atMs: sealedAt.getTime(), layers: await layersOf(home, run) }); }));
  }
  return ends;
}

/** Each two ends are held against each other once. */
function changesBetween(): (before: End, after: End) => readonly Changed[] {
  const known = new Map<string, readonly Changed[]>();
  return (before, after) => {
    const key = `${before.id} ${after.id}`;
    const changed = known.get(key) ?? changedLayers(before.layers, after.layers);
    known.set(key, changed);
    return changed;
  };
}

/** What is sealed does not change: each is read once, but for one that could not be read. */
const LAYERS = new Map<string, Promise<Layers>>();
const MOST_LAYERS = 20_000;
/** Each is an open file. */
const READ_AT_ONCE = 100;

function layersOf(home: string, run: Pick<RunsTable, 'id' | 'version' | 'kernel'>): Promise<Layers> {
  const known = LAYERS.get(run.id);
  if (known !== undefined) return known;
  const own = { ...(run.version === null ? {} : { kernel: run.version }), ...(run.kernel === null ? {} : { build: run.kernel }) };
  const layers = readWorld(home, run.id).then((world) => ({ ...own, ...world }), () => {
    LAYERS.delete(run.id);
    return own;
  });
  LAYERS.set(run.id, layers);
  const [oldest] = LAYERS.keys();
  if (LAYERS.size > MOST_LAYERS && oldest !== undefined) LAYERS.delete(oldest);
  return layers;
}
