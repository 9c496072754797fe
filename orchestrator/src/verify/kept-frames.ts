// The first wrong frames, named and pictured: which defect each plane shows, and expected, got and difference as PNG. Pure.
import { convertToRgba } from '../clip/golden.ts';
import type { Plane, Planes } from '../clip/pattern.ts';
import type { KeptFrame } from '../contract/run.ts';
import type { SentPixels } from './evidence.ts';
import { nameDefect } from './name-defect.ts';
import { differencePngs } from './picture.ts';
import { sayDefect } from './say-defect.ts';
import type { WrongFrame } from './verdict.ts';

/** The byte that the probe fills every buffer and texture with before the first frame (guest-images/probe). */
export const SENTINEL = 0xa5;

/** How many earlier frames a stale one is looked for in. */
export const EARLIER_FRAMES = 8;

export type Kept = { kept: KeptFrame; files: { name: string; png: Uint8Array }[] };

/** The frames whose golden pixels `keepWrongFrames` will want. */
export function framesWanted(pixels: readonly SentPixels[]): Set<number> {
  const wanted = new Set<number>();
  for (const { n } of pixels) for (let back = 0; back <= EARLIER_FRAMES; back++) if (n - back >= 0) wanted.add(n - back);
  return wanted;
}

/** One entry per wrong plane of every wrong frame whose pixels came back. `golden` has the frames of `framesWanted`. */
export function keepWrongFrames(pipeline: string, wrong: readonly WrongFrame[], pixels: readonly SentPixels[], golden: ReadonlyMap<number, Planes>): Kept[] {
  const kept: Kept[] = [];
  for (const frame of wrong) {
    for (const plane of frame.planes) {
      const sent = pixels.find((one) => one.n === frame.frame && one.what === frame.oracle && one.plane === plane);
      const want = golden.get(frame.frame);
      // A guest decides what it sends: pixels of another size than the clip's are no picture of it.
      if (sent === undefined || want === undefined || !fits(sent, plane === 'rgb' ? want.y : want[plane], plane === 'rgb' ? 4 : 1)) continue;
      kept.push(plane === 'rgb' ? keepRgb(pipeline, frame, sent, want) : keepPlane({ pipeline, frame, plane, sent, want, golden }));
    }
  }
  return kept;
}

function fits(sent: SentPixels, plane: Plane, bytesPerPixel: number): boolean {
  return sent.width === plane.width && sent.height === plane.height && sent.bytesPerPixel === bytesPerPixel && sent.data.length === plane.width * plane.height * bytesPerPixel;
}

type PlaneToKeep = { pipeline: string; frame: WrongFrame; plane: 'y' | 'u' | 'v'; sent: SentPixels; want: Planes; golden: ReadonlyMap<number, Planes> };

function keepPlane({ pipeline, frame, plane, sent, want, golden }: PlaneToKeep): Kept {
  const expected = want[plane];
  const got: Plane = { width: sent.width, height: sent.height, data: sent.data };
  const earlier: Plane[] = [];
  for (let back = 1; back <= EARLIER_FRAMES; back++) {
    const before = golden.get(frame.frame - back);
    if (before !== undefined) earlier.push(before[plane]);
  }
  const defect = sayDefect(nameDefect({ plane, frame: frame.frame, expected, got, earlier, sentinel: SENTINEL }));
  return pictured({ pipeline, frame, plane, defect: `plane ${plane}: ${defect}` }, differencePngs({
    expected: { ...expected, channels: 1 }, got: { ...got, channels: 1 },
  }));
}

function keepRgb(pipeline: string, frame: WrongFrame, sent: SentPixels, want: Planes): Kept {
  const expected = convertToRgba(want);
  let wrongPixels = 0;
  for (let at = 0; at < expected.length; at += 4) {
    if (expected[at] !== sent.data[at] || expected[at + 1] !== sent.data[at + 1] || expected[at + 2] !== sent.data[at + 2]) wrongPixels++;
  }
  const size = { width: sent.width, height: sent.height };
  return pictured({ pipeline, frame, plane: 'rgb', defect: `${String(wrongPixels)} pixels differ after the YUV shader, while every texel is right` }, differencePngs({
    expected: { ...size, data: expected, channels: 4 }, got: { ...size, data: sent.data, channels: 4 },
  }));
}

type Picture = { pipeline: string; frame: WrongFrame; plane: KeptFrame['plane']; defect: string };

function pictured({ pipeline, frame, plane, defect }: Picture, pngs: { expected: Uint8Array; got: Uint8Array; difference: Uint8Array }): Kept {
  const stem = `frames/${pipeline}-${String(frame.frame).padStart(4, '0')}-${frame.oracle}-${plane}`;
  const names = { expected: `${stem}-expected.png`, got: `${stem}-got.png`, difference: `${stem}-difference.png` };
  return {
    kept: { frame: frame.frame, plane, oracle: frame.oracle, defect, ...names },
    files: [{ name: names.expected, png: pngs.expected }, { name: names.got, png: pngs.got }, { name: names.difference, png: pngs.difference }],
  };
}
