// What a hostile build can leave in the place of its kernel.
import { execFile } from 'node:child_process';
import { chmod, mkdir, readFile, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { emptyFolder, rejection } from '../../test/parts.ts';
import { exists } from '../lib/files.ts';
import { takeProduct } from './product.ts';

test('takes a file, and not that it runs as its owner', async () => {
  const folder = await emptyFolder();
  await writeFile(join(folder, 'vmlinux'), 'a kernel');
  await chmod(join(folder, 'vmlinux'), 0o4755);
  await takeProduct(folder, 'vmlinux', join(folder, 'taken'));
  expect((await stat(join(folder, 'taken'))).mode & 0o7777).toBe(0o644);
  expect(await readFile(join(folder, 'taken'), 'utf8')).toBe('a kernel');
});

test.each([
  ['a link to a file of the host', (path: string) => symlink('/etc/passwd', path)],
  ['a pipe that nobody writes to', (path: string) => promisify(execFile)('mkfifo', [path])],
  ['an empty file', (path: string) => writeFile(path, '')],
  ['a folder', (path: string) => mkdir(path)],
  ['more than a GiB', async (path: string) => {
    await writeFile(path, '');
    await truncate(path, 1024 ** 3 + 1);
  }],
  ['nothing', () => Promise.resolve()],
])('refuses %s, blames the kernel and copies nothing', async (_what, leave) => {
  const folder = await emptyFolder();
  await leave(join(folder, 'vmlinux'));
  expect(await rejection(takeProduct(folder, 'vmlinux', join(folder, 'taken')))).toMatchObject({ code: 'BAD_PRODUCT', blame: 'kernel' });
  expect(await exists(join(folder, 'taken'))).toBe(false);
});

test('refuses a folder that is a link to one of the host', async () => {
  const folder = await emptyFolder();
  await mkdir(join(folder, 'of the host'));
  await writeFile(join(folder, 'of the host/config'), 'a secret');
  await symlink(join(folder, 'of the host'), join(folder, '0001-a.patch'));
  expect(await rejection(takeProduct(join(folder, '0001-a.patch'), 'config', join(folder, 'taken')))).toMatchObject({ code: 'BAD_PRODUCT', blame: 'kernel' });
});
