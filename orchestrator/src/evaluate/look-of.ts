// What an evaluation of one kernel tells a bisection. Pure.
import type { EvaluationRecord } from '../contract/evaluation.ts';
import type { Look } from './bisect.ts';
import { overall } from './verdict.ts';

export type On = 'correctness' | 'instructions' | 'time';

/** A kernel that does not build says nothing of what it would do. Something wrong is no answer where speed was asked for, and a counter is another metric than the one asked for. */
export function lookOf({ verdict, correctness, identical, metrics }: Pick<EvaluationRecord, 'verdict' | 'correctness' | 'identical' | 'metrics'>, at: string, on: On): Look {
  const { failures, unconfirmed } = correctness;
  if (failures.some((one) => one.detector === 'build' || one.detector === 'apply')) return { at, saw: 'skip', detectors: [] };
  if (identical) return { at, saw: 'same', detectors: [] };
  if (on !== 'correctness') {
    const ofMetric = verdict === null ? null : overall(verdict !== 'failed', metrics.filter((row) => row.kind === on));
    return { at, saw: ofMetric === 'worse' ? 'wrong' : ofMetric === 'better' || ofMetric === 'equivalent' ? 'nothing' : 'skip', detectors: [] };
  }
  const seen = failures.length > 0 ? failures : unconfirmed;
  const detectors = [...new Set(seen.map((one) => one.detector))].sort();
  return { at, saw: failures.length > 0 ? 'wrong' : unconfirmed.length > 0 ? 'once' : 'nothing', detectors };
}
