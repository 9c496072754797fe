// A worker is told to take nothing more, or to go on. It takes a token; without one the server says which command makes it.
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { Problem } from '../../api/shapes.ts';
import { drainUrl, undrainUrl } from '../app/endpoints.ts';
import { post } from '../app/get.ts';
import { keepToken, keptToken } from '../app/token.ts';
import { printable } from '../format/printable.ts';
import { ProblemBox } from '../parts/answered.tsx';

export function Drain({ worker, draining, asked }: { worker: string; draining: boolean; asked: () => void }): VNode {
  const [open, setOpen] = useState(false);
  const [token, setToken] = useState(keptToken());
  const [problem, setProblem] = useState<Problem | undefined>(undefined);
  const send = async (): Promise<void> => {
    const got = await post<unknown>({ url: draining ? undrainUrl(worker) : drainUrl(worker) }, {}, token);
    setProblem(got.ok ? undefined : got.problem);
    if (!got.ok) return;
    keepToken(token);
    setOpen(false);
    asked();
  };
  return (
    <>
      <button type="button" class="small" aria-expanded={open} aria-label={`${draining ? 'Undrain' : 'Drain'} ${printable(worker)}`} onClick={() => { setOpen(!open); }}>{draining ? 'undrain' : 'drain'}</button>
      {open ? (
        <form class="fields" onSubmit={(event) => { event.preventDefault(); void send(); }}>
          <label>Token with the scope admin<input type="password" autoComplete="off" required value={token} onInput={({ currentTarget }) => { setToken(currentTarget.value); }} /></label>
          <button type="submit">{draining ? 'take work again' : 'take nothing more'}</button>
          {problem === undefined ? null : <ProblemBox problem={problem} />}
        </form>
      ) : null}
    </>
  );
}
