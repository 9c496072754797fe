// Whose turn it is on this host, between all processes that share a lab folder: guests that are only checked share the host, one that is measured has it for
// itself. By flock(1): the kernel lets go for a process that dies.
import { join } from 'node:path';
import { hold } from './lock.ts';
import { rejectionOf } from './within.ts';

/** A process that always has something at work lets go this often, so that whoever wants the host for themselves comes to it. */
const SHARE_MS = 60_000;
/** A process keeps its share for this long after its last guest: the next one is mostly there by then. */
const LINGER_MS = 500;

type Share = { lock: Promise<AsyncDisposable>; held: boolean; users: number; until: number; lingers: NodeJS.Timeout | undefined; gone: Promise<void>; end: () => void };

/** One per process and host. */
export class HostTurn {
  readonly home: string;
  readonly #door: string;
  readonly #host: string;
  readonly #timing: string;
  #share: Share | undefined;

  /** In `home` itself: labs of one user may share locks/, and one's runs are none of the other's. */
  constructor(home: string) {
    this.home = home;
    this.#door = join(home, 'host.door');
    this.#host = join(home, 'host.lock');
    this.#timing = join(home, 'host.timing');
  }

  /** With others who share it. The first of a process takes the lock, and the last lets it go: to take it costs a process. */
  async share(signal: AbortSignal): Promise<AsyncDisposable> {
    for (;;) {
      signal.throwIfAborted();
      const share = (this.#share ??= this.#begin());
      if (performance.now() < share.until) {
        share.users++;
        clearTimeout(share.lingers);
        const leave = (): Promise<void> => {
          share.users--;
          if (share.users > 0) return Promise.resolve();
          if (performance.now() >= share.until || signal.aborted) return this.#let(share);
          share.lingers = setTimeout(() => { void this.#let(share); }, LINGER_MS);
          return Promise.resolve();
        };
        try {
          if (!share.held) await Promise.race([share.lock, rejectionOf(signal)]);
        } catch (error) {
          await leave();
          throw error;
        }
        return { [Symbol.asyncDispose]: leave };
      }
      await share.gone;
    }
  }

  /** With nobody else. Whoever waits for it stands in the door: nobody begins to share it until then. */
  async alone(signal: AbortSignal): Promise<AsyncDisposable> {
    const turn = this.#through('--exclusive', signal);
    turn.catch(() => undefined);
    // Nobody here joins a share that is waited for; whoever begins another stands behind this one.
    if (this.#share !== undefined) this.#share.until = 0;
    await this.close();
    return turn;
  }

  /** Lets a share go that nobody here uses any more. */
  async close(): Promise<void> {
    if (this.#share?.users === 0) await this.#let(this.#share);
  }

  /** One of those who share it, but the only one whose time is taken. */
  async timing(signal: AbortSignal): Promise<AsyncDisposable> {
    const share = await this.share(signal);
    try {
      const lock = await hold('--exclusive', this.#timing, signal);
      return { [Symbol.asyncDispose]: async () => {
        await lock[Symbol.asyncDispose]();
        await share[Symbol.asyncDispose]();
      } };
    } catch (error) {
      await share[Symbol.asyncDispose]();
      throw error;
    }
  }

  #begin(): Share {
    const ended = new AbortController();
    const gone = new Promise<void>((resolve) => { ended.signal.addEventListener('abort', () => { resolve(); }, { once: true }); });
    const lock = this.#through('--shared', ended.signal);
    const share: Share = { lock, held: false, users: 0, until: performance.now() + SHARE_MS, lingers: undefined, gone, end: () => { ended.abort(new Error('nobody waits for it any longer')); } };
    lock.then(() => { share.held = true; }, () => undefined);
    return share;
  }

  async #let(share: Share): Promise<void> {
    clearTimeout(share.lingers);
    if (this.#share === share) this.#share = undefined;
    share.end();
    const lock = await share.lock.catch(() => undefined);
    await lock?.[Symbol.asyncDispose]();
  }

  #through(how: '--shared' | '--exclusive', signal?: AbortSignal): Promise<AsyncDisposable> {
    return hold(how, this.#host, signal, this.#door);
  }
}
