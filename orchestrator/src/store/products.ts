// Products of a fleet in its shared store: each a manifest under its content key, its files by digest, an image of the engine as a tar among them.
import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { Manifest, type KeptFile } from '../contract/manifest.ts';
import type { Engine } from '../lib/container.ts';
import { filesBelow } from '../lib/files.ts';
import { LabError } from '../lib/lab-error.ts';
import type { Product, Products } from '../lib/products.ts';
import type { Evidence } from './evidence.ts';
import { describeFiles, putFiles, takeFile } from './kept-files.ts';
import type { ObjectStore } from './objects.ts';
import { markUse } from './product-use.ts';

const IMAGE = 'image.tar.gz';
/** Five thousand files with the longest of names. */
const MOST_MANIFEST_BYTES = 4 * 1024 * 1024;

/** `hold` is the fleet's lock: whoever has it makes the product of that name. */
export function sharedProducts(evidence: Evidence, engine: Engine, hold: Products['hold']): Products {
  return {
    hold,
    take: async (product, signal) => {
      const objects = await evidence.objects();
      const manifest = await manifestOf(objects, product.name);
      if (manifest === undefined) return false;
      checkSize(manifest, product, objects);
      await markUse(objects, product.name);
      const image = manifest.files.find((file) => file.name === IMAGE);
      if (product.tag !== undefined && image !== undefined && !(await engine.hasImage(product.tag))) await load({ objects, image, tag: product.tag, layers: manifest.of, home: evidence.home, engine }, signal);
      // In their order: the last one says that the product is whole.
      for (const file of manifest.files.filter((one) => one !== image)) await takeFile(objects, file, join(product.folder, file.name), signal);
      return true;
    },
    offer: async ({ name, folder, last, others, tag }, signal) => {
      const objects = await evidence.objects();
      const kept = await describeFiles(folder, [...(others ?? await filesBelow(folder)).filter((file) => file !== last), last]);
      await putFiles(objects, folder, kept);
      const saved = tag === undefined ? undefined : await save({ objects, tag, home: evidence.home, engine }, signal);
      const manifest: Manifest = { version: 1, of: saved?.layers ?? name, files: [...(saved === undefined ? [] : [saved.file]), ...kept] };
      await objects.putNew(manifestName(name), JSON.stringify(manifest));
    },
  };
}

function checkSize({ files }: Manifest, { name, mostBytes = Infinity }: Product, { title }: ObjectStore): void {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  if (bytes > mostBytes) throw new LabError('TOO_BIG', `Expected at most ${String(mostBytes)} bytes of ${name} in ${title}, got ${String(bytes)}`, { blame: 'request', stage: 'store', hint: 'submit it again from where it is: what others put there is not taken' });
}

function manifestName(name: string): string {
  return `products/${name}.json`;
}

async function manifestOf(objects: ObjectStore, name: string): Promise<Manifest | undefined> {
  const stream = await objects.get(manifestName(name));
  if (stream === undefined) return undefined;
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MOST_MANIFEST_BYTES) break;
    chunks.push(chunk);
  }
  const manifest = bytes > MOST_MANIFEST_BYTES ? undefined : Manifest.safeParse(parsed(Buffer.concat(chunks).toString('utf8'))).data;
  if (manifest === undefined) throw new LabError('NOT_AS_KEPT', `Expected ${manifestName(name)} of ${objects.title} to say what ${name} is made of, got something else`, { blame: 'lab', stage: 'store' });
  return manifest;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

type Saving = { objects: ObjectStore; tag: string; home: string; engine: Engine };

async function save({ objects, tag, home, engine }: Saving, signal: AbortSignal): Promise<{ file: KeptFile; layers: string }> {
  const folder = await desk(home);
  try {
    await pipeline(await engine.docker.getImage(tag).get(), createGzip({ level: 1 }), createWriteStream(join(folder, IMAGE)), { signal });
    const [file] = await describeFiles(folder, [IMAGE]);
    if (file === undefined) throw new Error('one name, one file');
    await putFiles(objects, folder, [file]);
    return { file, layers: await layersOf(engine, tag) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

type Loading = { objects: ObjectStore; image: KeptFile; tag: string; layers: string; home: string; engine: Engine };

async function load({ objects, image, tag, layers, home, engine }: Loading, signal: AbortSignal): Promise<void> {
  const folder = await desk(home);
  try {
    await takeFile(objects, image, join(folder, IMAGE), signal);
    const answers = await engine.docker.loadImage(createReadStream(join(folder, IMAGE)));
    await pipeline(answers, async (lines) => { for await (const _line of lines) signal.throwIfAborted(); });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  const got = (await engine.hasImage(tag)) ? await layersOf(engine, tag) : 'none';
  if (got !== layers) throw new LabError('NOT_AS_KEPT', `Expected image ${tag} with the layers ${layers}, got ${got}`, { blame: 'lab', stage: 'image' });
}

/** A name for what an image is made of, whatever engine holds it. */
async function layersOf(engine: Engine, tag: string): Promise<string> {
  const { RootFS: { Layers: layers = [] } } = await engine.docker.getImage(tag).inspect();
  return createHash('sha256').update(layers.join('\n')).digest('hex');
}

async function desk(home: string): Promise<string> {
  const folder = join(home, `product-${randomBytes(4).toString('hex')}.tmp`);
  await mkdir(folder, { recursive: true });
  return folder;
}
