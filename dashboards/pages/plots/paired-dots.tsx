// Base on the left, patched on the right, a line for each pair: one that goes the other way is seen at once.
import type { VNode } from 'preact';
import { counted } from '../format/number.ts';
import { Below, Chart, CHART, Patched, valueScale } from './chart.tsx';
import type { Whole } from './pairs.ts';

const [LEFT, RIGHT] = [130, 265];

export function PairedDots({ pairs, unit }: { pairs: readonly Whole[]; unit: string }): VNode | null {
  if (pairs.length === 0) return null;
  const y = valueScale(pairs.flatMap(({ base, patched }) => [base, patched]));
  const up = pairs.filter(({ base, patched }) => patched > base).length;
  return (
    <Chart title={`Every pair, ${unit}`} said={`${counted(pairs.length, 'pair')}; the patched kernel has more in ${String(up)} of them`} y={y} below={<><Below x={LEFT} text="base" /><Below x={RIGHT} text="patched" /></>}>
      {pairs.map(({ base, patched }, at) => (
        <g key={at}><line class={patched > base ? 'pair up' : 'pair down'} x1={LEFT} x2={RIGHT} y1={y.at(base)} y2={y.at(patched)} /><circle class="dot base" cx={LEFT} cy={y.at(base)} r="3.2" /><Patched x={RIGHT} y={y.at(patched)} /></g>
      ))}
      <text class="tick-label" x={CHART.right} y={CHART.top + 8} text-anchor="end">{`${String(up)} of ${String(pairs.length)} up`}</text>
    </Chart>
  );
}
