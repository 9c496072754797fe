// Evaluations on disk: one folder each, evaluation.json written whole and never changed after.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { EvaluationRecord } from '../contract/evaluation.ts';
import { EvaluationId } from '../contract/ids.ts';
import { namesIn, readRecord, writeWhole } from '../lib/files.ts';
import { LabError } from '../lib/lab-error.ts';
import { layout } from './layout.ts';

export const EVALUATION_FILE = 'evaluation.json';

export async function writeEvaluation(home: string, record: EvaluationRecord): Promise<string> {
  const folder = layout.evaluation(home, record.id);
  await mkdir(folder, { recursive: true });
  const path = join(folder, EVALUATION_FILE);
  await writeWhole(path, JSON.stringify(record, null, 2));
  return path;
}

/** Undefined where there is none of that id; an id as a person typed it is refused when it is none, so that no path is ever built from one. */
export async function readEvaluation(home: string, given: string): Promise<EvaluationRecord | undefined> {
  const id = EvaluationId.safeParse(given);
  if (!id.success) throw new LabError('BAD_ID', `Expected an evaluation (e-...), got "${given}"`, { blame: 'request', stage: 'request', hint: `ls ${layout.evaluations(home)}` });
  return readRecord(join(layout.evaluation(home, id.data), EVALUATION_FILE), EvaluationRecord);
}

/** The newest first. */
export async function listEvaluations(home: string): Promise<EvaluationRecord[]> {
  const found: EvaluationRecord[] = [];
  for (const name of await namesIn(layout.evaluations(home))) {
    const record = await readRecord(join(layout.evaluations(home), name, EVALUATION_FILE), EvaluationRecord);
    if (record !== undefined) found.push(record);
  }
  return found.sort((a, b) => b.endedAt.localeCompare(a.endedAt));
}
