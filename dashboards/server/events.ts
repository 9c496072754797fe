// Server-sent events on a raw reply: one connection that is kept alive and ends with its reader.
import type { FastifyReply, FastifyRequest } from 'fastify';

const ALIVE_MS = 15_000;

export type EventStream = { send: (data: unknown, event?: string) => boolean; close: () => void; signal: AbortSignal };

/** `send` says whether the reader keeps up; one that does not for long is dropped by its socket. */
export function openEvents(request: FastifyRequest, reply: FastifyReply): EventStream {
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
    ended.abort();
  };
  request.raw.on('close', end);
  raw.on('close', end).on('error', end);
  return {
    signal: ended.signal,
    send: (data, event) => raw.write(`${event === undefined ? '' : `event: ${event}\n`}data: ${JSON.stringify(data)}\n\n`),
    close: () => { raw.end(); },
  };
}
