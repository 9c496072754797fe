// The list of runs: filtered, in the order in which they were sealed, newest first.
import { sql, type Expression, type ExpressionBuilder, type Selectable, type SqlBool } from 'kysely';
import type { Database } from '../../../orchestrator/src/record/database.ts';
import { FACETS, NONE, PASS_FACETS, type Facet } from '../../../orchestrator/src/contract/facet.ts';
import type { RunsTable, Tables } from '../../../orchestrator/src/record/tables.ts';
import type { Facets, RunFilter, RunQuery, RunRow } from '../../api/shapes.ts';

type Where = ExpressionBuilder<Tables, 'runs'>;

/** More values of one dimension than this nobody ticks: they are asked for by name. */
const MOST_VALUES = 300;

/** So many are put in order within a tenth of a second. */
const FEW = 50_000;

const PASSES = sql<RunRow['passes']>`(select coalesce(jsonb_agg(distinct jsonb_build_object('pipeline', pipeline, 'clip', clip, 'fault', fault, 'defect', defect)), '[]') from passes where passes.run = runs.n)`.as('passes');

/** One page, and where the next begins: keyset, so that the hundredth page costs what the first does. */
export async function findRuns(db: Database, { after, limit, ...filter }: RunQuery): Promise<{ runs: RunRow[]; next: string | null }> {
  // Who goes by time looks for a clip of last year in all runs since: what few runs have is found first and put in order then, which no index does for a sum.
  const sealedAt = await hasFew(db, filter) ? sql`runs.sealed_at + interval '0'` : sql.ref('runs.sealed_at');
  let query = db.selectFrom('runs').selectAll('runs').select(PASSES).where((eb) => eb.and(conditions(eb, filter))).orderBy(sealedAt, 'desc').orderBy('runs.id', 'desc').limit(limit + 1);
  const [at, id] = after?.split(' ') ?? [];
  if (at !== undefined && id !== undefined) query = query.where(sql<SqlBool>`(runs.sealed_at, runs.id) < (${at}::timestamptz, ${id})`);
  const rows = await query.execute();
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return { runs: shown.map(runOf), next: rows.length > limit && last !== undefined ? `${last.sealed_at.toISOString()} ${last.id}` : null };
}

/** Whether few runs have what is asked for of passes. */
async function hasFew(db: Database, filter: RunFilter): Promise<boolean> {
  const asked = PASS_FACETS.filter((name) => (filter[name]?.length ?? 0) > 0);
  if (asked.length === 0) return false;
  const counts = await db.selectFrom('facets').select(['dimension', 'runs']).where((eb) => eb.or(asked.map((name) => eb.and([eb('dimension', '=', name), eb('value', 'in', filter[name] ?? [])])))).execute();
  return asked.some((name) => counts.filter(({ dimension }) => dimension === name).reduce((sum, { runs }) => sum + runs, 0) < FEW);
}

function conditions(eb: Where, filter: RunFilter): Expression<SqlBool>[] {
  const found: Expression<SqlBool>[] = [];
  for (const name of FACETS) {
    const wanted = filter[name];
    if (wanted !== undefined && wanted.length > 0) found.push(oneOf(eb, name, wanted));
  }
  // All of them of one and the same pass.
  const ofPass = PASS_FACETS.flatMap((name) => ((filter[name]?.length ?? 0) > 0 ? [{ name, values: filter[name] ?? [] }] : []));
  if (ofPass.length > 0) found.push(eb.exists(ofPass.reduce((query, { name, values }) => query.where(`passes.${name}`, 'in', values), eb.selectFrom('passes').select('passes.run').whereRef('passes.run', '=', 'runs.n'))));
  const { job, expected, findings, text, from, to } = filter;
  if (job !== undefined && job.length > 0) found.push(eb('runs.job', 'in', job));
  if (expected !== undefined) found.push(eb('runs.as_expected', '=', expected === 'yes'));
  if (findings !== undefined) found.push(findings === 'yes' ? eb('runs.findings', '>', 0) : eb('runs.findings', '=', 0));
  if (text !== undefined && text !== '') {
    found.push(sql<SqlBool>`runs.words like lower(${`%${text.replace(/[\\%_]/g, '\\$&')}%`})`);
  }
  if (from !== undefined) found.push(eb('runs.sealed_at', '>=', new Date(from)));
  if (to !== undefined) found.push(eb('runs.sealed_at', '<=', new Date(to)));
  return found;
}

function oneOf(eb: Where, name: Facet, wanted: readonly string[]): Expression<SqlBool> {
  const values = wanted.filter((one) => one !== NONE);
  const known = values.length === 0 ? [] : [eb(`runs.${name}`, 'in', values)];
  return eb.or(wanted.includes(NONE) ? [...known, eb(`runs.${name}`, 'is', null)] : known);
}

type Row = Selectable<RunsTable> & Pick<RunRow, 'passes'>;

export function runOf(row: Row): RunRow {
  return {
    id: row.id as RunRow['id'], job: row.job as RunRow['job'], title: row.title, base: row.base, version: row.version, series: row.series, flavour: row.flavour, kernel: row.kernel,
    image: row.image, stack: row.stack, device: row.device, measure: row.measure, host: row.host, accelerator: row.accelerator, renderer: row.renderer,
    outcome: row.outcome as RunRow['outcome'], stage: row.stage, why: row.why, expect: row.expect as RunRow['expect'], asExpected: row.as_expected,
    frames: row.frames, wrong: row.wrong, findings: row.findings,
    startedAt: row.started_at.toISOString(), sealedAt: row.sealed_at.toISOString(), seconds: row.seconds, passes: row.passes,
  };
}

/** What there is to filter by: the commonest first, of jobs the newest. */
export async function facets(db: Database): Promise<Facets> {
  const [{ rows }, jobs] = await Promise.all([
    sql<{ dimension: string; value: string; runs: number; of: number }>`select dimension, value, runs, of from (
      select *, row_number() over (partition by dimension order by runs desc, value) as nth, count(*) over (partition by dimension) as of from facets) counted where nth <= ${MOST_VALUES} order by nth`.execute(db),
    jobFacet(db),
  ]);
  return [...[...FACETS, ...PASS_FACETS].map((dimension) => {
    const own = rows.filter((row) => row.dimension === dimension);
    return { dimension, values: own.map(({ value, runs }) => ({ value, runs })), more: (own[0]?.of ?? 0) - own.length };
  }), jobs];
}

/** There are as many jobs as there were nights and evaluations: they are not counted beside the others. */
async function jobFacet(db: Database): Promise<Facets[number]> {
  const [{ rows }, { count }] = await Promise.all([
    sql<{ value: string; runs: number }>`select id as value, (select count(*) from runs where runs.job = jobs.id) as runs from jobs order by submitted_at desc limit ${MOST_VALUES}`.execute(db),
    db.selectFrom('jobs').select((eb) => eb.fn.countAll<number>().as('count')).executeTakeFirstOrThrow(),
  ]);
  return { dimension: 'job', values: rows.filter(({ runs }) => runs > 0), more: count - rows.length };
}
