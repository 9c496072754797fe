// Every sample of a metric in the order of time, those of this evaluation on a band: whether its base is where the base always was.
import type { VNode } from 'preact';
import { ownStretches, type Past } from '../format/history.ts';
import { counted, figure } from '../format/number.ts';
import { linear } from '../format/scale.ts';
import { day, moment } from '../format/time.ts';
import { CHART, Chart, Patched, valueScale } from './chart.tsx';

export function History({ past, metric, unit }: { past: readonly Past[]; metric: string; unit: string }): VNode {
  const x = linear(0, Math.max(1, past.length - 1), CHART.left + 8, CHART.right - 8);
  const y = valueScale(past.map(({ value }) => value));
  const [first, last] = [past[0], past.at(-1)];
  return (
    <Chart title={`History of ${metric}, ${unit}`} said={`${counted(past.length, 'point')} in the order of time, ${String(past.filter(({ own }) => own).length)} of them of this evaluation`} y={y}
      below={first === undefined || last === undefined ? null : <><text class="tick-label" x={CHART.left} y={CHART.bottom + 16}>{day(new Date(first.at))}</text><text class="tick-label" x={CHART.right} y={CHART.bottom + 16} text-anchor="end">{day(new Date(last.at))}</text></>}>
      {ownStretches(past).map(([from, to]) => <rect key={from} class="band own" x={x.at(from) - 5} width={x.at(to) - x.at(from) + 10} y={CHART.top} height={CHART.bottom - CHART.top} />)}
      {past.map(({ at, value, side, run, host, count }, place) => {
        const said = <title>{`${side}, ${moment(at)}, ${host}: ${figure(value)}${count === 1 ? `, ${run}` : `, the median of ${String(count)} runs up to ${run}`}`}</title>;
        const [cx, cy] = [x.at(place), y.at(value)];
        return side === 'base' ? <circle key={place} class="dot base" cx={cx} cy={cy} r="3">{said}</circle> : <Patched key={place} x={cx} y={cy}>{said}</Patched>;
      })}
    </Chart>
  );
}
