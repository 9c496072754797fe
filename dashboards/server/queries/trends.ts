// Series of samples over time: which ones match, their points thinned to what a plot can show, and where their level changed.
import { sql, type AliasedRawBuilder, type Expression, type ExpressionBuilder, type RawBuilder, type SqlBool } from 'kysely';
import type { Database } from '../../../orchestrator/src/record/database.ts';
import type { SampleSeriesTable, StoredPoint, Tables } from '../../../orchestrator/src/record/tables.ts';
import { changePct } from '../../api/change.ts';
import type { ChangePoint, Facets, Trend, TrendPoint, TrendQuery, Trends } from '../../api/shapes.ts';

/** More points than this on one small plot are ink: it is some 400 pixels wide, and each point is a band. */
const POINTS = 120;
const NARROW = ['subject', 'base', 'series', 'flavour', 'device', 'stack', 'clip', 'host'] as const satisfies readonly (keyof SampleSeriesTable & keyof TrendQuery)[];

/** As its levels know it; a series of which nobody has worked them out yet is looked up, and so is what was last in a span of time: samples that come later change nothing of it. */
function lastOf({ from, to }: Pick<TrendQuery, 'from' | 'to'>): AliasedRawBuilder<Date | null, 'last'> {
  if (from === undefined && to === undefined) return sql<Date | null>`coalesce((select last from levels where levels.series = sample_series.id), (select max(at) from samples where samples.series = sample_series.id))`.as('last');
  return sql<Date | null>`(select max(at) from samples where samples.series = sample_series.id and ${within({ from, to })})`.as('last');
}

function within({ from, to }: Pick<TrendQuery, 'from' | 'to'>): RawBuilder<SqlBool> {
  return sql<SqlBool>`at >= coalesce(${from ?? null}::timestamptz, '-infinity') and at <= coalesce(${to ?? null}::timestamptz, 'infinity')`;
}

export async function findTrends(db: Database, query: TrendQuery): Promise<Trends> {
  const matching = await db.selectFrom('sample_series').selectAll().where((eb) => eb.and(conditions(eb, query)))
    .select(lastOf(query)).execute();
  const newest = matching.filter((one) => one.last !== null).sort((a, b) => (b.last?.getTime() ?? 0) - (a.last?.getTime() ?? 0) || (a.key < b.key ? -1 : 1));
  const shown = newest.slice(0, query.most);
  const ids = shown.map((one) => one.id);
  const metricsOf = (): Promise<{ metric: string }[]> => db.selectFrom('sample_series').select('metric').distinct().orderBy('metric').execute();
  const [points, changes, span, metrics, facets] = await Promise.all([pointsOf(db, ids, query), changesOf(db, ids), spanOf(db, ids, query), metricsOf(), labelFacets(db, query.metric)]);
  const trends = shown.map(({ last: _last, key: _key, ...labels }): Trend => {
    const own = points.get(labels.id) ?? [];
    return { ...labels, points: own, changes: shownChanges(changes.get(labels.id) ?? [], own, labels.better) };
  });
  return { trends, span, more: newest.length - shown.length, metrics: metrics.map((one) => one.metric), facets };
}

function conditions(eb: ExpressionBuilder<Tables, 'sample_series'>, query: TrendQuery): Expression<SqlBool>[] {
  const found: Expression<SqlBool>[] = [eb('metric', '=', query.metric)];
  for (const name of NARROW) {
    const wanted = query[name];
    // An unpatched base has no series: its label is empty, and is asked for as "none".
    if (wanted !== undefined && wanted.length > 0) found.push(eb(name, 'in', wanted.map((one) => (one === 'none' ? '' : one))));
  }
  return found;
}

/** In one statement for all: each series cut into as many equal parts as there are points to show. */
async function pointsOf(db: Database, series: readonly number[], query: TrendQuery): Promise<Map<number, TrendPoint[]>> {
  if (series.length === 0) return new Map();
  const { rows } = await sql<{ series: number; at: Date; value: number; low: number; high: number; count: number; run: string; version: string | null }>`
    with numbered as (
      select series, at, run, value, row_number() over w as n, count(*) over (partition by series) as total from samples
      where series = any(${series}::int[]) and ${within(query)}
      window w as (partition by series order by at, run)
    ), parts as (
      select series, (n - 1) * ${POINTS}::int / greatest(total, ${POINTS}::int) as part, max(at) as at, (array_agg(run order by n desc))[1] as run, count(*) as count,
        percentile_cont(array[0.1, 0.5, 0.9]) within group (order by value) as q
      from numbered group by series, part
    )
    select parts.series, parts.at, q[2] as value, q[1] as low, q[3] as high, parts.count, runs.id as run, runs.version
    from parts join runs on runs.n = parts.run order by parts.series, parts.part`.execute(db);
  const found = new Map<number, TrendPoint[]>();
  for (const { series: id, at, run, ...row } of rows) {
    const list = found.get(id) ?? [];
    list.push({ ...row, at: at.toISOString(), run: run as TrendPoint['run'] });
    found.set(id, list);
  }
  return found;
}

/** Of the samples themselves: a point may stand for several. */
async function spanOf(db: Database, series: readonly number[], query: TrendQuery): Promise<Trends['span']> {
  const { rows: [row] } = await sql<{ from: Date | null; to: Date | null }>`
    select min(first) as "from", max(last) as "to" from unnest(${series}::int[]) as one cross join lateral (select min(at) as first, max(at) as last from samples where series = one and ${within(query)}) ends`.execute(db);
  return row === undefined || row.from === null || row.to === null ? null : { from: row.from.toISOString(), to: row.to.toISOString() };
}

type Stored = StoredPoint & { fromId: string; toId: string };

/** The change points that were found over all samples, whatever stretch is shown. One beside a run that was deleted since is worked out anew at the next look, and left out until then. */
async function changesOf(db: Database, series: readonly number[]): Promise<Map<number, Stored[]>> {
  if (series.length === 0) return new Map();
  const { rows } = await sql<{ series: number; point: StoredPoint; fromId: string; toId: string }>`
    select levels.series, point, before.id as "fromId", after.id as "toId" from levels cross join lateral jsonb_array_elements(points) with ordinality as each (point, nth)
      join runs before on before.n = (point->>'from')::int join runs after on after.n = (point->>'to')::int
    where levels.series = any(${series}::int[]) order by levels.series, nth`.execute(db);
  const found = new Map<number, Stored[]>();
  for (const { series: id, point, ...ends } of rows) found.set(id, [...(found.get(id) ?? []), { ...point, ...ends }]);
  return found;
}

/** At the first shown point that is not before the change. */
function shownChanges(stored: readonly Stored[], points: readonly TrendPoint[], better: string): ChangePoint[] {
  return stored.flatMap(({ at, p, before, after, fromId, toId }): ChangePoint[] => {
    const index = points.findIndex((one) => one.at >= at);
    if (index < 1) return [];
    return [{ at, index, beforeMedian: before.median, afterMedian: after.median, changePct: changePct(before.median, after.median), p, direction: (after.median > before.median) === (better === 'higher') ? 'better' : 'worse', from: fromId as ChangePoint['from'], to: toId as ChangePoint['to'] }];
  });
}

async function labelFacets(db: Database, metric: string): Promise<Facets> {
  const rows = await db.selectFrom('sample_series').selectAll().where('metric', '=', metric).execute();
  return NARROW.map((dimension) => {
    const counts = new Map<string, number>();
    for (const row of rows) counts.set(row[dimension], (counts.get(row[dimension]) ?? 0) + 1);
    return { dimension, values: [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([value, runs]) => ({ value: value === '' ? 'none' : value, runs })), more: 0 };
  });
}
