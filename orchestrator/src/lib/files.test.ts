// What the file habits promise: a reader never sees half of anything, and a failure leaves nothing lying about.
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { emptyFolder, rejection } from '../../test/parts.ts';
import { exists, filesBelow, keyOf, makeFolderWhole, namesIn, readIfThere, readRecord, sha256, sha256OfFile, writeWhole } from './files.ts';

test('writeWhole replaces a file and leaves nothing beside it', async () => {
  const folder = await emptyFolder();
  await writeWhole(join(folder, 'run.json'), 'old');
  await writeWhole(join(folder, 'run.json'), 'new');
  expect(await readFile(join(folder, 'run.json'), 'utf8')).toBe('new');
  expect(await readdir(folder)).toEqual(['run.json']);
});

test('writeWhole leaves no temporary file when the rename fails', async () => {
  const folder = await emptyFolder();
  await mkdir(join(folder, 'run.json'));
  expect(await rejection(writeWhole(join(folder, 'run.json'), 'text'))).toMatchObject({ code: 'EISDIR' });
  expect(await readdir(folder)).toEqual(['run.json']);
});

test('writeWhole into a missing folder fails as what it is, not as its own clean-up', async () => {
  const folder = await emptyFolder();
  expect(await rejection(writeWhole(join(folder, 'none', 'run.json'), 'text'))).toMatchObject({ code: 'ENOENT', syscall: 'open' });
});

test('writers at the same time leave one whole file, whoever wins', async () => {
  const folder = await emptyFolder();
  const texts = Array.from({ length: 20 }, (_, index) => String(index).repeat(100_000));
  await Promise.all(texts.map((text) => writeWhole(join(folder, 'run.json'), text)));
  expect(texts).toContain(await readFile(join(folder, 'run.json'), 'utf8'));
  expect(await readdir(folder)).toEqual(['run.json']);
});

test('makeFolderWhole shows the folder only once it is filled', async () => {
  const folder = await emptyFolder();
  const path = join(folder, 'kernel');
  let seen: boolean | undefined;
  await makeFolderWhole(path, async (out) => {
    await writeFile(join(out, 'vmlinux'), 'elf');
    seen = await exists(path);
  });
  expect(seen).toBe(false);
  expect(await readdir(path)).toEqual(['vmlinux']);
  expect(await readdir(folder)).toEqual(['kernel']);
});

test('of two that make the same folder the first wins, and the loser neither fails nor leaves anything', async () => {
  const folder = await emptyFolder();
  const path = join(folder, 'kernel');
  await makeFolderWhole(path, async (out) => {
    await writeFile(join(out, 'made-by'), 'loser');
    await makeFolderWhole(path, (inner) => writeFile(join(inner, 'made-by'), 'winner'));
  });
  expect(await readFile(join(path, 'made-by'), 'utf8')).toBe('winner');
  expect(await readdir(folder)).toEqual(['kernel']);
});

test('makeFolderWhole leaves nothing when filling fails, so that the next one begins anew', async () => {
  const folder = await emptyFolder();
  const failing = makeFolderWhole(join(folder, 'kernel'), async (out) => {
    await writeFile(join(out, 'vmlinux'), 'half');
    throw new Error('make: *** Error 2');
  });
  expect(await rejection(failing)).toMatchObject({ message: 'make: *** Error 2' });
  expect(await readdir(folder)).toEqual([]);
});

test('a key follows from the values and from the order in which the record spells them', () => {
  const key = keyOf({ base: '6.12', patches: ['a', 'b'] });
  expect(key).toMatch(/^[0-9a-f]{16}$/);
  expect(keyOf({ base: '6.12', patches: ['a', 'b'] })).toBe(key);
  expect(keyOf({ base: '6.12', patches: ['b', 'a'] })).not.toBe(key);
  expect(keyOf({ base: '6.12', patches: ['ab'] })).not.toBe(key);
  expect(keyOf({ base: '6.12', patches: ['a', 'b'], recipe: 1 })).not.toBe(key);
  expect(key).toBe(sha256('{"base":"6.12","patches":["a","b"]}').slice(0, 16));
});

test('a record that is cut, of another shape or missing reads as none', async () => {
  const folder = await emptyFolder();
  const schema = z.strictObject({ attempt: z.int() });
  const read = async (text: string): Promise<unknown> => {
    await writeFile(join(folder, 'a.json'), text);
    return readRecord(join(folder, 'a.json'), schema);
  };
  expect(await readRecord(join(folder, 'a.json'), schema)).toBeUndefined();
  expect(await read('{"attempt": 1}')).toEqual({ attempt: 1 });
  expect(await read('{"attempt": 1')).toBeUndefined();
  expect(await read('{"attempt": "1"}')).toBeUndefined();
  expect(await read('')).toBeUndefined();
});

test('what is missing reads as nothing; what cannot be read still throws', async () => {
  const folder = await emptyFolder();
  expect(await readIfThere(join(folder, 'none'))).toBeUndefined();
  expect(await namesIn(join(folder, 'none'))).toEqual([]);
  expect(await exists(join(folder, 'none'))).toBe(false);
  expect(await rejection(readIfThere(folder))).toMatchObject({ code: 'EISDIR' });
  await writeFile(join(folder, 'file'), '');
  expect(await rejection(namesIn(join(folder, 'file')))).toMatchObject({ code: 'ENOTDIR' });
});

test('lists files below a folder sorted, without folders and without links', async () => {
  const folder = await emptyFolder();
  await mkdir(join(folder, 'b/c'), { recursive: true });
  for (const file of ['b/c/2', 'b/1', 'a']) await writeFile(join(folder, file), '');
  await symlink('/etc/passwd', join(folder, 'link'));
  expect(await filesBelow(folder)).toEqual(['a', 'b/1', 'b/c/2']);
});

test('a file has the same digest read in pieces as its bytes have at once', async () => {
  const folder = await emptyFolder();
  const bytes = Buffer.alloc(300_000, 'abc');
  await writeFile(join(folder, 'file'), bytes);
  expect(await sha256OfFile(join(folder, 'file'))).toBe(sha256(bytes));
});
