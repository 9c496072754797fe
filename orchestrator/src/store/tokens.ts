// Who may do what over the API: tokens.json in the lab's folder, for its owner's eyes. Holds hashes: a token is shown once, when it is made.
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { chmod } from 'node:fs/promises';
import * as z from 'zod';
import { readRecord, sha256, writeWhole } from '../lib/files.ts';
import { LabError } from '../lib/lab-error.ts';
import { layout } from './layout.ts';

/** Each may do what those before it may. */
export const Scope = z.enum(['read', 'submit', 'admin']);
export type Scope = z.infer<typeof Scope>;

const Token = z.strictObject({ name: z.string(), scope: Scope, sha256: z.string(), madeAt: z.iso.datetime() });
export type Token = z.infer<typeof Token>;
const Tokens = z.array(Token);
export type Tokens = z.infer<typeof Tokens>;

const NAME = /^[A-Za-z0-9][A-Za-z0-9._@ -]{0,63}$/;

export async function readTokens(home: string): Promise<Tokens> {
  return (await readRecord(layout.tokens(home), Tokens)) ?? [];
}

/** Returns the token, which nobody can ask for again. */
export async function addToken(home: string, name: string, scope: Scope): Promise<string> {
  if (!NAME.test(name)) throw new LabError('BAD_NAME', `Expected a name of letters, digits, blanks and . _ @ -, got "${name}"`, { blame: 'request' });
  const tokens = await readTokens(home);
  if (tokens.some((one) => one.name === name)) throw new LabError('NAME_TAKEN', `there is a token of ${name} already`, { blame: 'request', hint: `vlab token remove "${name}"` });
  const token = `vlab_${randomBytes(24).toString('base64url')}`;
  await write(home, [...tokens, { name, scope, sha256: sha256(token), madeAt: new Date().toISOString() }]);
  return token;
}

export async function removeToken(home: string, name: string): Promise<void> {
  const tokens = await readTokens(home);
  const left = tokens.filter((one) => one.name !== name);
  if (left.length === tokens.length) throw new LabError('UNKNOWN_NAME', `there is no token of ${name}`, { blame: 'request', hint: 'vlab token list' });
  await write(home, left);
}

async function write(home: string, tokens: Tokens): Promise<void> {
  await writeWhole(layout.tokens(home), JSON.stringify(tokens, null, 2));
  await chmod(layout.tokens(home), 0o600);
}

/** Who it is, where it is anybody. Takes as long whether the first letter is wrong or the last. */
export function ownerOf(tokens: Tokens, given: string): Token | undefined {
  const hash = Buffer.from(sha256(given), 'hex');
  return tokens.filter((one) => timingSafeEqual(Buffer.from(one.sha256, 'hex'), hash))[0];
}

export function includes(scope: Scope, wanted: Scope): boolean {
  return Scope.options.indexOf(scope) >= Scope.options.indexOf(wanted);
}
