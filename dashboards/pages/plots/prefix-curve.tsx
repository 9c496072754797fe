// Where along a series a cost comes in: one figure after so many of its patches.
import type { VNode } from 'preact';
import { counted, figure, percent } from '../format/number.ts';
import { linear } from '../format/scale.ts';
import { Chart, CHART, valueScale } from './chart.tsx';

export type PrefixPoint = { patches: number; value: number; stepPct: number | null; file: string };

export function PrefixCurve({ title, points }: { title: string; points: readonly PrefixPoint[] }): VNode | null {
  const last = points.at(-1);
  if (last === undefined) return null;
  const x = linear(0, Math.max(1, last.patches), CHART.left + 12, CHART.right - 12);
  const y = valueScale(points.map(({ value }) => value));
  const every = Math.ceil(points.length / 12);
  return (
    <Chart title={title} said={points.map(({ patches, value }) => `${counted(patches, 'patch', 'patches')} ${figure(value)}`).join(', ')} y={y}
      below={points.filter((_, at) => at % every === 0).map(({ patches }) => <text key={patches} class="tick-label" x={x.at(patches)} y={CHART.bottom + 16} text-anchor="middle">{patches === 0 ? 'base' : patches}</text>)}>
      <polyline class="stairs patched" points={points.map(({ patches, value }) => `${x.at(patches).toFixed(1)},${y.at(value).toFixed(1)}`).join(' ')} />
      {points.map(({ patches, value, stepPct, file }) => <circle key={patches} class="dot patched" cx={x.at(patches)} cy={y.at(value)} r="3.4"><title>{`${file === '' ? 'the base' : file}: ${figure(value)}${stepPct === null ? '' : `, ${percent(stepPct)} against one patch fewer`}`}</title></circle>)}
    </Chart>
  );
}
