// Every form that an evaluation can be told in, by name.
import type { EvaluationRecord } from '../../contract/evaluation.ts';
import { csvOf } from './csv.ts';
import { htmlOf } from './html.ts';
import { junitOf } from './junit.ts';
import { kcidbOf } from './kcidb.ts';
import { ktapOf } from './ktap.ts';
import { mailOf } from './mail.ts';
import { evaluationText } from './terminal.ts';

export const FORMATS = {
  terminal: evaluationText, mail: mailOf, ktap: ktapOf, junit: junitOf, kcidb: kcidbOf, csv: csvOf, html: htmlOf,
} as const satisfies Readonly<Record<string, (record: EvaluationRecord) => string | Promise<string>>>;
export type Format = keyof typeof FORMATS;
export const FORMAT_NAMES = Object.keys(FORMATS) as Format[];
