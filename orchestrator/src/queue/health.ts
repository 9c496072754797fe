// Whether this host can be trusted with more: three runs in a row that broke by the lab's fault say no. One that broke may have been anything.
import type { Outcome } from '../contract/outcome.ts';

const MOST_BROKEN = 3;

export class Health {
  #broken: string[] = [];

  saw({ kind, stage, why }: Outcome): void {
    if (kind === 'cancelled') return;
    if (kind === 'broken') this.#broken.push(`at ${stage}: ${why.split('\n')[0] ?? ''}`);
    else if (this.why === null) this.#broken = [];
  }

  /** Why this host takes nothing more; null while it may. What still ran when it was taken out changes nothing. */
  get why(): string | null {
    if (this.#broken.length < MOST_BROKEN) return null;
    return `${String(this.#broken.length)} runs in a row broke here, the last ${this.#broken.at(-1) ?? ''}`;
  }

  forget(): void {
    this.#broken = [];
  }
}
