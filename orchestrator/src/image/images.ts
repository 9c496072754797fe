// The images a run needs, by name: builder and workshop, a stack, a guest's root file system. The plan of each is in its folder of guest-images/.
import { createWriteStream } from 'node:fs';
import { chmod, mkdtemp, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { parse } from 'yaml';
import * as z from 'zod';
import type { ContentKey } from '../contract/ids.ts';
import { LabError } from '../lib/lab-error.ts';
import { exists } from '../lib/files.ts';
import type { Lab, Making } from '../lib/lab.ts';
import { takeLock } from '../lib/lock.ts';
import { madeOnce } from '../lib/products.ts';
import { buildImage, type ImageRecord } from './build.ts';
import { debianImage } from './debian.ts';

/** Of the builder, and so of all that is compiled here. */
export const BUILDER_SUITE = 'trixie';

export async function builderImage(making: Making): Promise<ImageRecord> {
  const base = await debianImage(BUILDER_SUITE, making);
  return buildImage({ name: BUILDER_SUITE, kind: 'builder', folders: ['builder'], args: { BASE: base } }, making);
}

/** On top of the builder, so that what clips and the probe need changes no kernel's key. */
export async function workshopImage(making: Making): Promise<ImageRecord> {
  const builder = await builderImage(making);
  return buildImage({ name: BUILDER_SUITE, kind: 'workshop', folders: ['workshop'], args: { BUILDER: builder.tag } }, making);
}

/**
 * guest-images/stacks/<stack>/stack.yaml. `suite` is the Debian that the stack's image starts from; `spawn`: QEMU there must be allowed to start
 * processes; `nested`: QEMU runs in an outer guest, whose kernel is the unpatched one of the lab's own.
 */
const Stack = z.strictObject({ name: z.string(), description: z.string(), suite: z.string(), spawn: z.boolean().default(false), nested: z.boolean().default(false) });
export type Stack = z.infer<typeof Stack>;

export async function readStack(name: string, lab: Lab): Promise<Stack> {
  return Stack.parse(parse(await readFile(join(lab.config.checkout, 'guest-images/stacks', name, 'stack.yaml'), 'utf8')));
}

/** `fresh`: made anew of what Debian has now; the same word gives the same image again. */
export async function stackImage(name: string, making: Making, fresh?: ContentKey): Promise<ImageRecord> {
  const { suite } = await readStack(name, making.lab);
  const base = await debianImage(suite, making);
  return buildImage({ name, kind: 'stack', folders: [join('stacks', name), 'stacks/common'], args: { BASE: base }, fresh }, making);
}

/** Of the record, where the lab runs its own. */
export async function postgresImage(making: Making): Promise<ImageRecord> {
  const base = await debianImage(BUILDER_SUITE, making);
  return buildImage({ name: BUILDER_SUITE, kind: 'postgres', folders: ['postgres'], args: { BASE: base } }, making);
}

/** A store that speaks S3, for a fleet that has none of its own. */
export async function storeImage(making: Making): Promise<ImageRecord> {
  const base = await debianImage(BUILDER_SUITE, making);
  return buildImage({ name: BUILDER_SUITE, kind: 'store', folders: ['store'], args: { BASE: base } }, making);
}

/** Of the lab itself, for whoever runs it in containers. */
export async function labImage(making: Making): Promise<ImageRecord> {
  const base = await debianImage(BUILDER_SUITE, making);
  return buildImage({ name: BUILDER_SUITE, kind: 'lab', folders: ['lab'], args: { BASE: base } }, making);
}

/** `pipelinePath`: the probe's program for pipelines, for controls that run it beside a guest. */
export type GuestImage = ImageRecord & { erofsPath: string; erofsBytes: number; pipelinePath: string };

/** The guest's root as one erofs file, and the versions in it. */
export async function guestImage(name: string, making: Making, fresh?: ContentKey): Promise<GuestImage> {
  const { lab, signal } = making;
  const base = await debianImage(BUILDER_SUITE, making);
  const workshop = await workshopImage(making);
  const image = await buildImage({ name, kind: 'guest', folders: [name, 'probe'], args: { BASE: base, WORKSHOP: workshop.tag }, fresh }, making);
  const erofsPath = join(imageFolder(lab, image), 'root.erofs');
  if (!(await exists(erofsPath))) {
    await using _lock = await takeLock(join(lab.config.home, 'locks', `erofs-${image.key}`), signal);
    const product = { name: `images/erofs-${image.key}`, folder: imageFolder(lab, image), last: 'root.erofs', others: ['pipeline'] };
    if (!(await exists(erofsPath))) await madeOnce(lab.products, product, signal, () => makeErofs({ image, workshop, erofsPath }, making));
  }
  return { ...image, erofsPath, erofsBytes: (await stat(erofsPath)).size, pipelinePath: join(imageFolder(lab, image), 'pipeline') };
}

export function imageFolder(lab: Lab, image: ImageRecord): string {
  return join(lab.config.home, 'images', `${image.kind}-${image.name}-${image.key}`);
}

/** guest-images/<image>/image.yaml. `erofs` are mkfs.erofs's options; times and UUID fixed there, the same tree gives the same bytes. */
const ImageYaml = z.strictObject({ name: z.string(), description: z.string(), suite: z.string(), erofs: z.array(z.string().startsWith('-')) });

type MakeErofs = { image: ImageRecord; workshop: ImageRecord; erofsPath: string };

async function makeErofs({ image, workshop, erofsPath }: MakeErofs, { lab, signal, progress }: Making): Promise<void> {
  progress(`root file system of ${image.name}`, 0, null);
  const { erofs } = ImageYaml.parse(parse(await readFile(join(lab.config.checkout, 'guest-images', image.name, 'image.yaml'), 'utf8')));
  const folder = await mkdtemp(join(lab.config.home, 'erofs-'));
  try {
    await chmod(folder, 0o777);
    await lab.engine.withFiles(image.tag, async (container) =>
      pipeline(await container.export(), createWriteStream(join(folder, 'root.tar'), { mode: 0o644 }), { signal }));
    const output: string[] = [];
    const exit = await lab.engine.run({
      image: workshop.tag, purpose: 'erofs', memoryMiB: 2048, pids: 64, binds: [{ from: folder, to: '/out', write: true }],
      argv: ['sh', '-ec', 'mkfs.erofs "$@" /out/root.erofs /out/root.tar; tar -xf /out/root.tar -C /out vlab/pipeline', 'erofs', '--quiet', '--tar=f', ...erofs],
    }, { signal, onLine: (line) => { output.push(line); } });
    if (exit.code !== 0) throw new LabError('EROFS', `the root file system could not be made: ${exit.how}`, { blame: 'lab', stage: 'image', evidence: output.slice(-10).join('\n') });
    await rename(join(folder, 'vlab/pipeline'), join(dirname(erofsPath), 'pipeline'));
    await rename(join(folder, 'root.erofs'), erofsPath);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
