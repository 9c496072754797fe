// A reply to the series' mail, as a draft for a person to read, change and send. The lab sends nothing.
import type { EvaluationRecord, Failure, MetricRow } from '../../contract/evaluation.ts';
import { draftOf, oneLine } from '../draft.ts';
import { counted, printable, table, wrap } from '../text.ts';
import { nameOfFact, valueOfFact } from './fact.ts';
import { PREFIX_TITLE, prefixCells } from './prefix-cells.ts';
import { quoted, recipientOf, withoutTrailers } from './outside-text.ts';
import { sentence } from './terminal.ts';

export async function mailOf(record: EvaluationRecord): Promise<string> {
  const { messageId, subject, author } = record;
  return draftOf({
    id: record.id, to: author === null ? undefined : recipientOf(oneLine(author)), subject: `Re: ${oneLine(subject ?? record.title).replace(/^(re:\s*)+/i, '')}`, inReplyTo: messageId ?? undefined,
    date: record.endedAt, text: bodyOf(record),
  });
}

function bodyOf(record: EvaluationRecord): string {
  const { verdict, correctness, facts, notes, metrics, series, base, baseVersion, kernels, device, stack, accelerator, renderer, versions, id, method, seed } = record;
  const measured = metrics.filter((row) => row.baseMedian !== null);
  return [
    wrap(`${accelerator === null ? 'Virgil Lab looked at this series and booted nothing' : 'Virgil Lab booted this series next to its base'}: ${sentence(record)}.`, 72, ''), '',
    `series:   ${series}`, `base:     ${base}${baseVersion === null ? '' : ` (${baseVersion})`}`, `device:   ${device}, stack ${stack}, ${accelerator ?? 'no guest booted'}`,
    `renderer: ${renderer ?? '-'}`, `compiler: ${kernels.compiler ?? '-'}`, ...(['qemu', 'virglrenderer', 'mesa of the stack', 'mesa of the guest'].filter((name) => versions[name]).map((name) => `${name}: ${versions[name] ?? ''}`)), '',
    ...(measured.length === 0 ? [] : [...kernelTable(measured), '']),
    ...facts.map((fact) => `${nameOfFact(fact)} went from ${valueOfFact(fact.base)} to ${valueOfFact(fact.patched)} (exact, the same in ${counted(fact.boots, 'boot')} of each kernel)`),
    ...(record.prefixes.length === 0 ? [] : ['', `${PREFIX_TITLE}:`, table(prefixCells(record), 72), '']),
    ...correctness.failures.flatMap((one) => [wrap(`${one.detector}${one.what === '' ? '' : ` (${oneLine(one.what)})`}, flavour ${one.flavour}, ${whereSeen(one)}:`, 72, ''), quoted(wrap(one.why, 70, '')), '']),
    ...correctness.known.map((one) => wrap(`The base shows this too: ${one.detector}: ${one.why.split('\n')[0] ?? ''}`, 72, '  ')),
    ...notes.map((note) => wrap(`Note: ${note}`, 72, '  ')), '',
    `Evaluation ${id}, method ${String(method)}, seed ${String(seed)}. Again from the raw samples:`, `  vlab evaluate --recompute ${id}`, '',
    ...(verdict === null ? [] : ['If you agree, and only then, these may be of use (nobody has signed them):', ...suggestions(record)]), '',
  ].map((part) => withoutTrailers(part).split('\n').map((line) => printable(line).trimEnd()).join('\n')).join('\n');
}

function whereSeen({ run, again }: Failure): string {
  if (run === null) return 'before anything was booted; the base is right in this';
  return again === null ? 'seen on one boot and not on the base' : 'seen on two boots and not on the base';
}

/** Nobody has tested what was not booted, or not whole. */
function suggestions({ verdict, identical, checked, ofPatches }: EvaluationRecord): string[] {
  if (identical) return ['  (none: the kernel is its base, byte for byte, and nothing was booted)'];
  if ((verdict === 'better' || verdict === 'equivalent') && (checked !== undefined || ofPatches !== undefined)) return ['  (none: not all of it was looked at)'];
  return verdict === 'failed' || verdict === 'worse' ? ['| Reported-by: YOUR NAME <YOU@EXAMPLE.ORG>'] : verdict === 'inconclusive' ? ['  (none: the result is inconclusive)'] : ['| Tested-by: YOUR NAME <YOU@EXAMPLE.ORG>'];
}

/** Medians and spreads, in the shape that kernel reviewers know. A spread of at most 2 % is not shown. */
function kernelTable(rows: readonly MetricRow[]): string[] {
  return [
    '            base                      patched', '---------------- ---------------------------', '         %stddev     %change         %stddev', '             \\          |                \\',
    ...rows.map((row) => `${side(row.baseMedian, row.baseSdPct)} ${(row.changePct === null ? '' : `${row.changePct >= 0 ? '+' : ''}${row.changePct.toFixed(1)}%`).padStart(10)} ${side(row.patchedMedian, row.patchedSdPct)}  ${row.pipeline}.${row.metric.replaceAll(' ', '_')} (${row.verdict})`),
  ];
}

function side(value: number | null, spread: number | null): string {
  const figure = value === null ? '-' : value >= 1000 ? value.toFixed(0) : value.toPrecision(4);
  return `${figure.padStart(11)}${spread === null || spread <= 2 ? '      ' : ` ±${spread.toFixed(0).padStart(3)}%`}`;
}
