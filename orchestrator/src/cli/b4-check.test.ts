// Which of several evaluations of a series answers for it; how it is asked is in orchestrator/test/evaluate.test.ts.
import { expect, test } from 'vitest';
import { evaluationOf } from '../report/evaluation/fixture.ts';
import { speaksFor } from './b4-check.ts';

const of = (id: string, over: Record<string, unknown> = {}): ReturnType<typeof evaluationOf> => evaluationOf({ id, ...over });
const WHOLE = 2;

test('the newest of the whole series', () => {
  expect(speaksFor([of('e-0000000002', { verdict: 'equivalent' }), of('e-0000000001', { verdict: 'worse' })], WHOLE)?.id).toBe('e-0000000002');
});

test.each([
  { what: 'of its first patches', over: { verdict: 'equivalent', ofPatches: WHOLE, patches: [{ file: 'a', sha256: '0' }] } },
  { what: 'of fewer patches than it has', over: { verdict: 'equivalent', patches: [{ file: 'a', sha256: '0' }] } },
  { what: 'of one pipeline only', over: { verdict: 'equivalent', checked: ['upload'] } },
  { what: 'without a verdict', over: { verdict: null } },
])('one $what does not speak before an older one that is whole', ({ over }) => {
  expect(speaksFor([of('e-0000000002', over), of('e-0000000001', { verdict: 'worse' })], WHOLE)?.id).toBe('e-0000000001');
});

test('where no verdict was ever given, the newest says so', () => {
  expect(speaksFor([of('e-0000000002', { verdict: null }), of('e-0000000001', { verdict: null })], WHOLE)?.id).toBe('e-0000000002');
  expect(speaksFor([of('e-0000000001', { checked: ['upload'] })], WHOLE)).toBeUndefined();
});
