// A night as a mail draft. To nobody: whoever reads it knows whom it concerns.
import type { NightlyDocument, NightRecord, Told } from '../../contract/night.ts';
import { draftOf } from '../draft.ts';
import { quoted, withoutTrailers } from '../evaluation/outside-text.ts';
import { wrap } from '../text.ts';
import { firstLine, sayCell, sayHistory, sentenceOfNight } from './say.ts';

export async function mailOfNight(record: NightRecord, document: NightlyDocument): Promise<string> {
  const { new: fresh, slower, fixed } = document;
  const subject = record.lab !== 'ok' ? `the lab ${record.lab}` : fresh.length + slower.length > 0 ? `${String(fresh.length + slower.length)} new` : `nothing new${fixed.length > 0 ? `, ${String(fixed.length)} fixed` : ''}`;
  return draftOf({ id: record.id, subject: `[vlab ${record.profile}] ${record.startedAt.slice(0, 10)}: ${subject}`, date: record.endedAt, text: bodyOf(record, document) });
}

function bodyOf(record: NightRecord, document: NightlyDocument): string {
  const { selfTest } = record;
  return withoutTrailers([
    wrap(`${sentenceOfNight(record, document)}.`, 72, ''), '',
    ...block('Newly failing', document.new), ...block('Fixed', document.fixed), ...block('Still failing', document.stillFailing), ...block('Flaky', document.flaky), ...block('Known', document.known),
    ...document.slower.map((one) => wrap(`Slower: ${one.base}: ${one.why}`, 72, '  ')),
    ...document.expired.map((one) => wrap(`Known until ${one.until}, and counted again: ${one.reason} ${one.link}`, 72, '  ')),
    ...record.bases.map((one) => `base ${one.base}: ${one.version}`), ...record.noticed.map((one) => `new: ${one.what} ${one.after}`),
    `mutants: ${String(selfTest.caught)} of ${String(selfTest.total)} caught, ${String(selfTest.falseAlarms)} false alarms`,
    ...selfTest.missed.map((one) => wrap(`not as it should be: ${one.series}, ${one.flavour}: ${firstLine(one.why)}`, 72, '  ')), '',
    `Night ${record.id}, profile ${record.profile}. Look closer:`, `  vlab nightly show ${record.id}`, '',
  ].join('\n'));
}

function block(title: string, told: readonly Told[]): string[] {
  if (told.length === 0) return [];
  return [`${title}:`, ...told.flatMap((one) => [wrap(`- ${sayCell(one)}`, 72, '  '), quoted(wrap(firstLine(one.why), 68, '')), wrap(`  ${sayHistory(one)}`, 72, '  ')]), ''];
}
