// No stage of a run lasts for ever, whatever it waits for.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { StampedEvent } from './contract/event.ts';
import { Stage } from './contract/outcome.ts';
import { LabError } from './lib/lab-error.ts';
import { StageLimits } from './stage-limits.ts';

beforeEach(() => { vi.useFakeTimers(); });
afterEach(() => { vi.useRealTimers(); });

const started = (stage: Stage): StampedEvent => StampedEvent.parse({ at: new Date().toISOString(), ms: 0, run: 'r-0123456789', event: 'stage.started', stage });
const HOURS_MS = 3_600_000;

test.each(Stage.options)('a run that hangs at stage %s is ended, and the lab is to blame', (stage) => {
  using limits = new StageLimits(1);
  limits.hear(started(stage));
  vi.advanceTimersByTime(6 * HOURS_MS);
  expect(limits.signal.reason).toMatchObject({ code: 'TOO_SLOW', blame: 'lab', stage });
  expect(limits.signal.reason).toBeInstanceOf(LabError);
});

test('each stage has a limit of its own, and a slow host more of it', () => {
  using limits = new StageLimits(10);
  for (let hours = 0; hours < 60; hours += 8) {
    limits.hear(started('guest'));
    vi.advanceTimersByTime(8 * HOURS_MS);
  }
  expect(limits.signal.aborted).toBe(false);
  vi.advanceTimersByTime(3 * HOURS_MS);
  expect(limits.signal.aborted).toBe(true);
});

test('a run that has ended is timed no longer', () => {
  const limits = new StageLimits(1);
  limits.hear(started('pipeline'));
  limits[Symbol.dispose]();
  vi.advanceTimersByTime(6 * HOURS_MS);
  expect(limits.signal.aborted).toBe(false);
});
