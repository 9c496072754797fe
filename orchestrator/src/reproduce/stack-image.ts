// The image of the host side as one file that `docker load` takes, under a name of its own. Made once per image, and kept beside what the lab knows of it.
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { ImageRecord } from '../image/build.ts';
import { imageFolder } from '../image/images.ts';
import { exists } from '../lib/files.ts';
import type { Making } from '../lib/lab.ts';
import { takeLock } from '../lib/lock.ts';
import { bytes } from '../report/text.ts';

/** The usual level, 6, makes it a tenth smaller, in more than twice the time. */
const LEVEL = 1;

export async function savedImage(image: ImageRecord, making: Making): Promise<{ tag: string; path: string }> {
  const { lab, signal, progress } = making;
  const { docker } = lab.engine;
  const { Id, Size } = await docker.getImage(image.tag).inspect();
  const id = Id.replace('sha256:', '').slice(0, 16);
  const repo = `vlab-reproduce/${image.kind}-${image.name}`;
  const tag = `${repo}:${id}`;
  const path = join(imageFolder(lab, image), `reproduce-${id}.tar.gz`);
  await using _lock = await takeLock(join(lab.config.home, 'locks', `save-${id}`), signal);
  if (await exists(path)) return { tag, path };
  const was = await lab.engine.hasImage(tag);
  const aside = `${path}.tmp`;
  try {
    await docker.getImage(image.tag).tag({ repo, tag: id });
    progress(`the image of the host side, ${bytes(Size)}, saved once`, 0, null);
    const saved = await docker.getImage(tag).get();
    await pipeline(saved, createGzip({ level: LEVEL }), createWriteStream(aside), { signal });
    await rename(aside, path);
  } finally {
    await rm(aside, { force: true });
    if (!was) await docker.getImage(tag).remove().catch(() => undefined);
  }
  return { tag, path };
}
