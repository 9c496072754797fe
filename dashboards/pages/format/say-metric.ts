// The statistics of one metric in words, each sentence true by itself. Pure.
import type { EvaluationRecord } from '../../../orchestrator/src/contract/evaluation.ts';
import { counted, figure, percent, sayP } from './number.ts';

type Row = EvaluationRecord['metrics'][number];
type Samples = EvaluationRecord['samples'][number];

export function nameOfRow({ metric, pipeline }: Pick<Row, 'metric' | 'pipeline'>): string {
  return `${metric} of ${pipeline}`;
}

export function sayMetric(row: Row, samples: Samples | undefined): string[] {
  const { kind, changePct, ci, unit, baseMedian, patchedMedian, baseSdPct, patchedSdPct, limitPct, noisePct, detectablePct, morePairs, bimodal, verdict } = row;
  if (changePct === null || ci === null) return [baseMedian === null || patchedMedian === null ? 'Nothing was measured.' : `From ${figure(baseMedian)} to ${figure(patchedMedian)} ${unit}: of nothing there is no percentage.`];
  const medians = baseMedian === null || patchedMedian === null ? '' : ` Medians: base ${figure(baseMedian)} ${unit}${spread(baseSdPct)}, patched ${figure(patchedMedian)} ${unit}${spread(patchedSdPct)}.`;
  if (kind === 'counters') return [`A counter: exact, the same in every boot of each kernel. The change is ${percent(changePct)}.${medians}`];
  return [
    `${percent(changePct)} is the Hodges-Lehmann estimate of the paired log-ratios; its 95 % bootstrap interval is ${percent(ci[0])} to ${percent(ci[1])}.${medians}`,
    `${sayPairs(row, samples)} ${sayTest(row)}`,
    `What is held to matter is ${limitPct.toFixed(2)} %: the larger of the configured limit${samples === undefined ? '' : ` (${samples.limitPct.toFixed(2)} %)`} and the noise floor (${noisePct.toFixed(2)} %), which is what the base shows against itself.`,
    ...(verdict === 'inconclusive' ? [`${detectablePct === null ? 'So few pairs show no change, however large.' : `So many pairs would have shown a change of ${detectablePct.toFixed(2)} % (power 0.8).`}${morePairs > 0 ? ` ${counted(morePairs, 'pair')} more would decide it.` : ''}`] : []),
    ...(bimodal ? ['The samples of a side fall into two heaps; one figure does not describe them.'] : []),
  ];
}

function spread(sdPct: number | null): string {
  return sdPct === null ? '' : ` (spread ${sdPct.toFixed(2)} %)`;
}

function sayPairs({ pairs, dropped }: Row, samples: Samples | undefined): string {
  // A metric keeps the verdict of the look that decided it; boots that others still wanted came after.
  const used = samples?.pairs.slice(0, pairs + dropped) ?? [];
  const after = (samples?.pairs.length ?? 0) - used.length;
  const where = samples === undefined ? '' : ` in ${counted(new Set(used.map(({ block }) => block)).size, 'block')} on ${counted(new Set(used.map(({ host }) => host)).size, 'host')}`;
  const later = after <= 0 ? '' : ` That decided it; ${counted(after, 'pair')} more, which other metrics wanted, are drawn and do not count.`;
  return `${counted(pairs, 'pair')} of boots${where}${dropped === 0 ? '' : `; ${counted(dropped, 'pair')} left out, of which a boot was lost`}.${later}`;
}

function sayTest({ p, adjusted, primary }: Row): string {
  if (p === null) return '';
  const test = `The exact two-sided p of the aligned rank test within blocks is ${sayP(p)}`;
  return primary && adjusted !== null ? `${test}, after Holm over the primary metrics of its kind ${sayP(adjusted)}.` : `${test}. It is secondary and decides nothing.`;
}
