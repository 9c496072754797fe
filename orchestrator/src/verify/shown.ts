// A frame as the host saw it on the guest's display, in the terms of the other pipelines: the texels of an XRGB8888 plane. Pure.
import { loadXxh64 } from '../clip/xxh64.ts';
import type { FrameLine, RunCommand, ShownLine } from '../contract/probe.ts';
import type { SentPixels } from './evidence.ts';

/** What a display showed: three bytes per pixel, red first, top row first. */
export type Screenshot = { readonly width: number; readonly height: number; readonly rgb: Uint8Array };

/** Bytes b, g, r, x; nobody sees x, and it counts as 255. */
export function xrgbOf({ rgb }: Screenshot): Uint8Array {
  const xrgb = new Uint8Array((rgb.length / 3) * 4);
  for (let from = 0, to = 0; from < rgb.length; from += 3, to += 4) {
    xrgb[to] = rgb[from + 2] ?? 0;
    xrgb[to + 1] = rgb[from + 1] ?? 0;
    xrgb[to + 2] = rgb[from] ?? 0;
    xrgb[to + 3] = 255;
  }
  return xrgb;
}

/** `pixels` only where the display is the first to be wrong: wrong memory explains it, and its pixels come from the guest. */
export async function frameOf(line: ShownLine, shot: Screenshot, golden: RunCommand['golden']): Promise<{ frame: FrameLine; pixels: SentPixels | undefined }> {
  const xxh64 = await loadXxh64();
  const { id, n, damaged, memory, us } = line;
  const data = xrgbOf(shot);
  const texels = xxh64(data);
  const [want] = golden[n] ?? [];
  const frame: FrameLine = { t: 'frame', id, n, ...(damaged === undefined ? {} : { damaged }), memory, texels: { xrgb: texels }, us };
  if (want === undefined || texels === want || memory.xrgb !== want) return { frame, pixels: undefined };
  return { frame, pixels: { n, plane: 'xrgb', what: 'texels', width: shot.width, height: shot.height, bytesPerPixel: 4, data } };
}
