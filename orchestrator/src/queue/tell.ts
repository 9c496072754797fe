// What a worker tells of its work to whoever follows it. A message costs more than what it says: what happens within the same moment goes in one, and only the
// end waits for nothing.
import type { Redis } from 'ioredis';
import type { StampedEvent } from '../contract/event.ts';
import type { Settled, Told } from './follow.ts';
import { toldChannel } from './names.ts';

const MOMENT_MS = 50;

export class Teller {
  readonly #redis: Redis;
  /** What happened and is not told yet, by run or block. */
  readonly #happened = new Map<string, StampedEvent[]>();
  #moment: NodeJS.Timeout | undefined;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  event(id: string, event: StampedEvent): void {
    const before = this.#happened.get(id);
    if (before === undefined) this.#happened.set(id, [event]);
    else before.push(event);
    this.#moment ??= setTimeout(() => { void this.tellAll(); }, MOMENT_MS);
  }

  ended(settled: Settled): void {
    void this.#tell(settled.id, settled);
  }

  /** Resolves once Redis has heard it, or cannot be told. */
  async tellAll(): Promise<void> {
    clearTimeout(this.#moment);
    this.#moment = undefined;
    await Promise.all([...this.#happened.keys()].map((id) => this.#tell(id)));
  }

  async #tell(id: string, ended?: Settled): Promise<void> {
    const events = this.#happened.get(id) ?? [];
    this.#happened.delete(id);
    const told: Told = ended === undefined ? { events } : { events, ended };
    this.#inOneWrite();
    await this.#redis.publish(toldChannel(id), JSON.stringify(told)).catch(() => undefined);
  }

  /** With what BullMQ asks for over the same connection in this moment, which mostly is the end of this run and the next one: a write costs more than what is in it. */
  #inOneWrite(): void {
    if (this.#redis.status !== 'ready') return;
    const { stream } = this.#redis;
    stream.cork();
    setImmediate(() => { stream.uncork(); });
  }
}
