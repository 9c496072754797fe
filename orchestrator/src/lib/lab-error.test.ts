// Whatever is thrown becomes an outcome in one place: who is at fault follows from the blame, and from nothing else.
import { expect, test } from 'vitest';
import type { Blame, OutcomeKind } from '../contract/outcome.ts';
import { rejection } from '../../test/parts.ts';
import { isMissing, isNoSpace, LabError, outcomeOf, rootOf } from './lab-error.ts';

const CALM = new AbortController().signal;

test.each<{ blame: Blame; kind: OutcomeKind }>([
  { blame: 'kernel', kind: 'failed' },
  { blame: 'request', kind: 'rejected' },
  { blame: 'lab', kind: 'broken' },
  { blame: 'user', kind: 'cancelled' },
])('an error that blames the $blame makes the run $kind', ({ blame, kind }) => {
  const error = new LabError('CODE', 'what, wanted, got', { blame });
  expect(outcomeOf(error, 'guest', CALM)).toEqual({ kind, stage: 'guest', why: 'what, wanted, got' });
});

test('the stage that the error names counts more than the one that was under way', () => {
  const error = new LabError('LOST_LOCK', 'lost its hold', { blame: 'lab', stage: 'queue' });
  expect(outcomeOf(error, 'pipeline', CALM).stage).toBe('queue');
});

test('the evidence of an error stands below its message', () => {
  const error = new LabError('GUEST_SPLAT', 'panic: no init', { blame: 'kernel', evidence: 'line 1\nline 2' });
  expect(outcomeOf(error, 'guest', CALM).why).toBe('panic: no init\nline 1\nline 2');
});

test('the reason of the signal wins over whatever fell over because of it', () => {
  const reason = new LabError('CANCELLED', 'somebody cancelled it', { blame: 'user', stage: 'queue' });
  const thrown = new LabError('QEMU_DIED', 'QEMU died: killed by signal 9', { blame: 'lab' });
  expect(outcomeOf(thrown, 'guest', AbortSignal.abort(reason))).toEqual({ kind: 'cancelled', stage: 'queue', why: 'somebody cancelled it' });
});

test('a lost lock is the lab\'s fault although it arrives as an abort', () => {
  const reason = new LabError('LOST_LOCK', 'this worker lost its hold', { blame: 'lab', stage: 'queue' });
  expect(outcomeOf(new Error('any'), 'guest', AbortSignal.abort(reason)).kind).toBe('broken');
});

test('an error of the kernel stays the outcome when the clean-up after it fails twice over', async () => {
  async function run(): Promise<void> {
    await using _outer = failing('remove the folder');
    await using _inner = failing('stop qemu');
    throw new LabError('GUEST_SPLAT', 'panic: no init', { blame: 'kernel' });
  }
  const thrown = await rejection(run());
  expect(thrown).not.toBeInstanceOf(LabError);
  expect(outcomeOf(thrown, 'guest', CALM)).toEqual({ kind: 'failed', stage: 'guest', why: 'panic: no init' });
});

test('an error that merely carries another one is not looked into', () => {
  const error = new Error('outer', { cause: new Error('inner') });
  expect(rootOf(error)).toBe(error);
});

test.each(['ENOSPC', 'EDQUOT'])('%s is told as a full disk, not as a bug', (code) => {
  const error = Object.assign(new Error(`${code}: write`), { code });
  const outcome = outcomeOf(error, 'kernel', CALM);
  expect(outcome).toMatchObject({ kind: 'broken', stage: 'kernel' });
  expect(outcome.why).toMatch(/^no space left on the lab's disk/);
});

test('any other error is our own bug: broken, with the stack that finds it', () => {
  const { kind, why } = outcomeOf(new TypeError('undefined is not a function'), 'verify', CALM);
  expect(kind).toBe('broken');
  expect(why).toMatch(/^a bug of the lab: TypeError: undefined is not a function\n +at .*lab-error\.test\.ts/);
});

test('even a thrown string becomes an outcome', () => {
  expect(outcomeOf('oh no', 'clip', CALM)).toEqual({ kind: 'broken', stage: 'clip', why: 'a bug of the lab: oh no' });
});

test('a missing file and a full disk are told by their codes, not by their words', () => {
  const error = new Error('ENOENT ENOSPC');
  expect([isMissing(error), isNoSpace(error)]).toEqual([false, false]);
  expect(isMissing(Object.assign(new Error('gone'), { code: 'ENOENT' }))).toBe(true);
});

function failing(what: string): AsyncDisposable {
  return { [Symbol.asyncDispose]: () => Promise.reject(new Error(`could not ${what}`)) };
}
