// Counters of an evaluation that changed: facts, which are the same in every boot of each kernel, and those that are judged without being one. Pure.
import { changePct } from '../../api/change.ts';
import type { EvaluationDetail } from '../../api/shapes.ts';

type Record = EvaluationDetail['record'];
/** `verdict` null: it is told as a fact, and was not judged. `runs` null: no two boots stand for it. */
export type Counter = {
  counter: string; pipeline: string; base: number | null; patched: number | null; changePct: number | null; boots: number; verdict: Record['metrics'][number]['verdict'] | null; runs: Record['facts'][number]['runs'] | null;
};

export function countersOf({ facts, metrics }: Pick<Record, 'facts' | 'metrics'>): Counter[] {
  const rows = metrics.filter((row) => row.kind === 'counters');
  const same = (one: Pick<Counter, 'counter' | 'pipeline'>, row: Record['metrics'][number]): boolean => row.metric === one.counter && row.pipeline === one.pipeline;
  // A pipeline may have been counted on several clips, of which neither says which it is: its figures tell.
  const verdictOf = (fact: Record['facts'][number]): Counter['verdict'] => {
    const own = rows.filter((row) => same(fact, row));
    return (own.find((row) => row.baseMedian === fact.base && row.patchedMedian === fact.patched) ?? own[0])?.verdict ?? null;
  };
  return [
    ...facts.map((fact) => ({ ...fact, changePct: changePct(fact.base, fact.patched), verdict: verdictOf(fact) })),
    ...rows.filter((row) => !facts.some((fact) => same(fact, row))).map((row) => ({ counter: row.metric, pipeline: row.pipeline, base: row.baseMedian, patched: row.patchedMedian, changePct: row.changePct, boots: row.pairs, verdict: row.verdict, runs: null })),
  ];
}
