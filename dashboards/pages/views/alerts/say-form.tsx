// A person's word on an alert. It takes a token; without one the server says which command makes it.
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { Alert, Problem } from '../../../api/shapes.ts';
import { alertNotesUrl, type Ask } from '../../app/endpoints.ts';
import { post } from '../../app/get.ts';
import { keepToken, keptToken } from '../../app/token.ts';
import { STATES } from '../../format/alerts.ts';
import { ProblemBox } from '../../parts/answered.tsx';

export function SayForm({ alert, said }: { alert: Alert; said: () => void }): VNode {
  const [state, setState] = useState<Alert['state']>(alert.state === 'new' ? 'acknowledged' : alert.state);
  const [why, setWhy] = useState('');
  const [token, setToken] = useState(keptToken());
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | undefined>(undefined);
  const send = async (): Promise<void> => {
    setBusy(true);
    const ask: Ask<Alert> = { url: alertNotesUrl(alert.id) };
    const got = await post(ask, { state, why }, token);
    setBusy(false);
    setProblem(got.ok ? undefined : got.problem);
    if (!got.ok) return;
    keepToken(token);
    said();
  };
  return (
    <form class="fields" onSubmit={(event) => { event.preventDefault(); void send().catch(() => { setBusy(false); }); }}>
      <label>State<select value={state} onChange={({ currentTarget: { value } }) => { setState(STATES.find((one) => one === value) ?? 'acknowledged'); }}>{STATES.map((one) => <option key={one} value={one}>{one}</option>)}</select></label>
      <label>Why<input value={why} maxLength={2000} onInput={({ currentTarget }) => { setWhy(currentTarget.value); }} /></label>
      <label>Token with the scope submit<input type="password" autoComplete="off" required value={token} onInput={({ currentTarget }) => { setToken(currentTarget.value); }} /></label>
      <button type="submit" disabled={busy}>{busy ? 'sending' : 'say it'}</button>
      {problem === undefined ? null : <ProblemBox problem={problem} />}
    </form>
  );
}
