// What an untrusted build left, taken over as a plain file or not at all: it ran the series' own make files.
import { copyFile, lstat } from 'node:fs/promises';
import { basename } from 'node:path';
import { LabError } from '../lib/lab-error.ts';

const MAX_PRODUCT_BYTES = 1024 ** 3;

/** Copies `from` to `to`. A link, a folder, a device or a huge file is the series' doing and is refused: a link could name any file of the host. */
export async function takeProduct(from: string, to: string): Promise<void> {
  const found = await lstat(from).catch(() => undefined);
  if (found?.isFile() !== true || found.size > MAX_PRODUCT_BYTES) {
    throw new LabError('BAD_PRODUCT', `Expected the build to leave ${basename(from)} as a file of at most ${String(MAX_PRODUCT_BYTES)} bytes, got something else`, { blame: 'kernel', stage: 'kernel' });
  }
  await copyFile(from, to);
}
