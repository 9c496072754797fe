// What a hostile build can leave on a disk, counted.
import { mkdir, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { emptyFolder } from '../../test/parts.ts';
import { bytesBelow, watchDisk } from './disk.ts';
import { runProgram } from './exec.ts';
import { exists, removeHostile } from './files.ts';

const MIB = 1024 ** 2;

test('counts what is on the disk: not a hole, not what a link points to, but each entry', async () => {
  const folder = await emptyFolder();
  await mkdir(join(folder, 'a/b'), { recursive: true });
  await writeFile(join(folder, 'a/b/full'), Buffer.alloc(MIB, 1));
  await writeFile(join(folder, 'hole'), '');
  await truncate(join(folder, 'hole'), 100 * MIB);
  await symlink('/', join(folder, 'link'));
  expect(await bytesBelow(folder, Infinity)).toBeGreaterThanOrEqual(MIB + 5 * 4096);
  expect(await bytesBelow(folder, Infinity)).toBeLessThan(2 * MIB);
});

test('folders more deeply nested than a path is long are too much, and can be removed all the same', async () => {
  const folder = join(await emptyFolder(), 'deep');
  await mkdir(folder);
  const deep = await runProgram('perl', ['-e', 'chdir shift; for (1 .. 60) { mkdir "7" x 200 and chdir "7" x 200 or die $! }', folder]);
  expect(deep.ok, deep.stderr).toBe(true);
  expect(await bytesBelow(folder, Infinity)).toBe(Infinity);
  await removeHostile(folder);
  expect(await exists(folder)).toBe(false);
});

test('tells once of too much, and goes on looking where a look fails', async () => {
  const seen = [Promise.reject(new Error('gone')), Promise.resolve(1), Promise.resolve(11)];
  for (const one of seen) one.catch(() => undefined);
  await new Promise<void>((resolve) => { watchDisk(() => seen.shift() ?? Promise.resolve(12), 10, resolve, 5); });
  expect(seen).toEqual([]);
});
