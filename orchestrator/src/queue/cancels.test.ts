// When a cancel is heard, when its mark is read, and when neither is needed: on a Redis and a channel that are worked by hand.
import { EventEmitter } from 'node:events';
import type { Redis } from 'ioredis';
import { expect, test, vi } from 'vitest';
import { Cancels } from './cancels.ts';
import { cancelKey } from './names.ts';

type Made = { cancels: Cancels; cancelled: string[]; asked: string[][]; marks: Set<string>; up: () => Promise<void>; down: () => void; say: (id: string) => void };

function made(): Made {
  const subscriber = Object.assign(new EventEmitter(), { subscribe: () => Promise.resolve(1) });
  const [cancelled, asked, marks]: [string[], string[][], Set<string>] = [[], [], new Set()];
  let looks = 0;
  const redis = {
    mget: (keys: string[]) => {
      asked.push(keys);
      return Promise.resolve(keys.map((key) => (marks.has(key.slice(cancelKey('').length)) ? '1' : null)));
    },
    // In two pages, as Redis gives them.
    scan: (cursor: string) => {
      if (cursor === '0') return Promise.resolve(['7', []]);
      looks++;
      return Promise.resolve(['0', [...marks].map(cancelKey)]);
    },
  };
  const cancels = new Cancels(redis as unknown as Redis, subscriber as unknown as Redis, (id) => { cancelled.push(id); });
  return {
    cancels, cancelled, asked, marks,
    up: async () => {
      const before = looks;
      subscriber.emit('ready');
      await vi.waitFor(() => { expect(looks).toBe(before + 1); });
      await new Promise(setImmediate);
    },
    down: () => { subscriber.emit('close'); }, say: (id) => { subscriber.emit('message', 'vlab:cancel', id); },
  };
}

test('whoever listens asks for nothing when it takes up work', async () => {
  const { cancels, asked, cancelled, up } = made();
  await up();
  await cancels.look(['r-1']);
  expect([asked, cancelled]).toEqual([[], []]);
});

test('a cancel that was heard, or whose mark was there before, reaches its run as it comes', async () => {
  const { cancels, cancelled, marks, up, say } = made();
  marks.add('r-3');
  await up();
  say('r-1');
  cancelled.length = 0;
  await cancels.look(['r-1', 'r-2', 'r-3']);
  expect(cancelled).toEqual(['r-1', 'r-3']);
});

test('while nothing is heard every mark is read; what was cancelled meanwhile is told when it is heard again', async () => {
  const { cancels, cancelled, marks, up, down } = made();
  await up();
  down();
  marks.add('r-2').add('r-3');
  await cancels.look(['r-3', 'r-4']);
  expect(cancelled).toEqual(['r-3']);
  await up();
  expect(cancelled).toEqual(['r-3', 'r-2', 'r-3']);
});
