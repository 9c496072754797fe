// One evaluation as its file has it: it is there whatever becomes of the database.
import type { EvaluationRecord } from '../../../orchestrator/src/contract/evaluation.ts';
import type { EvaluationId } from '../../../orchestrator/src/contract/ids.ts';
import { LabError } from '../../../orchestrator/src/lib/lab-error.ts';
import { readEvaluation } from '../../../orchestrator/src/store/evaluations.ts';

/** Throws where there is none of that id. */
export async function evaluationIn(home: string, id: EvaluationId): Promise<EvaluationRecord> {
  const record = await readEvaluation(home, id);
  if (record === undefined) throw new LabError('UNKNOWN_ID', `there is no evaluation ${id}`, { blame: 'request', hint: 'GET /api/evaluations' });
  return record;
}
