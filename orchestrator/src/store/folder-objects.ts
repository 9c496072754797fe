// Objects in a folder of this machine. A file that lies on the same disk is linked, not copied: evidence costs its space once.
import { createReadStream } from 'node:fs';
import { copyFile, link, mkdir, open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { dirname, join, relative } from 'node:path';
import { exists, touch } from '../lib/files.ts';
import { codeOf, isMissing } from '../lib/lab-error.ts';
import { checkedName, type Listed, type ObjectStore } from './objects.ts';

export function folderObjects(root: string): ObjectStore {
  const pathOf = (name: string): string => join(root, checkedName(name));
  return {
    title: root,
    put: async (name, file) => {
      const path = pathOf(name);
      if (await exists(path)) {
        // As if it had been put now: gc must not take it for something that nobody wants.
        await touch(path);
        return;
      }
      await mkdir(dirname(path), { recursive: true });
      await linkOrCopy(file, path);
    },
    putNew: async (name, content) => {
      const path = pathOf(name);
      await mkdir(dirname(path), { recursive: true });
      const temporary = temporaryOf(path);
      try {
        await writeFile(temporary, content, { flush: true });
        // A link to a name that is taken fails, whoever took it and when.
        return await link(temporary, path).then(() => true, (error: unknown) => {
          if (codeOf(error) === 'EEXIST') return false;
          throw error;
        });
      } finally {
        await rm(temporary, { force: true });
      }
    },
    get: async (name) => {
      try {
        const file = await open(pathOf(name), 'r');
        return createReadStream('', { fd: file });
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw error;
      }
    },
    has: (name) => exists(pathOf(name)),
    list: (prefix) => listBelow(root, prefix),
    remove: (name) => rm(pathOf(name), { force: true }),
    close: () => undefined,
  };
}

function temporaryOf(path: string): string {
  return `${path}.${randomBytes(4).toString('hex')}.tmp`;
}

async function linkOrCopy(file: string, path: string): Promise<void> {
  try {
    await link(file, path);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return;
    // Another disk, too many links, or a file system or a file that takes none.
    if (!['EXDEV', 'EMLINK', 'EPERM', 'ENOTSUP'].includes(codeOf(error) ?? '')) throw error;
    const temporary = temporaryOf(path);
    await copyFile(file, temporary);
    await synced(temporary);
    await rename(temporary, path);
  }
}

async function synced(path: string): Promise<void> {
  await using file = await open(path, 'r');
  await file.sync();
}

async function* listBelow(root: string, prefix: string): AsyncGenerator<Listed> {
  const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1);
  const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true }).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    const found = entry.isFile() && !entry.name.endsWith('.tmp') ? await stat(path).catch(() => undefined) : undefined;
    const name = relative(root, path);
    if (found !== undefined && name.startsWith(prefix)) yield { name, bytes: found.size, at: found.mtime };
  }
}
