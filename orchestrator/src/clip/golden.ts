// The lab's own colour conversion, integer and bit-exact, so that a golden picture is the same on every machine; and the planes of a picture
// in each format. Knows nothing of GPUs: a shader is compared against this, never the other way round (guest-images/probe/colour.h).
import { planeShapes, type Matrix, type PixelFormat, type PlaneName, type PlaneShape, type Range, type Size } from '../contract/picture.ts';
import type { Plane, Planes } from './pattern.ts';

/** A plane's bytes, without padding; `width` is in bytes. */
export type BytePlane = PlaneShape & { readonly data: Uint8Array };
export type Picture = { readonly format: PixelFormat; readonly width: number; readonly height: number; readonly planes: readonly BytePlane[] };
export type Colour = { readonly matrix: Matrix; readonly range: Range };

/** r = (c + rv e) >> shift, g = (c - gu d - gv e) >> shift, b = (c + bu d) >> shift; c = y (Y - black) + half, d = U - grey, e = V - grey. */
export type Coefficients = { shift: number; black: number; grey: number; y: number; rv: number; gu: number; gv: number; bu: number };

const LUMA_WEIGHTS: Readonly<Record<Matrix, { kr: number; kb: number }>> = {
  bt601: { kr: 0.299, kb: 0.114 }, bt709: { kr: 0.2126, kb: 0.0722 }, bt2020: { kr: 0.2627, kb: 0.0593 },
};

/** 16 bits of fraction for 8-bit samples, 14 for 10-bit ones: the sums fit into 32 bits. */
export function colourCoefficients({ matrix, range }: Colour, bits: 8 | 10): Coefficients {
  const { kr, kb } = LUMA_WEIGHTS[matrix];
  const kg = 1 - kr - kb;
  const more = bits - 8;
  const top = (256 << more) - 1;
  const [lumas, colours] = range === 'full' ? [top, top] : [219 << more, 224 << more];
  const shift = bits === 8 ? 16 : 14;
  const one = 2 ** shift * 255;
  return {
    shift, black: range === 'full' ? 0 : 16 << more, grey: 128 << more, y: Math.round(one / lumas), rv: Math.round((one / colours) * 2 * (1 - kr)),
    bu: Math.round((one / colours) * 2 * (1 - kb)), gu: Math.round(((one / colours) * 2 * (1 - kb) * kb) / kg), gv: Math.round(((one / colours) * 2 * (1 - kr) * kr) / kg),
  };
}

/** A chroma sample is used for its 2 x 2 pixels as it is (nearest), because filters differ between drivers. */
export function convertToRgba(picture: Picture, colour: Colour): Uint8Array {
  return picture.format === 'XRGB8888' ? fromXrgb(picture) : fromYuv(picture, colourCoefficients(colour, picture.format === 'P010' ? 10 : 8));
}

function fromXrgb({ planes: [plane] }: Picture): Uint8Array {
  const from = plane?.data ?? new Uint8Array();
  const rgba = new Uint8Array(from.length);
  for (let at = 0; at < from.length; at += 4) {
    rgba[at] = from[at + 2] ?? 0;
    rgba[at + 1] = from[at + 1] ?? 0;
    rgba[at + 2] = from[at] ?? 0;
    rgba[at + 3] = 255;
  }
  return rgba;
}

function fromYuv(picture: Picture, k: Coefficients): Uint8Array {
  const { y, u, v } = samplesOf(picture);
  const { width, height } = picture;
  const chromaWidth = (width + 1) >> 1;
  const rgba = new Uint8Array(width * height * 4);
  const half = 1 << (k.shift - 1);
  let out = 0;
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++, out += 4) {
      const chroma = (row >> 1) * chromaWidth + (column >> 1);
      const c = k.y * ((y[row * width + column] ?? 0) - k.black) + half;
      const d = (u[chroma] ?? 0) - k.grey;
      const e = (v[chroma] ?? 0) - k.grey;
      rgba[out] = clampToByte((c + k.rv * e) >> k.shift);
      rgba[out + 1] = clampToByte((c - k.gu * d - k.gv * e) >> k.shift);
      rgba[out + 2] = clampToByte((c + k.bu * d) >> k.shift);
      rgba[out + 3] = 255;
    }
  }
  return rgba;
}

type Samples = { y: ArrayLike<number>; u: ArrayLike<number>; v: ArrayLike<number> };

function samplesOf({ format, planes }: Picture): Samples {
  const data = planes.map((plane) => plane.data);
  const [first = new Uint8Array(), second = new Uint8Array(), third = new Uint8Array()] = data;
  if (format === 'I420') return { y: first, u: second, v: third };
  if (format === 'NV12') return { y: first, u: every(second, 2, 0), v: every(second, 2, 1) };
  const ten = (bytes: Uint8Array): Uint16Array => Uint16Array.from({ length: bytes.length / 2 }, (_, n) => ((bytes[2 * n] ?? 0) | ((bytes[2 * n + 1] ?? 0) << 8)) >> 6);
  const chroma = ten(second);
  return { y: ten(first), u: chroma.filter((_, n) => n % 2 === 0), v: chroma.filter((_, n) => n % 2 === 1) };
}

/** The 8-bit pictures that a plane is made of, by which its blocks are read: u and v of a uv plane, b, g and r of an xrgb one, 10 bits cut to 8. */
export function channelsOf(plane: Pick<BytePlane, 'width' | 'height' | 'data' | 'bytesPerPixel'>, name: PlaneName, format: PixelFormat): Map<ChannelName, Plane> {
  const wide = format === 'P010';
  const names = CHANNELS[name];
  const perChannel = wide ? 2 : 1;
  return new Map(names.map((channel, index) => [channel, {
    width: plane.width / plane.bytesPerPixel, height: plane.height,
    // Of a sample's two bytes the upper one is enough to read it by.
    data: plane.bytesPerPixel === 1 ? plane.data : every(plane.data, plane.bytesPerPixel, index * perChannel + (wide ? 1 : 0)),
  }]));
}

export type ChannelName = 'y' | 'u' | 'v' | 'b' | 'g' | 'r';
const CHANNELS: Readonly<Record<PlaneName, readonly ChannelName[]>> = { y: ['y'], u: ['u'], v: ['v'], uv: ['u', 'v'], xrgb: ['b', 'g', 'r'] };

function every(bytes: Uint8Array, step: number, from: number): Uint8Array {
  const taken = new Uint8Array(Math.floor(bytes.length / step));
  for (let n = 0; n < taken.length; n++) taken[n] = bytes[n * step + from] ?? 0;
  return taken;
}

/** What a decoder writes: raw frames of this pixel format of FFmpeg's, one after another. */
export type RawFormat = 'yuv420p' | 'yuv420p10le' | 'bgr0';

export function rawFormatOf(format: PixelFormat): RawFormat {
  return format === 'P010' ? 'yuv420p10le' : format === 'XRGB8888' ? 'bgr0' : 'yuv420p';
}

export function bytesOfRaw(raw: RawFormat, { width, height }: Size): number {
  if (raw === 'bgr0') return width * height * 4;
  const chroma = ((width + 1) >> 1) * ((height + 1) >> 1);
  return (width * height + 2 * chroma) * (raw === 'yuv420p' ? 1 : 2);
}

/** A raw frame as a picture of the format that is sampled. The planes may be views: they change when the buffer does. */
export function pictureOf(buffer: Uint8Array, format: PixelFormat, size: Size): Picture {
  const raw = rawFormatOf(format);
  const wanted = bytesOfRaw(raw, size);
  if (buffer.length !== wanted) throw new RangeError(`a ${raw} frame of ${String(size.width)}x${String(size.height)} has ${String(wanted)} bytes, got ${String(buffer.length)}`);
  const shapes = planeShapes(format, size);
  const bytes = raw === 'yuv420p10le' ? 2 : 1;
  const lumaEnd = size.width * size.height * bytes;
  const chromaBytes = (wanted - lumaEnd) / 2;
  const planes = shapes.map((shape): BytePlane => {
    switch (shape.name) {
      case 'xrgb': return { ...shape, data: buffer.map((byte, at) => (at % 4 === 3 ? 255 : byte)) };
      case 'y': return { ...shape, data: bytes === 1 ? buffer.subarray(0, lumaEnd) : upTo16(buffer.subarray(0, lumaEnd)) };
      case 'u': return { ...shape, data: buffer.subarray(lumaEnd, lumaEnd + chromaBytes) };
      case 'v': return { ...shape, data: buffer.subarray(lumaEnd + chromaBytes) };
      case 'uv': {
        const woven = weave(buffer.subarray(lumaEnd, lumaEnd + chromaBytes), buffer.subarray(lumaEnd + chromaBytes), bytes);
        return { ...shape, data: bytes === 1 ? woven : upTo16(woven) };
      }
    }
  });
  return { format, ...size, planes };
}

function weave(u: Uint8Array, v: Uint8Array, bytes: number): Uint8Array {
  const woven = new Uint8Array(u.length * 2);
  for (let at = 0, out = 0; at < u.length; at += bytes, out += 2 * bytes) {
    woven.set(u.subarray(at, at + bytes), out);
    woven.set(v.subarray(at, at + bytes), out + bytes);
  }
  return woven;
}

/** The 10 bits of a sample into the upper ones of 16. */
function upTo16(samples: Uint8Array): Uint8Array {
  const shifted = new Uint8Array(samples.length);
  for (let at = 0; at < samples.length; at += 2) {
    const sample = ((samples[at] ?? 0) | ((samples[at + 1] ?? 0) << 8)) << 6;
    shifted[at] = sample & 255;
    shifted[at + 1] = sample >> 8;
  }
  return shifted;
}

/** An I420 picture of three 8-bit planes. */
export function fromPlanes({ y, u, v }: Planes): Picture {
  const shapes = planeShapes('I420', y);
  const data = [y.data, u.data, v.data];
  return { format: 'I420', width: y.width, height: y.height, planes: shapes.map((shape, index) => ({ ...shape, data: data[index] ?? new Uint8Array() })) };
}

function clampToByte(value: number): number {
  return value < 0 ? 0 : value > 255 ? 255 : value;
}
