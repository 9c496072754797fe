// The server asked by its own process, without a port: what a copy of the pages is made of is what they would have been answered.
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { FastifyInstance } from 'fastify';
import { LabError } from '../../orchestrator/src/lib/lab-error.ts';
import type { Problem } from '../api/shapes.ts';

/** By a name that it knows, and without compression. */
const HEADERS = { 'host': 'localhost', 'accept-encoding': 'identity' };
/** No such thing, and no such name. */
const NOTHING: ReadonlySet<number> = new Set([400, 404]);

export class Asked {
  readonly #server: FastifyInstance;

  constructor(server: FastifyInstance) {
    this.#server = server;
  }

  /** Undefined where there is nothing at that address, or nothing can be. */
  async text(url: string): Promise<{ text: string; name: string | undefined } | undefined> {
    const response = await this.#server.inject({ url, headers: HEADERS });
    if (NOTHING.has(response.statusCode)) return undefined;
    if (response.statusCode !== 200) throw refused(url, messageIn(response.payload));
    return { text: response.payload, name: /filename="([A-Za-z0-9][A-Za-z0-9._-]*)"/.exec(response.headers['content-disposition'] ?? '')?.[1] };
  }

  /** Into a file; returns how long it is, or undefined where the server does not give it. */
  async file(url: string, path: string): Promise<number | undefined> {
    const response = await this.#server.inject({ url, headers: HEADERS, payloadAsStream: true });
    if (response.statusCode !== 200) {
      response.stream().destroy();
      if (NOTHING.has(response.statusCode)) return undefined;
      throw refused(url, `status ${String(response.statusCode)}`);
    }
    await mkdir(dirname(path), { recursive: true });
    const out = createWriteStream(path, { flags: 'wx' });
    await pipeline(response.stream(), out);
    return out.bytesWritten;
  }
}

function refused(url: string, why: string): LabError {
  return new LabError('EXPORT', `the server has no answer for a copy at ${url}: ${why}`, { blame: 'lab', stage: 'store', hint: 'vlab reindex' });
}

function messageIn(payload: string): string {
  try {
    return (JSON.parse(payload) as Problem).message;
  } catch {
    return 'and does not say why';
  }
}
