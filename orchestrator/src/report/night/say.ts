// The words in which every report of a night speaks of a cell, a layer and the night itself.
import { WHOLE, type CellKey, type NightlyDocument, type NightRecord, type Told } from '../../contract/night.ts';
import { counted, printable, sayFlavour } from '../text.ts';

export function sayCell({ base, flavour, stack, device, pipeline, clip }: CellKey): string {
  const path = pipeline === WHOLE ? 'the guest as a whole' : `${pipeline}${clip === 'none' ? '' : ` of ${clip}`}`;
  return printable(`${base}${sayFlavour(flavour)}, ${stack}, ${device}: ${path}`);
}

/** The first line of a reason. */
export function firstLine(why: string): string {
  return printable(why.split('\n')[0] ?? '');
}

/** "first bad in n-..., right in n-...; changed: the kernel; at fault: kernel". */
export function sayHistory({ firstBad, lastGood, changed, fault }: Told): string {
  const parts = [
    firstBad === null ? '' : `first bad on ${firstBad.at.slice(0, 10)} (${firstBad.night}, ${firstBad.run})`,
    lastGood === null ? 'never seen right' : `last right on ${lastGood.at.slice(0, 10)} (${lastGood.night}, ${lastGood.run})`,
    changed.length === 0 ? '' : `changed in between: ${changed.map(({ layer, before, after }) => `${layer} ${before} to ${after}`).join('; ')}`,
    fault === null ? '' : `at fault: ${fault}`,
  ];
  return printable(parts.filter((one) => one !== '').join('. '));
}

export function sentenceOfNight(record: NightRecord, document: NightlyDocument): string {
  const { new: fresh, fixed, stillFailing, flaky, known, slower } = document;
  const counts = [[fresh.length, 'newly failing'], [slower.length, 'slower'], [fixed.length, 'fixed'], [stillFailing.length, 'still failing'], [flaky.length, 'flaky'], [known.length, 'known']] as const;
  const said = counts.filter(([count]) => count > 0).map(([count, word]) => `${String(count)} ${word}`).join(', ');
  const lab = record.lab === 'ok' ? 'the lab is to be believed' : `THE LAB IS NOT TO BE BELIEVED (${record.lab})`;
  return `${said === '' ? 'nothing is new' : said}; ${lab}: ${printable(record.why)}. ${counted(record.cells.length, 'cell')}${record.before === null ? ', no night before to hold them against' : `, against ${record.before}`}`;
}
