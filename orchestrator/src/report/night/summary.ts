// A night as one page of Markdown: what a person reads over coffee. What failed comes first.
import type { NightlyDocument, NightRecord, Told } from '../../contract/night.ts';
import { duration, printable } from '../text.ts';
import { firstLine, sayCell, sayHistory, sentenceOfNight } from './say.ts';

export function summaryOf(record: NightRecord, document: NightlyDocument): string {
  const lines = [
    `# ${text(record.title)}: night ${record.id}`, '',
    `${text(sentenceOfNight(record, document))}.`, '',
    `Profile ${record.profile} of ${text(record.plan)}, begun ${record.startedAt}, ${duration(record.seconds * 1000)}${record.scheduled ? ', by schedule' : ''}; lab ${record.commit}.`, '',
    ...cells('Newly failing', document.new), ...slower(document), ...cells('Fixed', document.fixed), ...cells('Still failing', document.stillFailing),
    ...cells('Flaky, and kept apart', document.flaky), ...cells('Known', document.known), ...expired(record), ...selfTest(record), ...bases(record), ...rest(record),
    '## Look closer', '', `- \`npx vlab nightly show ${record.id}\``, `- \`npx vlab show ${record.jobs.matrix}\``, '',
  ];
  return lines.join('\n');
}

function cells(title: string, told: readonly Told[]): string[] {
  if (told.length === 0) return [];
  return [`## ${title}`, '', ...told.flatMap((one) => [`- **${text(sayCell(one))}**: ${text(firstLine(one.why))} (\`vlab show ${one.run}\`)`, `  ${text(sayHistory(one))}`]), ''];
}

function slower({ slower: pairs }: NightlyDocument): string[] {
  if (pairs.length === 0) return [];
  return ['## Slower than the night before', '', ...pairs.map((one) => `- **${text(one.base)}**: ${text(one.why)}${one.worse.map((row) => `; ${row.metric} of ${row.pipeline} ${row.changePct === null ? '' : `${row.changePct.toFixed(2)} %`}`).join('')}${one.evaluation === null ? '' : ` (\`vlab report ${one.evaluation}\`)`}`), ''];
}

function expired({ expired: issues }: NightRecord): string[] {
  if (issues.length === 0) return [];
  return ['## Known issues whose time is over', '', ...issues.map((one) => `- until ${one.until}: ${text(one.reason)} (${text(one.link)}). What it covers counts again.`), ''];
}

function selfTest({ selfTest: { caught, total, falseAlarms, missed } }: NightRecord): string[] {
  return ['## The lab\'s own test', '', `${String(caught)} of ${String(total)} mutants caught, ${String(falseAlarms)} false alarms.`, ...missed.map((one) => `- NOT AS IT SHOULD BE: ${text(one.series)}, ${one.flavour}: ${text(one.why)}${one.run === null ? '' : ` (\`vlab show ${one.run}\`)`}`), ''];
}

function bases({ bases: list, noticed, pairs }: NightRecord): string[] {
  return [
    '## Kernels', '', ...list.map((one) => `- ${text(one.base)}: ${text(one.version)}, ${one.kernel}`),
    ...noticed.map((one) => `- new: ${text(one.what)}, ${one.before === null ? '' : `${text(one.before)} to `}${text(one.after)}`),
    ...pairs.map((one) => `- ${text(one.base)} against the night before: ${text(one.why)}${one.evaluation === null ? '' : ` (${one.evaluation})`}`), '',
  ];
}

function rest({ pruned, notes, blames }: NightRecord): string[] {
  const swaps = blames.flatMap((blame) => [`- ${text(blame.verdict)}`, ...blame.swaps.map((one) => `  - ${one.layer} as it was: ${one.came}${one.run === null ? '' : ` (${one.run})`}`)]);
  return [
    ...(swaps.length === 0 ? [] : ['## One layer at a time', '', ...swaps, '']),
    ...(notes.length === 0 ? [] : ['## Notes', '', ...notes.map((one) => `- ${text(one)}`), '']),
    ...(pruned.length === 0 ? [] : ['## Left out', '', ...pruned.map((one) => `- ${String(one.cells)} combinations: ${text(one.why)}`), '']),
  ];
}

/** What a console or a patch said must not become a heading, a link or a picture of whoever reads this in a browser. */
function text(given: string): string {
  return printable(given.replaceAll(/\s+/g, ' ')).replaceAll(/[\\`*_[\]<>#|!]/g, (one) => `\\${one}`);
}
