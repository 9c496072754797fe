// One question to the server, or one word to it: what it answers, or what is wrong and what to do about it. Never throws.
import type { Problem } from '../../api/shapes.ts';
import type { Ask } from './endpoints.ts';
import { tokenWanted } from './token.ts';

export type Got<T> = { ok: true; data: T; text: string } | { ok: false; problem: Problem };

/** Nothing of this is the reader's doing: it is tried again. */
export const PASSING: ReadonlySet<string> = new Set(['NO_DATABASE', 'UNREACHABLE', 'SERVER', 'TOO_MANY_REQUESTS']);

export async function get<T>(ask: Ask<T>, signal: AbortSignal): Promise<Got<T>> {
  const got = await exchange(ask, { signal, headers: { accept: 'application/json' } });
  if (!got.ok && UNKNOWN.has(got.problem.error)) tokenWanted.set(true);
  return got;
}

/** The server does not know who looks. */
const UNKNOWN: ReadonlySet<string> = new Set(['NO_TOKEN', 'BAD_TOKEN']);

/** Tells the server something. The token travels in a header that no other site can make a browser send. */
export async function post<T>(ask: Ask<T>, body: unknown, token: string): Promise<Got<T>> {
  return exchange(ask, { method: 'POST', body: JSON.stringify(body), headers: { 'accept': 'application/json', 'content-type': 'application/json', 'authorization': `Bearer ${token}` } });
}

async function exchange<T>({ url }: Ask<T>, request: RequestInit): Promise<Got<T>> {
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, request);
    text = await response.text();
  } catch {
    return { ok: false, problem: { error: 'UNREACHABLE', message: 'The server does not answer.', next: 'This page tries again by itself. Is the server still running?' } };
  }
  if (!response.ok) return { ok: false, problem: problemOf(response.status, text) };
  const data = parsed(text);
  if (data === undefined) return { ok: false, problem: { error: 'SERVER', message: `Expected JSON from ${url}, got something else.`, next: 'Are these pages and the server of one version? Reload the page.' } };
  return { ok: true, data: data as T, text };
}

function problemOf(status: number, text: string): Problem {
  const body = parsed(text);
  if (typeof body === 'object' && body !== null && 'message' in body && typeof body.message === 'string') {
    return {
      error: 'error' in body && typeof body.error === 'string' ? body.error : 'SERVER', message: body.message,
      next: 'next' in body && typeof body.next === 'string' ? body.next : null,
    };
  }
  return { error: status >= 500 ? 'SERVER' : 'REFUSED', message: `The server answered ${String(status)}.`, next: null };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
