// Server-sent events on a raw reply: one connection that is kept alive and ends with its reader.
import type { FastifyReply, FastifyRequest } from 'fastify';
import type * as z from 'zod';
import { LabError } from '../../orchestrator/src/lib/lab-error.ts';
import { whoAsks } from './limits.ts';

const ALIVE_MS = 15_000;
/** Of one address, and of all. A browser opens six at most. */
const MOST_OF_ONE = 32;
const MOST = 256;
const AGAIN_S = 10;

/** How many are open, by address. */
const open = new Map<string, number>();

/** How the OpenAPI document has a stream: as what each of its messages is. */
export function streamOf<Message extends z.ZodType>(schema: Message): { description: string; content: { 'text/event-stream': { schema: Message } } } {
  return { description: 'Server-sent events; this is the data of each', content: { 'text/event-stream': { schema } } };
}

export type EventStream = { send: (data: unknown, event?: string) => boolean; close: () => void; signal: AbortSignal };

/** `send` says whether the reader keeps up; one that does not for long is dropped by its socket. Throws where too many are open. */
export function openEvents(request: FastifyRequest, reply: FastifyReply): EventStream {
  const leave = enter(request, reply);
  const ended = new AbortController();
  const { raw } = reply;
  reply.hijack();
  // What plugins put on this reply, helmet's headers among them, is not written by itself on a raw one.
  for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) raw.setHeader(name, value);
  raw.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
  raw.write('retry: 2000\n\n');
  const alive = setInterval(() => { raw.write(': still here\n\n'); }, ALIVE_MS);
  const end = (): void => {
    clearInterval(alive);
    if (!ended.signal.aborted) leave();
    ended.abort();
  };
  request.raw.on('close', end);
  raw.on('close', end).on('error', end);
  // Who left before this was reached is not told of again.
  if (raw.destroyed) end();
  return {
    signal: ended.signal,
    send: (data, event) => raw.write(`${event === undefined ? '' : `event: ${event}\n`}data: ${JSON.stringify(data)}\n\n`),
    close: () => { raw.end(); },
  };
}

function enter(request: FastifyRequest, reply: FastifyReply): () => void {
  const who = whoAsks(request);
  const own = open.get(who) ?? 0;
  const all = [...open.values()].reduce((sum, one) => sum + one, 0);
  if (own >= MOST_OF_ONE || all >= MOST) {
    reply.header('retry-after', AGAIN_S);
    throw new LabError('TOO_MANY_STREAMS', own >= MOST_OF_ONE ? `${String(own)} streams of this address are open already` : `${String(all)} streams are open already`, { blame: 'request', hint: 'close some: each open page and each log that is followed has one' });
  }
  open.set(who, own + 1);
  return () => {
    const left = (open.get(who) ?? 1) - 1;
    if (left === 0) open.delete(who);
    else open.set(who, left);
  };
}
