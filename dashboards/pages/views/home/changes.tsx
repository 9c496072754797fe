// New, fixed, still failing: what differs from the job before. What did not change is in the matrix.
import type { VNode } from 'preact';
import type { Change } from '../../../api/shapes.ts';
import { runLink } from '../../app/links.ts';
import { counted } from '../../format/number.ts';
import { printable } from '../../format/printable.ts';
import { StatusBadge } from '../../parts/badge.tsx';
import { Fold } from '../../parts/frame.tsx';
import { Text } from '../../parts/ids.tsx';

const KINDS = [['new', 'newly failing'], ['fixed', 'fixed'], ['still', 'still failing']] as const;

/** `told`: says so where nothing changed, too. */
export function Changes({ changes, before, told = false }: { changes: Change[]; before: string | null; told?: boolean }): VNode | null {
  if (changes.length === 0) {
    if (!told) return null;
    return <p class="faint">{before === null ? 'There is no job before it of the same file.' : 'Nothing is new, fixed or still failing.'}</p>;
  }
  return (
    <div class="changes">
      {KINDS.map(([kind, word]) => {
        const own = changes.filter((change) => change.kind === kind);
        return own.length === 0 ? null : <Fold key={kind} open={kind === 'new'} title={<strong class={`change-${kind}`}>{counted(own.length, word, word)}</strong>}><List changes={own} /></Fold>;
      })}
    </div>
  );
}

function List({ changes }: { changes: Change[] }): VNode {
  return (
    <ul class="plain">
      {changes.map(({ kernel, cell }) => (
        <li key={`${kernel} ${cell.pipeline} ${cell.device} ${cell.stack}`}>
          <a href={runLink(cell.run)}><span class="name">{printable(kernel)}</span>: {cell.pipeline}, {cell.device}, {cell.stack}</a>{' '}
          {cell.before === null ? null : <><StatusBadge status={cell.before} /> <span class="faint">to</span> </>}<StatusBadge status={cell.status} asExpected={cell.asExpected} />
          {cell.why === '' ? null : <div class="faint"><Text text={cell.why} /></div>}
        </li>
      ))}
    </ul>
  );
}
