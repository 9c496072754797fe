// A clip that every guest decodes and nobody has to trust: painted here, encoded in the workshop, golden hashes from a decode of its own.
import { copyFile, mkdir, readFile, rename, stat, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { ContentKey } from '../contract/ids.ts';
import { Codec } from '../contract/pipeline.ts';
import { ClipSpec, type PaintedClip } from '../contract/job.ts';
import { Matrix, PixelFormat, Range, type Size } from '../contract/picture.ts';
import { PlaneHashes } from '../contract/probe.ts';
import { filesBelow, keyOf, makeFolderWhole, readRecord, sha256, sha256OfFile, touch, writeWhole } from '../lib/files.ts';
import { LabError } from '../lib/lab-error.ts';
import type { Making } from '../lib/lab.ts';
import { takeLock } from '../lib/lock.ts';
import type { GoldenFrame } from '../verify/evidence.ts';
import { decodeClip, decoderOf } from './decode.ts';
import { CONTAINER, encode } from './encode.ts';
import { probeFile } from './file-clip.ts';
import { channelsOf, convertToRgba, pictureOf, type Colour, type Picture } from './golden.ts';
import { damageIvf, joinIvf } from './ivf.ts';
import { blockPixels, ID_PERIOD, readBlock, type Plane, type PlaneName } from './pattern.ts';
import { loadXxh64, type Xxh64 } from './xxh64.ts';

const RECIPE = 2;
const SECTOR = 4096;
/** What a damaged clip was before: its golden pictures are decoded from it. */
const UNDAMAGED = 'whole';

const Golden = z.strictObject({
  width: z.int(), height: z.int(), format: PixelFormat, matrix: Matrix, range: Range, planes: PlaneHashes, rgb: z.string(), key: z.boolean(), exact: z.boolean(),
});

export const ClipRecord = z.strictObject({
  clip: z.string(), key: ContentKey, spec: ClipSpec, codec: z.union([Codec, z.literal('any')]), format: PixelFormat, container: z.string(),
  goldenBy: z.string().describe('the decoder that the golden hashes are from'), frameUs: z.tuple([z.int(), z.int()]).nullable(),
  bytes: z.int(), sha256: z.string(), seconds: z.number(), madeAt: z.iso.datetime(), golden: z.array(Golden),
});
export type ClipRecord = z.infer<typeof ClipRecord>;
/** `path` is the encoded clip; `diskPath` the same bytes, padded with zeros to whole sectors for a block device. */
export type Clip = ClipRecord & { path: string; diskPath: string };

export type MakeClip = { name: string; spec: ClipSpec; workshop: string };

/** Makes the clip unless it is there. Two hosts with the same workshop make the same bytes. */
export async function makeClip({ name, spec, workshop }: MakeClip, making: Making): Promise<Clip> {
  const { lab, signal } = making;
  const code = join(lab.config.checkout, 'orchestrator/src/clip');
  const sources = (await filesBelow(code)).filter((file) => !file.endsWith('.test.ts'));
  // A user's file is what its bytes are, wherever it lies.
  const what = 'file' in spec ? { ...spec, name: undefined, file: await sha256OfFile(spec.file) } : spec;
  const key = keyOf({ recipe: RECIPE, what, workshop, code: await Promise.all(sources.map(async (file) => sha256(await readFile(join(code, file))))) });
  const folder = join(lab.config.home, 'clips', key);
  const whole = (record: ClipRecord): Clip => ({ ...record, clip: name, spec, path: join(folder, `clip.${record.container}`), diskPath: join(folder, 'clip.disk') });
  const done = (): Promise<ClipRecord | undefined> => readRecord(join(folder, 'clip.json'), ClipRecord);
  const ready = await done();
  await touch(join(folder, 'clip.json'));
  if (ready !== undefined) return whole(ready);
  await using _lock = await takeLock(join(lab.config.home, 'locks', `clip-${key}`), signal);
  const meanwhile = await done();
  if (meanwhile !== undefined) return whole(meanwhile);
  await mkdir(join(lab.config.home, 'clips'), { recursive: true });
  await makeFolderWhole(folder, async (out) => {
    const started = performance.now();
    const made = 'file' in spec ? await takeFile(spec, workshop, out, making) : await paint(spec, workshop, out, making);
    const path = join(out, `clip.${made.container}`);
    const bytes = (await stat(path)).size;
    await copyFile(path, join(out, 'clip.disk'));
    await truncate(join(out, 'clip.disk'), Math.ceil(bytes / SECTOR) * SECTOR);
    const record: ClipRecord = {
      clip: name, key, spec, ...made, bytes, sha256: await sha256OfFile(path), seconds: Math.round((performance.now() - started) / 100) / 10, madeAt: new Date().toISOString(),
    };
    await writeWhole(join(out, 'clip.json'), JSON.stringify(record));
  });
  return whole(ClipRecord.parse(JSON.parse(await readFile(join(folder, 'clip.json'), 'utf8'))));
}

/** The picture that each frame of the clip is, decoded anew on the host; calls `onPicture` with those that are `wanted`. */
export async function decodePictures(clip: Clip, workshop: string, wanted: ReadonlySet<number>, making: Making, onPicture: (frame: number, picture: Picture) => void): Promise<void> {
  await decodeFrames({ clip, workshop, until: Math.max(...wanted) }, making, (frame, bytes) => {
    if (wanted.has(frame)) onPicture(frame, pictureOf(bytes, clip.format, sizeOfFrame(clip, frame)));
  });
}

/** Every frame up to `until` as it should be, as raw bytes. */
export async function decodeFrames({ clip, workshop, until }: { clip: Clip; workshop: string; until?: number }, making: Making, onFrame: (frame: number, bytes: Uint8Array) => void): Promise<void> {
  const damaged = !('file' in clip.spec) && clip.spec.damage !== undefined;
  const path = damaged ? join(dirname(clip.path), `${UNDAMAGED}.${clip.container}`) : clip.path;
  await decodeClip({ codec: clip.codec, format: clip.format, workshop, path, sizeOf: (frame) => sizeOfFrame(clip, frame), ...(until === undefined ? {} : { until }) }, making, onFrame);
}

export function sizeOfFrame({ golden }: Pick<Clip, 'golden'>, frame: number): Size {
  return golden[frame] ?? { width: 16, height: 16 };
}

type Made = Pick<ClipRecord, 'codec' | 'format' | 'container' | 'goldenBy' | 'frameUs' | 'golden'>;

/** Thirty frames per second. */
const FRAME_US: [number, number] = [100_000, 3];

async function paint(spec: PaintedClip, workshop: string, out: string, making: Making): Promise<Made> {
  refuseImpossible(spec);
  const { codec, format } = spec;
  const container = CONTAINER[codec];
  const path = join(out, `clip.${container}`);
  const parts = partsOf(spec);
  for (const [index, part] of parts.entries()) await encode({ spec, ...part, workshop, out, file: parts.length === 1 ? `clip.${container}` : `part${String(index)}` }, making);
  if (parts.length > 1) await writeFile(path, joinIvf(await Promise.all(parts.map((_, index) => readFile(join(out, `part${String(index)}`))))));
  const sizeOf = (frame: number): Size => parts.findLast((part) => part.from <= frame)?.size ?? spec;
  const colour: Colour = spec;
  const hash = await loadXxh64();
  const golden: GoldenFrame[] = [];
  // Before it is damaged: what every frame should be.
  await decodeClip({ codec, format, workshop, path, sizeOf }, making, (frame, bytes) => {
    const picture = pictureOf(bytes, format, sizeOf(frame));
    requireReadable(picture, frame);
    golden.push({ ...goldenOf(picture, colour, hash), key: isKey(spec, frame), exact: isExact(spec, frame) });
    making.progress('clip, golden hashes', frame + 1, spec.frames);
  });
  if (golden.length !== spec.frames) throw new LabError('CLIP_SHORT', `Expected the clip to decode to ${String(spec.frames)} frames, got ${String(golden.length)}`, { blame: 'lab', stage: 'clip' });
  if (spec.damage !== undefined) {
    await rename(path, join(out, `${UNDAMAGED}.${container}`));
    await writeFile(path, damageIvf(await readFile(join(out, `${UNDAMAGED}.${container}`)), spec.damage.from));
  }
  return { codec, format, container, goldenBy: decoderOf(codec, format).by, frameUs: FRAME_US, golden };
}

/** What a codec cannot do is the request's mistake, told before anything is painted. */
function refuseImpossible({ codec, width, height, format, resize, damage }: PaintedClip): void {
  const reject = (why: string): never => { throw new LabError('BAD_CLIP', why, { blame: 'request', stage: 'clip' }); };
  const odd = width % 2 === 1 || height % 2 === 1;
  if (odd && format !== 'XRGB8888' && ['h264', 'hevc', 'mpeg2', 'fwht'].includes(codec)) reject(`${codec} cannot code the odd size ${String(width)}x${String(height)} in 4:2:0; vp8, vp9, av1 and ffv1 can`);
  if (format === 'XRGB8888' && codec !== 'ffv1' && codec !== 'fwht') reject(`${codec} does not code XRGB8888; ffv1 and fwht do`);
  if (format === 'P010' && (codec === 'vp8' || codec === 'mpeg2' || codec === 'fwht')) reject(`${codec} has no 10 bits; h264, hevc, vp9, av1 and ffv1 have`);
  if ((resize !== undefined || damage !== undefined) && CONTAINER[codec] !== 'ivf') reject(`a ${resize === undefined ? 'damaged clip' : 'size that changes'} is made in vp8, vp9 and av1 only`);
}

type Part = { from: number; count: number; size: Size };

/** Stretches of frames of one size. */
function partsOf({ width, height, frames, resize = [] }: PaintedClip): Part[] {
  const starts = [{ at: 0, width, height }, ...resize];
  return starts.map((start, index) => ({ from: start.at, count: (starts[index + 1]?.at ?? frames) - start.at, size: { width: start.width, height: start.height } }));
}

function isKey({ keyEvery, codec, resize = [] }: PaintedClip, frame: number): boolean {
  if (frame === 0 || codec === 'ffv1' || codec === 'fwht' || resize.some((one) => one.at === frame)) return true;
  return keyEvery !== undefined && frame % keyEvery === 0;
}

/** From the damage to the next key frame a decoder may do what it likes. */
function isExact(spec: PaintedClip, frame: number): boolean {
  const from = spec.damage?.from;
  if (from === undefined || frame < from) return true;
  for (let at = from + 1; at <= frame; at++) if (isKey(spec, at)) return true;
  return false;
}

async function takeFile(spec: Exclude<ClipSpec, PaintedClip>, workshop: string, out: string, making: Making): Promise<Made> {
  const container = 'file';
  const path = join(out, `clip.${container}`);
  await copyFile(spec.file, path);
  const { size, colour } = await probeFile({ path, format: spec.format, md5: spec.md5, md5Of: spec.md5Of, workshop }, making);
  const hash = await loadXxh64();
  const golden: GoldenFrame[] = [];
  await decodeClip({ codec: 'any', format: spec.format, workshop, path, sizeOf: () => size }, making, (frame, bytes) => {
    golden.push({ ...goldenOf(pictureOf(bytes, spec.format, size), colour, hash), key: frame === 0, exact: true });
  });
  if (golden.length === 0) throw new LabError('CLIP_EMPTY', `no frame in ${spec.file}`, { blame: 'request', stage: 'clip' });
  return { codec: 'any', format: spec.format, container, goldenBy: decoderOf('any', spec.format).by, frameUs: null, golden };
}

function goldenOf(picture: Picture, colour: Colour, hash: Xxh64): Omit<GoldenFrame, 'key' | 'exact'> {
  const { width, height, format, planes } = picture;
  return {
    width, height, format, matrix: colour.matrix, range: colour.range,
    planes: Object.fromEntries(planes.map((plane) => [plane.name, hash(plane.data)])), rgb: hash(convertToRgba(picture, colour)),
  };
}

/** An encoder that blurred the pattern would make every defect a mystery: of the whole blocks nearly all must still say which they are. */
function requireReadable({ planes, format }: Picture, frame: number): void {
  const [plane] = planes;
  if (plane === undefined) return;
  const channels = channelsOf(plane, plane.name, format);
  const luma = channels.get('y') ?? channels.get('b');
  const readable = luma === undefined ? 0 : readableShare(luma, 'y', frame % ID_PERIOD);
  if (readable >= 0.9) return;
  throw new LabError('CLIP_UNREADABLE', `frame ${String(frame)} of the clip can be read in ${String(Math.round(readable * 100))} % of its blocks only; wanted 90 %`, { blame: 'lab', stage: 'clip' });
}

/** Of the blocks that are whole, the share that names this frame and its own place. */
function readableShare(plane: Plane, which: PlaneName, frame: number): number {
  const side = blockPixels(which);
  const columns = Math.floor(plane.width / side);
  const rows = Math.floor(plane.height / side);
  let right = 0;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const block = readBlock(plane, which, column, row);
      if (block?.frame === frame && block.column === column && block.row === row) right++;
    }
  }
  return right / (columns * rows);
}

