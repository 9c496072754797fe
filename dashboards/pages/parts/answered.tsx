// What stands where an answer is not there yet, or cannot be had; and the answer, marked where it may be old.
import type { ComponentChildren, VNode } from 'preact';
import type { Problem } from '../../api/shapes.ts';
import type { Answer } from '../app/asking.ts';
import { Icon } from './icon.tsx';

/** The banner of the page says it already. */
const TOLD_ABOVE: ReadonlySet<string> = new Set(['NO_DATABASE', 'UNREACHABLE']);

export function Answered<T>({ answer, what, children }: { answer: Answer<T>; what: string; children: (data: T) => ComponentChildren }): VNode {
  const { data, problem, busy, old } = answer;
  if (data === undefined) return problem === undefined ? <Loading what={what} /> : <ProblemBox problem={problem} again={answer.again} />;
  return (
    <div class={old ? 'answered old' : 'answered'} aria-busy={busy}>
      {problem === undefined || TOLD_ABOVE.has(problem.error) ? null : <ProblemBox problem={problem} again={answer.again} note="What is shown below may be old." />}
      {children(data)}
    </div>
  );
}

export function Loading({ what }: { what: string }): VNode {
  return <p class="loading" role="status">Loading {what}</p>;
}

export function ProblemBox({ problem, again, note }: { problem: Problem; again?: () => void; note?: string }): VNode {
  return (
    <div class="problem" role="alert">
      <p><Icon name="warn" /><strong>{problem.message}</strong></p>
      {problem.next === null ? null : <p>{problem.next}</p>}
      {note === undefined ? null : <p class="faint">{note}</p>}
      <p class="faint">{problem.error}{again === undefined ? null : <button type="button" class="small" onClick={again}>try again</button>}</p>
    </div>
  );
}

export function Empty({ children }: { children: ComponentChildren }): VNode {
  return <div class="empty">{children}</div>;
}
