// How much a container has written, looked at while it runs: the engine bounds its memory, its processes and its CPU time, but not its disk.
import type { Dirent } from 'node:fs';
import { lstat, opendir } from 'node:fs/promises';
import { join } from 'node:path';

const LOOK_MS = 2000;
/** An entry costs the disk something even where it is empty. */
const ENTRY_BYTES = 4096;

/** Looks until stopped; `onTooMuch` is called once, when it is more than `limitBytes`. A look that fails, as at a container that ends, is none. */
export function watchDisk(written: () => Promise<number>, limitBytes: number, onTooMuch: () => void, lookMs = LOOK_MS): { stop: () => void } {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  const look = async (): Promise<void> => {
    const bytes = await written().catch(() => 0);
    if (stopped) return;
    if (bytes > limitBytes) onTooMuch();
    else again();
  };
  const again = (): void => { timer = setTimeout(() => { void look(); }, lookMs).unref(); };
  again();
  return {
    stop: () => {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

/** Bytes on the disk below a folder, links not followed; stops counting beyond `limitBytes`. What is nested more deeply than a path is long counts as too much. */
export async function bytesBelow(folder: string, limitBytes: number): Promise<number> {
  let bytes = 0;
  const folders = [folder];
  for (let next = folders.pop(); next !== undefined && bytes <= limitBytes; next = folders.pop()) {
    const entries = await opendir(next).catch((error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'ENAMETOOLONG') return undefined;
      throw error;
    });
    if (entries === undefined) return Infinity;
    for await (const entry of entries) {
      bytes += ENTRY_BYTES + (await sizeOf(next, entry));
      if (entry.isDirectory()) folders.push(join(next, entry.name));
      if (bytes > limitBytes) break;
    }
  }
  return bytes;
}

async function sizeOf(folder: string, entry: Dirent): Promise<number> {
  if (!entry.isFile()) return 0;
  // It may be gone by now.
  return lstat(join(folder, entry.name)).then((found) => found.blocks * 512, () => 0);
}
