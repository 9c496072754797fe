// Which keys do what on this page, and that those of a single character can be turned off.
import type { VNode } from 'preact';
import { singleKeys, turnSingleKeys } from '../../app/shortcuts.ts';
import { useStore } from '../../app/store.ts';
import { Fold } from '../../parts/frame.tsx';

const KEYS = [['n, right arrow', 'next wrong frame'], ['p, left arrow', 'previous wrong frame'], ['+, −', 'zoom in and out'], ['0', 'the whole picture'], ['shift and an arrow', 'move the pictures']] as const;

export function Keys(): VNode {
  const on = useStore(singleKeys);
  return (
    <Fold title="Keys">
      <dl class="facts">{KEYS.map(([keys, what]) => <div key={keys}><dt>{keys}</dt><dd>{what}</dd></div>)}</dl>
      <label class="tick"><input type="checkbox" checked={on} onChange={({ currentTarget }) => { turnSingleKeys(currentTarget.checked); }} />keys of a single character (n, p, +, −, 0) do this</label>
      <p class="faint">Where they are off, the buttons and the arrows do the same. This browser remembers it.</p>
    </Fold>
  );
}
