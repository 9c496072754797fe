// What an evaluation of one kernel tells a bisection. Pure.
import type { EvaluationRecord } from '../contract/evaluation.ts';
import type { Look } from './bisect.ts';

export type On = 'correctness' | 'instructions' | 'time';

/** A kernel that does not build says nothing of what it would do. Something wrong is no answer where speed was asked for. */
export function lookOf({ verdict, correctness, identical }: Pick<EvaluationRecord, 'verdict' | 'correctness' | 'identical'>, at: string, on: On): Look {
  const { failures, unconfirmed } = correctness;
  if (failures.some((one) => one.detector === 'build' || one.detector === 'apply')) return { at, saw: 'skip', detectors: [] };
  if (identical) return { at, saw: 'same', detectors: [] };
  if (on !== 'correctness') return { at, saw: verdict === 'worse' ? 'wrong' : verdict === 'better' || verdict === 'equivalent' ? 'nothing' : 'skip', detectors: [] };
  const seen = failures.length > 0 ? failures : unconfirmed;
  const detectors = [...new Set(seen.map((one) => one.detector))].sort();
  return { at, saw: failures.length > 0 ? 'wrong' : unconfirmed.length > 0 ? 'once' : 'nothing', detectors };
}
