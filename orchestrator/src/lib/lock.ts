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

async function hold(how: '--exclusive' | '--shared', path: string, signal?: AbortSignal): Promise<AsyncDisposable> {
  await mkdir(dirname(path), { recursive: true });
  signal?.throwIfAborted();
  const holder = execa('flock', [how, path, 'sh', '-c', 'echo held; exec cat'], { reject: false, stdout: 'pipe', stdin: 'pipe', detached: true });
  const abort = (): void => { holder.kill('SIGKILL'); };
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
