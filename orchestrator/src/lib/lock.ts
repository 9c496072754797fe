// A lock between processes, by flock(1): the kernel lets it go when its holder dies, so that no stale lock is ever left.
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { execa } from 'execa';
import { LabError, messageOf } from './lab-error.ts';

/** Waits for the lock at `path` (made if missing) and holds it until disposed. */
export function takeLock(path: string, signal?: AbortSignal): Promise<AsyncDisposable> {
  return hold('--exclusive', path, signal);
}

/** As takeLock, but any number share it. */
export function shareLock(path: string, signal?: AbortSignal): Promise<AsyncDisposable> {
  return hold('--shared', path, signal);
}

/** Whether nobody holds or shares the lock at `path` right now. Says nothing of a moment later: whoever could take it then must be kept out by another lock. */
export async function isFree(path: string): Promise<boolean> {
  await mkdir(dirname(path), { recursive: true });
  const { exitCode, stderr } = await execa('flock', ['--nonblock', '--conflict-exit-code', '75', path, 'true'], { reject: false });
  if (exitCode === 0) return true;
  if (exitCode === 75) return false;
  throw new LabError('LOCK', `flock on ${path} could not say whether it is held: ${stderr}`, { blame: 'lab' });
}

/** Holds `$2` as `$1` says, having waited for it with `$3` held: so whoever waits keeps out those who come later, whatever they want. */
const THROUGH_A_DOOR = 'exec 9>>"$2" && flock --exclusive "$3" flock "$1" 9 && echo held && exec cat';

/** `door`: a lock to be held for as long as this one is waited for. */
export async function hold(how: '--exclusive' | '--shared', path: string, signal?: AbortSignal, door?: string): Promise<AsyncDisposable> {
  await mkdir(dirname(path), { recursive: true });
  signal?.throwIfAborted();
  const argv = door === undefined ? ['flock', how, path, 'sh', '-c', 'echo held; exec cat'] : ['sh', '-c', THROUGH_A_DOOR, 'hold', how, path, door];
  const holder = execa(argv[0] ?? '', argv.slice(1), { reject: false, stdout: 'pipe', stdin: 'pipe', detached: true });
  const abort = (): void => { endGroup(holder.pid); };
  signal?.addEventListener('abort', abort, { once: true });
  try {
    await new Promise<void>((resolve, reject) => {
      holder.stdout.once('data', () => { resolve(); });
      holder.then(
        (result) => { reject(new LabError('LOCK', `flock on ${path} ended before it held the lock: ${result.stderr}`, { blame: 'lab' })); },
        (error: unknown) => { reject(new LabError('LOCK', `flock could not run: ${messageOf(error)}`, { blame: 'lab', hint: 'apt-get install util-linux' })); },
      );
    });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener('abort', abort);
  }
  return {
    async [Symbol.asyncDispose]() {
      holder.stdin.end();
      await holder;
    },
  };
}

/** All of them: who waits in a door is more than one process. */
function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Gone already: what was wanted.
  }
}
