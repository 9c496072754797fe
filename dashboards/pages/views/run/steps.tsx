// What a frame's time is made of, pipeline by pipeline, on one scale.
import type { VNode } from 'preact';
import { ordered, toneOf, totalOf, type Part } from '../../plots/stack.ts';
import { StackedBar } from '../../plots/stacked-bar.tsx';
import { printable } from '../../format/printable.ts';
import { withValue } from '../../format/query.ts';
import { Exports } from '../../parts/exports.tsx';
import { Section } from '../../parts/frame.tsx';
import { keyOfPass, type Pass } from './passes.tsx';

export function Steps({ run, rows }: { run: string; rows: readonly Pass[] }): VNode | null {
  const bars = rows.map((row) => ({ row, parts: partsOf(row) })).filter(({ parts }) => parts.length > 0);
  if (bars.length === 0) return null;
  const most = Math.max(...bars.map(({ parts }) => totalOf(parts)));
  const names = ordered([...new Set(bars.flatMap(({ parts }) => parts.map(({ name }) => name)))].map((name) => ({ name, value: 0 })));
  return (
    <Section id="steps" title="Steps of a frame" aside={<><span class="faint">mean milliseconds over the frames of this boot</span> <Exports table="steps" query={withValue('', 'run', run)} /></>}>
      <p class="legend">{names.map(({ name }) => <span key={name}><i class={`swatch step-${String(toneOf(name))}`} />{name}</span>)}</p>
      <table class="bars">
        <caption class="unseen">Mean milliseconds per step</caption>
        <thead class="unseen"><tr><th scope="col">pipeline</th><th scope="col">sum</th><th scope="col">steps</th></tr></thead>
        <tbody>{bars.map(({ row, parts }) => (
          <tr key={keyOfPass(row)}>
            <th scope="row">{row.pipeline}<div class="faint">{printable(row.clip)}{row.fault === null ? '' : `, ${row.fault}`}</div></th>
            <td class="figure">{totalOf(parts).toFixed(2)} ms</td>
            <td class="bar"><StackedBar row={{ name: row.pipeline, parts: ordered(parts) }} most={most} /></td>
          </tr>
        ))}</tbody>
      </table>
    </Section>
  );
}

/** Where a boot measured, the whole of a frame is among its steps: it is their sum and no step. */
function partsOf({ meanMs }: Pass): Part[] {
  return Object.entries(meanMs).filter(([name]) => name !== 'frame').map(([name, value]) => ({ name, value })).filter(({ value }) => value > 0);
}

