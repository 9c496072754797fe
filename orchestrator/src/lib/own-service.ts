// A server that the lab starts for itself, such as Redis: it lives as long as some process of the lab uses it.
import { join } from 'node:path';
import { isFree, shareLock, takeLock } from './lock.ts';
import { pause, within } from './within.ts';

export type OwnService = {
  /** As people call it, and as its locks are named. */
  name: string;
  title: string;
  answers: () => Promise<boolean>;
  start: () => Promise<void>;
  end: () => Promise<void>;
  startMs: number;
  hint: string;
};

export type InUse = {
  /** Starts it again where it is gone. */
  ensure: () => Promise<void>;
  /** Ends it if nobody else uses it. Nothing may be asked of it afterwards. */
  leave: () => Promise<void>;
};

/**
 * Starts it where it does not answer, and holds it. Who uses it shares a lock, which the kernel lets go when they die: counting its clients instead
 * would count connections that are just about to close. The locks are in `home` itself: labs of one user may share locks/, and each has services of its own.
 */
export async function useService(home: string, service: OwnService): Promise<InUse> {
  const lock = join(home, `${service.name}.lock`);
  const users = join(home, `${service.name}.users`);
  let use: AsyncDisposable | undefined;
  const startIfGone = async (): Promise<void> => {
    if (await service.answers()) return;
    await service.start();
    await within({ what: service.title, ms: service.startMs, blame: 'lab', hint: service.hint }, async (limit) => {
      while (!limit.aborted && !(await service.answers())) await pause(50, limit);
    });
  };
  const ensure = async (): Promise<void> => {
    await using _lock = await takeLock(lock);
    if (use !== undefined) await startIfGone();
  };
  const leave = async (): Promise<void> => {
    await using _lock = await takeLock(lock);
    await use?.[Symbol.asyncDispose]();
    use = undefined;
    if (await isFree(users)) await service.end();
  };
  try {
    // Under one lock: nobody may end it between the look that it is there and the hold on it.
    await using _lock = await takeLock(lock);
    use = await shareLock(users);
    await startIfGone();
  } catch (error) {
    await leave();
    throw error;
  }
  return { ensure, leave };
}
