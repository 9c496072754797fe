// A hold on a piece of work that is not renewed in time is lost, whether or not anybody says so.
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { LabError } from '../lib/lab-error.ts';
import { wasLost } from '../lib/lost-hold.ts';
import { Holds } from './holds.ts';

beforeEach(() => { vi.useFakeTimers(); });
afterEach(() => { vi.useRealTimers(); });

function holds(): Holds {
  const made = new Holds(2000);
  onTestFinished(() => { made.close(); });
  return made;
}

test('is lost when nobody has renewed it for as long as it lasts, though Redis cannot be asked', () => {
  const own = holds();
  const [renewed, forgotten] = [own.begin('a'), own.begin('b')];
  for (let n = 0; n < 4; n++) {
    vi.advanceTimersByTime(1000);
    own.renewed(['a']);
  }
  expect([wasLost(renewed), wasLost(forgotten)]).toEqual([false, true]);
});

test('a cancel is no loss: what was cancelled is sealed here', () => {
  const own = holds();
  const signal = own.begin('a');
  own.abort('a', new LabError('CANCELLED', 'somebody cancelled it', { blame: 'user' }));
  own.lose('a');
  expect([signal.aborted, wasLost(signal)]).toEqual([true, false]);
});
