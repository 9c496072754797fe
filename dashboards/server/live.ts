// What open pages are told while they are open: look again at this. They ask for the figures themselves.
import type { FastifyInstance } from 'fastify';
import { nightAlarm } from '../../orchestrator/src/night/alarm.ts';
import { listBegun } from '../../orchestrator/src/store/nights.ts';
import { LiveEvent, Problem } from '../api/shapes.ts';
import { openEvents, streamOf, type EventStream } from './events.ts';
import type { Parts } from './server.ts';

const LOOK_MS = 2000;
/** A page asks its first questions and only then listens: on a slow machine, or over a slow line, this much later. */
const RECENT_MS = 10_000;

export class Live {
  readonly #readers = new Set<EventStream>();
  readonly #parts: Parts;
  readonly #timer: NodeJS.Timeout;
  /** What was told last of that which says nothing by itself. */
  readonly #told = new Map<LiveEvent['what'], string>();
  /** The last of each that was told, and when. */
  readonly #recent = new Map<LiveEvent['what'], { event: LiveEvent; atMs: number }>();
  #looking = false;

  constructor(parts: Parts) {
    this.#parts = parts;
    parts.keeper.on('seen', ({ runs, jobs, evaluations, unreadable }) => { this.#tell({ what: 'record', runs, jobs, evaluations, unreadable }); });
    parts.keeper.on('state', ({ up, why }) => { this.#tell({ what: 'database', up, why }); });
    this.#timer = setInterval(() => { void this.#look(); }, LOOK_MS);
  }

  route(api: FastifyInstance): void {
    api.get('/live', { schema: { summary: 'Server-sent events: what changed', description: 'The data of each message are a LiveEvent, as JSON.', response: { 200: streamOf(LiveEvent), 429: Problem } } }, (request, reply) => {
      const stream = openEvents(request, reply);
      if (stream.signal.aborted) return reply;
      this.#readers.add(stream);
      stream.signal.addEventListener('abort', () => { this.#readers.delete(stream); });
      const { up, why } = this.#parts.keeper.state;
      stream.send({ what: 'database', up, why } satisfies LiveEvent);
      // What changed between its first question and now it would never hear of.
      for (const { event, atMs } of this.#recent.values()) if (event.what !== 'database' && performance.now() - atMs < RECENT_MS) stream.send(event);
      for (const what of ['queue', 'store', 'night'] as const) this.#told.delete(what);
      return reply;
    });
  }

  /** Somebody said what an alert is. */
  tellAlerts(): void {
    this.#tell({ what: 'alerts' });
  }

  /** Somebody ordered something of a worker, and may have seen what it was in between: at the next look it is told, also where it is what it was before. */
  tellQueue(): void {
    this.#told.delete('queue');
  }

  close(): void {
    clearInterval(this.#timer);
    for (const stream of this.#readers) stream.close();
  }

  /** At the queue, the store and the nights, while somebody reads. */
  async #look(): Promise<void> {
    if (this.#readers.size === 0 || this.#looking) return;
    this.#looking = true;
    const { queue, store, home } = this.#parts;
    const shared = store();
    if (shared !== null) this.#tellNew({ what: 'store', up: shared.up });
    const [{ counts, workers }, night] = await Promise.all([queue.look().catch(() => ({ counts: {}, workers: [] })), lastNight(home).catch(() => undefined)]);
    // A worker that comes, goes, drains or takes a run changes no count.
    this.#tellNew({ what: 'queue', counts }, JSON.stringify([counts, workers.map(({ worker, running, draining, why }) => [worker, running, draining, why])]));
    if (night !== undefined) this.#tellNew(night);
    this.#looking = false;
  }

  #tellNew(event: LiveEvent, text = JSON.stringify(event)): void {
    if (text === this.#told.get(event.what)) return;
    this.#told.set(event.what, text);
    this.#tell(event);
  }

  #tell(event: LiveEvent): void {
    this.#recent.set(event.what, { event, atMs: performance.now() });
    for (const stream of this.#readers) stream.send(event);
  }
}

/** The newest that came to its end, and whether one that was due did not happen. */
async function lastNight(home: string): Promise<LiveEvent> {
  const [alarm, begun] = await Promise.all([nightAlarm(home), listBegun(home)]);
  return { what: 'night', newest: begun.find((one) => one.sealed)?.id ?? null, alarm: alarm?.why ?? null };
}
