// A user's own file, to workers on other hosts: by its digest, through the store that hosts share. What comes back is that file, or nothing is kept of it.
import { randomBytes } from 'node:crypto';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunRequest, TakenFile } from '../contract/job.ts';
import { exists, sha256OfFile } from '../lib/files.ts';
import { LabError } from '../lib/lab-error.ts';
import type { Making } from '../lib/lab.ts';
import type { Product, Products } from '../lib/products.ts';
import { takenFolder, takenPath } from './take-file.ts';

const MOST_BYTES = 2 * 1024 ** 3;

/** Puts it where other hosts find it. */
export async function offerFile({ sha256, name }: TakenFile, products: Products, { lab, signal }: Making): Promise<void> {
  const path = takenPath(lab.config.home, sha256);
  if (!(await exists(path))) throw new LabError('NO_FILE', `Expected clip "${name}" as it was taken, and it is not there any more`, { blame: 'request', stage: 'request', hint: 'ask for the job again: its file is taken anew' });
  const { size } = await stat(path);
  if (size > MOST_BYTES) throw new LabError('TOO_BIG', `Expected at most ${String(MOST_BYTES)} bytes of clip "${name}", got ${String(size)}`, { blame: 'request', stage: 'request', hint: 'cut it: ffmpeg -i FILE -c copy -t 60 SHORT' });
  await products.offer(productOf(sha256, takenFolder(lab.config.home)), signal);
}

/** Those of a request that this host has not. One that nobody offered is missed by whoever opens it. */
export async function fetchFiles(clips: RunRequest['clips'], making: Making): Promise<void> {
  for (const clip of clips) if (typeof clip !== 'string' && !(await exists(takenPath(making.lab.config.home, clip.sha256)))) await fetchFile(clip, making);
}

async function fetchFile({ sha256, name }: TakenFile, { lab, signal }: Making): Promise<void> {
  const beside = join(takenFolder(lab.config.home), `${randomBytes(8).toString('hex')}.tmp`);
  await mkdir(beside, { recursive: true });
  try {
    if (await lab.products?.take(productOf(sha256, beside), signal) !== true) return;
    const got = await sha256OfFile(join(beside, sha256)).catch(() => 'none');
    if (got !== sha256) throw new LabError('NOT_AS_KEPT', `Expected clip "${name}" to have the SHA-256 ${sha256} in the store that hosts share, got ${got}`, { blame: 'request', stage: 'request', hint: 'ask for the job again where the file is' });
    await rename(join(beside, sha256), takenPath(lab.config.home, sha256));
  } finally {
    await rm(beside, { recursive: true, force: true });
  }
}

function productOf(sha256: string, folder: string): Product {
  return { name: `files/${sha256}`, folder, last: sha256, others: [], mostBytes: MOST_BYTES };
}
