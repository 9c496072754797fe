// The frame of a small plot: its values on the left, a line for each, a caption below. Drawn in units of its view box, so that it fits whatever holds it.
import type { ComponentChildren, VNode } from 'preact';
import { figure } from '../format/number.ts';
import { printable } from '../format/printable.ts';
import { linear, padded, ticks, type Scale } from '../format/scale.ts';

export const CHART = { width: 340, height: 210, left: 58, right: 332, top: 8, bottom: 180 } as const;

export function valueScale(values: readonly number[]): Scale {
  const [low, high] = padded(Math.min(...values), Math.max(...values));
  return linear(low, high, CHART.bottom, CHART.top);
}

type Props = { title: string; said: string; y: Scale; label?: (value: number) => string; below?: ComponentChildren; children: ComponentChildren };

export function Chart({ title, said, y, label = sayTick, below, children }: Props): VNode {
  return (
    <figure class="chart">
      <figcaption>{printable(title)}</figcaption>
      <svg viewBox={`0 0 ${String(CHART.width)} ${String(CHART.height)}`} role="img" aria-label={`${title}: ${said}`}>
        {ticks(y.low, y.high, 5).map((tick) => (
          <g key={tick}><line class="grid" x1={CHART.left} x2={CHART.right} y1={y.at(tick)} y2={y.at(tick)} /><text class="tick-label" x={CHART.left - 5} y={y.at(tick) + 4} text-anchor="end">{label(tick)}</text></g>
        ))}
        {children}
        {below}
      </svg>
    </figure>
  );
}

/** Neighbouring ticks must not read alike: more digits than a figure in a table has. */
function sayTick(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e6) return `${String(Number((value / 1e6).toFixed(4)))} M`;
  if (size >= 1e4) return `${String(Number((value / 1e3).toFixed(3)))} k`;
  return size < 1e-4 ? figure(value) : String(Number(value.toPrecision(6)));
}

export function Below({ x, text }: { x: number; text: string }): VNode {
  return <text class="tick-label" x={x} y={CHART.bottom + 18} text-anchor="middle">{text}</text>;
}

const HALF = 4.6;

/** A square on its tip, where the base has a dot: they are told apart without their colours. */
export function Patched({ x, y, children }: { x: number; y: number; children?: ComponentChildren }): VNode {
  return <path class="dot patched" d={`M${x.toFixed(1)} ${(y - HALF).toFixed(1)}l${String(HALF)} ${String(HALF)}l-${String(HALF)} ${String(HALF)}l-${String(HALF)} -${String(HALF)}z`}>{children}</path>;
}
