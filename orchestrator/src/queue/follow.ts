// Follows runs and blocks to their end. A worker tells what happens on a channel of each; words can be missed while Redis is away, so the state is looked up too.
import { Redis } from 'ioredis';
import type { RedisOptions } from 'bullmq';
import * as z from 'zod';
import { StampedEvent } from '../contract/event.ts';
import { toldChannel } from './names.ts';

export const Settled = z.object({ id: z.string(), state: z.enum(['completed', 'failed', 'gone']), why: z.string() });
export type Settled = z.infer<typeof Settled>;
export type Progress = (event: StampedEvent) => void;

/** What is said on a channel. */
const Told = z.object({ events: z.array(StampedEvent), ended: Settled.optional() });
export type Told = z.infer<typeof Told>;

type Followed = { onProgress: Progress; sealed: () => Promise<boolean>; looksAfterSeal: number; end: (settled: Settled) => void };

const LOOK_MS = 3000;
/** So many are looked up each time, in turns: whoever follows thousands must not ask for thousands every three seconds. */
const LOOKS_AT_ONCE = 100;
/** The sealed folder is the truth: the queue gets this many looks more to say so too, and then nobody waits for it any longer. */
const LOOKS_AFTER_SEAL = 3;

export class Follower {
  readonly #subscriber: Redis;
  readonly #followed = new Map<string, Followed>();
  readonly #look: (id: string) => Promise<Settled | undefined>;
  #timer: NodeJS.Timeout | undefined;
  /** Whose channels are to be joined and left: those of one moment in one command, since thousands are followed at once. */
  readonly #joining = new Set<string>();
  readonly #leaving = new Set<string>();

  /** `look`: what the queue says of one; undefined while it has not ended. */
  constructor(options: RedisOptions, look: (id: string) => Promise<Settled | undefined>) {
    this.#look = look;
    this.#subscriber = new Redis({ ...options, lazyConnect: true });
    this.#subscriber.on('error', () => undefined);
    this.#subscriber.on('message', (channel, text) => { this.#hear(channel, text); });
    // What was told while the connection was away, nobody has heard.
    this.#subscriber.on('ready', () => { for (const id of this.#followed.keys()) void this.#lookAt(id); });
  }

  settled(id: string, onProgress: Progress, sealed: () => Promise<boolean>): Promise<Settled> {
    return new Promise((resolve) => {
      const end = (settled: Settled): void => {
        if (!this.#followed.delete(id)) return;
        this.#soon(this.#leaving, id);
        resolve(settled);
      };
      this.#followed.set(id, { onProgress, sealed, looksAfterSeal: 0, end });
      this.#timer ??= setInterval(() => { this.#lookAround(); }, LOOK_MS);
      this.#leaving.delete(id);
      this.#soon(this.#joining, id);
    });
  }

  #soon(those: Set<string>, id: string): void {
    if (this.#joining.size + this.#leaving.size === 0) setImmediate(() => { this.#joinAndLeave(); });
    those.add(id);
  }

  #joinAndLeave(): void {
    const [joining, leaving] = [[...this.#joining], [...this.#leaving]];
    this.#joining.clear();
    this.#leaving.clear();
    if (leaving.length > 0) void this.#subscriber.unsubscribe(...leaving.map(toldChannel)).catch(() => undefined);
    // It may have ended before anybody listened.
    if (joining.length > 0) void this.#subscriber.subscribe(...joining.map(toldChannel)).then(() => Promise.all(joining.map((id) => this.#lookAt(id))), () => undefined);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#subscriber.disconnect();
  }

  #hear(channel: string, text: string): void {
    const told = Told.safeParse(parsed(text));
    const id = channel.slice(toldChannel('').length);
    const followed = this.#followed.get(id);
    if (followed === undefined || !told.success) return;
    for (const event of told.data.events) followed.onProgress(event);
    if (told.data.ended !== undefined) followed.end({ ...told.data.ended, id });
  }

  #lookAround(): void {
    const turn = [...this.#followed].slice(0, LOOKS_AT_ONCE);
    for (const [id, followed] of turn) {
      // Behind the others, for the next turn.
      this.#followed.delete(id);
      this.#followed.set(id, followed);
      void this.#lookAt(id);
      void followed.sealed().then((is) => {
        if (is && ++followed.looksAfterSeal > LOOKS_AFTER_SEAL) followed.end({ id, state: 'completed', why: 'it is sealed, and the queue has not said so' });
      }, () => undefined);
    }
  }

  async #lookAt(id: string): Promise<void> {
    const settled = await this.#look(id).catch(() => undefined);
    if (settled !== undefined) this.#followed.get(id)?.end(settled);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
