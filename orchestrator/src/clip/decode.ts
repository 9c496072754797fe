// Decodes a clip on the host's side, in the workshop, wherever possible by another decoder than the guests': what they are held against.
import { dirname, basename } from 'node:path';
import type { Codec } from '../contract/pipeline.ts';
import type { PixelFormat, Size } from '../contract/picture.ts';
import type { Exit } from '../lib/container.ts';
import { LabError } from '../lib/lab-error.ts';
import type { Making } from '../lib/lab.ts';
import { bytesOfRaw, rawFormatOf } from './golden.ts';

/** `until`: the last frame that is wanted; what comes after it is not waited for. */
export type Decode = { codec: Codec | 'any'; format: PixelFormat; workshop: string; path: string; sizeOf: (frame: number) => Size; until?: number };

type Decoder = { by: string; command: string };

/** FFmpeg itself, told to be exact: where nothing else here decodes the format to the bit. */
function ffmpeg(format: PixelFormat): Decoder {
  return { by: 'FFmpeg', command: `ffmpeg -v error -flags:v bitexact -idct simple -i "$1" -map 0:v:0 -noautoscale -fps_mode passthrough -pix_fmt ${rawFormatOf(format)} -f rawvideo -` };
}

/** Guests decode with FFmpeg and dav1d. Others are in the workshop for what they can decode; 10-bit and RGB they cannot. */
export function decoderOf(codec: Codec | 'any', format: PixelFormat): Decoder {
  if (codec !== 'fwht' && rawFormatOf(format) !== 'yuv420p') return ffmpeg(format);
  switch (codec) {
    case 'h264': return { by: 'OpenH264', command: 'ffmpeg -v error -i "$1" -map 0:v:0 -c copy -bsf:v h264_mp4toannexb -f h264 - | h264-decode' };
    case 'vp8':
    case 'vp9': return { by: 'libvpx', command: 'vpxdec --rawvideo -o - "$1"' };
    case 'av1': return { by: 'libaom', command: 'aomdec --rawvideo -o - "$1"' };
    case 'fwht': return { by: 'fwht, the lab\'s own', command: 'fwht decode < "$1"' };
    case 'hevc':
    case 'mpeg2':
    case 'ffv1':
    case 'any': return ffmpeg(format);
  }
}

/** Calls `onFrame` with each frame as raw bytes of `rawFormatOf(format)`, in order. The bytes are the callee's to keep. Resolves to how many came. */
export async function decodeClip({ codec, format, workshop, path, sizeOf, until = Infinity }: Decode, { lab, signal }: Making, onFrame: (frame: number, bytes: Uint8Array) => void): Promise<number> {
  const raw = rawFormatOf(format);
  const frames = new FrameCutter((frame) => bytesOfRaw(raw, sizeOf(frame)), onFrame);
  const stop = new AbortController();
  const output: string[] = [];
  const enough = new Error('the last wanted frame has come');
  const run = lab.engine.run({
    image: workshop, purpose: 'decode', memoryMiB: 2048, pids: 64, readOnly: true, binds: [{ from: dirname(path), to: '/in' }],
    argv: ['bash', '-o', 'pipefail', '-c', decoderOf(codec, format).command, 'decode', `/in/${basename(path)}`],
  }, {
    signal: AbortSignal.any([signal, stop.signal]),
    onLine: (line, from) => { if (from === 'stderr') output.push(line); },
    onStdout: (chunk) => {
      try {
        if (frames.count <= until) frames.take(chunk);
        if (frames.count > until) stop.abort(enough);
      } catch (error) {
        stop.abort(error);
      }
    },
  });
  let exit: Exit;
  try {
    exit = await run;
  } catch (error) {
    if (error === enough) return frames.count;
    throw error;
  }
  if (exit.code !== 0 || frames.rest !== 0) throw new LabError('CLIP_DECODE', `the clip could not be decoded in the workshop: ${exit.how}`, { blame: 'lab', stage: 'clip', evidence: output.slice(-8).join('\n') });
  return frames.count;
}

/** A stream of bytes into frames, whose sizes may differ. */
export class FrameCutter {
  readonly #sizeOf: (frame: number) => number;
  readonly #onFrame: (frame: number, bytes: Uint8Array) => void;
  #buffer = new Uint8Array();
  #filled = 0;
  #count = 0;

  constructor(sizeOf: (frame: number) => number, onFrame: (frame: number, bytes: Uint8Array) => void) {
    this.#sizeOf = sizeOf;
    this.#onFrame = onFrame;
  }

  get count(): number { return this.#count; }
  /** Bytes of a frame that has not come whole. */
  get rest(): number { return this.#filled; }

  take(chunk: Uint8Array): void {
    for (let start = 0; start < chunk.length;) {
      if (this.#filled === 0) this.#buffer = new Uint8Array(this.#sizeOf(this.#count));
      const taken = Math.min(this.#buffer.length - this.#filled, chunk.length - start);
      this.#buffer.set(chunk.subarray(start, start + taken), this.#filled);
      this.#filled += taken;
      start += taken;
      if (this.#filled < this.#buffer.length) continue;
      this.#filled = 0;
      this.#onFrame(this.#count++, this.#buffer);
    }
  }
}
