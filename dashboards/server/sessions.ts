// A browser that looks from elsewhere: links and streams carry no header, so a cookie stands for a token there. Good for looking only, for half a day, and
// no longer than the token is. Kept in memory: a server that starts anew asks for the token again.
import { randomBytes } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { Token, Tokens } from '../../orchestrator/src/store/tokens.ts';

export const COOKIE = 'vlab_session';
const LASTS_S = 12 * 3600;
const MOST = 1000;

export class Sessions {
  readonly #open = new Map<string, { token: string; untilMs: number }>();

  /** The header that makes a browser keep it. SameSite: no page of another site can make use of it, not even to look. */
  open(token: Token): string {
    const now = Date.now();
    for (const [id, { untilMs }] of this.#open) if (untilMs < now || this.#open.size >= MOST) this.#open.delete(id);
    const id = randomBytes(32).toString('base64url');
    this.#open.set(id, { token: token.sha256, untilMs: now + LASTS_S * 1000 });
    return `${COOKIE}=${id}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${String(LASTS_S)}`;
  }

  has(request: FastifyRequest, tokens: Tokens): boolean {
    const id = new RegExp(`(?:^|; *)${COOKIE}=([A-Za-z0-9_-]{43})(?:;|$)`).exec(request.headers.cookie ?? '')?.[1];
    const session = id === undefined ? undefined : this.#open.get(id);
    return session !== undefined && session.untilMs >= Date.now() && tokens.some((one) => one.sha256 === session.token);
  }
}
