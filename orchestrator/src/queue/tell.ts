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
    this.#moment ??= setTimeout(() => { this.tellAll(); }, MOMENT_MS);
  }

  ended(settled: Settled): void {
    this.#tell(settled.id, settled);
  }

  tellAll(): void {
    clearTimeout(this.#moment);
    this.#moment = undefined;
    for (const id of this.#happened.keys()) this.#tell(id);
  }

  #tell(id: string, ended?: Settled): void {
    const events = this.#happened.get(id) ?? [];
    this.#happened.delete(id);
    const told: Told = ended === undefined ? { events } : { events, ended };
    void this.#redis.publish(toldChannel(id), JSON.stringify(told)).catch(() => undefined);
  }
}
