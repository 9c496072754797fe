// PSNR and wrong texels over the frames of a pass. What is right lies at the top, what is not known is a question mark at the bottom.
import type { VNode } from 'preact';
import { psnrOf, sayErrors, wrongTexelsOf, type FrameError } from '../format/frame-errors.ts';
import { grouped } from '../format/number.ts';
import { linear, ticks, type Scale } from '../format/scale.ts';
import { Chart, CHART } from './chart.tsx';

type Props = { frames: readonly FrameError[]; now: number };

/** Above the highest figure: infinite. Below the lowest: not known. */
const [INFINITE, UNKNOWN] = [CHART.top + 6, CHART.bottom - 4];
const LEAST_DB = 20;

export function PsnrOverFrames({ frames, now }: Props): VNode {
  const known = frames.flatMap((one) => { const psnr = psnrOf(one); return psnr === null || psnr === Infinity ? [] : [psnr]; });
  const x = framesScale(frames);
  const y = linear(0, Math.max(LEAST_DB, ...known.map((psnr) => psnr * 1.05)), CHART.bottom - 18, CHART.top + 24);
  return (
    <Chart title="PSNR of the worst plane, dB" said={sayErrors(frames)} y={y} below={<FrameTicks x={x} />}>
      <text class="tick-label" x={CHART.left - 5} y={INFINITE + 4} text-anchor="end">∞</text>
      <Now x={x} now={now} />
      {frames.map((one) => {
        const psnr = psnrOf(one);
        const cx = x.at(one.n);
        if (psnr === null) return <Unknown key={one.n} x={cx} n={one.n} />;
        return psnr === Infinity ? <circle key={one.n} class="dot base" cx={cx} cy={INFINITE} r="2.6"><title>{`frame ${String(one.n)}: right, so infinite`}</title></circle>
          : <path key={one.n} class="dot patched" d={`M${cx.toFixed(1)} ${(y.at(psnr) - 4.6).toFixed(1)}l4.6 4.6l-4.6 4.6l-4.6 -4.6z`}><title>{`frame ${String(one.n)}: ${psnr.toFixed(2)} dB`}</title></path>;
      })}
    </Chart>
  );
}

export function TexelsOverFrames({ frames, now }: Props): VNode {
  const x = framesScale(frames);
  const y = linear(0, Math.max(1, ...frames.map((one) => wrongTexelsOf(one) ?? 0)), CHART.bottom, CHART.top + 8);
  const width = Math.max(1, Math.min(9, (0.8 * (CHART.right - CHART.left)) / Math.max(1, frames.length)));
  return (
    <Chart title="Wrong texels" said={sayErrors(frames)} y={y} below={<FrameTicks x={x} />}>
      <Now x={x} now={now} />
      {frames.map((one) => {
        const wrong = wrongTexelsOf(one);
        if (wrong === null) return <Unknown key={one.n} x={x.at(one.n)} n={one.n} />;
        return wrong === 0 ? null : <rect key={one.n} class="wrong-texels" x={x.at(one.n) - width / 2} width={width} y={y.at(wrong)} height={CHART.bottom - y.at(wrong)}><title>{`frame ${String(one.n)}: ${grouped(wrong)}`}</title></rect>;
      })}
    </Chart>
  );
}

function framesScale(frames: readonly FrameError[]): Scale {
  const [first, last] = [frames[0]?.n ?? 0, frames.at(-1)?.n ?? 0];
  return linear(first, last, CHART.left + 10, CHART.right - 10);
}

function FrameTicks({ x }: { x: Scale }): VNode {
  return <>{ticks(x.low, x.high, 6).filter(Number.isInteger).map((n) => <text key={n} class="tick-label" x={x.at(n)} y={CHART.bottom + 18} text-anchor="middle">{n}</text>)}</>;
}

function Now({ x, now }: { x: Scale; now: number }): VNode {
  return <line class="grid strong" x1={x.at(now)} x2={x.at(now)} y1={CHART.top} y2={CHART.bottom} />;
}

function Unknown({ x, n }: { x: number; n: number }): VNode {
  return <text class="tick-label" x={x} y={UNKNOWN} text-anchor="middle">?<title>{`frame ${String(n)}: not known`}</title></text>;
}
