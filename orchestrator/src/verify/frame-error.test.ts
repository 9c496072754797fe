// The error of a wrong plane, against figures that were worked out by hand.
import { expect, test } from 'vitest';
import { frameError } from './frame-error.ts';
import type { Image } from './picture.ts';

const image = (channels: 1 | 4, ...data: number[]): Image => ({ width: data.length / channels, height: 1, channels, data: Uint8Array.from(data) });

test('a plane that is off by one everywhere has the ratio of 255 to 1, which is 48.13 dB', () => {
  expect(frameError(image(1, 0, 10, 20, 30), image(1, 1, 9, 21, 29))).toEqual({ wrong: 4, of: 4, psnrDb: expect.closeTo(48.1308, 4) as number });
});

test('black for white everywhere is 0 dB, and the fewer texels are wrong the higher the ratio', () => {
  expect(frameError(image(1, 0, 0), image(1, 255, 255))).toEqual({ wrong: 2, of: 2, psnrDb: 0 });
  const dark = new Array<number>(100).fill(0);
  expect(frameError(image(1, ...dark), image(1, 255, ...dark.slice(1)))).toEqual({ wrong: 1, of: 100, psnrDb: expect.closeTo(20, 10) as number });
});

test('a texel of four bytes is wrong once, however many of its bytes are', () => {
  const error = frameError(image(4, 1, 2, 3, 4, 5, 6, 7, 8), image(4, 1, 3, 4, 4, 5, 6, 7, 8));
  expect(error).toEqual({ wrong: 1, of: 2, psnrDb: expect.closeTo(10 * Math.log10((255 * 255) / (2 / 8)), 10) as number });
});

test('of equal pictures there is nothing to tell', () => {
  expect(frameError(image(1, 7), image(1, 7))).toBeNull();
});
