// Files to objects and back: each is kept once under the digest of its bytes, and read only as those bytes.
import { createHash } from 'node:crypto';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { dirname, join } from 'node:path';
import type { KeptFile } from '../contract/manifest.ts';
import { sha256OfFile } from '../lib/files.ts';
import { LabError } from '../lib/lab-error.ts';
import type { ObjectStore } from './objects.ts';

export function blobName(digest: string): string {
  return `blobs/${digest.slice(0, 2)}/${digest}`;
}

/** What a folder holds of `names`, by digest. */
export async function describeFiles(folder: string, names: readonly string[]): Promise<KeptFile[]> {
  return Promise.all(names.map(async (name) => {
    const path = join(folder, name);
    return { name, bytes: (await stat(path)).size, sha256: await sha256OfFile(path) };
  }));
}

export async function putFiles(objects: ObjectStore, folder: string, files: readonly KeptFile[]): Promise<void> {
  for (const { name, sha256 } of files) await objects.put(blobName(sha256), join(folder, name));
}

/** Into `folder`, which is the caller's own. A byte more or less than was promised, or another one, and nothing is taken. */
export async function takeFiles(objects: ObjectStore, files: readonly KeptFile[], folder: string): Promise<void> {
  for (const file of files) await takeFile(objects, file, join(folder, file.name));
}

export async function takeFile(objects: ObjectStore, { name, bytes, sha256 }: KeptFile, path: string, signal?: AbortSignal): Promise<void> {
  const stream = await objects.get(blobName(sha256));
  if (stream === undefined) throw new LabError('NOT_KEPT', `Expected ${name} in ${objects.title}, found none: ${sha256}`, { blame: 'lab', stage: 'store' });
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${randomBytes(4).toString('hex')}.tmp`;
  const hash = createHash('sha256');
  let got = 0;
  try {
    const file = await open(temporary, 'wx', 0o644);
    try {
      for await (const chunk of stream as AsyncIterable<Buffer>) {
        signal?.throwIfAborted();
        got += chunk.length;
        if (got > bytes) break;
        hash.update(chunk);
        await file.writeFile(chunk);
      }
      await file.sync();
    } finally {
      await file.close();
    }
    if (got !== bytes || hash.digest('hex') !== sha256) throw new LabError('NOT_AS_KEPT', `Expected ${name} of ${objects.title} to be ${String(bytes)} bytes with digest ${sha256}, got something else`, { blame: 'lab', stage: 'store' });
    await rename(temporary, path);
  } finally {
    await rm(temporary, { force: true });
  }
}
