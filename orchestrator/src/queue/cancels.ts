// Cancels from elsewhere. Whoever cancels leaves a mark and says so on a channel. A worker that listens reads all marks once and hears all others, so that it need
// not ask for each run that it takes up, which would cost as much as all else that is asked of Redis for it.
import type { Redis } from 'ioredis';
import { CANCEL_CHANNEL, cancelKey, MARKED_S } from './names.ts';

export class Cancels {
  readonly #redis: Redis;
  readonly #subscriber: Redis;
  readonly #cancel: (id: string) => void;
  /** By id, when it was heard: as long as its mark is there. */
  readonly #heard = new Map<string, number>();
  /** Whether all that was cancelled has been heard. */
  #listens = false;

  /** `cancel` is called for what is not at work here, too. */
  constructor(redis: Redis, subscriber: Redis, cancel: (id: string) => void) {
    this.#redis = redis;
    this.#subscriber = subscriber;
    this.#cancel = cancel;
    subscriber.on('ready', () => { void this.#listen().catch(() => undefined); });
    subscriber.on('close', () => { this.#listens = false; });
    subscriber.on('message', (channel, id: string) => { if (channel === CANCEL_CHANNEL) this.#hear(id); });
  }

  /** Work that was just taken up. */
  async look(ids: readonly string[]): Promise<void> {
    for (const id of ids) if (this.#heard.has(id)) this.#cancel(id);
    if (this.#listens) return;
    const marks = await this.#redis.mget(ids.map(cancelKey));
    ids.forEach((id, n) => { if (marks[n] !== null) this.#cancel(id); });
  }

  async #listen(): Promise<void> {
    await this.#subscriber.subscribe(CANCEL_CHANNEL);
    let cursor = '0';
    do {
      const [next, keys] = await this.#redis.scan(cursor, 'MATCH', cancelKey('*'), 'COUNT', 1000);
      for (const key of keys) this.#hear(key.slice(cancelKey('').length));
      cursor = next;
    } while (cursor !== '0');
    this.#listens = true;
  }

  #hear(id: string): void {
    const now = performance.now();
    for (const [old, at] of this.#heard) {
      if (now - at < MARKED_S * 1000) break;
      this.#heard.delete(old);
    }
    this.#heard.delete(id);
    this.#heard.set(id, now);
    this.#cancel(id);
  }
}
