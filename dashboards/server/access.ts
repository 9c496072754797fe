// Who may do what: from this machine anybody may look; to change something, and to look from elsewhere, takes a token.
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { LabError } from '../../orchestrator/src/lib/lab-error.ts';
import { includes, ownerOf, readTokens, type Scope, type Token } from '../../orchestrator/src/store/tokens.ts';
import { isNear } from './hosts.ts';
import { sayProblem } from './problems.ts';
import type { Sessions } from './sessions.ts';

/** What anybody may fetch: the pages without anything in them, and the way in. */
const OPEN: readonly (string | undefined)[] = ['/*', '/api/session'];

/** How the OpenAPI document says so. */
export const TAKES_TOKEN = [{ token: [] }];
const LOOKS: ReadonlySet<string> = new Set(['GET', 'HEAD']);

/** Before anything else of a request is read. */
export function guardReads(server: FastifyInstance, home: string, sessions: Sessions): void {
  server.addHook('onRequest', async (request, reply) => {
    if (isNear(request) || OPEN.includes(request.routeOptions.url)) return;
    // A browser sends the cookie along with whatever another page makes it ask: it is good for looking only.
    if (LOOKS.has(request.method) && sessions.has(request, await readTokens(home))) return;
    // Answered here: what is mounted from elsewhere has a way of its own with what is thrown.
    await tokenOf(request, home, 'read').catch((error: unknown) => sayProblem(request, reply, error));
  });
}

/** The queue's own pages are to look at. They refuse writes by themselves too, each in a way of its own. */
export function guardBoard(server: FastifyInstance, prefix: string): void {
  server.addHook('onRequest', async (request, reply) => {
    if (LOOKS.has(request.method) || request.routeOptions.url?.startsWith(`${prefix}/`) !== true) return;
    await sayProblem(request, reply, new LabError('READ_ONLY', 'the queue is only looked at here', { blame: 'request', hint: 'POST /api/jobs and /api/runs/ID/cancel change it' }));
  });
}

/** The name that a token was made for. In a header of its own, never in a cookie: another site's page cannot make a browser send it. */
export async function whoMay(request: FastifyRequest, home: string, wanted: Scope): Promise<string> {
  return (await tokenOf(request, home, wanted)).name;
}

export async function tokenOf(request: FastifyRequest, home: string, wanted: Scope): Promise<Token> {
  const given = /^Bearer (\S{1,200})$/.exec(request.headers.authorization ?? '')?.[1];
  if (given === undefined) throw new LabError('NO_TOKEN', `this takes a token with the scope ${wanted}`, { blame: 'request', hint: `vlab token add YOUR-NAME --scope ${wanted}` });
  const owner = ownerOf(await readTokens(home), given);
  if (owner === undefined) throw new LabError('BAD_TOKEN', 'nobody has this token', { blame: 'request', hint: 'vlab token list' });
  if (!includes(owner.scope, wanted)) throw new LabError('SCOPE', `the token of ${owner.name} is good for "${owner.scope}", and this takes "${wanted}"`, { blame: 'request', hint: `vlab token add ANOTHER-NAME --scope ${wanted}` });
  return owner;
}
