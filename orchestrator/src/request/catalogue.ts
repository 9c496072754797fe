// What a job may name: the bases, series, images, stacks and clips of this checkout.
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod';
import { Base, PaintedClip } from '../contract/job.ts';
import { exists, filesBelow, namesIn } from '../lib/files.ts';
import { LabError, messageOf } from '../lib/lab-error.ts';

export type Catalogue = {
  bases: Readonly<Record<string, Base>>;
  clips: Readonly<Record<string, PaintedClip>>;
  series: readonly string[];
  drivers: readonly string[];
  images: readonly string[];
  stacks: readonly string[];
};

/** A driver is no series to be tried: it is built into every kernel of a job that wants it. */
const DRIVERS = 'drivers/';

export async function readCatalogue(checkout: string): Promise<Catalogue> {
  const images = join(checkout, 'guest-images');
  const folders = await namesIn(images);
  const withImage = await Promise.all(folders.map((name) => exists(join(images, name, 'image.yaml'))));
  const stacks = await namesIn(join(images, 'stacks'));
  const withDockerfile = await Promise.all(stacks.map((name) => exists(join(images, 'stacks', name, 'Dockerfile'))));
  const bases = await readBases(checkout);
  const patches = join(checkout, 'kernel-patches');
  const series = (await filesBelow(patches)).filter((file) => file.endsWith('/series.yaml')).map((file) => dirname(file));
  return {
    bases,
    clips: await readClips(checkout),
    series: series.filter((name) => !name.startsWith(DRIVERS)),
    drivers: series.filter((name) => name.startsWith(DRIVERS)).map((name) => name.slice(DRIVERS.length)),
    images: folders.filter((_, index) => withImage[index]),
    stacks: stacks.filter((_, index) => withDockerfile[index]),
  };
}

export async function readBases(checkout: string): Promise<Catalogue['bases']> {
  const path = join(checkout, 'kernel-patches/bases.yaml');
  const bases = mapValues(await readMap(path, Base), withHome);
  for (const [name, { config }] of Object.entries(bases)) {
    if (config === undefined || await exists(join(checkout, 'kernel-patches/flavours', config))) continue;
    throw new LabError('BAD_CATALOGUE', `${path}: base ${name} wants ${config}, and kernel-patches/flavours has no such file`, { blame: 'lab', stage: 'request' });
  }
  return bases;
}

export function readClips(checkout: string): Promise<Catalogue['clips']> {
  return readMap(join(checkout, 'jobs/clips/clips.yaml'), PaintedClip);
}

/** `~` is the home of whoever runs the lab. */
function withHome(base: Base): Base {
  const expand = (path: string): string => path.replace(/^~(?=\/|$)/, homedir());
  if ('folder' in base) return { ...base, folder: resolve(expand(base.folder)) };
  if ('git' in base) return { ...base, git: expand(base.git) };
  return base;
}

function mapValues<T>(map: Readonly<Record<string, T>>, change: (value: T) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(map).map(([name, value]) => [name, change(value)]));
}

/** By path, what its text was parsed to: every run of a job looks up the same names in the same files. */
const PARSED = new Map<string, { text: string; data: unknown }>();

async function readMap<T extends z.ZodType>(path: string, schema: T): Promise<Record<string, z.infer<T>>> {
  try {
    const text = await readFile(path, 'utf8');
    const before = PARSED.get(path);
    const data: unknown = before?.text === text ? before.data : parse(text);
    PARSED.set(path, { text, data });
    return z.record(z.string(), schema).parse(data);
  } catch (cause) {
    throw new LabError('BAD_CATALOGUE', `${path} cannot be read: ${messageOf(cause)}`, { blame: 'lab', stage: 'request', cause });
  }
}
