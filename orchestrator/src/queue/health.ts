// Whether this host can be trusted with more: three runs in a row that broke by the lab's fault say no. One that broke may have been anything. All workers of a
// host count together, those that share its lab folder: with one each, none of several would come to three.
import { randomBytes } from 'node:crypto';
import { appendFile, rename, rm } from 'node:fs/promises';
import type { Outcome } from '../contract/outcome.ts';
import { readIfThere } from '../lib/files.ts';

const MOST_BROKEN = 3;
const MOST_CHARS = 500;
/** What other workers of this host have seen is looked up no more often. */
const LOOK_MS = 1000;

export class Health {
  /** A line for each run that broke; not there while all is well. */
  readonly #path: string;
  #broken: readonly string[] = [];
  /** That could not be written down: a full disk is what breaks runs, too. */
  #unwritten: string[] = [];
  #lookedAt = -Infinity;

  constructor(path: string) {
    this.#path = path;
  }

  async saw({ kind, stage, why }: Outcome): Promise<void> {
    if (kind === 'cancelled') return;
    if (kind === 'broken') {
      const line = `at ${stage}: ${why.split('\n')[0] ?? ''}`.slice(0, MOST_CHARS);
      await appendFile(this.#path, `${line}\n`).catch(() => { this.#unwritten.push(line); });
      await this.look();
      return;
    }
    if (performance.now() - this.#lookedAt > LOOK_MS) await this.look();
    if (this.why !== null || this.#seen.length === 0) return;
    this.#unwritten = [];
    await this.#takeAway();
  }

  /** Aside first, and put back where others have written the third line meanwhile. */
  async #takeAway(): Promise<void> {
    const aside = `${this.#path}.${randomBytes(4).toString('hex')}`;
    if (!(await rename(this.#path, aside).then(() => true, () => false))) return;
    const lines = linesIn(await readIfThere(aside));
    if (lines.length >= MOST_BROKEN) await appendFile(this.#path, lines.map((line) => `${line}\n`).join('')).catch(() => { this.#unwritten.push(...lines); });
    await rm(aside, { force: true });
    await this.look();
  }

  /** What all workers of this host have seen. */
  async look(): Promise<void> {
    this.#lookedAt = performance.now();
    this.#broken = linesIn(await readIfThere(this.#path).catch(() => undefined));
  }

  get #seen(): readonly string[] { return [...this.#broken, ...this.#unwritten]; }

  /** Why this host takes nothing more; null while it may. What still ran when it was taken out changes nothing. */
  get why(): string | null {
    const seen = this.#seen;
    if (seen.length < MOST_BROKEN) return null;
    return `${String(seen.length)} runs in a row broke here, the last ${seen.at(-1) ?? ''}`;
  }

  /** For all workers of this host. */
  async forget(): Promise<void> {
    [this.#broken, this.#unwritten] = [[], []];
    await rm(this.#path, { force: true }).catch(() => undefined);
  }
}

function linesIn(text = ''): string[] {
  return text.split('\n').filter((line) => line !== '');
}
