// The share of boots that are at most so much, of base and patched: shapes that a median hides are seen here.
import type { VNode } from 'preact';
import { linear, padded, ticks } from '../format/scale.ts';
import { Chart, CHART } from './chart.tsx';
import { ecdf, stairs, type Whole } from './pairs.ts';
import { figure } from '../format/number.ts';

export function Ecdf({ pairs, unit }: { pairs: readonly Whole[]; unit: string }): VNode | null {
  if (pairs.length === 0) return null;
  const [base, patched] = [pairs.map((pair) => pair.base), pairs.map((pair) => pair.patched)];
  const x = linear(...padded(Math.min(...base, ...patched), Math.max(...base, ...patched)), CHART.left, CHART.right);
  const y = linear(0, 1, CHART.bottom, CHART.top);
  return (
    <Chart title={`Share of boots that take at most so much, ${unit}`} said={`base from ${figure(Math.min(...base))} to ${figure(Math.max(...base))}, patched from ${figure(Math.min(...patched))} to ${figure(Math.max(...patched))}`} y={y} label={(share) => `${String(Math.round(share * 100))} %`}
      below={ticks(x.low, x.high, 3).map((tick) => <text key={tick} class="tick-label" x={x.at(tick)} y={CHART.bottom + 16} text-anchor="middle">{figure(tick)}</text>)}>
      <path class="stairs base" d={stairs(ecdf(base), x.at, y.at, CHART.right)} />
      <path class="stairs patched" d={stairs(ecdf(patched), x.at, y.at, CHART.right)} />
    </Chart>
  );
}
