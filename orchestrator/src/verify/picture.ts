// Pictures for a person to look at when a frame is wrong: expected, got, and where they differ. Knows PNG, and nothing of what
// went wrong or where the pictures are kept.
import { PNG, type ColorType } from 'pngjs';

// One byte per pixel for a single plane, in grey; four for RGBA.
export interface Image { readonly width: number; readonly height: number; readonly channels: 1 | 4; readonly data: Uint8Array }
export interface DifferencePngs { readonly expected: Uint8Array; readonly got: Uint8Array; readonly difference: Uint8Array }

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
  return {
    expected: encode(width, height, channels === 1 ? GREY : RGBA, expected.data),
    got: encode(width, height, channels === 1 ? GREY : RGBA, got.data),
    difference: encode(width, height, RGB, differenceRgb(expected.data, got.data, channels)),
  };
}

function encode(width: number, height: number, colorType: ColorType, data: Uint8Array): Uint8Array {
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

// Wrong pixels in red, the brighter the larger the error, on the expected picture in dim grey.
function differenceRgb(expected: Uint8Array, got: Uint8Array, channels: 1 | 4): Uint8Array {
  const rgb = new Uint8Array((expected.length / channels) * 3);
  for (let from = 0, to = 0; from < expected.length; from += channels, to += 3) {
    let error = 0;
    let sum = 0;
    for (let channel = 0; channel < channels; channel++) {
      const wanted = expected[from + channel] ?? 0;
      if (channel < 3) sum += wanted;
      error = Math.max(error, Math.abs(wanted - (got[from + channel] ?? 0)));
    }
    if (error === 0) rgb.fill((sum / Math.min(channels, 3)) * DIMMED_TO, to, to + 3);
    else rgb[to] = Math.min(255, FAINTEST_RED + error * AMPLIFIED_BY);
  }
  return rgb;
}
