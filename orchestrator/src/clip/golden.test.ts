// What the golden conversion promises: the same bytes everywhere, and never more than one step off the formula of BT.601.
import { Buffer } from 'node:buffer';
import { expect, test } from 'vitest';
import { bytesInI420, convertToRgba, splitI420 } from './golden.ts';
import { paintFrame } from './pattern.ts';

test('is within 1 of BT.601 limited range in double precision, for out-of-range values too', () => {
  let farthest = 0;
  for (let u = 0; u <= 255; u += 5) {
    for (let v = 0; v <= 255; v += 5) {
      const row = convertToRgba({ y: plane(256, 1, (x) => x), u: plane(128, 1, () => u), v: plane(128, 1, () => v) });
      for (let y = 0; y <= 255; y++) {
        const exact = bt601(y, u, v);
        exact.forEach((value, channel) => { farthest = Math.max(farthest, Math.abs(value - (row[y * 4 + channel] ?? -1))); });
      }
    }
  }
  expect(farthest).toBeLessThanOrEqual(1);
  expect(farthest).toBeGreaterThan(0.4); // a formula compared with itself would be exact
});

test.each([
  { name: 'black', yuv: [16, 128, 128], rgba: [0, 0, 0, 255] },
  { name: 'white', yuv: [235, 128, 128], rgba: [255, 255, 255, 255] },
  { name: 'red', yuv: [81, 90, 240], rgba: [254, 0, 0, 255] },
  { name: 'green', yuv: [145, 54, 34], rgba: [0, 255, 1, 255] },
  { name: 'blue', yuv: [41, 240, 110], rgba: [0, 0, 255, 255] },
])('turns studio $name into $rgba', ({ yuv: [y = 0, u = 0, v = 0], rgba }) => {
  const planes = { y: plane(1, 1, () => y), u: plane(1, 1, () => u), v: plane(1, 1, () => v) };
  expect([...convertToRgba(planes)]).toEqual(rgba);
});

test('gives an odd last column and row their own chroma sample', () => {
  const planes = { y: plane(3, 3, () => 128), u: plane(2, 2, () => 128), v: plane(2, 2, (x, y) => (x === 1 && y === 1 ? 240 : 128)) };
  const rgba = convertToRgba(planes);
  const reds = Array.from({ length: 9 }, (_, pixel) => rgba[pixel * 4]);
  expect(reds).toEqual([130, 130, 130, 130, 130, 130, 130, 130, 255]);
});

test('splits a buffer into views, without a copy', () => {
  const size = { width: 641, height: 361 };
  const buffer = new Uint8Array(bytesInI420(size));
  const painted = paintFrame(size, 9);
  buffer.set(painted.y.data);
  buffer.set(painted.u.data, 641 * 361);
  buffer.set(painted.v.data, 641 * 361 + 321 * 181);
  const { y, u, v } = splitI420(buffer, size);
  expect([y, u, v].map(({ width, height }) => [width, height])).toEqual([[641, 361], [321, 181], [321, 181]]);
  expect([y, u, v].map(({ data }) => Buffer.from(data))).toEqual([painted.y, painted.u, painted.v].map(({ data }) => Buffer.from(data)));
  buffer[buffer.length - 1] = 7;
  expect(splitI420(buffer, size).v.data.at(-1)).toBe(7);
});

test('refuses a buffer of another size, saying both', () => {
  expect(() => splitI420(new Uint8Array(10), { width: 641, height: 361 })).toThrow('an I420 frame of 641x361 has 347603 bytes, got 10');
});

function bt601(y: number, u: number, v: number): [number, number, number] {
  const luma = ((y - 16) * 255) / 219;
  const [blue, red] = [((u - 128) * 255) / 224, ((v - 128) * 255) / 224];
  const [kr, kb] = [0.299, 0.114];
  const kg = 1 - kr - kb;
  const green = luma - (2 * (1 - kb) * kb * blue + 2 * (1 - kr) * kr * red) / kg;
  return [luma + 2 * (1 - kr) * red, green, luma + 2 * (1 - kb) * blue].map((x) => Math.min(255, Math.max(0, x))) as [number, number, number];
}

function plane(width: number, height: number, at: (x: number, y: number) => number): { width: number; height: number; data: Uint8Array } {
  return { width, height, data: Uint8Array.from({ length: width * height }, (_, i) => at(i % width, Math.floor(i / width))) };
}
