// An evaluation for a terminal of 100 columns: the sentence first, then the table, then what one should know before believing it.
import { leftToInstructions, type EvaluationRecord, type Failure, type MetricRow } from '../../contract/evaluation.ts';
import { counted, duration, printable, table, wrap } from '../text.ts';
import { nameOfFact, valueOfFact } from './fact.ts';
import { PREFIX_TITLE, prefixCells } from './prefix-cells.ts';

export function evaluationText(record: EvaluationRecord): string {
  const { correctness, metrics, facts, notes } = record;
  return [
    wrap(sentence(record), 96, '    '), '',
    ...(metrics.length === 0 ? [] : [table([['metric', 'pipeline', 'change %', '95 % interval', 'p', 'pairs', 'limit %', 'verdict'], ...metrics.map(rowOf)]), '', ...forest(metrics)]),
    ...facts.map((fact) => `${nameOfFact(fact)} ${valueOfFact(fact.base)} -> ${valueOfFact(fact.patched)}, exact, the same in ${counted(fact.boots, 'boot')} of each kernel`),
    ...(record.prefixes.length === 0 ? [] : [`${PREFIX_TITLE}:`, table(prefixCells(record).map((cells) => cells.map(printable))), '']),
    ...failures('wrong, and right in the base', correctness.failures), ...failures('wrong in the base too', correctness.known), ...failures('seen once and not again', correctness.unconfirmed),
    ...notes.map((note) => wrap(`note: ${printable(note)}`, 96, '    ')),
    ...metrics.filter((row) => row.primary && row.verdict === 'inconclusive' && row.pairs > 0)
      .map((row) => wrap(`note: ${row.metric} of ${row.pipeline}: ${counted(row.pairs, 'pair')} ${row.detectablePct === null ? 'are too few to show any change' : `would have shown a change of ${row.detectablePct.toFixed(2)} %`}${row.morePairs === 0 ? '' : `; ${String(row.morePairs)} more would decide it`}`, 96, '    ')),
    ...metrics.filter((row) => row.bimodal).map((row) => `note: ${row.metric} of ${row.pipeline} falls into two heaps; one figure does not describe it`),
    wrap(`${record.phases.map(({ phase, seconds }) => `${phase} ${duration(seconds * 1000)}`).join(', ')}; ${duration(record.seconds * 1000)} in all, ${String(record.overheadPct)} % of it neither a guest nor a compiler`, 96, '    '),
    `method ${String(record.method)}, seed ${String(record.seed)}; again from the raw samples: vlab evaluate --recompute ${record.id}`,
  ].join('\n');
}

/** One line that a person may quote. */
export function sentence({ id, series, patches, ofPatches, base, baseVersion, against, checked, verdict, outcome, why, metrics, device, identical, correctness }: EvaluationRecord): string {
  const part = ofPatches === undefined ? '' : `, the first ${String(patches.length)} of its ${String(ofPatches)} patches,`;
  const what = `${against === undefined ? `${series}${part} on ` : ''}${base}${baseVersion === null ? '' : ` (${baseVersion})`}${against === undefined ? '' : ` against ${against}`}, device ${device}${checked === undefined ? '' : `, only ${checked.join(', ')} checked`}`;
  const name = `${id}: ${what}`;
  if (verdict === null) return printable(`${name}: ${outcome.kind}, no verdict: ${why}`);
  if (identical || verdict === 'failed') return printable(`${name}: ${verdict}: ${why.split('\n')[0] ?? ''}`);
  const decisive = metrics.filter((row) => row.primary && row.verdict === verdict);
  return printable(`${name}: ${verdict}${decisive.length === 0 ? '' : `: ${decisive.map((row) => `${row.metric} of ${row.pipeline} ${changeOf(row)}`).join(', ')}`}${verdict === 'equivalent' ? unseen(metrics) : ''}${onceSeen(correctness.unconfirmed)}`);
}

/** Held against nobody, and not kept quiet. */
function onceSeen([first, ...more]: readonly Failure[]): string {
  return first === undefined ? '' : `; on one boot and not on the next: ${first.detector}: ${first.why.split('\n')[0] ?? ''} (${first.run ?? ''})${more.length === 0 ? '' : `, and ${String(more.length)} more`}`;
}

/** From nothing there is no percentage. */
function changeOf({ changePct, baseMedian, patchedMedian }: MetricRow): string {
  return changePct === null && baseMedian !== null && patchedMedian !== null ? `${String(baseMedian)} to ${String(patchedMedian)}` : percent(changePct);
}

/** What an equivalence by instructions leaves open of the time. */
function unseen(metrics: readonly MetricRow[]): string {
  return leftToInstructions(metrics).map((row) => (row.detectablePct === null ? `; ${row.metric} of ${row.pipeline} was too noisy to go on with: ${counted(row.pairs, 'pair')} show no change of it, however large` : `; ${row.metric} of ${row.pipeline} was too noisy: less than ${row.detectablePct.toFixed(0)} % would not have been seen`)).join('');
}

/** The signs of percent are in the header: the verdict stands last, and must not be what is cut. */
function rowOf(row: MetricRow): string[] {
  const interval = row.ci === null ? '-' : `${figure(row.ci[0])} .. ${figure(row.ci[1])}`;
  const p = row.kind === 'counters' ? 'exact' : row.p === null ? '-' : row.p.toPrecision(2);
  return [row.primary ? row.metric : `(${row.metric})`, row.pipeline, row.changePct === null ? '-' : figure(row.changePct), interval, p, `${String(row.pairs)}${row.dropped === 0 ? '' : ` -${String(row.dropped)}`}`, row.limitPct === 0 ? '-' : row.limitPct.toFixed(2), row.verdict];
}

function percent(value: number | null): string {
  return value === null ? '-' : `${figure(value)} %`;
}

function figure(value: number): string {
  return `${value >= 0 ? '+' : ''}${Math.abs(value) < 0.1 ? value.toFixed(3) : value.toFixed(2)}`;
}

const HALF = 24;

/** Each interval on one scale per kind; `|` is no change, dots are what does not matter. */
function forest(metrics: readonly MetricRow[]): string[] {
  return (['time', 'instructions'] as const).flatMap((kind) => {
    const rows = metrics.filter((row) => row.kind === kind && row.primary && row.ci !== null);
    const reach = Math.max(...rows.flatMap((row) => [Math.abs(row.ci?.[0] ?? 0), Math.abs(row.ci?.[1] ?? 0), row.limitPct]));
    if (rows.length === 0 || !(reach > 0)) return [];
    const at = (value: number): number => HALF + Math.round((value / reach) * HALF);
    const name = Math.max(...rows.map((row) => `${row.metric}, ${row.pipeline}`.length));
    return [
      ...rows.map((row) => {
        const cells = Array.from<unknown, string>({ length: 2 * HALF + 1 }, (_, column) => (column >= at(-row.limitPct) && column <= at(row.limitPct) ? '.' : ' '));
        cells[HALF] = '|';
        for (let column = at(row.ci?.[0] ?? 0); column <= at(row.ci?.[1] ?? 0); column++) cells[column] = '-';
        cells[at(row.changePct ?? 0)] = 'o';
        return `${`${row.metric}, ${row.pipeline}`.padEnd(name)}  ${cells.join('')}`.trimEnd();
      }),
      `${''.padEnd(name)}  ${`-${reach.toFixed(2)} %`.padEnd(HALF)}0${`+${reach.toFixed(2)} %`.padStart(HALF)}`,
      '',
    ];
  });
}

function failures(title: string, list: readonly Failure[]): string[] {
  return list.map(({ detector, what, why, flavour, run, again }) => wrap(printable(`${title}: ${detector}${what === '' ? '' : ` (${what})`}, ${flavour}: ${why}${run === null ? '' : ` [${run}${again === null ? '' : `, again ${again}`}]`}`), 96, '    '));
}
