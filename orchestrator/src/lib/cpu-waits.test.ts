// A process that must share one CPU with others has waited for it; one that sleeps has not.
import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { cpuTimes, starvedMs, type Times } from './cpu-waits.ts';

const started: number[] = [];
afterEach(() => { for (const group of started.splice(0)) process.kill(-group, 'SIGKILL'); });

/** A shell whose child does the work, as a container's first process has QEMU do it. */
function shell(script: string): number {
  const { pid } = spawn('taskset', ['-c', '0', 'sh', '-c', `${script} & wait`], { stdio: 'ignore', detached: true });
  if (pid === undefined) throw new Error('no shell came up');
  started.push(pid);
  return pid;
}

test('three that spin on one CPU wait for it, children included; one that sleeps does not', async () => {
  const spins = [shell('while :; do :; done'), shell('while :; do :; done'), shell('while :; do :; done')];
  const sleeper = shell('sleep 20');
  await sleep(200);
  const waited = async (pid: number): Promise<number> => {
    const before = await cpuTimes(pid);
    await sleep(500);
    return starvedMs(before, await cpuTimes(pid), 500);
  };
  const spun = waited(spins[0] ?? -1);
  await expect.poll(() => waited(sleeper), { timeout: 10_000 }).toBeLessThan(60);
  expect(await spun).toBeGreaterThan(150);
});

test('a process that is gone, or another machine\'s, has waited for nothing', async () => {
  expect(await cpuTimes(2 ** 30)).toEqual(new Map());
  expect(starvedMs(new Map(), new Map(), 1000)).toBe(0);
});

const MS = 1e6;
function times(...threads: readonly (readonly [id: number, ranMs: number, waitedMs: number])[]): Times {
  return new Map(threads.map(([id, ran, waited]) => [id, { ran: ran * MS, waited: waited * MS }]));
}

test('a thread that is new counts from its beginning, one that is gone not at all', () => {
  expect(starvedMs(times([1, 0, 5], [2, 0, 1000]), times([1, 0, 6], [3, 0, 4]), 1000)).toBe(5);
});

test('what is lost is what the most wanting thread waited, or the share that all of them did not get where they take turns', () => {
  const lost = (...threads: readonly (readonly [number, number, number])[]): number => starvedMs(times(), times(...threads), 1000);
  expect(lost([1, 500, 500])).toBe(500);
  expect(lost([1, 250, 250], [2, 250, 250])).toBe(500);
  expect(lost([1, 500, 500], [2, 500, 500])).toBe(500);
  expect(lost([1, 1000, 0], [2, 100, 900])).toBe(900);
  expect(lost([1, 10, 10])).toBe(10);
  expect(lost([1, 0, 3000])).toBe(1000);
});
