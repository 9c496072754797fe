// Last night's base against tonight's, as a night tells it. Pure.
import type { EvaluationRecord } from '../contract/evaluation.ts';
import type { NightBase, NightPair } from '../contract/night.ts';

/** `seen`: the evaluation, or why there is none. */
export function pairOf(before: NightBase, after: NightBase, seen: EvaluationRecord | string): NightPair {
  const sides = { base: after.base, before: before.kernel, after: after.kernel };
  if (typeof seen === 'string') return { ...sides, evaluation: null, verdict: null, why: seen, worse: [] };
  const worse = seen.metrics.filter((row) => row.primary && row.verdict === 'worse').map(({ metric, pipeline, changePct, verdict }) => ({ metric, pipeline, changePct, verdict }));
  return { ...sides, evaluation: seen.id, verdict: seen.verdict, why: `${before.version} to ${after.version}: ${seen.verdict ?? seen.outcome.kind}, ${seen.why}`, worse };
}
