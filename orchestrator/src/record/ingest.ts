// Writes sealed records into the tables. To do it twice is to do it once.
import { sql, type Insertable, type Transaction } from 'kysely';
import type { EvaluationRecord } from '../contract/evaluation.ts';
import type { RunRecord } from '../contract/run.ts';
import type { JobRecord } from '../store/read.ts';
import type { Database } from './database.ts';
import { citedBy, evaluationRow, facetsOf, passRows, runRow } from './rows.ts';
import { forgetLevels } from './levels.ts';
import { samplesOf, type Sample } from './samples.ts';
import type { SampleSeriesTable, SamplesTable, Tables } from './tables.ts';

export type SealedRun = { record: RunRecord; host: string | null };

/** PostgreSQL takes 65535 values in a statement. */
const MOST_VALUES = 60_000;

/** Returns how many of them were new. All or none of them is written. */
export async function ingestRuns(db: Database, sealed: readonly SealedRun[]): Promise<number> {
  if (sealed.length === 0) return 0;
  return db.transaction().execute(async (tx) => {
    const rows = sealed.map(({ record, host }) => runRow(record, host));
    const fresh = await tx.insertInto('runs').values(rows).onConflict((oc) => oc.column('id').doNothing()).returning(['n', 'id']).execute();
    const numberOf = new Map(fresh.map(({ id, n }) => [id, n]));
    const added = sealed.flatMap((one) => {
      const n = numberOf.get(one.record.id);
      return n === undefined ? [] : [{ ...one, n }];
    });
    await insert(tx, 'passes', added.flatMap(({ record, n }) => passRows(record, n)));
    await ingestSamples(tx, added);
    await countFacets(tx, rows.filter((row) => numberOf.has(row.id)).flatMap(facetsOf), 1);
    return added.length;
  });
}

async function ingestSamples(tx: Transaction<Tables>, runs: readonly (SealedRun & { n: number })[]): Promise<void> {
  const found = runs.flatMap((run) => samplesOf(run.record).map((sample) => ({ run, sample, series: seriesOf(run, sample) })));
  const ids = await idsOf(tx, new Map(found.map(({ series }) => [keyOfSeries(series), series])));
  const rows = new Map<string, Insertable<SamplesTable>>();
  for (const { run, sample, series } of found) {
    const id = ids.get(keyOfSeries(series));
    // Two passes of one pipeline over one clip in one boot are one sample: the last.
    if (id !== undefined) rows.set(`${String(id)} ${String(run.n)}`, { series: id, at: run.record.sealedAt, run: run.n, value: sample.value });
  }
  await insert(tx, 'samples', [...rows.values()]);
  await insert(tx, 'grown', [...new Set([...rows.values()].map((one) => one.series))].map((series) => ({ series })));
}

function seriesOf({ record, host }: SealedRun, { metric, subject, unit, better, clip }: Sample): Insertable<SampleSeriesTable> {
  const { base, series, flavour, device, stack, image } = record;
  return { metric, subject, unit, better, base, series: series ?? '', flavour, device, stack, image, clip, host: host ?? '' };
}

const SERIES_KEY = ['metric', 'subject', 'base', 'series', 'flavour', 'device', 'stack', 'image', 'clip', 'host'] as const satisfies readonly (keyof SampleSeriesTable)[];

function keyOfSeries(series: Pick<Insertable<SampleSeriesTable>, (typeof SERIES_KEY)[number]>): string {
  return JSON.stringify(SERIES_KEY.map((name) => series[name]));
}

/** Makes those that are not there yet. */
async function idsOf(tx: Transaction<Tables>, wanted: ReadonlyMap<string, Insertable<SampleSeriesTable>>): Promise<Map<string, number>> {
  if (wanted.size === 0) return new Map();
  const known = await knownIds(tx, [...wanted.values()]);
  const missing = [...wanted].filter(([key]) => !known.has(key)).map(([, series]) => series);
  if (missing.length === 0) return known;
  await insert(tx, 'sample_series', missing);
  return knownIds(tx, [...wanted.values()]);
}

async function knownIds(tx: Transaction<Tables>, wanted: readonly Insertable<SampleSeriesTable>[]): Promise<Map<string, number>> {
  const columns = sql.join(SERIES_KEY.map((name) => sql.ref(`s.${name}`)));
  const asked = sql.join(SERIES_KEY.map((name) => sql`${wanted.map((one) => one[name])}::text[]`));
  const { rows } = await sql<{ id: number } & Pick<Insertable<SampleSeriesTable>, (typeof SERIES_KEY)[number]>>`
    select s.id, ${columns} from unnest(${asked}) as w(${sql.join(SERIES_KEY.map((name) => sql.ref(name)))})
    join sample_series s on (${columns}) = (${sql.join(SERIES_KEY.map((name) => sql.ref(`w.${name}`)))})`.execute(tx);
  return new Map(rows.map((row) => [keyOfSeries(row), row.id]));
}

/** In as many statements as it takes; what is there already stays as it is. */
async function insert<Name extends 'passes' | 'samples' | 'sample_series' | 'citations' | 'grown'>(tx: Transaction<Tables>, table: Name, rows: readonly Insertable<Tables[Name]>[]): Promise<void> {
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
    const gone = await tx.deleteFrom('runs').where('id', 'in', ids).returningAll().execute();
    await forgetLevels(tx);
    await countFacets(tx, gone.flatMap((row) => facetsOf(row)), -1);
  });
}

export async function ingestJobs(db: Database, jobs: readonly JobRecord[]): Promise<void> {
  if (jobs.length === 0) return;
  const rows = jobs.map(({ job, title, file, submittedAt, runs }) => ({ id: job, title: title.replaceAll('\0', '\u2400'), file, submitted_at: submittedAt, runs: runs.length }));
  await db.insertInto('jobs').values(rows).onConflict((oc) => oc.column('id').doNothing()).execute();
}

export async function ingestEvaluation(db: Database, record: EvaluationRecord): Promise<void> {
  await db.transaction().execute(async (tx) => {
    const { numInsertedOrUpdatedRows: added } = await tx.insertInto('evaluations').values(evaluationRow(record)).onConflict((oc) => oc.column('id').doNothing()).executeTakeFirst();
    if (added === 0n || added === undefined) return;
    await insert(tx, 'citations', citedBy(record).map((run) => ({ evaluation: record.id, run })));
  });
}
