// vlab token add|list|remove: who may change something over the API of vlab serve. To look, on this machine, nobody needs one.
import { LabError } from '../lib/lab-error.ts';
import { table } from '../report/text.ts';
import { addToken, readTokens, removeToken, Scope } from '../store/tokens.ts';
import { answer, type Answer, type Context } from './command.ts';

export async function tokenAdd({ lab }: Context, name: string, { scope }: { scope: string }): Promise<Answer<'token-add'>> {
  const parsed = Scope.safeParse(scope);
  if (!parsed.success) throw new LabError('UNKNOWN_NAME', `unknown scope "${scope}"; known: ${Scope.options.join(', ')}`, { blame: 'request' });
  const token = await addToken(lab.config.home, name, parsed.data);
  return answer('token-add', { name, scope: parsed.data, token }, `${token}\nIt is shown this once. Give it as "Authorization: Bearer ..."; the pages ask for it when they need it.`);
}

export async function tokenList({ lab }: Context): Promise<Answer<'token-list'>> {
  const tokens = (await readTokens(lab.config.home)).map(({ name, scope, madeAt }) => ({ name, scope, madeAt }));
  return answer('token-list', { tokens }, tokens.length === 0 ? 'there is no token; vlab token add NAME makes one' : table([['name', 'scope', 'made'], ...tokens.map((one) => [one.name, one.scope, one.madeAt])]));
}

export async function tokenRemove({ lab }: Context, name: string): Promise<Answer<'token-remove'>> {
  await removeToken(lab.config.home, name);
  return answer('token-remove', { name }, `the token of ${name} is worth nothing from now on`);
}
