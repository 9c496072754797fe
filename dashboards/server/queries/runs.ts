// The list of runs: filtered, in the order in which they were sealed, newest first.
import { sql, type Expression, type ExpressionBuilder, type Selectable, type SqlBool } from 'kysely';
import type { Database } from '../../../orchestrator/src/record/database.ts';
import { FACETS, NONE, type Facet } from '../../../orchestrator/src/record/rows.ts';
import type { RunsTable, Tables } from '../../../orchestrator/src/record/tables.ts';
import type { Facets, RunFilter, RunQuery, RunRow } from '../../api/shapes.ts';

type Where = ExpressionBuilder<Tables, 'runs'>;

/** Of one run, each once. */
const PIPELINES = sql<string[] | null>`(select array_agg(distinct passes.pipeline) from passes where passes.run = runs.n)`.as('pipelines');

/** One page, and where the next begins: keyset, so that the hundredth page costs what the first does. */
export async function findRuns(db: Database, { after, limit, ...filter }: RunQuery): Promise<{ runs: RunRow[]; next: string | null }> {
  let query = db.selectFrom('runs').selectAll('runs').select(PIPELINES).where((eb) => eb.and(conditions(eb, filter))).orderBy('runs.sealed_at', 'desc').orderBy('runs.id', 'desc').limit(limit + 1);
  const [at, id] = after?.split(' ') ?? [];
  if (at !== undefined && id !== undefined) query = query.where(sql<SqlBool>`(runs.sealed_at, runs.id) < (${at}::timestamptz, ${id})`);
  const rows = await query.execute();
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return { runs: shown.map(runOf), next: rows.length > limit && last !== undefined ? `${last.sealed_at.toISOString()} ${last.id}` : null };
}

function conditions(eb: Where, filter: RunFilter): Expression<SqlBool>[] {
  const found: Expression<SqlBool>[] = [];
  for (const name of FACETS) {
    const wanted = filter[name];
    if (wanted !== undefined && wanted.length > 0) found.push(oneOf(eb, name, wanted));
  }
  const { job, pipeline, expected, text, from, to } = filter;
  if (job !== undefined && job.length > 0) found.push(eb('runs.job', 'in', job));
  if (pipeline !== undefined && pipeline.length > 0) found.push(eb.exists(eb.selectFrom('passes').select('passes.run').whereRef('passes.run', '=', 'runs.n').where('passes.pipeline', 'in', pipeline)));
  if (expected !== undefined) found.push(eb('runs.as_expected', '=', expected === 'yes'));
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

type Row = Selectable<RunsTable> & { pipelines: string[] | null };

export function runOf(row: Row): RunRow {
  return {
    id: row.id as RunRow['id'], job: row.job as RunRow['job'], title: row.title, base: row.base, version: row.version, series: row.series, flavour: row.flavour, kernel: row.kernel,
    image: row.image, stack: row.stack, device: row.device, measure: row.measure, host: row.host, renderer: row.renderer,
    outcome: row.outcome as RunRow['outcome'], stage: row.stage, why: row.why, expect: row.expect as RunRow['expect'], asExpected: row.as_expected,
    frames: row.frames, wrong: row.wrong, findings: row.findings,
    startedAt: row.started_at.toISOString(), sealedAt: row.sealed_at.toISOString(), seconds: row.seconds, pipelines: row.pipelines ?? [],
  };
}

/** What there is to filter by: the commonest first. */
export async function facets(db: Database): Promise<Facets> {
  const rows = await db.selectFrom('facets').selectAll().orderBy('runs', 'desc').execute();
  return FACETS.map((dimension) => ({ dimension, values: rows.filter((row) => row.dimension === dimension).map(({ value, runs }) => ({ value, runs })) }));
}
