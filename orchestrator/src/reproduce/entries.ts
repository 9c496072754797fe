// The entries of an archive: hashed first, for SHA256SUMS, then written as one tar. Times and owners are fixed, so that the same files give the same bytes.
import { createReadStream, createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { pack } from 'tar-stream';
import { sha256, sha256OfFile } from '../lib/files.ts';

/** `from` is a file of this machine; `content` what is written as it is. */
export type Entry = { name: string; program?: boolean } & ({ from: string } | { content: string });
export type HashedEntry = Entry & { bytes: number; sha256: string };

export const SUMS = 'SHA256SUMS';

export async function hashed(entry: Entry): Promise<HashedEntry> {
  if ('content' in entry) return { ...entry, bytes: Buffer.byteLength(entry.content), sha256: sha256(entry.content) };
  return { ...entry, bytes: (await stat(entry.from)).size, sha256: await sha256OfFile(entry.from) };
}

/** As sha256sum -c reads it. */
export function sumsOf(entries: readonly HashedEntry[]): string {
  return entries.map((entry) => `${entry.sha256}  ${entry.name}\n`).join('');
}

/** Writes `path` whole or not at all, everything below one folder. */
export async function writeTar(path: string, folder: string, entries: readonly HashedEntry[], signal: AbortSignal): Promise<void> {
  const tar = pack();
  const aside = `${path}.${String(process.pid)}.tmp`;
  const written = pipeline(tar, createWriteStream(aside), { signal });
  written.catch(() => undefined);
  try {
    for (const entry of entries) {
      const header = { name: `${folder}/${entry.name}`, size: entry.bytes, mode: entry.program === true ? 0o755 : 0o644, mtime: new Date(0), uid: 0, gid: 0 };
      if ('content' in entry) tar.entry(header, entry.content);
      else await Promise.race([pipeline(createReadStream(entry.from), tar.entry(header), { signal }), written.then(() => { throw new Error('the archive ended before its entries'); })]);
    }
    tar.finalize();
    await written;
    await rename(aside, path);
  } finally {
    await rm(aside, { force: true });
  }
}
