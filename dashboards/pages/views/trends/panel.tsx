// One series of samples over time: its picture, what the pointer is on, its change points as links, and all of it as a table.
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { Trend } from '../../../api/shapes.ts';
import { compareLink } from '../../app/links.ts';
import { counted, figure, sayChange, sayP } from '../../format/number.ts';
import { printable } from '../../format/printable.ts';
import { canBeLog, levelsOf, rangeOf, sayPoint, sayRange, type Level } from '../../format/trend.ts';
import { Fold, Wide } from '../../parts/frame.tsx';
import { Icon } from '../../parts/icon.tsx';
import { RunId } from '../../parts/ids.tsx';
import { Moment } from '../../parts/when.tsx';
import { Picture } from './picture.tsx';

export type Look = { log: boolean; order: boolean };
type Props = { trend: Trend; name: string; span: readonly [number, number]; look: Look };

/** Older changes are folded away. */
const NEWEST = 3;

export function Panel({ trend, name, span, look: { log, order } }: Props): VNode {
  const [at, setAt] = useState<number | undefined>(undefined);
  const levels = levelsOf(trend);
  const newest = levels.toReversed();
  const { points, unit, better } = trend;
  const on = at === undefined || at >= points.length ? points.length - 1 : at;
  const point = points[on];
  return (
    <section class="panel" aria-label={printable(name)}>
      <h2>{printable(name)}</h2>
      <p class="faint">{unit}, {better} is better{log && !canBeLog(trend) ? '; not all of it is positive, so the scale is linear' : ''}</p>
      <Picture trend={trend} levels={levels} span={span} log={log && canBeLog(trend)} order={order} pointed={setAt} said={`${printable(name)}: ${String(points.length)} points, ${String(levels.length)} change points`} />
      <p class="readout figures">{point === undefined ? 'no points' : <>{at === undefined ? 'last: ' : ''}{printable(sayPoint(point, unit))}, <RunId id={point.run} />; {printable(sayRange(points, on))}</>}</p>
      <Changes levels={newest.slice(0, NEWEST)} trend={trend} />
      {newest.length <= NEWEST ? null : <Fold title={counted(newest.length - NEWEST, 'older change')}><Changes levels={newest.slice(NEWEST)} trend={trend} /></Fold>}
      <Fold title="as a table">
        <Wide label={`Points of ${printable(name)}`}>
          <table>
            <thead><tr><th scope="col">when</th><th scope="col" class="figure">median, {unit}</th><th scope="col" class="figure">10th</th><th scope="col" class="figure">90th</th><th scope="col" class="figure">runs</th><th scope="col">version</th><th scope="col">what came new</th><th scope="col">last run</th></tr></thead>
            <tbody>{points.map((one, n) => <tr key={n}><th scope="row"><Moment at={one.at} /></th><td class="figure">{figure(one.value)}</td><td class="figure">{figure(one.low)}</td><td class="figure">{figure(one.high)}</td><td class="figure">{one.count}</td><td>{printable(one.version ?? '')}</td><td>{printable(sayRange(points, n))}</td><td><RunId id={one.run} /></td></tr>)}</tbody>
          </table>
        </Wide>
      </Fold>
    </section>
  );
}

function Changes({ levels, trend: { points, unit } }: { levels: readonly Level[]; trend: Trend }): VNode | null {
  return levels.length === 0 ? null : <ul class="plain">{levels.map((level) => <Change key={level.from} level={level} range={rangeOf(points, level.from)} unit={unit} />)}</ul>;
}

function Change({ level: { change, direction }, range, unit }: { level: Level; range: string | null; unit: string }): VNode {
  return (
    <li>
      <a href={compareLink(change.from, change.to)}><span class={`v-${direction}`}><Icon name={change.afterMedian > change.beforeMedian ? 'up' : 'down'} /></span>{sayChange(change.changePct)}, {direction}</a>{' '}
      <span class="faint">from {figure(change.beforeMedian)} to {figure(change.afterMedian)} {unit}, p {sayP(change.p)}, <Moment at={change.at} />{range === null ? '' : `, ${printable(range)}`}</span>
    </li>
  );
}
