// Encodes painted frames in the workshop, to the same bytes every time: one thread, no versions in the stream, nothing that depends on the CPU.
import { createWriteStream } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import type { Codec } from '../contract/pipeline.ts';
import type { PaintedClip } from '../contract/job.ts';
import type { Matrix, Size } from '../contract/picture.ts';
import { LabError } from '../lib/lab-error.ts';
import type { Making } from '../lib/lab.ts';
import { paintFrame, paintRgb } from './pattern.ts';

/** Where each codec's stream goes: what both the guests' and the second decoders read, with times per frame where there are any. */
export const CONTAINER: Readonly<Record<Codec, string>> = {
  h264: 'mkv', hevc: 'mkv', mpeg2: 'mkv', ffv1: 'mkv', vp8: 'ivf', vp9: 'ivf', av1: 'ivf', fwht: 'fwht',
};
const MUXER: Readonly<Record<string, string>> = { mkv: 'matroska', ivf: 'ivf' };

/** `cpu-independent` keeps x264 from choosing by the host's SIMD level: without it two hosts make different clips. */
const ENCODERS: Readonly<Record<Exclude<Codec, 'fwht'>, readonly string[]>> = {
  h264: ['-c:v', 'libx264', '-preset', 'fast', '-profile:v', 'main', '-bf', '0', '-crf', '18', '-x264-params', 'threads=1:cpu-independent=1:scenecut=0'],
  hevc: ['-c:v', 'libx265', '-preset', 'fast', '-crf', '18', '-x265-params', 'pools=none:frame-threads=1:wpp=0:bframes=0:scenecut=0:info=0:log-level=error:asm=0'],
  vp8: ['-c:v', 'libvpx', '-b:v', '0', '-crf', '8', '-qmax', '20', '-deadline', 'realtime', '-cpu-used', '4', '-auto-alt-ref', '0'],
  vp9: ['-c:v', 'libvpx-vp9', '-b:v', '0', '-crf', '12', '-deadline', 'realtime', '-cpu-used', '6', '-auto-alt-ref', '0', '-row-mt', '0'],
  av1: ['-c:v', 'libaom-av1', '-b:v', '0', '-crf', '12', '-usage', 'realtime', '-cpu-used', '8', '-row-mt', '0', '-lag-in-frames', '0'],
  mpeg2: ['-c:v', 'mpeg2video', '-q:v', '3', '-bf', '0', '-sc_threshold', '1000000000'],
  ffv1: ['-c:v', 'ffv1', '-level', '3'],
};

const MATRIX: Readonly<Record<Matrix, string>> = { bt601: 'smpte170m', bt709: 'bt709', bt2020: 'bt2020nc' };

/** Frames [from, from + count) of the clip at one size, into `file` below `out`. Decoders read the colour from the stream, so it is told there. */
export type Encode = { spec: PaintedClip; size: Size; from: number; count: number; workshop: string; out: string; file: string };

export async function encode({ spec, size, from, count, workshop, out, file }: Encode, { lab, signal, progress }: Making): Promise<void> {
  const rgb = spec.format === 'XRGB8888';
  const raw = createWriteStream(join(out, 'raw.yuv'), { mode: 0o644 });
  for (let frame = from; frame < from + count; frame++) {
    signal.throwIfAborted();
    const planes = rgb ? paintRgb(size, frame) : paintFrame(size, frame);
    for (const plane of 'r' in planes ? [planes.g, planes.b, planes.r] : [planes.y, planes.u, planes.v]) await written(raw, plane.data);
    progress('clip, frames painted', frame + 1, spec.frames);
  }
  await new Promise<void>((resolve, reject) => { raw.once('error', reject); raw.end(resolve); });
  await chmod(out, 0o777);
  const output: string[] = [];
  const run = (argv: readonly string[]): ReturnType<typeof lab.engine.run> => lab.engine.run({
    image: workshop, purpose: 'clip', memoryMiB: 2048, pids: 64, binds: [{ from: out, to: '/out', write: true }], argv,
  }, { signal, onLine: (line) => { output.push(line); } });
  const exit = await run(spec.codec === 'fwht' ? fwhtArgv(spec, size, file) : ffmpegArgv(spec, spec.codec, size, file));
  await run(['rm', '-f', '/out/raw.yuv']);
  await chmod(out, 0o755);
  if (exit.code !== 0) throw new LabError('CLIP_ENCODE', `the clip could not be encoded: ${exit.how}`, { blame: 'lab', stage: 'clip', evidence: output.slice(-8).join('\n') });
}

function ffmpegArgv(spec: PaintedClip, codec: Exclude<Codec, 'fwht'>, { width, height }: Size, file: string): string[] {
  const rgb = spec.format === 'XRGB8888';
  const pixels = rgb ? 'bgr0' : spec.format === 'P010' ? 'yuv420p10le' : 'yuv420p';
  const range = spec.range === 'full' ? 'pc' : 'tv';
  const colour = rgb ? [] : ['-colorspace', MATRIX[spec.matrix], '-color_range', range];
  const keys = spec.keyEvery === undefined ? '1000' : String(spec.keyEvery);
  return [
    'ffmpeg', '-v', 'error', '-y', '-f', 'rawvideo', '-pix_fmt', rgb ? 'gbrp' : 'yuv420p', ...colour, '-s', `${String(width)}x${String(height)}`, '-r', '30', '-i', '/out/raw.yuv',
    ...ENCODERS[codec], ...(codec === 'ffv1' ? [] : ['-g', keys, '-keyint_min', keys]), '-pix_fmt', pixels, ...colour,
    // No version strings: the same bytes every time.
    '-threads', '1', '-fflags', '+bitexact', '-flags:v', '+bitexact', '-map_metadata', '-1', '-f', MUXER[CONTAINER[codec]] ?? '', `/out/${file}`,
  ];
}

function fwhtArgv(spec: PaintedClip, { width, height }: Size, file: string): string[] {
  const words = [String(width), String(height), spec.format === 'XRGB8888' ? 'XRGB8888' : 'I420', spec.matrix, spec.range];
  return ['sh', '-c', `fwht encode "$@" < /out/raw.yuv > /out/${file}`, 'fwht', ...words];
}

async function written(file: NodeJS.WritableStream, data: Uint8Array): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    file.write(data, (error) => { if (error) reject(error); else resolve(); });
  });
}
