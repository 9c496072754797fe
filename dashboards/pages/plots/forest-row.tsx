// One interval of a forest plot, and the axis above them all. Shapes tell the verdicts apart, not colours alone.
import type { VNode } from 'preact';
import { percent, signed } from '../format/number.ts';
import { forestRow, type ForestScale, type MetricRow } from './forest.ts';

const HEIGHT = 26;
const MIDDLE = HEIGHT / 2;

export function ForestRow({ row, scale }: { row: MetricRow; scale: ForestScale }): VNode {
  const placed = forestRow(row, scale);
  if (placed === undefined) return <span class="faint">nothing measured</span>;
  const { low, high, point, band: [from, to] } = placed;
  const said = `${percent(row.changePct)}, 95 % interval ${percent(row.ci?.[0] ?? null)} to ${percent(row.ci?.[1] ?? null)}, limit ${row.limitPct.toFixed(2)} %`;
  return (
    <svg class="forest" width="100%" height={HEIGHT} role="img" aria-label={said}>
      <rect class="band" x={p(from)} width={p(to - from)} y="2" height={HEIGHT - 4} />
      <line class="zero" x1={p(scale.at(0))} x2={p(scale.at(0))} y1="0" y2={HEIGHT} />
      <line class="ci" x1={p(low)} x2={p(high)} y1={MIDDLE} y2={MIDDLE} />
      <line class="ci" x1={p(low)} x2={p(low)} y1={MIDDLE - 4} y2={MIDDLE + 4} />
      <line class="ci" x1={p(high)} x2={p(high)} y1={MIDDLE - 4} y2={MIDDLE + 4} />
      <Mark at={point} class={`mark v-${row.verdict}`} d={SHAPE[row.verdict]} />
      <title>{said}</title>
    </svg>
  );
}

const CIRCLE = 'M-4.5 0a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0 -9 0z';
const SHAPE: Readonly<Record<MetricRow['verdict'], string>> = { worse: 'M-5.5 5h11l-5.5 -10z', better: 'M-5.5 -5h11l-5.5 10z', equivalent: CIRCLE, inconclusive: CIRCLE };

/** A place in percent and a shape in pixels want a picture in the picture. */
function Mark({ at, class: name, d }: { at: number; class: string; d: string }): VNode {
  return <svg x={p(at)} y={MIDDLE} overflow="visible"><path class={name} d={d} /></svg>;
}

export function ForestAxis({ scale }: { scale: ForestScale }): VNode {
  return (
    <svg class="forest" width="100%" height="16" aria-hidden="true">
      {scale.ticks.map((tick) => <text key={tick} class="tick-label" x={p(scale.at(tick))} y="12" text-anchor={scale.at(tick) < 8 ? 'start' : scale.at(tick) > 92 ? 'end' : 'middle'}>{tick === 0 ? '0' : `${short(tick)} %`}</text>)}
    </svg>
  );
}

function short(value: number): string {
  return signed(value).replace(/(\.\d*?)0+$/, '$1').replace(/\.$/, '');
}

function p(value: number): string {
  return `${value.toFixed(3)}%`;
}
