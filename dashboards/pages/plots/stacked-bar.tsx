// How a frame's time is divided among its steps, as one bar per pipeline on one scale. The figures stand beside it in a table.
import type { VNode } from 'preact';
import { stack, type Row } from './stack.ts';

export function StackedBar({ row, most }: { row: Row; most: number }): VNode {
  const parts = stack(row.parts, most);
  const said = row.parts.map(({ name, value }) => `${name} ${value.toFixed(2)} ms`).join(', ');
  return (
    <svg class="stacked" width="100%" height="18" role="img" aria-label={`${row.name}: ${said}`}>
      {parts.map(({ name, from, width, value, tone }) => (
        <g key={name}><rect class={`step-${String(tone)}`} x={`${from.toFixed(3)}%`} width={`${width.toFixed(3)}%`} y="1" height="16"><title>{`${name}: ${value.toFixed(3)} ms`}</title></rect></g>
      ))}
    </svg>
  );
}
