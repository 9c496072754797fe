// Pictures for a person to look at when a frame is wrong: expected, got, and where they differ. Knows PNG, and nothing of what
// went wrong or where the pictures are kept.
import { PNG, type ColorType } from 'pngjs';

// One byte per pixel for a single plane, in grey; four for RGBA.
export interface Image { readonly width: number; readonly height: number; readonly channels: 1 | 4; readonly data: Uint8Array }
export interface ThreePngs { readonly expected: Uint8Array; readonly got: Uint8Array; readonly difference: Uint8Array }
/** `previews`: one pixel for each square of `side` by `side`, of pictures wider than PREVIEW_WIDTH; no wrong pixel is lost in that of the difference. */
export type DifferencePngs = ThreePngs & { readonly previews: ThreePngs & { readonly side: number } | null };

/** What a third of a page is wide. Three lossless pictures of 640x360 are half a megabyte, which a first look need not fetch. */
export const PREVIEW_WIDTH = 400;

/** Pictures of failures are made while a guest waits for its turn: quickly, for a tenth more bytes. */
const QUICKLY = { deflateLevel: 2, filterType: 0 } as const;

const GREY: ColorType = 0;
const RGB: ColorType = 2;
const RGBA: ColorType = 6;

export function differencePngs({ expected, got }: { expected: Image; got: Image }): DifferencePngs {
  const { width, height, channels } = expected;
  const bytes = width * height * channels;
  if (sayImage(got) !== sayImage(expected) || expected.data.length !== bytes || got.data.length !== bytes) {
    throw new RangeError(`cannot draw the difference of ${sayImage(got)} and ${sayImage(expected)}`);
  }
  const errors = errorsOf(expected, got);
  const side = Math.ceil(width / PREVIEW_WIDTH);
  return { ...encoded(expected, got, errors), previews: side === 1 ? null : { side, ...encoded(means(expected, side), means(got, side), largest(errors, expected, side)) } };
}

function encoded(expected: Image, got: Image, errors: Uint8Array): ThreePngs {
  return { expected: encode(expected, expected.channels === 1 ? GREY : RGBA, expected.data), got: encode(got, got.channels === 1 ? GREY : RGBA, got.data), difference: encode(expected, RGB, differenceRgb(expected, errors)) };
}

function encode({ width, height }: Image, colorType: ColorType, data: Uint8Array): Uint8Array {
  const png = new PNG({ width, height });
  png.data = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return PNG.sync.write(png, { ...QUICKLY, colorType, inputColorType: colorType, inputHasAlpha: colorType === RGBA });
}

function sayImage({ width, height, channels, data }: Image): string {
  return `${String(width)}x${String(height)}x${String(channels)} in ${String(data.length)} bytes`;
}

const DIMMED_TO = 1 / 4;
const FAINTEST_RED = 128; // an error of one must be seen as well
const AMPLIFIED_BY = 8;

/** Of each pixel, by how much the channel is wrong that is most so. */
function errorsOf(expected: Image, got: Image): Uint8Array {
  const errors = new Uint8Array(expected.width * expected.height);
  for (let at = 0; at < expected.data.length; at++) {
    const pixel = Math.floor(at / expected.channels);
    errors[pixel] = Math.max(errors[pixel] ?? 0, Math.abs((expected.data[at] ?? 0) - (got.data[at] ?? 0)));
  }
  return errors;
}

/** Wrong pixels in red, the brighter the larger the error, on the expected picture in dim grey. */
function differenceRgb({ channels, data }: Image, errors: Uint8Array): Uint8Array {
  const rgb = new Uint8Array(errors.length * 3);
  const colours = Math.min(channels, 3);
  for (let pixel = 0; pixel < errors.length; pixel++) {
    const error = errors[pixel] ?? 0;
    let sum = 0;
    for (let channel = 0; channel < colours; channel++) sum += data[pixel * channels + channel] ?? 0;
    if (error === 0) rgb.fill((sum / colours) * DIMMED_TO, pixel * 3, pixel * 3 + 3);
    else rgb[pixel * 3] = Math.min(255, FAINTEST_RED + error * AMPLIFIED_BY);
  }
  return rgb;
}

/** The picture with one pixel for each square of `side` by `side`, or for what of one there is at the right and at the bottom: their mean. */
function means({ width, height, channels, data }: Image, side: number): Image {
  const [across, down] = [Math.ceil(width / side), Math.ceil(height / side)];
  const small = new Uint8Array(across * down * channels);
  eachSquare(width, height, side, (square, [left, right], [top, bottom]) => {
    for (let channel = 0; channel < channels; channel++) {
      let sum = 0;
      for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) sum += data[(y * width + x) * channels + channel] ?? 0;
      small[square * channels + channel] = sum / ((right - left) * (bottom - top));
    }
  });
  return { width: across, height: down, channels, data: small };
}

/** Of each such square the largest error. */
function largest(errors: Uint8Array, { width, height }: Image, side: number): Uint8Array {
  const most = new Uint8Array(Math.ceil(width / side) * Math.ceil(height / side));
  eachSquare(width, height, side, (square, [left, right], [top, bottom]) => {
    for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) most[square] = Math.max(most[square] ?? 0, errors[y * width + x] ?? 0);
  });
  return most;
}

type Between = readonly [from: number, to: number];

function eachSquare(width: number, height: number, side: number, tell: (square: number, columns: Between, rows: Between) => void): void {
  let square = 0;
  for (let y = 0; y < height; y += side) for (let x = 0; x < width; x += side) tell(square++, [x, Math.min(x + side, width)], [y, Math.min(y + side, height)]);
}
