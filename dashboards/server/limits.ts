// How often one address may ask, and how often it may be wrong about a token. Counted before anything else is looked at, so that a guess costs the one who guesses.
import rateLimit, { normalizeIP } from '@fastify/rate-limit';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { LabError } from '../../orchestrator/src/lib/lab-error.ts';
import { isNear } from './hosts.ts';
import { sayProblem } from './problems.ts';

/** A person with many tabs, not a script that reads all of it twice a second. */
const REQUESTS = { max: 1200, timeWindow: '1 minute' };
/** A person who mistypes, not one who guesses. */
const WRONG_TOKENS = { max: 60, timeWindow: '1 minute' };

/** Before the hook that asks for a token. Routes may set a limit of their own besides. */
export async function limitRequests(server: FastifyInstance, unlimited: boolean): Promise<void> {
  await server.register(rateLimit, { global: false, keyGenerator: whoAsks, allowList: () => unlimited, errorResponseBuilder: (_request, { after }) => tooMany(after) });
  if (unlimited) return;
  const [asks, errs] = [server.createRateLimit(REQUESTS), server.createRateLimit(WRONG_TOKENS)];
  server.addHook('onRequest', async (request, reply) => {
    // The pages without anything in them.
    if (request.routeOptions.url === '/*') return undefined;
    // Who sends no token guesses at none, and is not kept out by one beside him who does.
    for (const limit of [...(request.headers.authorization === undefined ? [] : [await errs(request, { increment: false })]), await asks(request)]) {
      if (limit.isAllowed || !limit.isExceeded) continue;
      reply.header('retry-after', limit.ttlInSeconds);
      // Answered here: what is mounted from elsewhere has a way of its own with what is thrown.
      return sayProblem(request, reply, tooMany(`${String(limit.ttlInSeconds)} seconds`));
    }
    return undefined;
  });
  server.addHook('onResponse', async (request, reply) => {
    if (reply.statusCode === 401 && request.headers.authorization !== undefined) await errs(request);
  });
}

/** Who comes through a proxy on this machine has its address, and takes nothing from this machine's own programs. */
export function whoAsks(request: FastifyRequest): string {
  return isNear(request) ? 'near' : normalizeIP(request.ip);
}

function tooMany(after: string): LabError {
  return new LabError('TOO_MANY_REQUESTS', 'this address asks too often, or was wrong about its token too often', { blame: 'request', hint: `ask again in ${after}` });
}
