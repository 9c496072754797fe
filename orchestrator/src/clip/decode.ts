// Decodes a clip on the host's side, in the workshop, by another decoder than the guests': the reference that they are held against.
import { dirname, basename } from 'node:path';
import type { ClipSpec } from '../contract/job.ts';
import { LabError } from '../lib/lab-error.ts';
import type { Making } from '../lib/lab.ts';
import { bytesInI420 } from './golden.ts';

export type Decode = { spec: ClipSpec; workshop: string; path: string };

/** Guests decode with FFmpeg. FFmpeg only unpacks the container here; guest-images/workshop/h264-decode.c does the rest with OpenH264. */
const DECODERS: Record<ClipSpec['codec'], string> = {
  h264: 'ffmpeg -v error -i "$1" -map 0:v:0 -c copy -bsf:v h264_mp4toannexb -f h264 - | h264-decode',
};

/** Calls `onFrame` with each frame as I420 bytes, in order. The bytes are the callee's to keep. */
export async function decodeClip({ spec, workshop, path }: Decode, { lab, signal }: Making, onFrame: (frame: number, bytes: Uint8Array) => void): Promise<void> {
  const size = bytesInI420(spec);
  let buffer = new Uint8Array(size);
  let filled = 0;
  let frame = 0;
  const stop = new AbortController();
  const output: string[] = [];
  const exit = await lab.engine.run({
    image: workshop, purpose: 'decode', memoryMiB: 2048, pids: 64, binds: [{ from: dirname(path), to: '/in' }],
    argv: ['bash', '-o', 'pipefail', '-c', DECODERS[spec.codec], 'decode', `/in/${basename(path)}`],
  }, {
    signal: AbortSignal.any([signal, stop.signal]),
    onLine: (line, from) => { if (from === 'stderr') output.push(line); },
    onStdout: (chunk) => {
      for (let start = 0; start < chunk.length;) {
        const taken = Math.min(size - filled, chunk.length - start);
        buffer.set(chunk.subarray(start, start + taken), filled);
        filled += taken;
        start += taken;
        if (filled < size) continue;
        try {
          onFrame(frame++, buffer);
        } catch (error) {
          stop.abort(error);
          return;
        }
        buffer = new Uint8Array(size);
        filled = 0;
      }
    },
  });
  if (exit.code !== 0 || filled !== 0) throw new LabError('CLIP_DECODE', `the clip could not be decoded in the workshop: ${exit.how}`, { blame: 'lab', stage: 'clip', evidence: output.slice(-8).join('\n') });
}
