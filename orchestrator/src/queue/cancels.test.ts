// When a cancel is heard, when its mark is read, and when neither is needed: on a Redis and a channel that are worked by hand.
import { EventEmitter } from 'node:events';
import type { Redis } from 'ioredis';
import { expect, test, vi } from 'vitest';
import { Cancels } from './cancels.ts';

type Made = { cancels: Cancels; cancelled: string[]; asked: string[][]; marks: Set<string>; running: string[]; up: () => Promise<void>; down: () => void; say: (id: string) => void };

function made(): Made {
  const subscriber = Object.assign(new EventEmitter(), { subscribe: () => Promise.resolve(1) });
  const [cancelled, asked, marks, running]: [string[], string[][], Set<string>, string[]] = [[], [], new Set(), []];
  const redis = { mget: (keys: string[]) => {
    asked.push(keys);
    return Promise.resolve(keys.map((key) => (marks.has(key.slice('vlab:cancel:'.length)) ? '1' : null)));
  } };
  const cancels = new Cancels(redis as unknown as Redis, subscriber as unknown as Redis, () => running, (id) => { cancelled.push(id); });
  return {
    cancels, cancelled, asked, marks, running,
    up: async () => {
      subscriber.emit('ready');
      await vi.waitFor(() => { expect(subscriber.listenerCount('message')).toBe(1); });
    },
    down: () => { subscriber.emit('close'); }, say: (id) => { subscriber.emit('message', 'vlab:cancel', id); },
  };
}

const AFTER = 60_000;

test('work that was asked for while every word was heard is taken up without a question', async () => {
  const { cancels, asked, cancelled, up } = made();
  await up();
  await cancels.look(['r-1'], Date.now() + AFTER, false);
  expect([asked, cancelled]).toEqual([[], []]);
});

test('a cancel that is heard before its run is here reaches it as it comes', async () => {
  const { cancels, cancelled, up, say } = made();
  await up();
  say('r-1');
  cancelled.length = 0;
  await cancels.look(['r-1', 'r-2'], Date.now() + AFTER, false);
  expect(cancelled).toEqual(['r-1']);
});

test.each([
  ['that somebody had before', true, AFTER, true], ['that was asked for before anything was heard', true, -AFTER, false], ['that comes while nothing is heard', false, AFTER, false],
])('the mark of work %s is read', async (_what, hears, asked, again) => {
  const { cancels, cancelled, marks, up } = made();
  if (hears) await up();
  marks.add('r-1');
  await cancels.look(['r-1'], Date.now() + asked, again);
  expect(cancelled).toEqual(['r-1']);
});

test('what was cancelled while the channel was away is found when it is back, and until then every mark is read', async () => {
  const { cancels, cancelled, marks, running, up, down } = made();
  await up();
  running.push('r-1', 'r-2');
  down();
  marks.add('r-2').add('r-3');
  await cancels.look(['r-3'], Date.now() + AFTER, false);
  expect(cancelled).toEqual(['r-3']);
  await up();
  await vi.waitFor(() => { expect(cancelled).toEqual(['r-3', 'r-2']); });
});
