// KTAP version 1 (Documentation/dev-tools/ktap.rst): a line per case, its reason as a diagnostic.
import type { EvaluationRecord } from '../../contract/evaluation.ts';
import { printable } from '../text.ts';
import { casesOf, type Case } from './cases.ts';
import { sentence } from './terminal.ts';

export function ktapOf(record: EvaluationRecord): string {
  const cases = casesOf(record);
  return [
    'KTAP version 1', ...comment(sentence(record)), `1..${String(cases.length)}`,
    ...cases.flatMap((one, at) => [...comment(one.why), `${one.status === 'pass' || one.status === 'skip' ? 'ok' : 'not ok'} ${String(at + 1)} ${plain(one)}${DIRECTIVE[one.status]}`]), '',
  ].join('\n');
}

const DIRECTIVE: Readonly<Record<Case['status'], string>> = { pass: '', fail: '', skip: ' # SKIP inconclusive', error: ' # ERROR' };

/** A description has no #, which begins a directive. */
function plain({ group, name }: Case): string {
  const said = name === group ? name : `${group}.${name}`;
  return printable(said).replaceAll(/[#\n\r\t]/g, ' ');
}

function comment(text: string): string[] {
  return text.split(/[\r\n]+/).map((line) => `# ${printable(line)}`);
}
