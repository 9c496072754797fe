// Who owns a container or a folder: a process id with its start time, so that a number used again is not taken for the same process.
import { readFileSync } from 'node:fs';

/** This process, as `pid:starttime`. */
export function ownName(): string {
  return `${String(process.pid)}:${startTimeOf(process.pid) ?? '0'}`;
}

/** False when the process is gone, or when its number belongs to another one by now. */
export function ownerLives(owner: string): boolean {
  const [pid, started] = owner.split(':');
  return started !== undefined && pid !== undefined && /^\d+$/.test(pid) && startTimeOf(Number(pid)) === started;
}

/** Field 22 of /proc/PID/stat, clock ticks after boot (proc(5)); undefined when there is no such process or it is a zombie. */
function startTimeOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}
