// The first wrong frames, named and pictured: which defect each plane shows, and expected, got and difference as PNG. Pure.
import { channelsOf, convertToRgba, type BytePlane, type ChannelName, type Picture } from '../clip/golden.ts';
import { RGB_FRAME_STEP, type Plane } from '../clip/pattern.ts';
import { Matrix, Range, type PlaneName } from '../contract/picture.ts';
import type { KeptFrame } from '../contract/run.ts';
import type { GoldenFrame, SentPixels } from './evidence.ts';
import { nameDefect, type Defect } from './name-defect.ts';
import { frameError } from './frame-error.ts';
import { differencePngs, type Image, type ThreePngs } from './picture.ts';
import { sayDefect } from './say-defect.ts';
import type { WrongFrame } from './wrong-frames.ts';

/** The byte that the probe fills every buffer and texture with before the first frame (guest-images/probe). */
export const SENTINEL = 0xa5;

/** How many earlier frames a stale one is looked for in. */
export const EARLIER_FRAMES = 8;

export type Kept = { kept: KeptFrame; defect: Defect; files: { name: string; png: Uint8Array }[] };

/** The frames whose golden pixels `keepWrongFrames` will want. */
export function framesWanted(pixels: readonly SentPixels[]): Set<number> {
  const wanted = new Set<number>();
  for (const { n } of pixels) for (let back = 0; back <= EARLIER_FRAMES; back++) if (n - back >= 0) wanted.add(n - back);
  return wanted;
}

/** `stem` begins the pictures' names; `pictures` has the frames of `framesWanted`. */
export type ToKeep = { stem: string; wrong: readonly WrongFrame[]; pixels: readonly SentPixels[]; golden: readonly GoldenFrame[]; pictures: ReadonlyMap<number, Picture> };

/** One entry per wrong channel of every wrong frame whose pixels came back. */
export function keepWrongFrames({ stem, wrong, pixels, golden, pictures }: ToKeep): Kept[] {
  return wrong.flatMap((frame) => frame.planes.flatMap((plane) => {
    const sent = pixels.find((one) => one.n === frame.frame && one.what === frame.oracle && one.plane === plane);
    const want = pictures.get(frame.frame);
    if (sent === undefined || want === undefined) return [];
    if (plane === 'rgb') return keepRgb(stem, frame, sent, want, golden[frame.frame]);
    return keepPlane({ stem, frame, plane, sent, want, pictures });
  }));
}

type PlaneToKeep = { stem: string; frame: WrongFrame; plane: PlaneName; sent: SentPixels; want: Picture; pictures: ReadonlyMap<number, Picture> };

function keepPlane({ stem, frame, plane, sent, want, pictures }: PlaneToKeep): Kept[] {
  const expected = want.planes.find((one) => one.name === plane);
  // A guest decides what it sends: pixels of another size than the clip's are no picture of it.
  if (expected === undefined || !fits(sent, expected)) return [];
  const wanted = channelsOf(expected, plane, want.format);
  const got = channelsOf({ ...expected, data: sent.data }, plane, want.format);
  return [...wanted].flatMap(([channel, right]) => {
    const seen = got.get(channel);
    if (seen === undefined || Buffer.compare(seen.data, right.data) === 0) return [];
    const defect = asSwappedChannel(seen, channel, want, frame.frame) ?? nameChannel({ frame: frame.frame, plane, channel, right, seen, pictures });
    return [pictured({ stem, frame, channel, defect, said: `plane ${channel}: ${sayDefect(defect)}`, expected: { ...right, channels: 1 }, got: { ...seen, channels: 1 } })];
  });
}

function fits(sent: SentPixels, plane: BytePlane): boolean {
  return sent.bytesPerPixel === plane.bytesPerPixel && sent.width * sent.bytesPerPixel === plane.width && sent.height === plane.height && sent.data.length === plane.data.length;
}

/** Byte for byte another channel of the same picture, or the begin of its luma: the place of a lost offset. */
function asSwappedChannel(seen: Plane, channel: ChannelName, want: Picture, frame: number): Defect | undefined {
  for (const plane of want.planes) {
    for (const [other, right] of channelsOf(plane, plane.name, want.format)) {
      if (other === channel || right.data.length < seen.data.length || (other !== 'y' && right.data.length > seen.data.length)) continue;
      if (Buffer.compare(seen.data, right.data.subarray(0, seen.data.length)) === 0) return { kind: 'planes-swapped', with: other, frame };
    }
  }
  return undefined;
}

type ChannelToName = { frame: number; plane: PlaneName; channel: ChannelName; right: Plane; seen: Plane; pictures: ReadonlyMap<number, Picture> };

/** The channels of an RGB picture are luma planes whose frame numbers are some steps ahead (clip/pattern.ts). */
const STEPS: Readonly<Record<ChannelName, number>> = { y: 0, u: 0, v: 0, b: 0, g: RGB_FRAME_STEP, r: 2 * RGB_FRAME_STEP };

function nameChannel({ frame, plane, channel, right, seen, pictures }: ChannelToName): Defect {
  const earlier: Plane[] = [];
  for (let back = 1; back <= EARLIER_FRAMES; back++) {
    const before = pictures.get(frame - back);
    const bytes = before?.planes.find((one) => one.name === plane);
    const same = before === undefined || bytes === undefined ? undefined : channelsOf(bytes, plane, before.format).get(channel);
    if (same?.width !== right.width || same.height !== right.height) break;
    earlier.push(same);
  }
  const step = STEPS[channel];
  const code = channel === 'u' || channel === 'v' ? channel : 'y';
  return withoutStep(nameDefect({ plane: code, frame: frame + step, expected: right, got: seen, earlier, sentinel: SENTINEL }), step);
}

function withoutStep(defect: Defect, step: number): Defect {
  if (step === 0) return defect;
  if (defect.kind === 'stale-frame') return { ...defect, frame: defect.frame - step, insteadOf: defect.insteadOf - step };
  if (defect.kind === 'torn') return { ...defect, frames: [defect.frames[0] - step, defect.frames[1] - step] };
  if ('holds' in defect && defect.holds.kind === 'stale') return { ...defect, holds: { ...defect.holds, frame: defect.holds.frame - step } };
  return defect;
}

function keepRgb(stem: string, frame: WrongFrame, sent: SentPixels, want: Picture, golden: GoldenFrame | undefined): Kept[] {
  const { width, height } = want;
  if (golden === undefined || sent.bytesPerPixel !== 4 || sent.width !== width || sent.height !== height || sent.data.length !== width * height * 4) return [];
  const expected = convertToRgba(want, golden);
  const defect = asOtherColour(sent, want, golden) ?? corruptRgb(expected, sent, width);
  return [pictured({ stem, frame, channel: 'rgb', defect, said: `RGB: ${sayDefect(defect)}`, expected: { width, height, data: expected, channels: 4 }, got: { width, height, data: sent.data, channels: 4 } })];
}

/** Which conversion it really is: all of them are tried on the right texels. */
function asOtherColour(sent: SentPixels, want: Picture, golden: GoldenFrame): Defect | undefined {
  if (want.format === 'XRGB8888') return undefined;
  for (const matrix of Matrix.options) {
    for (const range of Range.options) {
      if (matrix === golden.matrix && range === golden.range) continue;
      if (Buffer.compare(convertToRgba(want, { matrix, range }), sent.data) === 0) return { kind: 'wrong-colour', as: `${matrix} ${range}`, insteadOf: `${golden.matrix} ${golden.range}` };
    }
  }
  return undefined;
}

function corruptRgb(expected: Uint8Array, { data }: SentPixels, width: number): Defect {
  const wrong: number[] = [];
  for (let at = 0; at < expected.length; at++) if (expected[at] !== data[at]) wrong.push(Math.floor(at / 4));
  const [first = 0, last = 0] = [wrong[0], wrong.at(-1)];
  return { kind: 'corrupt', wrongBytes: wrong.length, firstRow: Math.floor(first / width), firstColumn: first % width, lastRow: Math.floor(last / width) };
}

type ToPicture = { stem: string; frame: WrongFrame; channel: ChannelName | 'rgb'; defect: Defect; said: string; expected: Image; got: Image };

function pictured({ stem, frame, channel, defect, said, expected, got }: ToPicture): Kept {
  const name = `frames/${stem}-${String(frame.frame).padStart(4, '0')}-${frame.oracle}-${channel}`;
  const pngs = differencePngs({ expected, got });
  const { width, height } = expected;
  const whole = named(name, pngs);
  const kept = { frame: frame.frame, plane: channel, oracle: frame.oracle, defect: said, ...whole.names, error: frameError(expected, got) };
  if (pngs.previews === null) return { kept: { ...kept, previews: null }, defect, files: whole.files };
  const small = named(`${name}-preview`, pngs.previews);
  return { kept: { ...kept, previews: { ...small.names, width, height, side: pngs.previews.side } }, defect, files: [...whole.files, ...small.files] };
}

function named(name: string, { expected, got, difference }: ThreePngs): { names: Pick<KeptFrame, 'expected' | 'got' | 'difference'>; files: Kept['files'] } {
  const names = { expected: `${name}-expected.png`, got: `${name}-got.png`, difference: `${name}-difference.png` };
  return { names, files: [{ name: names.expected, png: expected }, { name: names.got, png: got }, { name: names.difference, png: difference }] };
}
