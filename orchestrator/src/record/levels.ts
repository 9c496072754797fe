// Where the levels of the series that just grew changed. Kept beside the samples, so that a page need not work it out, and an alert can be raised.
import { sql, type Transaction } from 'kysely';
import { DEFAULTS, findChangePoints, NOTHING } from '../evaluate/change-points.ts';
import type { Database } from './database.ts';
import type { StoredPoint, Tables } from './tables.ts';

/** Of a series that is longer, the newest: what changed years ago alarms nobody, and a look stays short. */
const MOST_SAMPLES = 5000;
/** A level that differs by less than this is no news, however certain it is. */
const MIN_SHARE = 0.005;
/** A change that is older alarms nobody, but for who asks for its time. */
export const ALERT_WEEKS = 8;
const OPTIONS = { ...DEFAULTS, minShare: MIN_SHARE };

/** Of every series that grew since the last time; one after another, so that what is done stays done. Returns how many there were. */
export async function updateLevels(db: Database, signal?: AbortSignal): Promise<number> {
  const grown = await db.selectFrom('grown').select('series').orderBy('series').execute();
  for (const { series } of grown) {
    if (signal?.aborted === true) break;
    await updateLevel(db, series);
  }
  return grown.length;
}

export async function updateLevel(db: Database, series: number): Promise<void> {
  await db.transaction().execute(async (tx) => {
    // In the order in which others take them: a series that loses its last sample goes meanwhile, or stays until this is done.
    const held = await tx.selectFrom('sample_series').select('id').where('id', '=', series).forKeyShare().execute();
    if (held.length === 0) return;
    // Before it is looked at: what comes in from now on marks the series again.
    await tx.deleteFrom('grown').where('series', '=', series).execute();
    const samples = await tx.selectFrom('samples').select(['at', 'run', 'value']).where('series', '=', series).orderBy('at', 'desc').orderBy('run', 'desc').limit(MOST_SAMPLES).execute();
    const [newest] = samples;
    if (newest === undefined) return;
    samples.reverse();
    const known = await tx.selectFrom('levels').selectAll().where('series', '=', series).executeTakeFirst();
    // Only what was added at the end can be gone on from: an older sample that came late, or one that was pushed out, asks for a fresh look.
    const appended = known !== undefined && samples.filter((one) => one.at <= known.last).length === known.count;
    const { points, state } = findChangePoints(samples.map((one) => one.value), OPTIONS, appended ? known.state : NOTHING);
    const stored = points.flatMap((point): StoredPoint[] => {
      const [from, to] = [samples[point.index - 1], samples[point.index]];
      return from === undefined || to === undefined ? [] : [{ ...point, at: to.at.toISOString(), from: from.run, to: to.run }];
    });
    const row = { count: samples.length, last: newest.at, state: JSON.stringify(state), points: JSON.stringify(stored) };
    await tx.insertInto('levels').values({ series, ...row }).onConflict((oc) => oc.column('series').doUpdateSet(row)).execute();
  });
}

/** Without so many on each side of it a change would be found no longer, and whoever is pointed to it would find nothing. */
const BESIDE = 10;

/** The runs on both sides of every change that is young enough to alarm somebody, nearest first: those between which it is told, and what it is told by. */
export async function runsOfAlerts(db: Database): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    with changes as (
      select series, (point->>'at')::timestamptz as at, (point->>'to')::int as run from levels cross join lateral jsonb_array_elements(points) point
      where (point->>'at')::timestamptz > now() - ${`${String(ALERT_WEEKS)} weeks`}::interval
    )
    select distinct runs.id from changes cross join lateral (
      (select run from samples where samples.series = changes.series and (samples.at, samples.run) < (changes.at, changes.run) order by samples.at desc, samples.run desc limit ${BESIDE})
      union all
      (select run from samples where samples.series = changes.series and (samples.at, samples.run) >= (changes.at, changes.run) order by samples.at, samples.run limit ${BESIDE})
    ) beside join runs on runs.n = beside.run`.execute(db);
  return rows.map(({ id }) => id);
}

/** Of series that lost samples: the next look at them begins afresh. */
export async function forgetLevels(tx: Transaction<Tables>, series: readonly number[]): Promise<void> {
  if (series.length === 0) return;
  await tx.deleteFrom('levels').where('series', 'in', series).execute();
  await tx.insertInto('grown').values(series.map((one) => ({ series: one }))).onConflict((oc) => oc.doNothing()).execute();
}
