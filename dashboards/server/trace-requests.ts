// Each request as a span, below the one of whoever asked where its headers name it.
import type { FastifyInstance } from 'fastify';
import type { Tracer } from '../../orchestrator/src/lib/tracing.ts';

export function traceRequests(server: FastifyInstance, tracer: Tracer): void {
  server.addHook('onRequest', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'none';
    const parent = request.headers['traceparent'];
    void tracer.span(`${request.method} ${route}`, { 'http.request.method': request.method, 'http.route': route }, (add) => new Promise<void>((resolve) => {
      reply.raw.once('close', () => {
        add({ 'http.response.status_code': reply.raw.statusCode });
        resolve();
      });
      // Within the span, so that what the handler begins is below it.
      done();
    }), typeof parent === 'string' ? parent : undefined);
  });
}
