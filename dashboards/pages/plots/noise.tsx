// The change of each pair beside what the base does against itself: an effect stands out of its noise, or does not.
import type { VNode } from 'preact';
import { counted, signed } from '../format/number.ts';
import { linear, padded } from '../format/scale.ts';
import { Below, Chart, CHART, Patched } from './chart.tsx';
import { changesOf, spreadOut, wholeOf, type Samples } from './pairs.ts';

const [NOISE, CHANGE] = [125, 265];

export function Noise({ samples, limitPct }: { samples: Samples; limitPct: number }): VNode | null {
  const [noise, changes] = [changesOf(wholeOf(samples.noise)), changesOf(wholeOf(samples.pairs))];
  if (changes.length === 0) return null;
  const all = [...noise, ...changes, limitPct, -limitPct];
  const y = linear(...padded(Math.min(...all), Math.max(...all)), CHART.bottom, CHART.top);
  const dots = (values: readonly number[], x: number, side: 'base' | 'patched'): VNode[] => {
    const places = values.map((value) => y.at(value));
    const shift = spreadOut(places, 6);
    return places.map((y, at) => {
      const [key, own, said] = [`${side} ${String(at)}`, x + (shift[at] ?? 0) * 7, <title>{`${signed(values[at] ?? 0)} %`}</title>];
      return side === 'base' ? <circle key={key} class="dot base" cx={own} cy={y} r="3.2">{said}</circle> : <Patched key={key} x={own} y={y}>{said}</Patched>;
    });
  };
  return (
    <Chart title="Change of each pair, and the noise" said={`${counted(changes.length, 'pair')} of base and patched, ${counted(noise.length, 'pair')} of the base against itself`} y={y} label={(value) => (value === 0 ? '0' : `${String(Number(value.toPrecision(3)))} %`)}
      below={<><Below x={NOISE} text="base, base" /><Below x={CHANGE} text="base, patched" /></>}>
      <rect class="band" x={CHART.left} width={CHART.right - CHART.left} y={y.at(limitPct)} height={y.at(-limitPct) - y.at(limitPct)} />
      <line class="zero" x1={CHART.left} x2={CHART.right} y1={y.at(0)} y2={y.at(0)} />
      {dots(noise, NOISE, 'base')}
      {dots(changes, CHANGE, 'patched')}
    </Chart>
  );
}
