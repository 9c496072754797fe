// What a night has confirmed, by the rows of its evaluation.
import { expect, test } from 'vitest';
import { ENDS, evaluationOf, rowFor } from '../../../orchestrator/src/report/evaluation/fixture.ts';
import { nightRecord } from '../../../orchestrator/test/night-parts.ts';
import { alertOf } from './night-alerts.ts';

const NIGHT = nightRecord();
const PAIR = { base: '6.12', before: '0123456789abcdef', after: 'fedcba9876543210', evaluation: 'e-0123456789', verdict: 'worse', why: '', worse: [] } as unknown as (typeof NIGHT)['pairs'][number];

test('a counter that rose from nothing speaks for all, since no percentage is as large', () => {
  const counter = rowFor('worse', { metric: 'fencesPerFrame', kind: 'counters', p: null, adjusted: null, changePct: null, ci: null, limitPct: 0, baseMedian: 0, patchedMedian: 2 });
  const evaluation = evaluationOf({ metrics: [rowFor('worse'), counter], facts: [{ ...ENDS['counters']?.facts[0], counter: 'fencesPerFrame', base: 0, patched: 2 }] });
  const [found] = alertOf({ night: NIGHT, pair: PAIR, evaluation, was: undefined });
  expect(found?.alert).toMatchObject({ metric: 'fencesPerFrame', changePct: null, before: 0, after: 2, from: 'r-aaaaaaaaaa', to: 'r-bbbbbbbbbb' });
  expect(found?.alert.moved.map((one) => [one.metric, one.changePct])).toEqual([['fencesPerFrame', null], ['instructions', 2.5]]);
});

test('what is not worse, or not what the verdict rests on, raises nothing', () => {
  for (const metrics of [[rowFor('better')], [rowFor('worse', { primary: false })]]) expect(alertOf({ night: NIGHT, pair: PAIR, evaluation: evaluationOf({ metrics }), was: undefined })).toEqual([]);
});
