// Which names a browser may call this server by. A page elsewhere whose name is made to point at loopback must not read the lab through its visitor.
import type { FastifyInstance, FastifyRequest } from 'fastify';

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

export function guardHosts(server: FastifyInstance, allowed: readonly string[]): void {
  const known = new Set([...LOOPBACK, ...allowed.map((one) => one.toLowerCase())]);
  server.addHook('onRequest', (request, reply, done) => {
    const name = nameIn(request);
    // An address is not a name that somebody could make point here.
    if (known.has(name) || name === inUrl(request.socket.localAddress)) {
      done();
      return;
    }
    void reply.code(421).send({ error: 'UNKNOWN_HOST', message: `this server is not called "${name}"`, next: 'vlab serve --name NAME' });
  });
}

/** Headers that a proxy adds. They are believed only where they say that somebody is farther away. */
const FORWARDED = ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip'] as const;

/** Whether it comes from a program of this machine, and straight: what comes through a proxy here comes from anywhere. */
export function isNear(request: FastifyRequest): boolean {
  return isLoopback(plain(request.socket.remoteAddress)) && LOOPBACK.has(nameIn(request)) && FORWARDED.every((header) => request.headers[header] === undefined);
}

function nameIn(request: FastifyRequest): string {
  return (request.headers.host ?? '').toLowerCase().replace(/:\d+$/, '');
}

/** IPv4 as it is written, also where a socket for both kinds took it. */
function plain(address: string | undefined): string {
  return (address ?? '').replace(/^::ffff:/, '');
}

function inUrl(address: string | undefined): string {
  const text = plain(address);
  return text.includes(':') ? `[${text}]` : text;
}

export function isLoopback(address: string): boolean {
  return address === 'localhost' || address === '::1' || /^127\./.test(address);
}
