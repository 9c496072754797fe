// The search for the patch that did it.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nextStep, type Next, type Step } from './bisect.ts';

function search(count: number, is: (patches: number) => Step['is']): { end: Next; steps: Step[] } {
  const steps: Step[] = [];
  for (;;) {
    const next = nextStep(count, steps);
    if (!('ask' in next)) return { end: next, steps };
    expect(steps.map((step) => step.patches)).not.toContain(next.ask);
    steps.push({ patches: next.ask, is: is(next.ask) });
  }
}

test('it finds the patch, whichever it is, in as many steps as halving takes', () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 60 }).chain((count) => fc.tuple(fc.constant(count), fc.integer({ min: 1, max: count }))), ([count, culprit]) => {
    const { end, steps } = search(count, (patches) => (patches >= culprit ? 'bad' : 'good'));
    expect(end).toEqual({ found: { first: culprit, last: culprit } });
    expect(steps.length).toBeLessThanOrEqual(2 + Math.ceil(Math.log2(count)));
  }));
});

test('prefixes that cannot be tried are gone around, and widen the answer only where they must', () => {
  expect(search(7, (patches) => (patches === 4 ? 'skip' : patches >= 6 ? 'bad' : 'good')).end).toEqual({ found: { first: 6, last: 6 } });
  expect(search(7, (patches) => (patches === 4 || patches === 5 ? 'skip' : patches >= 6 ? 'bad' : 'good')).end).toEqual({ found: { first: 4, last: 6 } });
});

test('a good series, one without a verdict, and one that is bad and good again have no culprit', () => {
  expect(search(4, () => 'good').end).toEqual({ nothing: 'the whole series is as its base is' });
  expect(search(4, () => 'skip').end).toEqual({ nothing: 'of the whole series no verdict could be had' });
  expect(nextStep(4, [{ patches: 4, is: 'bad' }, { patches: 1, is: 'bad' }, { patches: 2, is: 'good' }])).toEqual({ nothing: 'it is not one patch: with 1 of them it is bad, with 2 it is good again' });
});
