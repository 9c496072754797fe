// Pixel formats and what a picture of each is made of. The C side is guest-images/probe/picture.h; both must agree.
import * as z from 'zod';

/**
 * What lies in the buffer that is sampled. `I420`: planes y, u, v of 8 bits. `NV12`: y, and uv interleaved, 8 bits. `P010`: as NV12 with the
 * 10 bits of a sample in the upper ones of 16, little endian. All three 4:2:0. `XRGB8888`: one plane, bytes b, g, r, x; x counts as 255.
 */
export const PixelFormat = z.enum(['I420', 'NV12', 'P010', 'XRGB8888']);
export type PixelFormat = z.infer<typeof PixelFormat>;

/** How YCbCr becomes RGB. BT.2020 is the non-constant luminance one. */
export const Matrix = z.enum(['bt601', 'bt709', 'bt2020']);
export type Matrix = z.infer<typeof Matrix>;
export const Range = z.enum(['limited', 'full']);
export type Range = z.infer<typeof Range>;

export const PlaneName = z.enum(['y', 'u', 'v', 'uv', 'xrgb']);
export type PlaneName = z.infer<typeof PlaneName>;

export type Size = { readonly width: number; readonly height: number };
/** A plane's geometry: bytes per row, rows, and bytes per pixel of it (a uv pair is one). */
export type PlaneShape = { readonly name: PlaneName; readonly width: number; readonly height: number; readonly bytesPerPixel: number };

const NAMES: Readonly<Record<PixelFormat, readonly PlaneName[]>> = { I420: ['y', 'u', 'v'], NV12: ['y', 'uv'], P010: ['y', 'uv'], XRGB8888: ['xrgb'] };

export function planeNames(format: PixelFormat): readonly PlaneName[] {
  return NAMES[format];
}

/** The planes of a picture, in order. An odd size keeps its last chroma column and row. */
export function planeShapes(format: PixelFormat, { width, height }: Size): PlaneShape[] {
  const bytes = format === 'P010' ? 2 : 1;
  const chroma = { width: (width + 1) >> 1, height: (height + 1) >> 1 };
  return NAMES[format].map((name) => {
    if (name === 'xrgb') return { name, width: width * 4, height, bytesPerPixel: 4 };
    if (name === 'y') return { name, width: width * bytes, height, bytesPerPixel: bytes };
    const perPixel = name === 'uv' ? 2 * bytes : bytes;
    return { name, width: chroma.width * perPixel, height: chroma.height, bytesPerPixel: perPixel };
  });
}
