// What a run leaves of three wrong frames: pictures of every plane, drawn as a worker draws them, and the probe's lines with the pixels that came. Each is the frame before it,
// as noisy as an encoder leaves it. For figures of weight only.
import { fromPlanes, type Picture } from '../../orchestrator/src/clip/golden.ts';
import { paintFrame } from '../../orchestrator/src/clip/pattern.ts';
import { ProbeLine } from '../../orchestrator/src/contract/probe.ts';
import type { KeptFrame } from '../../orchestrator/src/contract/run.ts';
import { keepWrongFrames } from '../../orchestrator/src/verify/kept-frames.ts';
import { frameLine, goldenFrames, seeded } from '../../orchestrator/test/parts.ts';

const SIZE = { width: 640, height: 360 };
const WRONG = [7, 8, 9] as const;
const FRAMES = 60;
/** By so much a pixel differs from what was painted: at this the pictures are as large as those of the h264 clip of that size. */
const NOISE = 7;
/** Of one line of the probe, as bytes before they are base64. */
const CHUNK = 32_768;

export type WrongFrames = { kept: KeptFrame[]; pictures: { name: string; png: Uint8Array }[]; probe: string };

/** The first of `pipelines` is wrong, in every plane of as many frames as a worker keeps pictures of. */
export function wrongFramesOf(pipelines: readonly string[], clip: string): WrongFrames {
  const pictures = new Map(WRONG.flatMap((n) => [n - 1, n]).map((n) => [n, noisy(n)]));
  const pixels = WRONG.flatMap((n) => (pictures.get(n - 1)?.planes ?? []).map(({ name, width, height, data }) => ({ n, plane: name, what: 'texels' as const, width, height, bytesPerPixel: 1 as const, data })));
  const kept = keepWrongFrames({ stem: `${pipelines[0] ?? ''}-${clip}`, wrong: WRONG.map((frame) => ({ frame, oracle: 'texels', planes: ['y', 'u', 'v'] })), pixels, golden: goldenFrames(FRAMES), pictures });
  const lines = pipelines.flatMap((pipeline, nth): unknown[] => {
    const frames = Array.from({ length: FRAMES }, (_, n) => ({ ...frameLine(n, { texels: nth === 0 && WRONG.some((one) => one === n) ? goldenFrames(FRAMES)[n - 1]?.planes ?? {} : {} }), id: nth + 1 }));
    const sent = nth > 0 ? [] : pixels.flatMap(({ data, ...one }) => chunksOf(data).map(({ offset, bytes }) => ({ t: 'pixels', id: 1, ...one, offset, total: data.length, data: Buffer.from(bytes).toString('base64') })));
    return [{ t: 'start', id: nth + 1, pipeline, codec: 'h264', ...SIZE, pixelFormat: 'yuv420p', format: 'I420', matrix: 'bt601', range: 'limited' }, ...frames, ...sent];
  });
  return { kept: kept.map((one) => one.kept), pictures: kept.flatMap((one) => one.files), probe: lines.map((line) => `${JSON.stringify(ProbeLine.parse(line))}\n`).join('') };
}

function noisy(n: number): Picture {
  const random = seeded(n);
  const picture = fromPlanes(paintFrame(SIZE, n));
  return { ...picture, planes: picture.planes.map((plane) => ({ ...plane, data: plane.data.map((value) => Math.min(255, Math.max(0, value + Math.round(NOISE * (2 * random() - 1))))) })) };
}

function chunksOf(data: Uint8Array): { offset: number; bytes: Uint8Array }[] {
  return Array.from({ length: Math.ceil(data.length / CHUNK) }, (_, nth) => ({ offset: nth * CHUNK, bytes: data.subarray(nth * CHUNK, (nth + 1) * CHUNK) }));
}
