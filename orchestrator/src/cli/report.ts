// vlab report EVALUATION: the verdict in the form in which others read it. Nothing is sent anywhere.
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { LabError, messageOf } from '../lib/lab-error.ts';
import { FORMAT_NAMES, FORMATS, type Format } from '../report/evaluation/formats.ts';
import { readEvaluation } from '../store/evaluations.ts';
import { answer, type Answer, type Context } from './command.ts';

const isFormat = (name: string): name is Format => Object.hasOwn(FORMATS, name);

export async function report({ lab }: Context, id: string, { format, output }: { format: string; output?: string }): Promise<Answer<'report'>> {
  if (!isFormat(format)) throw new LabError('UNKNOWN_NAME', `unknown format "${format}"; known: ${FORMAT_NAMES.join(', ')}`, { blame: 'request', stage: 'request' });
  const record = await readEvaluation(lab.config.home, id);
  if (record === undefined) throw new LabError('UNKNOWN_ID', `Expected an evaluation of this lab, got "${id}"`, { blame: 'request', stage: 'request', hint: `ls ${lab.config.home}/evaluations` });
  const text = await FORMATS[format](record);
  if (output === undefined) return answer('report', { evaluation: record.id, format, text, path: null }, text.replace(/\n$/, ''));
  const path = resolve(output);
  await writeFile(path, text).catch((cause: unknown) => {
    throw new LabError('NO_OUTPUT', `Expected to write ${path}: ${messageOf(cause)}`, { blame: 'request', stage: 'request', hint: '--output FILE in a folder that is there', cause });
  });
  return answer('report', { evaluation: record.id, format, text, path }, path);
}
