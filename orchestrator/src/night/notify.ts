// Tells whoever a plan or a person names that a night is over: one POST of JSON to each, signed, tried a few times. What they answer is not read.
import { createHmac } from 'node:crypto';
import { LabError, messageOf } from '../lib/lab-error.ts';
import { pause } from '../lib/within.ts';

export const SECRET_VARIABLE = 'VLAB_WEBHOOK_SECRET';
export const SIGNATURE_HEADER = 'x-vlab-signature-256';

export type Delivery = { url: string; delivered: boolean; tries: number; why: string };
export type Limits = { tries: number; answerMs: number; pauseMs: number };

const LIMITS: Limits = { tries: 4, answerMs: 10_000, pauseMs: 2000 };

/** Checked before a night begins: after it is too late. */
export function checkTargets(urls: readonly string[], secret: string | undefined): void {
  for (const url of urls) {
    if (!URL.canParse(url) || !['http:', 'https:'].includes(new URL(url).protocol)) throw new LabError('BAD_URL', `Expected an address that begins with http: or https: to notify, got "${url}"`, { blame: 'request', stage: 'request', hint: 'vlab nightly --notify https://ci.example.org/hooks/vlab' });
  }
  if (urls.length > 0 && (secret === undefined || secret.length < 16)) {
    throw new LabError('NO_SECRET', `Expected ${SECRET_VARIABLE} to hold a secret of at least 16 characters, since what is sent is signed with it, got ${secret === undefined ? 'none' : String(secret.length)}`, { blame: 'request', stage: 'request', hint: `${SECRET_VARIABLE}=$(openssl rand -hex 32) vlab nightly ...` });
  }
}

/** `sha256=` and the HMAC of the body, as those check it who take GitHub's webhooks. */
export function signatureOf(body: string, secret: string): string {
  return `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
}

export async function notify(urls: readonly string[], document: unknown, secret: string, limits: Limits = LIMITS): Promise<Delivery[]> {
  const body = JSON.stringify(document);
  return Promise.all(urls.map((url) => deliver(url, body, secret, limits)));
}

async function deliver(url: string, body: string, secret: string, { tries, answerMs, pauseMs }: Limits): Promise<Delivery> {
  let why = '';
  for (let count = 1; count <= tries; count++) {
    try {
      // A redirect would carry what was meant for one address to another.
      const answer = await fetch(url, { method: 'POST', body, redirect: 'error', signal: AbortSignal.timeout(answerMs), headers: { 'content-type': 'application/json', 'user-agent': 'vlab', [SIGNATURE_HEADER]: signatureOf(body, secret) } });
      await answer.body?.cancel();
      if (answer.ok) return { url, delivered: true, tries: count, why: `status ${String(answer.status)}` };
      why = `status ${String(answer.status)}`;
      if (answer.status >= 400 && answer.status < 500 && ![408, 425, 429].includes(answer.status)) return { url, delivered: false, tries: count, why };
    } catch (error) {
      why = error instanceof Error && error.cause !== undefined ? `${messageOf(error)}: ${messageOf(error.cause)}` : messageOf(error);
    }
    if (count < tries) await pause(pauseMs * 2 ** (count - 1));
  }
  return { url, delivered: false, tries, why };
}
