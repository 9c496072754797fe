// Cancels from elsewhere. Whoever cancels leaves a mark and says so on a channel: the channel is heard at once, and the mark is there for work that is taken up
// by somebody who did not hear. To read a mark costs as much as all else that is asked of Redis for a run, so it is read only where a word may have been missed.
import type { Redis } from 'ioredis';
import { CANCEL_CHANNEL, cancelKey } from './names.ts';

/** As long as a run may be on its way here when it is cancelled. */
const REMEMBERED_MS = 60_000;

export class Cancels {
  readonly #redis: Redis;
  readonly #subscriber: Redis;
  readonly #cancel: (id: string) => void;
  readonly #running: () => Iterable<string>;
  /** By id, when it was heard. */
  readonly #heard = new Map<string, number>();
  /** Since when every word was heard, by this host's clock; undefined while none is. */
  #since: number | undefined;

  /** `cancel` is called for what is not at work here, too. `subscriber`: subscribes to nothing by itself when it is back. */
  constructor(redis: Redis, subscriber: Redis, running: () => Iterable<string>, cancel: (id: string) => void) {
    this.#redis = redis;
    this.#subscriber = subscriber;
    this.#running = running;
    this.#cancel = cancel;
    subscriber.on('ready', () => { void this.#listen().catch(() => undefined); });
    subscriber.on('close', () => { this.#since = undefined; });
    subscriber.on('message', (channel, id: string) => { if (channel === CANCEL_CHANNEL) this.#hear(id); });
  }

  /** Work that was just taken up: `since` is when it was asked for, by this host's clock, and `again` whether somebody had it before. */
  async look(ids: readonly string[], since: number, again: boolean): Promise<void> {
    for (const id of ids) if (this.#heard.has(id)) this.#cancel(id);
    if (again || this.#since === undefined || since <= this.#since) await this.#readMarks(ids);
  }

  async #listen(): Promise<void> {
    await this.#subscriber.subscribe(CANCEL_CHANNEL);
    this.#since = Date.now();
    // What was cancelled while nothing could be heard.
    const running = [...this.#running()];
    if (running.length > 0) await this.#readMarks(running);
  }

  async #readMarks(ids: readonly string[]): Promise<void> {
    const marks = await this.#redis.mget(ids.map(cancelKey));
    ids.forEach((id, n) => { if (marks[n] !== null) this.#cancel(id); });
  }

  #hear(id: string): void {
    const now = performance.now();
    for (const [old, at] of this.#heard) {
      if (now - at < REMEMBERED_MS) break;
      this.#heard.delete(old);
    }
    this.#heard.set(id, now);
    this.#cancel(id);
  }
}
