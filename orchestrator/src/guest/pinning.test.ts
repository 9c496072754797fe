// Timed guests have the same CPUs in every boot, or all where there are few.
import { expect, test } from 'vitest';
import { pinnedTo } from './pinning.ts';

test.each([[1, undefined], [2, undefined], [4, undefined], [5, '1-4'], [16, '12-15']])('of %i CPUs: %s', (cpus, expected) => {
  expect(pinnedTo(cpus)).toBe(expected);
});
