// Small file habits: write whole or not at all, list what may be missing, hash what goes into a product.
import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readFile, readdir, rename, rm, utimes } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { z } from 'zod';
import { ContentKey } from '../contract/ids.ts';
import { runProgram } from './exec.ts';
import { isMissing } from './lab-error.ts';

/** Writes to a neighbour, syncs, renames into place: readers see the old file or the new one, never a part. */
export async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  const temporary = `${path}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    const file = await open(temporary, 'wx', 0o644);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Fills a folder beside `path` by `fill`, then renames it into place. A folder that is already there wins. */
export async function makeFolderWhole(path: string, fill: (folder: string) => Promise<void>): Promise<void> {
  const temporary = `${path}.${randomBytes(4).toString('hex')}.tmp`;
  await mkdir(temporary, { recursive: true });
  try {
    await fill(temporary);
    await rename(temporary, path).catch(async (error: unknown) => {
      if (!(await exists(path))) throw error;
    });
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** Fills a folder beside `path` by `fill`, then puts it in the place of whatever folder is there. Where anything goes wrong that one stays. */
export async function replaceFolder<T>(path: string, fill: (folder: string) => Promise<T>): Promise<T> {
  const fresh = `${path}.${randomBytes(4).toString('hex')}.tmp`;
  const old = `${fresh}.old`;
  await mkdir(fresh, { recursive: true });
  try {
    const filled = await fill(fresh);
    const had = await rename(path, old).then(() => true, (error: unknown) => {
      if (isMissing(error)) return false;
      throw error;
    });
    await rename(fresh, path).catch(async (error: unknown) => {
      if (had) await rename(old, path);
      throw error;
    });
    await rm(old, { recursive: true, force: true });
    return filled;
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}

export async function exists(path: string): Promise<boolean> {
  return open(path, 'r').then(async (file) => { await file.close(); return true; }, () => false);
}

export async function readIfThere(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw error;
  });
}

/** Reads a JSON file through its schema; undefined when it is missing or is not what the schema says. */
export async function readRecord<T extends z.ZodType>(path: string, schema: T): Promise<z.infer<T> | undefined> {
  const text = await readIfThere(path);
  if (text === undefined) return undefined;
  try {
    const parsed = schema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Removes what somebody untrusted filled. Folders may be nested more deeply than any path is long: rm(1) goes down step by step.
 */
export async function removeHostile(folder: string): Promise<void> {
  const { ok, stderr } = await runProgram('rm', ['-rf', '--', folder]);
  if (!ok) throw new Error(`${folder} could not be removed: ${stderr.slice(0, 300)}`);
}

/** Names in a folder, sorted; none when the folder is missing. */
export async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/** Every file below a folder, as sorted paths relative to it. */
export async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => relative(folder, join(entry.parentPath, entry.name))).sort();
}

export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** The content key of a typed record of inputs. Properties are taken in the order in which the record spells them. */
export function keyOf(inputs: Readonly<Record<string, unknown>>): ContentKey {
  return ContentKey.parse(sha256(JSON.stringify(inputs)).slice(0, 16));
}

/** Marks a product as used now, for gc. One that is missing is the caller's to make. */
export async function touch(path: string): Promise<void> {
  const now = new Date();
  await utimes(path, now, now).catch(() => undefined);
}
