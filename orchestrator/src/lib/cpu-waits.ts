// How long the threads of a process tree stood ready to run and were given no CPU, from the kernel's own files.
import { readdir, readFile } from 'node:fs/promises';

/** Nanoseconds on the run queue so far, by thread id. */
export type Waits = ReadonlyMap<number, number>;

/** A guest's container has a handful of processes; a tree that does not end is not walked to its end. */
const MOST_PROCESSES = 64;

/**
 * Of a process and all its descendants. Empty where this kernel does not say (/proc/PID/task/TID/schedstat wants CONFIG_SCHED_INFO, the second of
 * its numbers; Documentation/scheduler/sched-stats.rst) or the process is not one of this machine's.
 */
export async function cpuWaits(pid: number): Promise<Waits> {
  const waits = new Map<number, number>();
  const pids = [pid];
  for (let at = 0; at < pids.length && at < MOST_PROCESSES; at++) {
    const tasks = `/proc/${String(pids[at])}/task`;
    for (const thread of await readdir(tasks).catch(() => [])) {
      const [stat, children] = await Promise.all(['schedstat', 'children'].map((file) => readFile(`${tasks}/${thread}/${file}`, 'utf8').catch(() => '')));
      const waited = Number(stat?.split(' ')[1]);
      if (Number.isFinite(waited)) waits.set(Number(thread), waited);
      pids.push(...(children ?? '').split(' ').flatMap((child) => (/^\d+$/.test(child) ? [Number(child)] : [])));
    }
  }
  return waits;
}

/** Milliseconds that the thread which waited longest between two looks has waited. One that is new has waited since it began. */
export function longestWaitMs(before: Waits, after: Waits): number {
  return [...after].reduce((most, [thread, waited]) => Math.max(most, waited - (before.get(thread) ?? 0)), 0) / 1e6;
}
