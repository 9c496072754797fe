// What is offered for ticking makes the list shorter.
import { expect, test } from 'vitest';
import { narrows } from './narrows.ts';

const OUTCOMES = { dimension: 'outcome', values: [{ value: 'passed', runs: 3 }, { value: 'failed', runs: 1 }], more: 0 };

test.each([
  { what: 'two values', values: [{ value: 'a', runs: 2 }, { value: 'b', runs: 2 }], wanted: true }, { what: 'one value that every run has', values: [{ value: 'a', runs: 4 }], wanted: false },
  { what: 'one value that some runs have', values: [{ value: 'a', runs: 1 }], wanted: true }, { what: 'no value', values: [], wanted: false },
])('$what', ({ values, wanted }) => {
  expect(narrows([OUTCOMES, { dimension: 'defect', values, more: 0 }], 'defect')).toBe(wanted);
});

test('where nothing says how many there are, it takes two values', () => {
  expect(narrows([{ dimension: 'host', values: [{ value: 'a', runs: 1 }], more: 0 }], 'host')).toBe(false);
  expect(narrows([], 'host')).toBe(false);
});
