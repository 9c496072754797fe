// Boot after boot, with the blocks set apart: a host that drifts or jumps is seen here.
import type { VNode } from 'preact';
import { counted, figure } from '../format/number.ts';
import { linear } from '../format/scale.ts';
import { Chart, CHART, Patched, valueScale } from './chart.tsx';
import { blockStarts, bootsOf, type Pair } from './pairs.ts';

export function RunOrder({ pairs, unit }: { pairs: readonly Pair[]; unit: string }): VNode | null {
  const boots = bootsOf(pairs);
  const values = boots.flatMap((boot) => (boot === undefined ? [] : [boot.value]));
  if (values.length === 0) return null;
  const x = linear(0, Math.max(1, boots.length - 1), CHART.left + 8, CHART.right - 8);
  const y = valueScale(values);
  const starts = blockStarts(boots);
  return (
    <Chart title={`In the order of boots, ${unit}`} said={`${counted(values.length, 'boot')} in ${counted(starts.length, 'block')}`} y={y}
      below={starts.map((at, block) => <text key={at} class="tick-label" x={x.at(at)} y={CHART.bottom + 16} text-anchor="start">{block === 0 && starts.length < 5 ? `block ${String(block + 1)}` : String(block + 1)}</text>)}>
      {starts.slice(1).map((at) => <line key={at} class="grid strong" x1={x.at(at - 0.5)} x2={x.at(at - 0.5)} y1={CHART.top} y2={CHART.bottom} />)}
      {boots.map((boot, at) => {
        if (boot === undefined) return null;
        const said = <title>{`${boot.side}, ${boot.run}: ${figure(boot.value)}`}</title>;
        return boot.side === 'base' ? <circle key={at} class="dot base" cx={x.at(at)} cy={y.at(boot.value)} r="3.4">{said}</circle>
          : <Patched key={at} x={x.at(at)} y={y.at(boot.value)}>{said}</Patched>;
      })}
    </Chart>
  );
}
