// By how much each frame of a pass is off: its wrong texels and its peak signal-to-noise ratio, as far as the run knows. Pure.
import type { RunDetail } from '../../api/shapes.ts';
import { counted, grouped } from './number.ts';

type Row = NonNullable<RunDetail['record']>['pipelines'][number];
type Kept = Row['kept'][number];
/** `free`: it may be anything, since its clip is damaged. `unknown`: the record is from before this was told. `kept`: of a wrong one, a plane as one oracle saw it, each. */
export type FrameError = { n: number; state: 'right' | 'wrong' | 'free' | 'unknown'; kept: readonly Kept[] };

/** `came`: the numbers of the frames that came back, as far as they are known; those that the record names are told in any case. */
export function frameErrors({ frameNumbers, kept }: Pick<Row, 'frameNumbers' | 'kept'>, came: readonly number[]): FrameError[] {
  const [wrong, free] = [new Set([...(frameNumbers?.wrong ?? []), ...kept.map(({ frame }) => frame)]), new Set(frameNumbers?.free)];
  return [...new Set([...came, ...wrong, ...free])].sort((a, b) => a - b).map((n) => ({
    n, state: wrong.has(n) ? 'wrong' : free.has(n) ? 'free' : frameNumbers === null ? 'unknown' : 'right', kept: kept.filter(({ frame }) => frame === n),
  }));
}

/** In decibels, of the plane that is farthest off; infinite where all are right, null where it is not known. */
export function psnrOf({ state, kept }: FrameError): number | null {
  if (state === 'right') return Infinity;
  const known = kept.flatMap(({ error }) => (error === null ? [] : [error.psnrDb]));
  return known.length === 0 ? null : Math.min(...known);
}

/** Over the planes that were kept; null where it is not known. */
export function wrongTexelsOf({ state, kept }: FrameError): number | null {
  if (state === 'right') return 0;
  const known = kept.flatMap(({ error }) => (error === null ? [] : [error.wrong]));
  return known.length === 0 ? null : known.reduce((sum, one) => sum + one, 0);
}

/** What the figures of a frame are, plane by plane: null where there are none. */
export function sayPlanes({ kept }: FrameError): { psnr: string; texels: string } | null {
  const known = kept.flatMap(({ plane, oracle, error }) => (error === null ? [] : [{ plane, oracle, error }]));
  return known.length === 0 ? null : {
    psnr: known.map(({ plane, error }) => `${plane} ${error.psnrDb.toFixed(2)} dB`).join(', '),
    texels: known.map(({ plane, oracle, error }) => `${plane} ${grouped(error.wrong)} of ${grouped(error.of)}, as ${oracle}`).join('; '),
  };
}

/** Why a frame that is not right has no figures. */
export function sayWithout({ state, kept }: FrameError): string {
  if (state === 'free') return 'held against nothing: its clip is damaged, so it may be anything';
  if (state === 'unknown') return 'not known: this run is from before its lab told which frames are wrong';
  return kept.length === 0 ? 'not known: it is wrong, and no picture of it was kept' : 'not known: its pictures were kept without figures';
}

/** Frames that come one after another and of which nothing but the same can be said stand together. `last`: the number of the last of them. */
export function rowsOf(frames: readonly FrameError[]): { error: FrameError; last: number }[] {
  const rows: { error: FrameError; last: number }[] = [];
  for (const error of frames) {
    const row = rows.at(-1);
    const alike = row !== undefined && row.last === error.n - 1 && [row.error, error].every(({ kept }) => kept.length === 0) && sayWithout(row.error) === sayWithout(error);
    if (alike) row.last = error.n;
    else rows.push({ error, last: error.n });
  }
  return rows;
}

/** One sentence for all frames of a pass. */
export function sayErrors(frames: readonly FrameError[]): string {
  const many = (state: FrameError['state']): number => frames.filter((one) => one.state === state).length;
  const unmeasured = frames.filter((one) => one.state === 'wrong' && psnrOf(one) === null).length;
  return [
    ...(many('right') === 0 ? [] : [`${counted(many('right'), 'frame')} right, with an infinite PSNR and no wrong texel`]), ...(many('wrong') === 0 ? [] : [`${counted(many('wrong'), 'frame')} wrong${unmeasured === 0 ? '' : `, of which ${grouped(unmeasured)} without figures`}`]),
    ...(many('free') === 0 ? [] : [`${counted(many('free'), 'frame')} held against nothing`]), ...(many('unknown') === 0 ? [] : [`of ${counted(many('unknown'), 'frame')} it is not known`]),
  ].join('; ');
}
