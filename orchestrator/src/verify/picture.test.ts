// What the pictures promise: a single wrong byte can be seen, and nothing else is bright.
import { decode } from 'fast-png';
import { expect, test } from 'vitest';
import { convertToRgba, fromPlanes } from '../clip/golden.ts';
import { paintFrame } from '../clip/pattern.ts';
import type { Plane } from '../clip/pattern.ts';
import { differencePngs, PREVIEW_WIDTH, type Image } from './picture.ts';

const SIZE = { width: 65, height: 33 };

test('keeps expected and got as they were', () => {
  const expected = { ...SIZE, channels: 4 as const, data: convertToRgba(fromPlanes(paintFrame(SIZE, 1)), { matrix: 'bt601', range: 'limited' }) };
  const got = { ...SIZE, channels: 4 as const, data: convertToRgba(fromPlanes(paintFrame(SIZE, 2)), { matrix: 'bt601', range: 'limited' }) };
  const pngs = differencePngs({ expected, got });
  expect(decode(pngs.expected)).toMatchObject({ ...SIZE, channels: 4, depth: 8, data: expected.data });
  expect(decode(pngs.got).data).toEqual(got.data);
});

test('shows a pixel that is off by one in red, on the rest in dim grey', () => {
  const expected = { ...SIZE, channels: 4 as const, data: convertToRgba(fromPlanes(paintFrame(SIZE, 1)), { matrix: 'bt601', range: 'limited' }) };
  const got = { ...SIZE, channels: 4 as const, data: expected.data.slice() };
  const at = 20 * SIZE.width + 30;
  got.data[at * 4 + 1] = (got.data[at * 4 + 1] ?? 0) ^ 1;
  const { data, channels } = decode(differencePngs({ expected, got }).difference);
  expect(channels).toBe(3);
  expect([...data.slice(at * 3, at * 3 + 3)]).toEqual([136, 0, 0]);
  expect(pixelsWhere(data, (r, g, b) => r !== g || g !== b)).toEqual([at]);
  expect(pixelsWhere(data, (r, g) => r === g && r > 64)).toEqual([]);
});

test('draws a single plane in grey', () => {
  const [expected, got] = [grey(paintFrame(SIZE, 1).u), grey(paintFrame(SIZE, 1).u)];
  got.data[5] = 255 - (got.data[5] ?? 0);
  const pngs = differencePngs({ expected, got });
  expect(decode(pngs.got)).toMatchObject({ width: 33, height: 17, channels: 1, data: got.data });
  expect(pixelsWhere(decode(pngs.difference).data, (r, g) => r > g)).toEqual([5]);
});

test('small pictures have no previews', () => {
  const expected = grey(paintFrame(SIZE, 1).y);
  expect(differencePngs({ expected, got: expected }).previews).toBeNull();
});

test.each([1, 4] as const)('a preview of %i channels is the mean of each square, also of what is left of one, and loses no wrong pixel', (channels) => {
  const size = { width: 2 * PREVIEW_WIDTH + 1, height: 8 };
  const expected = { ...size, channels, data: Uint8Array.from({ length: size.width * size.height * channels }, (_, at) => (at * 7) % 251) };
  const got = { ...expected, data: expected.data.slice() };
  const wrong = [{ x: 4, y: 7 }, { x: 800, y: 0 }];
  for (const { x, y } of wrong) got.data[(y * size.width + x) * channels] = ((got.data[(y * size.width + x) * channels] ?? 0) + 1) % 256;
  const { previews } = differencePngs({ expected, got });
  expect(previews?.side).toBe(3);
  const [small, difference] = [decode(previews?.expected ?? new Uint8Array()), decode(previews?.difference ?? new Uint8Array())];
  expect(small).toMatchObject({ width: 267, height: 3, channels });
  const meanOf = (columns: readonly number[], rows: readonly number[]): number => {
    const all = rows.flatMap((y) => columns.map((x) => expected.data[(y * size.width + x) * channels] ?? 0));
    return Math.floor(all.reduce((sum, one) => sum + one, 0) / all.length);
  };
  expect(small.data[0]).toBe(meanOf([0, 1, 2], [0, 1, 2]));
  expect(small.data[(2 * 267 + 266) * channels]).toBe(meanOf([798, 799, 800], [6, 7]));
  expect(pixelsWhere(difference.data, (r, g) => r > g)).toEqual([266, 2 * 267 + 1]);
  expect([...difference.data.slice(266 * 3, 267 * 3)]).toEqual([136, 0, 0]);
});

test('refuses two pictures of different size', () => {
  const expected = grey(paintFrame(SIZE, 1).y);
  const got = grey(paintFrame({ width: 64, height: 33 }, 1).y);
  expect(() => differencePngs({ expected, got })).toThrow('cannot draw the difference of 64x33x1 in 2112 bytes and 65x33x1 in 2145 bytes');
});

function grey(plane: Plane): Image {
  return { ...plane, channels: 1 };
}

function pixelsWhere(rgb: ArrayLike<number>, claim: (r: number, g: number, b: number) => boolean): number[] {
  return Array.from({ length: rgb.length / 3 }, (_, pixel) => pixel).filter((p) => claim(rgb[p * 3] ?? 0, rgb[p * 3 + 1] ?? 0, rgb[p * 3 + 2] ?? 0));
}
