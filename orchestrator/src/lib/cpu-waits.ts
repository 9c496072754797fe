// How long the threads of a process tree ran, and stood ready to run and were given no CPU, from the kernel's own files.
import { readdir, readFile } from 'node:fs/promises';

/** Nanoseconds that a thread ran, and that it stood ready to run, so far; by thread id. */
export type Times = ReadonlyMap<number, { ran: number; waited: number }>;

/** A guest's container has a handful of processes; a tree that does not end is not walked to its end. */
const MOST_PROCESSES = 64;

/**
 * Of a process and all its descendants. Empty where this kernel does not say (/proc/PID/task/TID/schedstat wants CONFIG_SCHED_INFO, the first two of
 * its numbers; Documentation/scheduler/sched-stats.rst) or the process is not one of this machine's.
 */
export async function cpuTimes(pid: number): Promise<Times> {
  const times = new Map<number, { ran: number; waited: number }>();
  const pids = [pid];
  for (let at = 0; at < pids.length && at < MOST_PROCESSES; at++) {
    const tasks = `/proc/${String(pids[at])}/task`;
    for (const thread of await readdir(tasks).catch(() => [])) {
      const [stat, children] = await Promise.all(['schedstat', 'children'].map((file) => readFile(`${tasks}/${thread}/${file}`, 'utf8').catch(() => '')));
      const [ran = NaN, waited = NaN] = (stat ?? '').split(' ').map(Number);
      if (Number.isFinite(waited)) times.set(Number(thread), { ran, waited });
      pids.push(...(children ?? '').split(' ').flatMap((child) => (/^\d+$/.test(child) ? [Number(child)] : [])));
    }
  }
  return times;
}

/**
 * Milliseconds of `ofMs` that a process lost because its threads waited for a CPU: what the thread that waited longest waited, or, where threads take turns
 * and each waits a little, the share of the time they wanted that they did not get. A thread that is new is counted from its beginning.
 */
export function starvedMs(before: Times, after: Times, ofMs: number): number {
  const spans = [...after].map(([thread, now]) => ({ ran: now.ran - (before.get(thread)?.ran ?? 0), waited: now.waited - (before.get(thread)?.waited ?? 0) }));
  const sum = (of: (one: { ran: number; waited: number }) => number): number => spans.reduce((all, one) => all + of(one), 0) / 1e6;
  const longest = Math.max(0, ...spans.map(({ waited }) => waited)) / 1e6;
  const waited = sum((one) => one.waited);
  const wanted = waited + sum((one) => one.ran);
  return Math.min(ofMs, Math.max(longest, wanted === 0 ? 0 : Math.min(ofMs, wanted) * (waited / wanted)));
}
