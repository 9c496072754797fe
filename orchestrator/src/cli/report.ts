// vlab report EVALUATION: the verdict in the form in which others read it. Nothing is sent anywhere.
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { EvaluationRecord } from '../contract/evaluation.ts';
import { LabError, messageOf } from '../lib/lab-error.ts';
import { csvOf } from '../report/evaluation/csv.ts';
import { htmlOf } from '../report/evaluation/html.ts';
import { junitOf } from '../report/evaluation/junit.ts';
import { kcidbOf } from '../report/evaluation/kcidb.ts';
import { ktapOf } from '../report/evaluation/ktap.ts';
import { mailOf } from '../report/evaluation/mail.ts';
import { evaluationText } from '../report/evaluation/terminal.ts';
import { readEvaluation } from '../store/evaluations.ts';
import { answer, type Answer, type Context } from './command.ts';

const FORMATS: Readonly<Record<string, (record: EvaluationRecord) => string | Promise<string>>> = {
  terminal: evaluationText, mail: mailOf, ktap: ktapOf, junit: junitOf, kcidb: kcidbOf, csv: csvOf, html: htmlOf,
};
export const FORMAT_NAMES = Object.keys(FORMATS).join(', ');

export async function report({ lab }: Context, id: string, { format, output }: { format: string; output?: string }): Promise<Answer<'report'>> {
  const of = FORMATS[format];
  if (of === undefined) throw new LabError('UNKNOWN_NAME', `unknown format "${format}"; known: ${FORMAT_NAMES}`, { blame: 'request', stage: 'request' });
  const record = await readEvaluation(lab.config.home, id);
  if (record === undefined) throw new LabError('UNKNOWN_ID', `Expected an evaluation of this lab, got "${id}"`, { blame: 'request', stage: 'request', hint: `ls ${lab.config.home}/evaluations` });
  const text = await of(record);
  if (output === undefined) return answer('report', { evaluation: record.id, format, text, path: null }, text.replace(/\n$/, ''));
  const path = resolve(output);
  await writeFile(path, text).catch((cause: unknown) => {
    throw new LabError('NO_OUTPUT', `Expected to write ${path}: ${messageOf(cause)}`, { blame: 'request', stage: 'request', hint: '--output FILE in a folder that is there', cause });
  });
  return answer('report', { evaluation: record.id, format, text, path }, path);
}
