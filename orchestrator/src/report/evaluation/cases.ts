// An evaluation as test cases, for the formats that know nothing else: one for correctness and one for each metric. Pure.
import type { EvaluationRecord, Failure, MetricRow } from '../../contract/evaluation.ts';

/** `error`: the lab or the request ended it, and nothing is known of the kernel. */
export type Case = {
  group: 'correctness' | 'counters' | 'instructions' | 'time' | 'evaluation'; name: string; status: 'pass' | 'fail' | 'skip' | 'error'; why: string;
  row: MetricRow | undefined;
};

export function casesOf(record: EvaluationRecord): Case[] {
  const { outcome, correctness, metrics, identical, verdict } = record;
  if (verdict === null) return [{ group: 'evaluation', name: 'evaluation', status: 'error', why: `${outcome.kind}: ${outcome.why}`, row: undefined }];
  const right: Case = { group: 'correctness', name: 'correctness', status: 'pass', why: identical ? outcome.why : 'nothing is wrong that the base does right', row: undefined };
  const wrong = correctness.failures.map((failure, at): Case => ({ group: 'correctness', name: nameOf(failure, at), status: 'fail', why: failure.why, row: undefined }));
  return [...(wrong.length > 0 ? wrong : [right]), ...metrics.filter((row) => row.primary).map(caseOf)];
}

function nameOf({ detector, what, flavour }: Failure, at: number): string {
  return `${String(at + 1)} ${detector}${what === '' ? '' : ` ${what}`} ${flavour}`;
}

function caseOf(row: MetricRow): Case {
  const status = { better: 'pass', equivalent: 'pass', worse: 'fail', inconclusive: 'skip' } as const;
  return { group: row.kind, name: `${row.metric} ${row.pipeline}`, status: status[row.verdict], why: sayRow(row), row };
}

/** "worse by +2.43 % (95 % interval +2.39 to +2.52 %), limit 0.20 %, 12 pairs". */
export function sayRow(row: MetricRow): string {
  const interval = row.ci === null || row.kind === 'counters' ? '' : ` (95 % interval ${signed(row.ci[0])} to ${signed(row.ci[1])} %)`;
  const how = row.kind === 'counters' ? `, exact, ${String(row.baseMedian)} to ${String(row.patchedMedian)} ${row.unit}` : `, limit ${row.limitPct.toFixed(2)} %, ${String(row.pairs)} pairs`;
  return `${row.verdict}: ${row.changePct === null ? 'nothing measured' : `${signed(row.changePct)} %`}${interval}${how}`;
}

export function signed(value: number): string {
  return `${value >= 0 ? '+' : ''}${Math.abs(value) < 0.1 ? value.toFixed(3) : value.toFixed(2)}`;
}
