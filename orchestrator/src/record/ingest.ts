// Writes sealed records into the tables. To do it twice is to do it once.
import { sql, type Insertable, type Transaction } from 'kysely';
import { citedBy, type EvaluationRecord } from '../contract/evaluation.ts';
import { PASS_FACETS } from '../contract/facet.ts';
import type { RunRecord } from '../contract/run.ts';
import { sha256 } from '../lib/files.ts';
import type { JobRecord } from '../store/read.ts';
import type { Database } from './database.ts';
import { evaluationRow, facetsOf, facetsOfPasses, passRows, propertyRows, runRow } from './rows.ts';
import { forgetLevels } from './levels.ts';
import { samplesOf, type Sample } from './samples.ts';
import type { RunsTable, SampleSeriesTable, SamplesTable, Tables } from './tables.ts';

/** A sealed run as it is written: made beforehand, so that PostgreSQL need not wait for it. */
export type ReadyRun = { record: RunRecord; row: Insertable<RunsTable>; samples: readonly { series: Insertable<SampleSeriesTable>; value: number }[] };

/** `host`: the machine that it ran on; null where that is not known. */
export function readyRun(record: RunRecord, host: string | null): ReadyRun {
  return { record, row: runRow(record, host), samples: samplesOf(record).map((sample) => ({ series: seriesOf(record, host, sample), value: sample.value })) };
}

/** Of a hash: enough that no two series of a lab ever share one. */
const KEY_DIGITS = 20;
const UNIT_SEPARATOR = '\x1f';
/** A lab has thousands of series and millions of samples: what a series is called is worked out once. */
const seriesSeen = new Map<string, Insertable<SampleSeriesTable>>();
const MOST_SEEN = 100_000;
/** PostgreSQL takes 65535 values in a statement. */
const MOST_VALUES = 60_000;
/** More often than any other process takes something out in that time. */
const MOST_TRIES = 5;

/** Returns how many of them were new. All or none of them is written. */
export async function ingestRuns(db: Database, runs: readonly ReadyRun[]): Promise<number> {
  if (runs.length === 0) return 0;
  return db.transaction().execute(async (tx) => {
    const fresh = await tx.insertInto('runs').values(runs.map((one) => one.row)).onConflict((oc) => oc.column('id').doNothing()).returning(['n', 'id']).execute();
    const numberOf = new Map(fresh.map(({ id, n }) => [id, n]));
    const added = runs.flatMap((one) => {
      const n = numberOf.get(one.record.id);
      return n === undefined ? [] : [{ ...one, n }];
    });
    const passes = added.flatMap(({ record, n }) => passRows(record, n));
    await insert(tx, 'passes', passes);
    await insert(tx, 'properties', added.flatMap(({ record, n }) => propertyRows(record, n)));
    await ingestSamples(tx, added);
    await countFacets(tx, [...added.flatMap(({ row }) => facetsOf(row)), ...facetsOfPasses(passes)], 1);
    return added.length;
  });
}

async function ingestSamples(tx: Transaction<Tables>, runs: readonly (ReadyRun & { n: number })[]): Promise<void> {
  const ids = await idsOf(tx, new Map(runs.flatMap((run) => run.samples.map(({ series }) => [series.key, series]))));
  const rows = new Map<string, Insertable<SamplesTable>>();
  for (const { n, record, samples } of runs) for (const { series, value } of samples) {
    const id = ids.get(series.key);
    // Two passes of one pipeline over one clip in one boot are one sample: the last.
    if (id !== undefined) rows.set(`${String(id)} ${String(n)}`, { series: id, at: record.sealedAt, run: n, value });
  }
  // As columns: thousands of rows as values each are parsed one by one, and took half of an ingest.
  const columns = [...rows.values()];
  await sql`insert into samples (series, at, run, value) select * from unnest(
    ${columns.map((one) => one.series)}::int[], ${columns.map((one) => one.at)}::timestamptz[], ${columns.map((one) => one.run)}::int[], ${columns.map((one) => one.value)}::float8[]) order by 1, 2, 3 on conflict do nothing`.execute(tx);
  await sql`insert into grown (series) select distinct unnest(${columns.map((one) => one.series)}::int[]) order by 1 on conflict do nothing`.execute(tx);
}

function seriesOf({ base, series, flavour, device, stack, image }: RunRecord, host: string | null, { metric, subject, unit, better, clip }: Sample): Insertable<SampleSeriesTable> {
  const labels = { metric, subject, base, series: series ?? '', flavour, device, stack, image, clip, host: host ?? '' };
  const name = Object.values(labels).join(UNIT_SEPARATOR);
  const known = seriesSeen.get(name);
  if (known !== undefined) return known;
  if (seriesSeen.size >= MOST_SEEN) seriesSeen.clear();
  const made = { ...labels, key: sha256(name).slice(0, KEY_DIGITS), unit, better };
  seriesSeen.set(name, made);
  return made;
}

/** Makes those that are not there yet, and again where another process took one out meanwhile that had no samples left. */
async function idsOf(tx: Transaction<Tables>, wanted: ReadonlyMap<string, Insertable<SampleSeriesTable>>): Promise<Map<string, number>> {
  if (wanted.size === 0) return new Map();
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const known = await knownIds(tx, [...wanted.keys()]);
    // In one order, so that two that make the same ones do not wait for each other in a circle.
    const missing = [...wanted].filter(([key]) => !known.has(key)).sort(([a], [b]) => (a < b ? -1 : 1)).map(([, series]) => series);
    if (missing.length === 0) return known;
    await insert(tx, 'sample_series', missing);
  }
  throw new Error(`series of samples go as soon as they are made, ${String(MOST_TRIES)} times`);
}

/** Held until the samples are in: whoever takes out what has none waits for it. */
async function knownIds(tx: Transaction<Tables>, keys: readonly string[]): Promise<Map<string, number>> {
  const { rows } = await sql<{ id: number; key: string }>`select id, key from sample_series where key = any(${keys}::text[]) order by id for key share`.execute(tx);
  return new Map(rows.map(({ id, key }) => [key, id]));
}

/** In as many statements as it takes; what is there already stays as it is. */
async function insert<Name extends 'passes' | 'properties' | 'sample_series' | 'citations'>(tx: Transaction<Tables>, table: Name, rows: readonly Insertable<Tables[Name]>[]): Promise<void> {
  const [first] = rows;
  if (first === undefined) return;
  const most = Math.floor(MOST_VALUES / Object.keys(first).length);
  for (let at = 0; at < rows.length; at += most) {
    await tx.insertInto(table).values(rows.slice(at, at + most)).onConflict((oc) => oc.doNothing()).execute();
  }
}

async function countFacets(tx: Transaction<Tables>, values: readonly (readonly [string, string])[], sign: 1 | -1): Promise<void> {
  const counts = new Map<string, { dimension: string; value: string; runs: number }>();
  for (const [dimension, value] of values) {
    const key = `${dimension} ${value}`;
    const row = counts.get(key) ?? { dimension, value, runs: 0 };
    row.runs += sign;
    counts.set(key, row);
  }
  if (counts.size === 0) return;
  // In one order, so that two that count at once do not wait for each other in a circle.
  const rows = [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
  await tx.insertInto('facets').values(rows).onConflict((oc) => oc.columns(['dimension', 'value']).doUpdateSet({ runs: sql`facets.runs + excluded.runs` })).execute();
  await tx.deleteFrom('facets').where('runs', '<=', 0).execute();
}

/** Of runs whose folders are gone. */
export async function forgetRuns(db: Database, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await db.transaction().execute(async (tx) => {
    // They go along with their runs; of two processes that forget the same run one counts.
    const passes = await tx.selectFrom('passes').innerJoin('runs', 'runs.n', 'passes.run').select(['passes.run', ...PASS_FACETS]).where('runs.id', 'in', ids).execute();
    const gone = await tx.deleteFrom('runs').where('id', 'in', ids).returningAll().execute();
    const { rows } = await sql<{ series: number }>`delete from samples where at = any(${gone.map((row) => row.sealed_at)}::timestamptz[]) and run = any(${gone.map((row) => row.n)}::int[]) returning series`.execute(tx);
    await forgetSamples(tx, [...new Set(rows.map(({ series }) => series))]);
    await countFacets(tx, [...gone.flatMap((row) => facetsOf(row)), ...facetsOfPasses(passes.filter(({ run }) => gone.some((row) => row.n === run)))], -1);
  });
}

/** Of series that lost samples. One that has none left goes: a rebuild would not have it either. */
async function forgetSamples(tx: Transaction<Tables>, series: readonly number[]): Promise<void> {
  if (series.length === 0) return;
  // Another process may add samples to them: it is waited for, or finds them gone and makes them anew.
  await sql`select 1 from sample_series where id = any(${series}::int[]) order by id for update`.execute(tx);
  const { rows } = await sql<{ id: number }>`delete from sample_series where id = any(${series}::int[]) and not exists (select from samples where samples.series = sample_series.id) returning id`.execute(tx);
  const empty = new Set(rows.map(({ id }) => id));
  await forgetLevels(tx, series.filter((id) => !empty.has(id)));
}

/** Of jobs and evaluations that are gone. */
export async function forgetJobs(db: Database, ids: readonly string[]): Promise<void> {
  if (ids.length > 0) await db.deleteFrom('jobs').where('id', 'in', ids).execute();
}

export async function forgetEvaluations(db: Database, ids: readonly string[]): Promise<void> {
  if (ids.length > 0) await db.deleteFrom('evaluations').where('id', 'in', ids).execute();
}

/** Returns how many of them were new. */
export async function ingestJobs(db: Database, jobs: readonly JobRecord[]): Promise<number> {
  if (jobs.length === 0) return 0;
  const rows = jobs.map(({ job, title, file, submittedAt, runs }) => ({ id: job, title: title.replaceAll('\0', '\u2400'), file, submitted_at: submittedAt, runs: runs.length }));
  return (await db.insertInto('jobs').values(rows).onConflict((oc) => oc.column('id').doNothing()).returning('id').execute()).length;
}

/** Returns 1 where it was new. */
export async function ingestEvaluation(db: Database, record: EvaluationRecord): Promise<number> {
  return db.transaction().execute(async (tx) => {
    const { numInsertedOrUpdatedRows: added } = await tx.insertInto('evaluations').values(evaluationRow(record)).onConflict((oc) => oc.column('id').doNothing()).executeTakeFirst();
    if (added === 0n || added === undefined) return 0;
    await insert(tx, 'citations', citedBy(record).map((run) => ({ evaluation: record.id, run })));
    return 1;
  });
}
