// Outcomes and kernels in words.
import { expect, test } from 'vitest';
import { kernelName, sayDimension, sayOutcome } from './words.ts';

test('what came otherwise than it should says what was expected; a kernel that simply fails needs no more words', () => {
  expect(sayOutcome('passed', 'passed', true)).toBe('passed');
  expect(sayOutcome('failed', 'failed', true)).toBe('failed, as expected');
  expect(sayOutcome('passed', 'failed', false)).toBe('passed, though failed was expected');
  expect(sayOutcome('failed', 'passed', false)).toBe('failed');
});

test('a kernel is called by all that sets it apart from its base', () => {
  expect(kernelName({ base: '6.12', series: null, flavour: 'perf' })).toBe('6.12');
  expect(kernelName({ base: '6.12', series: 'added/x', flavour: 'debug' })).toBe('6.12 + added/x, debug');
});

test('what is narrowed by has the words of people where it has some', () => {
  expect([sayDimension('fault'), sayDimension('device')]).toEqual(['injected fault', 'device']);
});
