// The way in for a browser that looks from elsewhere.
import { Problem, SignedIn } from '../../api/shapes.ts';
import { TAKES_TOKEN, tokenOf } from '../access.ts';
import type { Sessions } from '../sessions.ts';
import type { Api } from './api.ts';

export function sessionRoute(api: Api, home: string, sessions: Sessions): void {
  api.post('/session', {
    schema: { security: TAKES_TOKEN, summary: 'A cookie in exchange for a token, for a browser to look with; never to change anything', response: { 200: SignedIn, 401: Problem, 429: Problem } },
  }, async (request, reply) => {
    const token = await tokenOf(request, home, 'read');
    return reply.header('set-cookie', sessions.open(token)).send({ name: token.name });
  });
}
