// Asks who looks, where the server wants to know: from any machine but its own.
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { Problem } from '../../api/shapes.ts';
import { askSession } from '../app/endpoints.ts';
import { post } from '../app/get.ts';
import { useTitle } from '../app/title.ts';
import { keepToken, keptToken, tokenWanted } from '../app/token.ts';
import { wake } from '../app/wakes.ts';
import { ProblemBox } from '../parts/answered.tsx';
import { PageHead } from '../parts/frame.tsx';

export function SignIn(): VNode {
  useTitle('Who looks?');
  const [token, setToken] = useState(keptToken());
  const [problem, setProblem] = useState<Problem | undefined>(undefined);
  const [busy, setBusy] = useState(false);
  const send = async (): Promise<void> => {
    setBusy(true);
    const got = await post(askSession(), {}, token);
    setBusy(false);
    setProblem(got.ok ? undefined : got.problem);
    if (!got.ok) return;
    keepToken(token);
    tokenWanted.set(false);
    wake('everything');
  };
  return (
    <>
      <PageHead title="Who looks?" />
      <p>From other machines, this lab shows itself to those who have a token. On its own machine, <code>vlab token add YOUR-NAME --scope read</code> makes one, and shows it once.</p>
      <form class="fields" onSubmit={(event) => { event.preventDefault(); void send().catch(() => { setBusy(false); }); }}>
        <label>Token<input type="password" autoComplete="current-password" required value={token} onInput={({ currentTarget }) => { setToken(currentTarget.value); }} /></label>
        <button type="submit" disabled={busy}>{busy ? 'sending' : 'look'}</button>
        {problem === undefined ? null : <ProblemBox problem={problem} />}
      </form>
    </>
  );
}
