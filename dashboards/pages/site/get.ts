// Stands in the place of app/get.ts in a copy: the answers are those that the server gave when the copy was made.
import type { Ask } from '../app/endpoints.ts';
import type { Got } from '../app/get.ts';
import { copy, pieceText } from './stored.ts';

/** Nothing passes by itself here. */
export const PASSING: ReadonlySet<string> = new Set();

export async function get<T>({ url }: Ask<T>, _signal: AbortSignal): Promise<Got<T>> {
  const piece = copy().answers[url];
  if (piece === undefined) return { ok: false, problem: { error: 'NOT_IN_COPY', message: 'This is not in the copy.', next: 'The pages of the lab have it: npx vlab serve' } };
  const text = await pieceText(piece);
  if (text === undefined) return { ok: false, problem: { error: 'LOST_PIECE', message: `The copy lacks its piece ${piece}.`, next: 'Was all of it unpacked, with its folder data?' } };
  return { ok: true, data: JSON.parse(text) as T, text };
}

/** Nothing that views draw in a copy says anything to a server; what did would be told so. */
export function post<T>(_ask: Ask<T>, _body: unknown, _token: string): Promise<Got<T>> {
  return Promise.resolve({ ok: false, problem: { error: 'NOT_IN_COPY', message: 'A copy takes no word.', next: 'The pages of the lab do: npx vlab serve' } });
}
