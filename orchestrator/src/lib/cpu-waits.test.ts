// A process that must share one CPU with others has waited for it; one that sleeps has not.
import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { cpuWaits, longestWaitMs } from './cpu-waits.ts';

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
  await sleep(300);
  const waited = async (pid: number): Promise<number> => {
    const before = await cpuWaits(pid);
    await sleep(900);
    return longestWaitMs(before, await cpuWaits(pid));
  };
  expect(await waited(spins[0] ?? -1)).toBeGreaterThan(300);
  expect(await waited(sleeper)).toBeLessThan(100);
});

test('a process that is gone, or another machine\'s, has waited for nothing', async () => {
  expect(await cpuWaits(2 ** 30)).toEqual(new Map());
  expect(longestWaitMs(new Map(), new Map())).toBe(0);
});

test('a thread that is new counts from its beginning, one that is gone not at all', () => {
  expect(longestWaitMs(new Map([[1, 5e6], [2, 1e9]]), new Map([[1, 6e6], [3, 4e6]]))).toBe(4);
});
