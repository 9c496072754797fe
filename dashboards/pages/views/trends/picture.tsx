// The canvas of a panel. uPlot draws; this says what, in the colours of the page.
import type { VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import UPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { Trend } from '../../../api/shapes.ts';
import { compareLink } from '../../app/links.ts';
import { go } from '../../app/router.ts';
import { useStore } from '../../app/store.ts';
import { theme } from '../../app/theme.ts';
import { useWidth } from '../../app/width.ts';
import { columnsOf, orderLabels, timeLabels, type Level } from '../../format/trend.ts';
import { figure } from '../../format/number.ts';
import { coloursOf, type Colours } from './colours.ts';
import { drawLevels, levelAt } from './levels.ts';

type Props = { trend: Trend; levels: readonly Level[]; span: readonly [number, number]; log: boolean; order: boolean; pointed: (at: number | undefined) => void; said: string };

const HEIGHT = 190;

export function Picture({ trend, levels, span, log, order, pointed, said }: Props): VNode {
  const [measure, width] = useWidth(420);
  const box = useRef<HTMLDivElement | null>(null);
  const plot = useRef<UPlot | undefined>(undefined);
  const chosen = useStore(theme);
  const dark = useDark();

  useEffect(() => {
    const { current } = box;
    if (current === null) return undefined;
    const made = new UPlot(optionsOf({ trend, levels, span, log, order, pointed, width, colours: coloursOf(current) }), columnsOf(trend.points, order), current);
    plot.current = made;
    const clicked = (): void => {
      const level = levelAt(made, levels);
      if (level !== undefined) go(compareLink(level.change.from, level.change.to));
    };
    made.over.addEventListener('click', clicked);
    return () => {
      made.destroy();
      plot.current = undefined;
    };
  }, [trend, span[0], span[1], log, order, chosen, dark]);

  useEffect(() => { plot.current?.setSize({ width, height: HEIGHT }); }, [width]);

  return <div ref={(element) => { box.current = element; }} class={levels.length === 0 ? 'plot-box' : 'plot-box has-changes'} role="img" aria-label={said}><div ref={measure} /></div>;
}

function useDark(): boolean {
  const [dark, setDark] = useState(matchMedia('(prefers-color-scheme: dark)').matches);
  useEffect(() => {
    const query = matchMedia('(prefers-color-scheme: dark)');
    const changed = (): void => { setDark(query.matches); };
    query.addEventListener('change', changed);
    return () => { query.removeEventListener('change', changed); };
  }, []);
  return dark;
}

type Wanted = Omit<Props, 'said'> & { width: number; colours: Colours };

function optionsOf({ trend: { points }, levels, span, log, order, pointed, width, colours }: Wanted): UPlot.Options {
  const axis = { stroke: colours.faint, grid: { stroke: colours.line, width: 1 }, ticks: { stroke: colours.line, width: 1 }, font: colours.font };
  const few = points.length <= 80;
  const last = Math.max(1, points.length - 1);
  return {
    width, height: HEIGHT, legend: { show: false }, padding: [14, 22, 0, 0],
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 } },
    // eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment -- 3 is logarithmic; uPlot's name for it is a const enum, which is not there at run time
    scales: { x: order ? { time: false, range: () => [-last * 0.01, last * 1.01] } : { time: true, range: () => [span[0], span[1]] }, y: log ? { distr: 3 } : {} },
    axes: [
      { ...axis, space: 70, values: (_plot, splits, _axis, _space, step) => (order ? orderLabels(points, splits) : timeLabels(splits, step)) },
      { ...axis, size: 58, space: 34, values: (_plot, splits) => splits.map((value: number | null) => (value === null ? '' : figure(value))) },
    ],
    series: [
      {}, { stroke: 'transparent', points: { show: false } }, { stroke: 'transparent', points: { show: false } },
      { stroke: colours.link, width: 1.6, points: { show: few, size: 4.5, fill: colours.link } },
    ],
    bands: [{ series: [2, 1], fill: colours['plot-band'] }],
    hooks: {
      drawClear: [(plot) => { drawLevels(plot, levels, colours); }],
      setCursor: [(plot) => { pointed(plot.cursor.idx ?? undefined); }],
    },
  };
}
