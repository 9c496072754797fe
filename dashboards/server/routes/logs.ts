// A log of a run, as text from a byte on, or followed while the run lives.
import { join } from 'node:path';
import * as z from 'zod';
import { RunId } from '../../../orchestrator/src/contract/ids.ts';
import { exists } from '../../../orchestrator/src/lib/files.ts';
import { LabError } from '../../../orchestrator/src/lib/lab-error.ts';
import { pause } from '../../../orchestrator/src/lib/within.ts';
import { layout, RUN_FILES } from '../../../orchestrator/src/store/layout.ts';
import { LogName, LogPiece, Problem } from '../../api/shapes.ts';
import { openEvents, streamOf } from '../events.ts';
import { openPlain } from '../plain-file.ts';
import type { Parts } from '../server.ts';
import type { Api } from './api.ts';

const PIECE_BYTES = 64 * 1024;
const LOOK_MS = 250;

export function logRoutes(api: Api, { home }: Parts): void {
  const params = z.object({ id: RunId, log: LogName });
  const querystring = z.object({ from: z.coerce.number().int().min(0).default(0).describe('the first byte that is wanted') });

  api.get('/runs/:id/log/:log', { schema: { summary: 'Server-sent events: a log, followed until the run is sealed', description: 'The data of each message are a LogPiece, as JSON; the last has the name "end" and an empty object.', params, querystring, response: { 200: streamOf(LogPiece), 404: Problem, 429: Problem } } }, async (request, reply) => {
    const folder = layout.run(home, request.params.id);
    if (!(await exists(folder))) throw new LabError('UNKNOWN_ID', `there is no run ${request.params.id}`, { blame: 'request', hint: 'vlab status' });
    const path = join(folder, RUN_FILES[request.params.log]);
    const stream = openEvents(request, reply);
    await follow(path, join(folder, RUN_FILES.record), request.query.from, stream.signal, (piece) => { stream.send(piece); });
    if (!stream.signal.aborted) stream.send({}, 'end');
    stream.close();
    return reply;
  });
}

/** Tells all there is from `from` on, in whole characters, and what is added, until the run's record is there and nothing more came after it. */
async function follow(path: string, sealed: string, from: number, signal: AbortSignal, tell: (piece: LogPiece) => void): Promise<void> {
  let at = from;
  while (!signal.aborted) {
    const over = await exists(sealed);
    const chunk = await readFrom(path, at);
    // Whole characters only, so that whoever goes on from `to` loses none; but what nobody will complete is told as it is.
    const bytes = chunk.length - (over && chunk.length < PIECE_BYTES ? 0 : cutOff(chunk));
    if (bytes > 0) {
      tell({ from: at, to: at + bytes, text: chunk.toString('utf8', 0, bytes) });
      at += bytes;
    } else if (over) {
      return;
    } else {
      await pause(LOOK_MS, signal);
    }
  }
}

/** How many bytes at the end are the beginning of a character in UTF-8 that is not whole. */
export function cutOff(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return back < (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) ? back : 0;
  }
  return 0;
}

async function readFrom(path: string, at: number): Promise<Buffer> {
  try {
    await using file = await openPlain(path);
    const { bytesRead, buffer } = await file.read(Buffer.alloc(PIECE_BYTES), 0, PIECE_BYTES, at);
    return buffer.subarray(0, bytesRead);
  } catch {
    return Buffer.alloc(0);
  }
}
