// An exercise passes by every check, an end, and nothing left behind; each of the three is missed by its own words.
import { expect, test } from 'vitest';
import type { CheckLine, EndLine, LeaksLine } from '../contract/probe.ts';
import { judgeExercise } from './exercise.ts';

const CHECKS: CheckLine[] = [
  { t: 'check', id: 9, check: 'round-trip', status: 'passed', why: '' }, { t: 'check', id: 9, check: 'context', status: 'unavailable', why: 'the device has no CONTEXT_INIT' },
];
const END: EndLine = { t: 'end', id: 9, status: 'done', frames: 0 };
const LEAKS: LeaksLine = { t: 'leaks', id: 9, fds: 0, dmabufs: 0 };

test('what the device does not have is no failure', () => {
  expect(judgeExercise({ checks: CHECKS, leaks: LEAKS, end: END }, 0)).toEqual({
    status: 'passed', why: '1 of 2 checks passed', leaks: { fds: 0, dmabufs: 0, hostResources: 0 },
    checks: [{ check: 'round-trip', status: 'passed', why: '' }, { check: 'context', status: 'unavailable', why: 'the device has no CONTEXT_INIT' }],
  });
});

test('a check that fails says which and why, before anything that was left behind', () => {
  const wrong: CheckLine = { t: 'check', id: 9, check: 'dumb', status: 'failed', why: 'row 6 is another one' };
  expect(judgeExercise({ checks: [...CHECKS, wrong], leaks: LEAKS, end: END }, 3)).toMatchObject({ status: 'failed', why: 'dumb: row 6 is another one' });
});

test.each([
  { left: { fds: 1 }, host: 0, says: '1 open file were left behind' },
  { left: { dmabufs: 2 }, host: 0, says: '2 dma-bufs were left behind' },
  { left: {}, host: 96, says: '96 host resources were left behind' },
])('right checks are not enough where $says', ({ left, host, says }) => {
  expect(judgeExercise({ checks: CHECKS, leaks: { ...LEAKS, ...left }, end: END }, host)).toMatchObject({ status: 'failed', why: `every check passed, and ${says}` });
});

test('an exercise that dies has failed, and says after which check', () => {
  const end: EndLine = { t: 'end', id: 9, status: 'crashed', why: 'killed by signal 9 (Killed)', frames: -1 };
  expect(judgeExercise({ checks: CHECKS, leaks: LEAKS, end }, -1)).toMatchObject({ status: 'failed', why: 'it did not come to its end, after context: killed by signal 9 (Killed)' });
  expect(judgeExercise({ checks: [], leaks: undefined, end: undefined }, -1)).toMatchObject({ status: 'failed', why: 'it did not come to its end, after its start', leaks: null });
});

test('without a virtio-gpu there is nothing to exercise', () => {
  const end: EndLine = { t: 'end', id: 9, status: 'unsupported', step: 'exercise', why: '/dev/dri/card0: No such file or directory', frames: 0 };
  expect(judgeExercise({ checks: [], leaks: LEAKS, end }, 0)).toMatchObject({ status: 'unavailable', why: '/dev/dri/card0: No such file or directory' });
});
