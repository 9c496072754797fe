// Counters of an evaluation: each with the verdict of its own figures.
import { expect, test } from 'vitest';
import { ENDS, evaluationOf, rowFor } from '../../../orchestrator/src/report/evaluation/fixture.ts';
import { countersOf } from './counters.ts';

test('a fact has the verdict of its row', () => {
  const counters = ENDS['counters'];
  expect(counters === undefined ? [] : countersOf(counters)).toMatchObject([{ counter: 'transfersPerFrame', pipeline: 'upload', base: 1, patched: 2, changePct: 100, boots: 2, verdict: 'worse', runs: { base: 'r-aaaaaaaaaa' } }]);
});

test('of two of one name, counted on two clips, each has the verdict of its own figures', () => {
  const [fact] = ENDS['counters']?.facts ?? [];
  const row = (verdict: 'worse' | 'better', baseMedian: number, patchedMedian: number): unknown => rowFor(verdict, { metric: 'transfersPerFrame', kind: 'counters', p: null, adjusted: null, baseMedian, patchedMedian });
  const both = evaluationOf({ facts: [fact, { ...fact, base: 4, patched: 3 }], metrics: [row('worse', 1, 2), row('better', 4, 3)] });
  expect(countersOf(both).map(({ base, verdict }) => [base, verdict])).toEqual([[1, 'worse'], [4, 'better']]);
});

test('one that is no fact, and one that was not judged, are told as that', () => {
  const [fact] = ENDS['counters']?.facts ?? [];
  expect(countersOf(evaluationOf({ facts: [fact], metrics: [rowFor('equivalent', { metric: 'fencesPerFrame', kind: 'counters' })] })).map(({ counter, verdict, runs }) => [counter, verdict, runs?.base ?? null])).toEqual([['transfersPerFrame', null, 'r-aaaaaaaaaa'], ['fencesPerFrame', 'equivalent', null]]);
});
