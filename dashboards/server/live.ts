// What open pages are told while they are open: look again at this. They ask for the figures themselves.
import type { FastifyInstance } from 'fastify';
import type { LiveEvent } from '../api/shapes.ts';
import { openEvents, type EventStream } from './events.ts';
import type { Parts } from './server.ts';

const QUEUE_MS = 2000;
const MOST_READERS = 200;

export class Live {
  readonly #readers = new Set<EventStream>();
  readonly #parts: Parts;
  readonly #timer: NodeJS.Timeout;
  #lastQueue = '';

  constructor(parts: Parts) {
    this.#parts = parts;
    parts.keeper.on('seen', ({ runs, jobs, evaluations }) => { this.#tell({ what: 'record', runs, jobs, evaluations }); });
    parts.keeper.on('state', ({ up, why }) => { this.#tell({ what: 'database', up, why }); });
    this.#timer = setInterval(() => { void this.#lookAtQueue(); }, QUEUE_MS);
  }

  route(api: FastifyInstance): void {
    api.get('/live', { schema: { summary: 'Server-sent events: what changed', description: 'Each message is a LiveEvent.' } }, (request, reply) => {
      if (this.#readers.size >= MOST_READERS) return reply.code(503).send({ error: 'TOO_MANY_READERS', message: `${String(MOST_READERS)} pages are open already`, next: 'close some' });
      const stream = openEvents(request, reply);
      this.#readers.add(stream);
      stream.signal.addEventListener('abort', () => { this.#readers.delete(stream); });
      const { up, why } = this.#parts.keeper.state;
      stream.send({ what: 'database', up, why } satisfies LiveEvent);
      return reply;
    });
  }

  close(): void {
    clearInterval(this.#timer);
    for (const stream of this.#readers) stream.close();
  }

  async #lookAtQueue(): Promise<void> {
    if (this.#readers.size === 0) return;
    const { counts } = await this.#parts.queue.look().catch(() => ({ counts: {} }));
    const text = JSON.stringify(counts);
    if (text === this.#lastQueue) return;
    this.#lastQueue = text;
    this.#tell({ what: 'queue', counts });
  }

  #tell(event: LiveEvent): void {
    for (const stream of this.#readers) stream.send(event);
  }
}
