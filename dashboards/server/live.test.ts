// What a page is told that begins to listen after it has asked: whatever changed in between, it would never hear of otherwise.
import { expect, onTestFinished, test, vi } from 'vitest';
import { aServer, listening } from '../test/a-server.ts';

const LOOK_MS = 2000;

test('what came into the record a moment before is told to who comes, and what came long before is not', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  onTestFinished(() => { vi.useRealTimers(); });
  const { server, keeper } = await aServer();
  keeper.emit('seen', { runs: 1, jobs: 0, evaluations: 0, forgotten: 0, unreadable: 0 });
  vi.advanceTimersByTime(9000);
  const early = await listening(server);
  await expect.poll(() => early('record')).toBe(1);
  vi.advanceTimersByTime(2000);
  const late = await listening(server);
  await expect.poll(() => late('database')).toBe(1);
  expect(late('record')).toBe(0);
  // Both hear what comes now.
  keeper.emit('seen', { runs: 1, jobs: 0, evaluations: 0, forgotten: 0, unreadable: 0 });
  await expect.poll(() => [early('record'), late('record')]).toEqual([2, 1]);
});

test('of the queue as it is, whoever comes is told, though others were told before', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'performance'] });
  onTestFinished(() => { vi.useRealTimers(); });
  const { server } = await aServer({ queue: { look: () => Promise.resolve({ up: true, version: '0.1.0-p0', counts: { active: 2 }, workers: [] }) } });
  const first = await listening(server);
  await vi.advanceTimersByTimeAsync(LOOK_MS);
  await expect.poll(() => first('queue')).toBe(1);
  await vi.advanceTimersByTimeAsync(20 * LOOK_MS);
  expect(first('queue')).toBe(1);
  const second = await listening(server);
  await vi.advanceTimersByTimeAsync(LOOK_MS);
  await expect.poll(() => second('queue')).toBe(1);
});
