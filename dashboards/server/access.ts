// Who may do what: on loopback anybody may look; to change something, and to look from elsewhere, takes a token.
import type { FastifyRequest } from 'fastify';
import { LabError } from '../../orchestrator/src/lib/lab-error.ts';
import { includes, ownerOf, readTokens, type Scope } from '../../orchestrator/src/store/tokens.ts';

/** The name that a token was made for. In a header of its own, never in a cookie: another site's page cannot make a browser send it. */
export async function whoMay(request: FastifyRequest, home: string, wanted: Scope): Promise<string> {
  const given = /^Bearer (\S{1,200})$/.exec(request.headers.authorization ?? '')?.[1];
  if (given === undefined) throw new LabError('NO_TOKEN', `this takes a token with the scope ${wanted}`, { blame: 'request', hint: `vlab token add YOUR-NAME --scope ${wanted}` });
  const owner = ownerOf(await readTokens(home), given);
  if (owner === undefined) throw new LabError('BAD_TOKEN', 'nobody has this token', { blame: 'request', hint: 'vlab token list' });
  if (!includes(owner.scope, wanted)) throw new LabError('SCOPE', `the token of ${owner.name} is good for "${owner.scope}", and this takes "${wanted}"`, { blame: 'request', hint: `vlab token add ANOTHER-NAME --scope ${wanted}` });
  return owner.name;
}
