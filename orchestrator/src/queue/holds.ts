// This worker's holds on its work: BullMQ renews each at half its length and says so. One that was not renewed in time is lost, whether or not Redis can be
// asked: another may have taken the work up by now, and two must not measure at once.
import { LabError } from '../lib/lab-error.ts';
import { LOST } from '../lib/lost-hold.ts';

type Hold = { abort: AbortController; renewedAt: number };

export class Holds {
  readonly #lockMs: number;
  readonly #holds = new Map<string, Hold>();
  readonly #timer: NodeJS.Timeout;

  constructor(lockMs: number) {
    this.#lockMs = lockMs;
    this.#timer = setInterval(() => { this.#look(); }, lockMs / 4);
  }

  begin(id: string): AbortSignal {
    const abort = new AbortController();
    this.#holds.set(id, { abort, renewedAt: performance.now() });
    return abort.signal;
  }

  renewed(ids: readonly string[]): void {
    for (const id of ids) {
      const hold = this.#holds.get(id);
      if (hold !== undefined) hold.renewedAt = performance.now();
    }
  }

  lose(id: string): void {
    this.abort(id, new LabError(LOST, `this worker lost its hold on ${id}`, { blame: 'lab', stage: 'queue' }));
  }

  abort(id: string, reason: LabError): void {
    this.#holds.get(id)?.abort.abort(reason);
  }

  end(id: string): void {
    this.#holds.delete(id);
  }

  abortAll(reason: LabError): void {
    for (const { abort } of this.#holds.values()) abort.abort(reason);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const now = performance.now();
    for (const [id, { renewedAt }] of this.#holds) if (now - renewedAt > this.#lockMs) this.lose(id);
  }
}
