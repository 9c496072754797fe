// Progress for people: one line per run that changes in place on a terminal, and nothing that changes in place in a log file.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { RUN_ID } from '../../test/parts.ts';
import type { LabEvent, StampedEvent } from '../contract/event.ts';
import { Progress } from './progress.ts';

beforeEach(() => { vi.useFakeTimers(); });
afterEach(() => { vi.useRealTimers(); });

test('in a log file every step is one plain line, and frame counts are left out until the last one', () => {
  const { progress, written } = on({ isTTY: false });
  progress.event(stamped({ event: 'stage.started', stage: 'clip' }));
  for (let frame = 1; frame <= 60; frame++) progress.event(stamped({ event: 'stage.progress', stage: 'clip', what: 'frames', done: frame, of: 60 }));
  expect(written()).toBe('6.12: clip (0 s)\n6.12: clip: frames 60/60 (100 %) (0 s)\n');
});

test('a terminal gets its old lines erased before the new ones are drawn, and none is wider than it is', () => {
  const { progress, written } = on({ isTTY: true, columns: 20 });
  progress.event(stamped({ event: 'stage.started', stage: 'kernel' }));
  progress.event(stamped({ event: 'stage.progress', stage: 'kernel', what: 'files compiled in the base', done: 5, of: null }));
  expect(written()).toBe('6.12: kernel (0 s)\n\u001b[1A\u001b[0J6.12: kernel: files\n');
  progress.end();
});

test('what a guest says of itself does not reach the terminal as it is', () => {
  const { progress, written } = on({ isTTY: false });
  progress.event(stamped({ event: 'guest.ready', kernel: '6.12\u001b[2J', readyMs: 9040 }));
  progress.event(stamped({ event: 'run.sealed', outcome: { kind: 'failed', stage: 'guest', why: 'panic: \u0007\nsecond line' } }));
  expect(written()).toBe('6.12: guest: ready after 9.0 s, Linux 6.12\\x1b[2J (0 s)\n6.12: failed: panic: \\x07 (0 s)\n');
});

test('a sealed run says nothing more, and a run that nobody added says nothing at all', () => {
  const { progress, written } = on({ isTTY: false });
  progress.event({ ...stamped({ event: 'stage.started', stage: 'clip' }), run: 'r-9999999999' });
  progress.event(stamped({ event: 'run.sealed', outcome: { kind: 'passed', stage: 'verify', why: 'all right' } }));
  progress.event(stamped({ event: 'stage.started', stage: 'store' }));
  expect(written()).toBe('6.12: passed: all right (0 s)\n');
});

test('quiet is quiet, on a terminal too, and leaves no timer', () => {
  const { progress, written } = on({ isTTY: true, columns: 80 }, true);
  progress.say('starting');
  progress.event(stamped({ event: 'stage.started', stage: 'clip' }));
  progress.end();
  expect(written()).toBe('');
  expect(vi.getTimerCount()).toBe(0);
});

test('the end stops the clock of a terminal', () => {
  const { progress } = on({ isTTY: true, columns: 80 });
  expect(vi.getTimerCount()).toBe(1);
  progress.end();
  expect(vi.getTimerCount()).toBe(0);
});

function on(stream: { isTTY: boolean; columns?: number }, quiet = false): { progress: Progress; written: () => string } {
  let text = '';
  const write = (piece: string): boolean => {
    text += piece;
    return true;
  };
  const progress = new Progress({ columns: 80, ...stream, write } as unknown as NodeJS.WriteStream, quiet);
  progress.add(RUN_ID, '6.12');
  return { progress, written: () => text };
}

function stamped(event: LabEvent): StampedEvent {
  return { at: '2025-06-01T12:00:00.000Z', ms: 0, run: RUN_ID, ...event };
}
