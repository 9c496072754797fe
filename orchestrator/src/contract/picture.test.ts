// What a picture of each format is made of, down to the bytes. guest-images/probe/test/picture.c holds the C side to the same figures.
import { expect, test } from 'vitest';
import { PixelFormat, planeNames, planeShapes } from './picture.ts';

test.each<{ format: PixelFormat; planes: [name: string, bytesPerRow: number, rows: number, bytesPerPixel: number][] }>([
  { format: 'I420', planes: [['y', 641, 361, 1], ['u', 321, 181, 1], ['v', 321, 181, 1]] },
  { format: 'NV12', planes: [['y', 641, 361, 1], ['uv', 642, 181, 2]] },
  { format: 'P010', planes: [['y', 1282, 361, 2], ['uv', 1284, 181, 4]] },
  { format: 'XRGB8888', planes: [['xrgb', 2564, 361, 4]] },
])('$format of 641x361 keeps its last chroma column and row', ({ format, planes }) => {
  expect(planeShapes(format, { width: 641, height: 361 }).map(({ name, width, height, bytesPerPixel }) => [name, width, height, bytesPerPixel])).toEqual(planes);
});

test.each(PixelFormat.options)('the planes of %s have the names that their hashes go by, and whole pixels in every row', (format) => {
  const planes = planeShapes(format, { width: 640, height: 360 });
  expect(planes.map(({ name }) => name)).toEqual(planeNames(format));
  expect(planes.filter(({ width, bytesPerPixel }) => width % bytesPerPixel !== 0)).toEqual([]);
});

test.each([
  { format: 'I420' as const, bytes: 640 * 360 * 1.5 }, { format: 'NV12' as const, bytes: 640 * 360 * 1.5 },
  { format: 'P010' as const, bytes: 640 * 360 * 3 }, { format: 'XRGB8888' as const, bytes: 640 * 360 * 4 },
])('$format of an even size has $bytes bytes', ({ format, bytes }) => {
  expect(planeShapes(format, { width: 640, height: 360 }).reduce((sum, { width, height }) => sum + width * height, 0)).toBe(bytes);
});
