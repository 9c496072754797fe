// What an untrusted build left, taken over as a plain file or not at all: it ran the series' own make files, and may still be at it.
import { createWriteStream, constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { LabError } from '../lib/lab-error.ts';

const MAX_PRODUCT_BYTES = 1024 ** 3;
/** O_NONBLOCK: a FIFO would be waited for. */
const LOOK = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * Copies `name` out of `folder` to `to`, and nothing of it but its bytes: not its mode, which may say that it runs as its owner. A link could name any file
 * of the host: none is followed, neither in the place of the file nor in that of the folder.
 */
export async function takeProduct(folder: string, name: string, to: string): Promise<void> {
  const refuse = (cause: unknown): never => {
    throw new LabError('BAD_PRODUCT', `Expected the build to leave ${name} as a file of at most ${String(MAX_PRODUCT_BYTES)} bytes, got something else`, { blame: 'kernel', stage: 'kernel', cause });
  };
  await using inside = await open(folder, LOOK | constants.O_DIRECTORY).catch(refuse);
  // By the folder that is open and not by its path, which may by now be another's.
  await using file = await open(`/proc/self/fd/${String(inside.fd)}/${name}`, LOOK).catch(refuse);
  const { size, isPlain } = await file.stat().then((found) => ({ size: found.size, isPlain: found.isFile() }));
  if (!isPlain || size === 0 || size > MAX_PRODUCT_BYTES) refuse(undefined);
  await pipeline(file.createReadStream({ start: 0, end: size - 1, autoClose: false }), createWriteStream(to, { mode: 0o644 }));
}
