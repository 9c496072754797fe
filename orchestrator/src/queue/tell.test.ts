// What goes over the channel of a run, on a Redis that only writes down what it is told.
import type { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { StampedEvent } from '../contract/event.ts';
import { Teller } from './tell.ts';

const sent: [string, unknown][] = [];
const redis = { publish: (channel: string, text: string) => {
  sent.push([channel, JSON.parse(text)]);
  return Promise.resolve(0);
} } as unknown as Redis;

beforeEach(() => { vi.useFakeTimers(); });
afterEach(() => {
  vi.useRealTimers();
  sent.length = 0;
});

function opened(run: string): StampedEvent {
  return { at: '2025-06-01T12:00:00.000Z', ms: 0, run, event: 'run.opened', attempt: 1, worker: 'w' };
}

test('what happens within a moment is told in one message for each run, in its order', () => {
  const teller = new Teller(redis);
  const later = { ...opened('r-1'), ms: 7 };
  teller.event('r-1', opened('r-1'));
  teller.event('r-2', opened('r-2'));
  teller.event('r-1', later);
  expect(sent).toEqual([]);
  vi.advanceTimersByTime(50);
  expect(sent).toEqual([['vlab:told:r-1', { events: [opened('r-1'), later] }], ['vlab:told:r-2', { events: [opened('r-2')] }]]);
  vi.advanceTimersByTime(1000);
  expect(sent.length).toBe(2);
});

test('the end is told at once, behind whatever is still to be told', () => {
  const teller = new Teller(redis);
  teller.event('r-1', opened('r-1'));
  teller.ended({ id: 'r-1', state: 'completed', why: '' });
  expect(sent).toEqual([['vlab:told:r-1', { events: [opened('r-1')], ended: { id: 'r-1', state: 'completed', why: '' } }]]);
  vi.advanceTimersByTime(1000);
  expect(sent.length).toBe(1);
});
