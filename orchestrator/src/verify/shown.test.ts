// A screendump becomes texels in the order of the clip's own bytes, and a picture only where the display is the first to be wrong.
import { expect, test } from 'vitest';
import { loadXxh64 } from '../clip/xxh64.ts';
import type { ShownLine } from '../contract/probe.ts';
import { frameOf, xrgbOf, type Screenshot } from './shown.ts';

const SHOT: Screenshot = { width: 2, height: 1, rgb: new Uint8Array([1, 2, 3, 4, 5, 6]) };
const XRGB = new Uint8Array([3, 2, 1, 255, 6, 5, 4, 255]);
const RIGHT = (await loadXxh64())(XRGB);
const OTHER = '0'.repeat(16);

test('red comes first in a screendump and third in the clip; what nobody sees counts as 255', () => {
  expect(xrgbOf(SHOT)).toEqual(XRGB);
});

test('a right frame has the same hash in memory and on the display, and no picture', async () => {
  expect(await frameOf(line(RIGHT), SHOT, [[RIGHT, OTHER]])).toEqual({
    frame: { t: 'frame', id: 1, n: 0, memory: { xrgb: RIGHT }, texels: { xrgb: RIGHT }, us: { decode: 5 } }, pixels: undefined,
  });
});

test('of a frame that only the display has wrong there is a picture', async () => {
  const { frame, pixels } = await frameOf(line(OTHER), SHOT, [[OTHER, OTHER]]);
  expect(frame.texels).toEqual({ xrgb: RIGHT });
  expect(pixels).toEqual({ n: 0, plane: 'xrgb', what: 'texels', width: 2, height: 1, bytesPerPixel: 4, data: XRGB });
});

test('wrong memory explains a wrong display, and a frame beyond the clip has nothing to be held against', async () => {
  expect((await frameOf(line(RIGHT), SHOT, [[OTHER, OTHER]])).pixels).toBeUndefined();
  expect(await frameOf({ ...line(OTHER), n: 7, damaged: true }, SHOT, [[OTHER, OTHER]])).toMatchObject({ frame: { n: 7, damaged: true }, pixels: undefined });
});

function line(xrgb: string): ShownLine {
  return { t: 'shown', id: 1, n: 0, width: 2, height: 1, memory: { xrgb }, us: { decode: 5 } };
}
