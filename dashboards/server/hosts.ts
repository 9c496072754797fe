// Which names a browser may call this server by. A page elsewhere whose name is made to point at loopback must not read the lab through its visitor.
import type { FastifyInstance } from 'fastify';

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

export function guardHosts(server: FastifyInstance, allowed: readonly string[]): void {
  const known = new Set([...LOOPBACK, ...allowed.map((one) => one.toLowerCase())]);
  server.addHook('onRequest', (request, reply, done) => {
    const name = (request.headers.host ?? '').toLowerCase().replace(/:\d+$/, '');
    if (known.has(name)) {
      done();
      return;
    }
    void reply.code(421).send({ error: 'UNKNOWN_HOST', message: `this server is not called "${name}"`, next: 'vlab serve --name NAME' });
  });
}

export function isLoopback(address: string): boolean {
  return address === 'localhost' || address === '::1' || /^127\./.test(address);
}
