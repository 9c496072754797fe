// What a hostile build can leave in the place of its kernel.
import { mkdir, readFile, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { emptyFolder, rejection } from '../../test/parts.ts';
import { exists } from '../lib/files.ts';
import { takeProduct } from './product.ts';

test('takes a file', async () => {
  const folder = await emptyFolder();
  await writeFile(join(folder, 'vmlinux'), 'a kernel');
  await takeProduct(join(folder, 'vmlinux'), join(folder, 'taken'));
  expect(await readFile(join(folder, 'taken'), 'utf8')).toBe('a kernel');
});

test.each([
  ['a link to a file of the host', (path: string) => symlink('/etc/passwd', path)],
  ['a folder', (path: string) => mkdir(path)],
  ['more than a GiB', async (path: string) => {
    await writeFile(path, '');
    await truncate(path, 1024 ** 3 + 1);
  }],
  ['nothing', () => Promise.resolve()],
])('refuses %s, blames the kernel and copies nothing', async (_what, leave) => {
  const folder = await emptyFolder();
  await leave(join(folder, 'vmlinux'));
  expect(await rejection(takeProduct(join(folder, 'vmlinux'), join(folder, 'taken')))).toMatchObject({ code: 'BAD_PRODUCT', blame: 'kernel' });
  expect(await exists(join(folder, 'taken'))).toBe(false);
});
