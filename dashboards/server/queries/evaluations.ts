// The list of evaluations, newest first.
import { sql, type Selectable, type SqlBool } from 'kysely';
import type { Database } from '../../../orchestrator/src/record/database.ts';
import type { EvaluationsTable } from '../../../orchestrator/src/record/tables.ts';
import type { EvaluationQuery, EvaluationRow, Evaluations } from '../../api/shapes.ts';

const COLUMNS = ['id', 'series', 'title', 'base', 'against', 'device', 'stack', 'verdict', 'outcome', 'why', 'started_at', 'ended_at', 'seconds', 'method'] as const satisfies readonly (keyof EvaluationsTable)[];
/** How an evaluation without a verdict is asked for. */
const NO_VERDICT = 'none';

export async function findEvaluations(db: Database, { series, verdict, base, from, to, after, limit }: EvaluationQuery): Promise<Evaluations> {
  let query = db.selectFrom('evaluations').select(COLUMNS).orderBy('ended_at', 'desc').orderBy('id', 'desc').limit(limit + 1);
  if (series !== undefined) query = query.where('series', '=', series);
  if (base !== undefined && base.length > 0) query = query.where('base', 'in', base);
  if (verdict !== undefined && verdict.length > 0) query = query.where(sql<SqlBool>`coalesce(verdict, ${NO_VERDICT}) = any(${verdict}::text[])`);
  if (from !== undefined) query = query.where('ended_at', '>=', new Date(from));
  if (to !== undefined) query = query.where('ended_at', '<=', new Date(to));
  const [at, id] = after?.split(' ') ?? [];
  if (at !== undefined && id !== undefined) query = query.where(sql<SqlBool>`(ended_at, id) < (${at}::timestamptz, ${id})`);
  const rows = await query.execute();
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return { evaluations: shown.map(evaluationOf), next: rows.length > limit && last !== undefined ? `${last.ended_at.toISOString()} ${last.id}` : null };
}

/** Those that rest on runs of a job, newest first. */
export async function evaluationsCiting(db: Database, job: string): Promise<EvaluationRow[]> {
  const citing = db.selectFrom('citations').innerJoin('runs', 'runs.id', 'citations.run').select('citations.evaluation').where('runs.job', '=', job);
  return (await db.selectFrom('evaluations').select(COLUMNS).where('id', 'in', citing).orderBy('ended_at', 'desc').orderBy('id', 'desc').execute()).map(evaluationOf);
}

export function evaluationOf(row: Pick<Selectable<EvaluationsTable>, (typeof COLUMNS)[number]>): EvaluationRow {
  const { id, series, title, base, against, device, stack, verdict, outcome, why, seconds, method } = row;
  return {
    id: id as EvaluationRow['id'], series, title, base, against, device, stack, verdict: verdict as EvaluationRow['verdict'], outcome: outcome as EvaluationRow['outcome'], why,
    startedAt: row.started_at.toISOString(), endedAt: row.ended_at.toISOString(), seconds, method,
  };
}
