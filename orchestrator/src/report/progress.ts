// Live progress on standard error: one line per run that changes in place on a terminal, plain lines elsewhere.
import type { StampedEvent } from '../contract/event.ts';
import { duration, printable } from './text.ts';

type Line = { name: string; text: string; since: number; endedAt: number | undefined };

export class Progress {
  readonly #lines = new Map<string, Line>();
  readonly #live: boolean;
  readonly #write: (text: string) => void;
  readonly #timer: NodeJS.Timeout | undefined;
  readonly #columns: () => number;
  #drawn = 0;

  constructor(stream: NodeJS.WriteStream, quiet = false) {
    this.#live = stream.isTTY && !quiet;
    this.#write = quiet ? () => undefined : (text) => { stream.write(text); };
    this.#columns = () => stream.columns;
    if (this.#live) this.#timer = setInterval(() => { this.#draw(); }, 250);
  }

  add(id: string, name: string): void {
    this.#lines.set(id, { name, text: 'waiting', since: Date.now(), endedAt: undefined });
  }

  /** A line that is nobody's run: what the lab does before it can begin. */
  say(text: string): void {
    this.#erase();
    this.#write(`${text}\n`);
    this.#draw();
  }

  set(id: string, text: string, done = false): void {
    const line = this.#lines.get(id);
    if (line === undefined || line.endedAt !== undefined || line.text === text) return;
    if (line.text === 'waiting') line.since = Date.now();
    line.text = text;
    if (done) line.endedAt = Date.now();
    if (this.#live) this.#draw();
    else this.#write(`${this.#render(line)}\n`);
  }

  event(event: StampedEvent): void {
    const text = sayEvent(event, this.#live);
    if (text !== undefined) this.set(event.run, text, event.event === 'run.sealed');
  }

  end(): void {
    if (this.#timer !== undefined) clearInterval(this.#timer);
    if (this.#live) this.#draw();
    this.#drawn = 0;
  }

  #render(line: Line): string {
    return `${line.name}: ${line.text} (${duration((line.endedAt ?? Date.now()) - line.since)})`;
  }

  #erase(): void {
    if (this.#live && this.#drawn > 0) this.#write(`\x1b[${String(this.#drawn)}A\x1b[0J`);
    this.#drawn = 0;
  }

  #draw(): void {
    if (!this.#live) return;
    this.#erase();
    for (const line of this.#lines.values()) {
      this.#write(`${(line.text === 'waiting' ? `${line.name}: waiting` : this.#render(line)).slice(0, this.#columns() - 1)}\n`);
      this.#drawn++;
    }
  }
}

/** Undefined where a line would say nothing new. Off a terminal, frame counts would only be noise. */
function sayEvent(event: StampedEvent, live: boolean): string | undefined {
  switch (event.event) {
    case 'run.opened': return event.attempt > 1 ? `attempt ${String(event.attempt)} begins` : 'begins';
    case 'stage.started': return event.stage;
    case 'stage.progress': {
      if (!live && event.of !== null && event.done !== event.of) return undefined;
      const far = event.of === null ? (event.done > 0 ? ` ${String(event.done)}` : '') : ` ${String(event.done)}/${String(event.of)} (${String(Math.floor((100 * event.done) / event.of))} %)`;
      return `${event.stage}: ${event.what}${far}`;
    }
    case 'guest.ready': return `guest: ready after ${(event.readyMs / 1000).toFixed(1)} s, Linux ${printable(event.kernel)}`;
    case 'guest.again': return `guest: ${event.why}: booting once more`;
    case 'guest.splat': return `guest: the kernel reports ${event.kind}`;
    case 'run.sealed': return `${event.outcome.kind}: ${printable(event.outcome.why.split('\n')[0] ?? '')}`;
    case 'stage.ended': case 'guest.started': case 'guest.gone': case 'pipeline.renderer': case 'pipeline.ended': return undefined;
    default: return event satisfies never;
  }
}
