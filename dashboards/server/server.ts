// The server of the pages: what it is made of, in order. Reads the record and the run folders; what it knows of the queue it is handed.
import helmet from '@fastify/helmet';
import fastifyStatic from '@fastify/static';
import swagger from '@fastify/swagger';
import compress from '@fastify/compress';
import fastify, { type FastifyInstance, type FastifyPluginCallback } from 'fastify';
import { jsonSchemaTransform, serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Keeper } from '../../orchestrator/src/record/keeper.ts';
import type { Tracer } from '../../orchestrator/src/lib/tracing.ts';
import type { JobRecord } from '../../orchestrator/src/store/read.ts';
import type { JobId, RunId } from '../../orchestrator/src/contract/ids.ts';
import { Problem, type Cancelled, type QueueView } from '../api/shapes.ts';
import { guardBoard, guardReads } from './access.ts';
import { answerProblems } from './problems.ts';
import { guardHosts } from './hosts.ts';
import { limitRequests } from './limits.ts';
import { Live } from './live.ts';
import { serveMetrics } from './metrics.ts';
import { alertRoutes } from './routes/alerts.ts';
import { evaluationTables } from './routes/evaluation-tables.ts';
import { evaluationRoutes } from './routes/evaluations.ts';
import { healthRoutes } from './routes/health.ts';
import { homeRoutes } from './routes/home.ts';
import { jobRoutes } from './routes/jobs.ts';
import { logRoutes } from './routes/logs.ts';
import { nightRoutes } from './routes/nights.ts';
import { runTables } from './routes/run-tables.ts';
import { runRoutes } from './routes/runs.ts';
import { seriesRoutes } from './routes/series.ts';
import { sessionRoute } from './routes/session.ts';
import { trendRoutes } from './routes/trends.ts';
import { COOKIE, Sessions } from './sessions.ts';
import { workerRoutes } from './routes/workers.ts';
import { traceRequests } from './trace-requests.ts';

/** What the server is told of the queue, and what it asks of it. */
export type QueueSource = {
  /** `asked` is whatever came; `who`, the name of a token. `waits`: why its runs are not taken up now, null where a worker is there. */
  submit: (asked: unknown, who: string) => Promise<{ record: JobRecord; waits: string | null }>;
  cancel: (id: JobId | RunId) => Promise<Cancelled[]>;
  /** Tells a worker to take nothing more, to leave as well, or to go on. */
  order: (worker: string, order: 'drain' | 'end' | 'go') => Promise<'unknown' | 'cannot' | 'asked'>;
  look: () => Promise<Omit<QueueView, 'workers'> & { workers: readonly Omit<QueueView['workers'][number], 'noisePct' | 'noiseWhy'>[] }> };

export type Parts = { home: string; checkout: string; keeper: Keeper; queue: QueueSource; version: string; /** The built pages. */ pages: string; /** Names that a browser may call this server by, besides loopback's. */ hosts: readonly string[]; /** The queue's own pages, mounted at QUEUES. */ board: FastifyPluginCallback; /** Asked by this process alone, as often as it likes. */ unlimited?: boolean; /** How the store that hosts share does; null where there is none. */ store: () => { up: boolean; since: Date; why: string | null } | null };
export type Server = FastifyInstance;

export const QUEUES = '/queues';

/** Who looks from this machine needs neither; what changes something says that it takes a token. */
const SECURITY = {
  token: { type: 'http', scheme: 'bearer', description: 'From vlab token add' },
  session: { type: 'apiKey', in: 'cookie', name: COOKIE, description: 'From POST /api/session; good for looking only' },
} as const;

const BODY_BYTES = 1024 * 1024;

export async function makeServer(parts: Parts & { tracer?: Tracer | undefined }): Promise<{ server: FastifyInstance; live: Live }> {
  const server = fastify({ bodyLimit: BODY_BYTES, routerOptions: { maxParamLength: 300 }, trustProxy: false, forceCloseConnections: true }).withTypeProvider<ZodTypeProvider>();
  server.setValidatorCompiler(validatorCompiler);
  server.setSerializerCompiler(serializerCompiler);
  const sessions = new Sessions();
  if (parts.tracer !== undefined) traceRequests(server, parts.tracer);
  await server.register(helmet, {
    // base-uri: the queue's own pages, one level below, have a base.
    contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ['\'self\''], styleSrc: ['\'self\'', '\'unsafe-inline\''], imgSrc: ['\'self\'', 'data:'], objectSrc: ['\'none\''], baseUri: ['\'self\''], frameAncestors: ['\'none\''], formAction: ['\'self\''] } },
    // Over plain HTTP, on loopback or behind somebody's proxy.
    hsts: false,
  });
  guardHosts(server, parts.hosts);
  await limitRequests(server, parts.unlimited === true);
  guardReads(server, parts.home, sessions);
  guardBoard(server, QUEUES);
  answerProblems(server);
  await server.register(swagger, { openapi: { info: { title: 'Virgil Lab', version: parts.version, description: 'What the pages of the lab read.' }, components: { securitySchemes: SECURITY }, security: [{}, { token: [] }, { session: [] }] }, transform: withTooMany });
  await server.register(compress);
  await server.register(parts.board, { prefix: QUEUES });
  const live = new Live(parts);
  await server.register(async (api) => {
    for (const routes of [healthRoutes, homeRoutes, nightRoutes, jobRoutes, runRoutes, runTables, logRoutes, evaluationRoutes, evaluationTables, seriesRoutes, trendRoutes]) routes(api.withTypeProvider<ZodTypeProvider>(), parts);
    workerRoutes(api.withTypeProvider<ZodTypeProvider>(), parts, () => { live.tellQueue(); });
    alertRoutes(api.withTypeProvider<ZodTypeProvider>(), parts, () => { live.tellAlerts(); });
    sessionRoute(api.withTypeProvider<ZodTypeProvider>(), parts.home, sessions);
    live.route(api);
    api.get('/openapi.json', { schema: { hide: true } }, () => server.swagger());
    await Promise.resolve();
  }, { prefix: '/api' });
  await server.register(fastifyStatic, { root: parts.pages, serve: false, cacheControl: true, maxAge: '1h' });
  serveMetrics(server, parts);
  servePages(server);
  return { server, live };
}

/** What every route of the API may answer, whatever else it does: see limits.ts. */
const withTooMany: typeof jsonSchemaTransform = ({ schema, ...rest }) => jsonSchemaTransform({ ...rest, schema: { ...schema, response: { ...schema.response as object, 429: Problem } } });

/** Every address that is none of the API's is a page's: the one document finds out which. */
function servePages(server: FastifyInstance): void {
  server.get('/*', { schema: { hide: true } }, (request, reply) => {
    const path = request.url.split('?')[0] ?? '';
    // Only a file has an ending. Which files there are is looked up each time: the pages may be made anew under a server that runs.
    if (/\.[a-z0-9]+$/i.test(path)) return reply.sendFile(path.slice(1));
    return reply.header('cache-control', 'no-cache').sendFile('index.html');
  });
}
