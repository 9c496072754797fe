// How much CPU time all in a container have used, from the kernel's own files. The engine's word for the same takes a second.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readIfThere } from './files.ts';

type Source = { file: string; secondsIn: (text: string) => number };

/** Where the sum of the group named `id` is, by the text of /proc/PID/cgroup: cgroup v1 counts in cpuacct.usage, v2 in cpu.stat (Documentation/admin-guide/cgroup-v1/cpuacct.rst, cgroup-v2.rst). */
export function cpuSourcesOf(cgroup: string, id: string): Source[] {
  return cgroup.trim().split('\n').flatMap((line): Source[] => {
    const [, controllers = '', path = ''] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (!path.includes(id)) return [];
    if (controllers.split(',').includes('cpuacct')) return [{ file: join('/sys/fs/cgroup', controllers, path, 'cpuacct.usage'), secondsIn: (text) => Number(text) / 1e9 }];
    if (controllers === '') return [{ file: join('/sys/fs/cgroup', path, 'cpu.stat'), secondsIn: (text) => Number(/^usage_usec (\d+)$/m.exec(text)?.[1]) / 1e6 }];
    return [];
  });
}

/** Null where this kernel does not say, or the process is gone, or is no container's of that id: an engine on another machine has numbers of its own. */
export async function groupCpuSeconds(pid: number, id: string): Promise<number | null> {
  const cgroup = await readFile(`/proc/${String(pid)}/cgroup`, 'utf8').catch(() => '');
  for (const { file, secondsIn } of cpuSourcesOf(cgroup, id)) {
    const text = await readIfThere(file);
    const seconds = text === undefined ? NaN : secondsIn(text);
    if (Number.isFinite(seconds)) return seconds;
  }
  return null;
}
