// Golden pictures for a machine that has no workshop to decode them: raw frames of a clip, one after another, compressed. Painted pictures become a
// hundredth of their size.
import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { decodeFrames, sizeOfFrame, type Clip, type ClipRecord } from '../clip/clips.ts';
import { FrameCutter } from '../clip/decode.ts';
import { bytesOfRaw, pictureOf, rawFormatOf, type Picture } from '../clip/golden.ts';
import { LabError } from '../lib/lab-error.ts';
import type { Making } from '../lib/lab.ts';

/** Of all clips of an archive together, before they are compressed. */
export const MAX_PICTURE_BYTES = 256 * 1024 * 1024;

export function rawBytesOf({ golden, format }: Pick<ClipRecord, 'golden' | 'format'>): number {
  return golden.reduce((sum, frame) => sum + bytesOfRaw(rawFormatOf(format), frame), 0);
}

export async function writePictures(clip: Clip, workshop: string, path: string, making: Making): Promise<void> {
  const gzip = createGzip({ level: 1 });
  const written = pipeline(gzip, createWriteStream(path), { signal: making.signal });
  let frames = 0;
  await decodeFrames({ clip, workshop }, making, (_, bytes) => {
    frames++;
    gzip.write(bytes);
  });
  gzip.end();
  await written;
  if (frames === clip.golden.length) return;
  throw new LabError('CLIP_SHORT', `Expected clip ${clip.clip} to decode to ${String(clip.golden.length)} frames, as it did when its golden hashes were made, got ${String(frames)}`, { blame: 'lab', stage: 'clip' });
}

/** Calls `onPicture` with those that are `wanted`. */
export async function readPictures(clip: Pick<Clip, 'golden' | 'format'>, path: string, wanted: ReadonlySet<number>, onPicture: (frame: number, picture: Picture) => void): Promise<void> {
  const cutter = new FrameCutter((frame) => bytesOfRaw(rawFormatOf(clip.format), sizeOfFrame(clip, frame)), (frame, bytes) => {
    if (wanted.has(frame)) onPicture(frame, pictureOf(bytes, clip.format, sizeOfFrame(clip, frame)));
  });
  const raw = createGunzip();
  raw.on('data', (chunk: Buffer) => { cutter.take(chunk); });
  const ended = once(raw, 'end');
  await pipeline(createReadStream(path), raw);
  await ended;
}
