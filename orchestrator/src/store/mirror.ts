// Brings what other hosts have sealed into this folder, for as long as a process that shows it lives.
import { messageOf } from '../lib/lab-error.ts';
import { pause } from '../lib/within.ts';
import type { Evidence } from './evidence.ts';

const LOOK_MS = 3000;
const DAY_MS = 86_400_000;
/** A run may be sealed so many days after it was asked for, and still be seen at once. */
const DAYS = 3;

/** `why`: it is not up, or what of it could not be read. */
export type MirrorState = { up: boolean; since: Date; why: string | null };

export class Mirror {
  readonly #evidence: Evidence;
  readonly #ending = new AbortController();
  readonly #loop: Promise<void>;
  #state: MirrorState = { up: true, since: new Date(), why: null };
  /** Whether everything was looked at once: what came while nobody looked may be of any day. */
  #whole = false;

  constructor(evidence: Evidence) {
    this.#evidence = evidence;
    this.#loop = this.#follow();
  }

  get state(): MirrorState { return this.#state; }

  async close(): Promise<void> {
    this.#ending.abort();
    await this.#loop;
  }

  async #follow(): Promise<void> {
    while (!this.#ending.signal.aborted) {
      try {
        const bad = await this.#evidence.mirror(this.#whole ? lastDays() : undefined, this.#ending.signal);
        this.#whole = true;
        this.#is(true, bad.length === 0 ? null : `${String(bad.length)} could not be read: ${bad.slice(0, 3).join('; ')}`);
      } catch (error) {
        this.#is(false, messageOf(error));
        // Whatever is put while it is away is found by looking at everything again.
        this.#whole = false;
      }
      await pause(LOOK_MS, this.#ending.signal);
    }
  }

  #is(up: boolean, why: string | null): void {
    this.#state = { up, since: up === this.#state.up ? this.#state.since : new Date(), why };
  }
}

function lastDays(): string[] {
  // One day ahead: the clock of whoever asked may be before this one's.
  return Array.from({ length: DAYS + 1 }, (_, n) => new Date(Date.now() + DAY_MS - n * DAY_MS).toISOString().slice(0, 10));
}
