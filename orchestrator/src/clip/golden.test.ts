// What the golden conversion promises: the same bytes everywhere, never more than one step off the formula in double precision, for every matrix,
// range and depth; and that a raw frame becomes the picture that is sampled, in every format.
import { Buffer } from 'node:buffer';
import { describe, expect, test } from 'vitest';
import { Matrix, PixelFormat, planeShapes, Range } from '../contract/picture.ts';
import { bytesOfRaw, channelsOf, colourCoefficients, convertToRgba, fromPlanes, pictureOf, rawFormatOf, type Colour } from './golden.ts';
import { paintFrame, paintRgb } from './pattern.ts';

const BT601: Colour = { matrix: 'bt601', range: 'limited' };
const ALL = Matrix.options.flatMap((matrix) => Range.options.map((range) => ({ matrix, range })));

describe.each(ALL)('$matrix, $range range', (colour) => {
  test.each([8, 10] as const)('is within 1 of the formula in double precision at %i bits, for values out of range too', (bits) => {
    const top = (256 << (bits - 8)) - 1;
    const steps = Array.from({ length: 18 }, (_, n) => Math.round((n * top) / 17));
    let farthest = 0;
    for (const u of steps) {
      for (const v of steps) {
        for (const y of steps) {
          const got = convert(colour, bits, [y, u, v]);
          exact(colour, bits, [y, u, v]).forEach((value, channel) => { farthest = Math.max(farthest, Math.abs(value - (got[channel] ?? -1))); });
        }
      }
    }
    expect(farthest).toBeLessThanOrEqual(1);
    expect(farthest).toBeGreaterThan(0.4); // a formula compared with itself would be exact
  });
});

test('BT.601 in limited range has the coefficients that the shader has', () => {
  expect(colourCoefficients(BT601, 8)).toEqual({ shift: 16, black: 16, grey: 128, y: 76309, rv: 104597, gu: 25675, gv: 53279, bu: 132201 });
});

test.each([
  { name: 'black', yuv: [16, 128, 128], rgb: [0, 0, 0] },
  { name: 'white', yuv: [235, 128, 128], rgb: [255, 255, 255] },
  { name: 'red', yuv: [81, 90, 240], rgb: [254, 0, 0] },
  { name: 'green', yuv: [145, 54, 34], rgb: [0, 255, 1] },
  { name: 'blue', yuv: [41, 240, 110], rgb: [0, 0, 255] },
])('turns studio $name into $rgb', ({ yuv: [y = 0, u = 0, v = 0], rgb }) => {
  expect(convert(BT601, 8, [y, u, v])).toEqual(rgb);
});

test('gives an odd last column and row their own chroma sample', () => {
  const picture = fromPlanes({ y: plane(3, 3, () => 128), u: plane(2, 2, () => 128), v: plane(2, 2, (x, y) => (x === 1 && y === 1 ? 240 : 128)) });
  const rgba = convertToRgba(picture, BT601);
  expect(Array.from({ length: 9 }, (_, pixel) => rgba[pixel * 4])).toEqual([130, 130, 130, 130, 130, 130, 130, 130, 255]);
});

test('an RGB picture is its own conversion, with x of no meaning', () => {
  const picture = pictureOf(Uint8Array.from([1, 2, 3, 0, 4, 5, 6, 77]), 'XRGB8888', { width: 2, height: 1 });
  expect([...(picture.planes[0]?.data ?? [])]).toEqual([1, 2, 3, 255, 4, 5, 6, 255]);
  expect([...convertToRgba(picture, BT601)]).toEqual([3, 2, 1, 255, 6, 5, 4, 255]);
});

describe.each(PixelFormat.options)('%s', (format) => {
  const size = { width: 65, height: 33 };
  const picture = pictureOf(rawFrame(format, size), format, size);

  test('has the planes that the contract says', () => {
    expect(picture.planes.map(({ name, width, height, bytesPerPixel, data }) => ({ name, width, height, bytesPerPixel, bytes: data.length })))
      .toEqual(planeShapes(format, size).map((shape) => ({ ...shape, bytes: shape.width * shape.height })));
  });

  test('is the painted picture again, channel by channel', () => {
    const painted = format === 'XRGB8888' ? paintRgb(size, 9) : paintFrame(size, 9);
    for (const one of picture.planes) {
      for (const [channel, got] of channelsOf(one, one.name, format)) {
        const want = (painted as Record<string, { width: number; data: Uint8Array }>)[channel];
        expect([channel, got.width, Buffer.compare(got.data, want?.data ?? new Uint8Array())]).toEqual([channel, want?.width, 0]);
      }
    }
  });
});

test('P010 holds its ten bits in the upper ones of sixteen', () => {
  const size = { width: 2, height: 2 };
  const raw = new Uint8Array(new Uint16Array([1023, 0, 1, 512, 300, 700]).buffer);
  const { planes } = pictureOf(raw, 'P010', size);
  expect(planes.map(({ data }) => [...new Uint16Array(Uint8Array.from(data).buffer)])).toEqual([[1023 << 6, 0, 1 << 6, 512 << 6], [300 << 6, 700 << 6]]);
});

test('refuses a buffer of another size, saying both', () => {
  expect(() => pictureOf(new Uint8Array(10), 'I420', { width: 641, height: 361 })).toThrow('a yuv420p frame of 641x361 has 347603 bytes, got 10');
});

type Three = [number, number, number];

/** One pixel, as a picture of its own. */
function convert(colour: Colour, bits: 8 | 10, [y, u, v]: Three): number[] {
  const size = { width: 1, height: 1 };
  const raw = bits === 8 ? Uint8Array.from([y, u, v]) : new Uint8Array(new Uint16Array([y, u, v]).buffer);
  return [...convertToRgba(pictureOf(raw, bits === 8 ? 'I420' : 'P010', size), colour)].slice(0, 3);
}

function exact({ matrix, range }: Colour, bits: 8 | 10, [y, u, v]: Three): number[] {
  const more = 2 ** (bits - 8);
  const top = 256 * more - 1;
  const [black, lumas, colours] = range === 'full' ? [0, top, top] : [16 * more, 219 * more, 224 * more];
  const [luma, blue, red] = [(y - black) / lumas, (u - 128 * more) / colours, (v - 128 * more) / colours];
  const [kr, kb] = { bt601: [0.299, 0.114] as const, bt709: [0.2126, 0.0722] as const, bt2020: [0.2627, 0.0593] as const }[matrix];
  const [r, b] = [luma + 2 * (1 - kr) * red, luma + 2 * (1 - kb) * blue];
  return [r, (luma - kr * r - kb * b) / (1 - kr - kb), b].map((value) => Math.min(255, Math.max(0, value * 255)));
}

function rawFrame(format: PixelFormat, size: { width: number; height: number }): Uint8Array {
  const raw = new Uint8Array(bytesOfRaw(rawFormatOf(format), size));
  if (format === 'XRGB8888') {
    const { b, g, r } = paintRgb(size, 9);
    for (let pixel = 0; pixel < b.data.length; pixel++) raw.set([b.data[pixel] ?? 0, g.data[pixel] ?? 0, r.data[pixel] ?? 0], pixel * 4);
    return raw;
  }
  const { y, u, v } = paintFrame(size, 9);
  const bytes = Uint8Array.from(Buffer.concat([y.data, u.data, v.data]));
  raw.set(format === 'P010' ? new Uint8Array(Uint16Array.from(bytes, (byte) => byte << 2).buffer) : bytes);
  return raw;
}

function plane(width: number, height: number, at: (x: number, y: number) => number): { width: number; height: number; data: Uint8Array } {
  return { width, height, data: Uint8Array.from({ length: width * height }, (_, i) => at(i % width, Math.floor(i / width))) };
}

