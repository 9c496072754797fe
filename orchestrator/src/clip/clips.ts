// A clip that every guest decodes and nobody has to trust: painted here, encoded in the workshop, golden hashes from a decode of its own.
import { createWriteStream } from 'node:fs';
import { chmod, copyFile, mkdir, readFile, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { ContentKey } from '../contract/ids.ts';
import { ClipSpec } from '../contract/job.ts';
import { filesBelow, keyOf, makeFolderWhole, readRecord, sha256, sha256OfFile, touch, writeWhole } from '../lib/files.ts';
import { LabError } from '../lib/lab-error.ts';
import type { Making } from '../lib/lab.ts';
import { takeLock } from '../lib/lock.ts';
import type { GoldenFrame } from '../verify/evidence.ts';
import { decodeClip } from './decode.ts';
import { convertToRgba, splitI420 } from './golden.ts';
import { blockPixels, paintFrame, readBlock, type Plane } from './pattern.ts';
import { xxh64 } from './xxh64.ts';

const RECIPE = 1;
const SECTOR = 4096;

const Golden = z.array(z.strictObject({ y: z.string(), u: z.string(), v: z.string(), rgb: z.string() }));

export const ClipRecord = z.strictObject({
  clip: z.string(), key: ContentKey, spec: ClipSpec, bytes: z.int(), sha256: z.string(), seconds: z.number(), madeAt: z.iso.datetime(), golden: Golden,
});
export type ClipRecord = z.infer<typeof ClipRecord>;
/** `path` is the encoded clip; `disk` the same bytes, padded with zeros to whole sectors for a block device. */
export type Clip = ClipRecord & { path: string; disk: string };

/** Makes the clip unless it is there. Two hosts with the same workshop make the same bytes. */
export async function makeClip({ name, spec, workshop }: { name: string; spec: ClipSpec; workshop: string }, making: Making): Promise<Clip> {
  const { lab, signal } = making;
  const code = join(lab.config.checkout, 'orchestrator/src/clip');
  const sources = (await filesBelow(code)).filter((file) => !file.endsWith('.test.ts'));
  const key = keyOf({ recipe: RECIPE, spec, workshop, code: await Promise.all(sources.map(async (file) => sha256(await readFile(join(code, file))))) });
  const folder = join(lab.config.home, 'clips', key);
  const paths = { path: join(folder, 'clip.mkv'), disk: join(folder, 'clip.disk') };
  const done = (): Promise<ClipRecord | undefined> => readRecord(join(folder, 'clip.json'), ClipRecord);
  const ready = await done();
  await touch(join(folder, 'clip.json'));
  if (ready !== undefined) return { ...ready, clip: name, ...paths };
  await using _lock = await takeLock(join(lab.config.home, 'locks', `clip-${key}`), signal);
  const meanwhile = await done();
  if (meanwhile !== undefined) return { ...meanwhile, clip: name, ...paths };
  await mkdir(join(lab.config.home, 'clips'), { recursive: true });
  await makeFolderWhole(folder, async (out) => {
    const started = performance.now();
    await encode({ spec, workshop, out }, making);
    await copyFile(join(out, 'clip.mkv'), join(out, 'clip.disk'));
    await truncate(join(out, 'clip.disk'), Math.ceil((await stat(join(out, 'clip.mkv'))).size / SECTOR) * SECTOR);
    const golden = await goldenOf({ spec, workshop, path: join(out, 'clip.mkv') }, making);
    const record: ClipRecord = {
      clip: name, key, spec, bytes: (await stat(join(out, 'clip.mkv'))).size, sha256: await sha256OfFile(join(out, 'clip.mkv')),
      seconds: Math.round((performance.now() - started) / 100) / 10, madeAt: new Date().toISOString(), golden,
    };
    await writeWhole(join(out, 'clip.json'), JSON.stringify(record));
  });
  return { ...ClipRecord.parse(JSON.parse(await readFile(join(folder, 'clip.json'), 'utf8'))), ...paths };
}

type Encode = { spec: ClipSpec; workshop: string; out: string };

async function encode({ spec, workshop, out }: Encode, { lab, signal, progress }: Making): Promise<void> {
  const raw = join(out, 'raw.yuv');
  const file = createWriteStream(raw, { mode: 0o644 });
  for (let frame = 0; frame < spec.frames; frame++) {
    signal.throwIfAborted();
    const { y, u, v } = paintFrame(spec, frame);
    for (const plane of [y, u, v]) await written(file, plane.data);
    progress('clip, frames painted', frame + 1, spec.frames);
  }
  await new Promise<void>((resolve, reject) => { file.once('error', reject); file.end(resolve); });
  await chmod(out, 0o777);
  const output: string[] = [];
  const exit = await lab.engine.run({
    image: workshop, purpose: 'clip', memoryMiB: 2048, pids: 64, binds: [{ from: out, to: '/out', write: true }],
    argv: [
      'ffmpeg', '-v', 'error', '-y', '-f', 'rawvideo', '-pix_fmt', 'yuv420p', '-s', `${String(spec.width)}x${String(spec.height)}`, '-r', '30', '-i', '/out/raw.yuv',
      // One thread, fixed seed data and no version strings: the same bytes every time.
      ...ENCODERS[spec.codec], '-threads', '1', '-fflags', '+bitexact', '-flags:v', '+bitexact', '-map_metadata', '-1', '-f', 'matroska', '/out/clip.mkv',
    ],
  }, { signal, onLine: (line) => { output.push(line); } });
  await lab.engine.run({ image: workshop, purpose: 'clip', memoryMiB: 256, pids: 16, binds: [{ from: out, to: '/out', write: true }], argv: ['rm', '-f', '/out/raw.yuv'] }, { signal });
  await chmod(out, 0o755);
  if (exit.code !== 0) throw new LabError('CLIP_ENCODE', `ffmpeg could not encode the clip: ${exit.how}`, { blame: 'lab', stage: 'clip', evidence: output.slice(-8).join('\n') });
}

/** `cpu-independent` keeps x264 from choosing by the host's SIMD level: without it two hosts make different clips. */
const ENCODERS: Record<ClipSpec['codec'], readonly string[]> = {
  h264: ['-c:v', 'libx264', '-preset', 'fast', '-profile:v', 'main', '-bf', '0', '-crf', '18', '-pix_fmt', 'yuv420p', '-x264-params', 'threads=1:cpu-independent=1'],
};

/** Hashes of every frame, from a decoder that no guest uses. Checks that each frame still says which one it is. */
async function goldenOf({ spec, workshop, path }: { spec: ClipSpec; workshop: string; path: string }, making: Making): Promise<GoldenFrame[]> {
  const golden: GoldenFrame[] = [];
  await decodeClip({ spec, workshop, path }, making, (frame, bytes) => {
    const planes = splitI420(bytes, spec);
    const readable = readableShare(planes.y, frame);
    if (readable < 0.9) {
      throw new LabError('CLIP_UNREADABLE', `frame ${String(frame)} of the clip can be read in ${String(Math.round(readable * 100))} % of its blocks only; wanted 90 %`, { blame: 'lab', stage: 'clip' });
    }
    golden.push({ y: xxh64(planes.y.data), u: xxh64(planes.u.data), v: xxh64(planes.v.data), rgb: xxh64(convertToRgba(planes)) });
    making.progress('clip, golden hashes', frame + 1, spec.frames);
  });
  if (golden.length !== spec.frames) throw new LabError('CLIP_SHORT', `Expected the clip to decode to ${String(spec.frames)} frames, got ${String(golden.length)}`, { blame: 'lab', stage: 'clip' });
  return golden;
}

/** Of the blocks that are whole, the share that names this frame and its own place. */
function readableShare(plane: Plane, frame: number): number {
  const side = blockPixels('y');
  const columns = Math.floor(plane.width / side);
  const rows = Math.floor(plane.height / side);
  let right = 0;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const block = readBlock(plane, 'y', column, row);
      if (block?.frame === frame && block.column === column && block.row === row) right++;
    }
  }
  return right / (columns * rows);
}

async function written(file: NodeJS.WritableStream, data: Uint8Array): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    file.write(data, (error) => { if (error) reject(error); else resolve(); });
  });
}
