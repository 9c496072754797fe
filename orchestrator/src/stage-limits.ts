// How long each stage of a run may last in all. What a stage knows of itself ends it sooner: these are for what nobody thought of, so that no run holds its slot
// for ever. Generous, since a base may be built for the first time in one, behind another that builds it too, and a clip of two GiB may come over a slow line.
import type { StampedEvent } from './contract/event.ts';
import type { Stage } from './contract/outcome.ts';
import { LabError } from './lib/lab-error.ts';

const MINUTE_MS = 60_000;
const LIMIT_MIN: Readonly<Record<Stage, number>> = { request: 120, queue: 5, image: 120, kernel: 300, clip: 120, guest: 60, pipeline: 300, verify: 60, store: 60 };

export class StageLimits implements Disposable {
  readonly #slowness: number;
  readonly #abort = new AbortController();
  #timer: NodeJS.Timeout | undefined;

  constructor(slowness: number) {
    this.#slowness = slowness;
  }

  get signal(): AbortSignal { return this.#abort.signal; }

  hear(event: StampedEvent): void {
    if (event.event !== 'stage.started') return;
    const { stage } = event;
    const ms = LIMIT_MIN[stage] * MINUTE_MS * this.#slowness;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#abort.abort(new LabError('TOO_SLOW', `the stage ${stage} took longer than ${String(Math.round(ms / MINUTE_MS))} minutes`, { blame: 'lab', stage }));
    }, ms);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}
