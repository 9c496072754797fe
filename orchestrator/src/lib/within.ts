// Every wait has a name, a limit, someone to blame and a way out.
import type { Blame } from '../contract/outcome.ts';
import { LabError } from './lab-error.ts';

export type Wait = { what: string; ms: number; blame: Blame; signal?: AbortSignal; hint?: string };

/** Runs `work` with a signal that fires at the limit or when `wait.signal` does; rejects with the reason of whichever was first. */
export async function within<T>(wait: Wait, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const limit = new AbortController();
  const timer = setTimeout(() => {
    limit.abort(new LabError('TOO_SLOW', `${wait.what} took longer than ${String(wait.ms)} ms`, {
      blame: wait.blame, ...(wait.hint === undefined ? {} : { hint: wait.hint }),
    }));
  }, wait.ms);
  const signal = wait.signal === undefined ? limit.signal : AbortSignal.any([wait.signal, limit.signal]);
  try {
    signal.throwIfAborted();
    return await Promise.race([work(signal), rejectionOf(signal)]);
  } finally {
    clearTimeout(timer);
  }
}

/** Rejects with the signal's reason once it fires; never resolves. */
export function rejectionOf(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => { reject(signal.reason as Error); }, { once: true });
  });
}

/** Sleeps `ms` milliseconds, or until the signal fires. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted === true) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done);
  });
}

/** Waits for what may never come, and no longer than `ms`: neither keeps the process afterwards. */
export async function atMost(ms: number, work: Promise<unknown>): Promise<void> {
  const enough = new AbortController();
  try {
    await Promise.race([work, pause(ms, enough.signal)]);
  } finally {
    enough.abort();
  }
}
