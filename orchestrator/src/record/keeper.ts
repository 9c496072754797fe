// Holds the record open and up to date while a process lives: starts its database, follows the folders, and carries on after the database was away.
import { EventEmitter } from 'node:events';
import { LabError, messageOf } from '../lib/lab-error.ts';
import type { Lab } from '../lib/lab.ts';
import { pause } from '../lib/within.ts';
import { openDatabase, wasInTheWay, type Database } from './database.ts';
import { KeepUp, type Seen } from './keep-up.ts';
import { postgresPlace, type PostgresPlace } from './postgres.ts';

/** From one look at the folders to the next. */
const LOOK_MS = 1000;

export type KeeperState = { up: boolean; since: Date; why: string | null; catchingUp: { done: number; of: number } | null };
/** `looked`: whatever was sealed before the look is in the record. */
type Events = { seen: [Seen]; state: [KeeperState]; looked: [] };

export class Keeper extends EventEmitter<Events> {
  readonly #lab: Lab;
  readonly #imageTag: () => Promise<string>;
  readonly #ending = new AbortController();
  #place: PostgresPlace | undefined;
  #db: Database | undefined;
  #keepUp: KeepUp | undefined;
  #state: KeeperState = { up: false, since: new Date(), why: 'it is being started', catchingUp: null };
  #loop: Promise<void> = Promise.resolve();

  /** `imageTag` is an image that has PostgreSQL; asked for only when the lab's own must be started. */
  constructor(lab: Lab, imageTag: () => Promise<string>) {
    super();
    this.#lab = lab;
    this.#imageTag = imageTag;
  }

  get state(): KeeperState { return this.#state; }

  /** Run folders that held no record at the last look: what is under way, or was given up. */
  get unsealed(): readonly string[] { return this.#keepUp?.unsealed ?? []; }

  /** The open database. Throws NO_DATABASE while there is none. */
  get db(): Database {
    if (this.#db === undefined || !this.#state.up) throw noDatabase(this.#state.why ?? 'it does not answer');
    return this.#db;
  }

  /** Resolves when the database is open; the folders are read from then on. Throws where it cannot be had at all. */
  async open(): Promise<void> {
    this.#place = await postgresPlace(this.#lab, this.#imageTag);
    try {
      await this.#reopen();
    } catch (error) {
      await this.#place.leave();
      throw error;
    }
    this.#loop = this.#follow();
  }

  async close(): Promise<void> {
    this.#ending.abort();
    await this.#loop;
    await this.#db?.destroy();
    await this.#place?.leave();
  }

  async #reopen(): Promise<void> {
    const place = this.#place;
    if (place === undefined) return;
    await place.ensure();
    this.#db = await openDatabase(place.options, (why) => { this.#tell({ up: false, why }); });
    this.#tell({ up: true, why: null });
  }

  async #follow(): Promise<void> {
    let unreadable = 0;
    while (!this.#ending.signal.aborted) {
      try {
        if (!this.#state.up || this.#db === undefined) {
          // Another connection, another database perhaps: nothing is taken for known.
          this.#keepUp = undefined;
          await this.#db?.destroy();
          this.#db = undefined;
          await this.#reopen();
        }
        if (this.#db === undefined) continue;
        this.#keepUp ??= new KeepUp(this.#db, this.#lab.config.home);
        const seen = await this.#keepUp.look((done, of) => { this.#state = { ...this.#state, catchingUp: done < of ? { done, of } : null }; });
        this.emit('looked');
        if (seen.runs + seen.jobs + seen.evaluations + seen.forgotten > 0 || seen.unreadable !== unreadable) this.emit('seen', seen);
        unreadable = seen.unreadable;
      } catch (error) {
        if (!wasInTheWay(error)) this.#tell({ up: false, why: messageOf(error) });
      }
      await pause(LOOK_MS, this.#ending.signal);
    }
  }

  #tell({ up, why }: { up: boolean; why: string | null }): void {
    const changed = up !== this.#state.up;
    this.#state = { up, why, since: changed ? new Date() : this.#state.since, catchingUp: up ? this.#state.catchingUp : null };
    if (changed) this.emit('state', this.#state);
  }
}

export function noDatabase(why: string): LabError {
  return new LabError('NO_DATABASE', `the record's database does not answer: ${why}`, { blame: 'lab', stage: 'store', hint: 'it is tried again every second; runs and evaluations can be opened by their id meanwhile' });
}
