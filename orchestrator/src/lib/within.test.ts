// What a limited wait promises: it ends, it says what was waited for, and whose fault the end is.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { rejection } from '../../test/parts.ts';
import { LabError } from './lab-error.ts';
import { pause, within } from './within.ts';

beforeEach(() => { vi.useFakeTimers(); });
afterEach(() => { vi.useRealTimers(); });

const GREETING = { what: 'the QMP greeting', ms: 10_000, blame: 'lab' } as const;

test('names the wait, its limit and whom to blame when it takes too long', async () => {
  const wait = rejection(within({ ...GREETING, hint: 'vlab doctor' }, () => new Promise(() => undefined)));
  vi.advanceTimersByTime(10_000);
  expect(await wait).toMatchObject({ code: 'TOO_SLOW', message: 'the QMP greeting took longer than 10000 ms', blame: 'lab', hint: 'vlab doctor' });
});

test('tells the work by its signal that nobody waits any more', async () => {
  let heard: AbortSignal | undefined;
  const wait = rejection(within(GREETING, (signal) => {
    heard = signal;
    return new Promise(() => undefined);
  }));
  expect(heard?.aborted).toBe(false);
  vi.advanceTimersByTime(10_000);
  await wait;
  expect(heard?.reason).toMatchObject({ code: 'TOO_SLOW' });
});

test('gives what the work gave, and leaves no timer that would keep the process alive', async () => {
  expect(await within(GREETING, () => Promise.resolve('10.0.2'))).toBe('10.0.2');
  expect(vi.getTimerCount()).toBe(0);
});

test('passes an error of the work on as it is, and leaves no timer either', async () => {
  const error = new Error('not a greeting');
  expect(await rejection(within(GREETING, () => Promise.reject(error)))).toBe(error);
  expect(vi.getTimerCount()).toBe(0);
});

test('ends with the reason of the caller\'s signal, not with the limit', async () => {
  const died = new AbortController();
  const wait = rejection(within({ ...GREETING, signal: died.signal }, () => new Promise(() => undefined)));
  const reason = new LabError('QEMU_DIED', 'QEMU died: exit code 1', { blame: 'lab' });
  died.abort(reason);
  expect(await wait).toBe(reason);
  expect(vi.getTimerCount()).toBe(0);
});

test('does not even begin the work when the signal has fired before', async () => {
  const reason = new LabError('CANCELLED', 'somebody cancelled it', { blame: 'user' });
  let begun = false;
  const error = await rejection(within({ ...GREETING, signal: AbortSignal.abort(reason) }, () => {
    begun = true;
    return Promise.resolve();
  }));
  expect(error).toBe(reason);
  expect(begun).toBe(false);
});

test('sleeps for as long as it was told to', async () => {
  let awake = false;
  const sleeping = pause(50).then(() => { awake = true; });
  await vi.advanceTimersByTimeAsync(49);
  expect(awake).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  await sleeping;
  expect(awake).toBe(true);
});

test('is woken by its signal without an error, and takes its timer along', async () => {
  const wake = new AbortController();
  const sleeping = pause(60_000, wake.signal);
  wake.abort();
  await sleeping;
  expect(vi.getTimerCount()).toBe(0);
});

test('does not sleep at all when its signal has fired before', async () => {
  const sleeping = pause(60_000, AbortSignal.abort());
  expect(vi.getTimerCount()).toBe(0);
  await sleeping;
});
