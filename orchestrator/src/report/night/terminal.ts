// A night for a terminal.
import type { NightlyDocument, NightRecord, Told } from '../../contract/night.ts';
import { duration, wrap } from '../text.ts';
import { firstLine, sayCell, sayHistory, sentenceOfNight } from './say.ts';

export function nightText(record: NightRecord, document: NightlyDocument): string {
  const blocks: readonly (readonly [string, readonly Told[]])[] = [['NEWLY FAILING', document.new], ['fixed', document.fixed], ['still failing', document.stillFailing], ['flaky, kept apart', document.flaky], ['known', document.known]];
  return [
    wrap(`${record.id}, ${record.profile}, ${duration(record.seconds * 1000)}: ${sentenceOfNight(record, document)}`, 98, '    '), '',
    ...blocks.flatMap(([title, told]) => (told.length === 0 ? [] : [`${title}:`, ...told.flatMap((one) => [`    ${wrap(`${sayCell(one)}: ${firstLine(one.why)}`, 92, '        ')}`, `        ${wrap(sayHistory(one), 88, '        ')}`]), ''])),
    ...document.slower.map((one) => wrap(`SLOWER: ${one.base}: ${one.why}`, 98, '    ')),
    ...record.pairs.filter((one) => !document.slower.includes(one)).map((one) => wrap(`${one.base} against the night before: ${one.why}`, 98, '    ')),
    ...document.expired.map((one) => wrap(`known until ${one.until}, and counted again: ${one.reason} ${one.link}`, 98, '    ')),
    ...record.noticed.map((one) => `new: ${one.what}: ${one.before ?? 'not seen before'} to ${one.after}`),
    ...record.notes.map((one) => wrap(`note: ${one}`, 98, '    ')), `report: ${document.report}`,
  ].join('\n');
}
