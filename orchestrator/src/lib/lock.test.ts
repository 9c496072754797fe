// What a lock between processes promises: one holder at a time, whatever becomes of the holder.
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { otherProcess } from '../../test/other-process.ts';
import { emptyFolder, rejection } from '../../test/parts.ts';
import { LabError } from './lab-error.ts';
import { takeLock } from './lock.ts';

const CANCELLED = new LabError('CANCELLED', 'somebody cancelled it', { blame: 'user' });

test('is held by one at a time, and goes to who waits once it is let go', async () => {
  const path = join(await emptyFolder(), 'locks', 'kernel');
  const order: string[] = [];
  const first = await takeLock(path);
  const second = takeLock(path).then((lock) => {
    order.push('second has it');
    return lock;
  });
  await otherLock(path);
  order.push('first lets go');
  await first[Symbol.asyncDispose]();
  await (await second)[Symbol.asyncDispose]();
  expect(order).toEqual(['first lets go', 'second has it']);
});

test('never has two holders at once, however many ask', async () => {
  const path = join(await emptyFolder(), 'lock');
  let holders = 0;
  const most: number[] = [];
  await Promise.all(Array.from({ length: 8 }, async () => {
    await using _lock = await takeLock(path);
    most.push(++holders);
    await new Promise((resolve) => { setImmediate(resolve); });
    holders--;
  }));
  expect(most).toEqual([1, 1, 1, 1, 1, 1, 1, 1]);
});

test('is let go by the kernel when its holder is killed with SIGKILL', async () => {
  const path = join(await emptyFolder(), 'lock');
  const holder = await otherProcess(`import { takeLock } from './orchestrator/src/lib/lock.ts';
    await takeLock(${JSON.stringify(path)});
    console.log('held');
    setInterval(() => undefined, 60_000);`);
  const waiting = takeLock(path);
  const early = await Promise.race([waiting.then(() => 'got it'), otherLock(path).then(() => 'waits')]);
  expect(early).toBe('waits');
  holder.kill('SIGKILL');
  await (await waiting)[Symbol.asyncDispose]();
}, 20_000);

test('who waits can give up, with the reason of the signal, and does not get the lock afterwards', async () => {
  const path = join(await emptyFolder(), 'lock');
  await using _first = await takeLock(path);
  const abort = new AbortController();
  const waiting = rejection(takeLock(path, abort.signal));
  await otherLock(path);
  abort.abort(CANCELLED);
  expect(await waiting).toBe(CANCELLED);
});

test.each([
  { when: 'before the asking', signal: () => AbortSignal.abort(CANCELLED) },
  { when: 'in the moment of asking', signal: (): AbortSignal => {
    const abort = new AbortController();
    process.nextTick(() => { abort.abort(CANCELLED); });
    return abort.signal;
  } },
])('an abort $when counts too, although nothing waits for the lock yet', async ({ signal }) => {
  const path = join(await emptyFolder(), 'lock');
  const first = await takeLock(path);
  const asking = takeLock(path, signal()).then(async (lock) => {
    await lock[Symbol.asyncDispose]();
    return 'got the lock';
  }, (error: unknown) => error);
  await otherLock(path);
  await first[Symbol.asyncDispose]();
  expect(await asking).toBe(CANCELLED);
});

test('stays held when the signal fires after it was had', async () => {
  const path = join(await emptyFolder(), 'lock');
  const abort = new AbortController();
  const first = await takeLock(path, abort.signal);
  abort.abort();
  const order: string[] = [];
  const second = takeLock(path).then((lock) => {
    order.push('second has it');
    return lock;
  });
  await otherLock(path);
  order.push('first lets go');
  await first[Symbol.asyncDispose]();
  await (await second)[Symbol.asyncDispose]();
  expect(order).toEqual(['first lets go', 'second has it']);
});

/** Takes and lets go a lock beside `path`: whoever asked for `path` before this is waiting by now, if it has to. */
async function otherLock(path: string): Promise<void> {
  await (await takeLock(`${path}-2`))[Symbol.asyncDispose]();
}
