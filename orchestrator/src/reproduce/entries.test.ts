// The archive as tar and sha256sum of any machine see it.
import { execFile } from 'node:child_process';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { emptyFolder, rejection } from '../../test/parts.ts';
import { sha256OfFile } from '../lib/files.ts';
import { hashed, SUMS, sumsOf, writeTar, type Entry } from './entries.ts';

const run = promisify(execFile);
const NEVER = new AbortController().signal;

test('tar unpacks it, sha256sum agrees, programs are programs, and the same files give the same bytes', async () => {
  const folder = await emptyFolder();
  await writeFile(join(folder, 'big'), Buffer.alloc(300_000, 7));
  const entries: Entry[] = [{ name: 'reproduce', content: '#!/bin/sh\necho it runs\n', program: true }, { name: 'node/lib/big', from: join(folder, 'big') }];
  const all = await Promise.all(entries.map(hashed));
  const sums = await hashed({ name: SUMS, content: sumsOf(all) });
  await writeTar(join(folder, 'a.tar'), 'reproduce-r', [sums, ...all], NEVER);
  await writeTar(join(folder, 'b.tar'), 'reproduce-r', [sums, ...all], NEVER);
  expect(await sha256OfFile(join(folder, 'a.tar'))).toBe(await sha256OfFile(join(folder, 'b.tar')));
  await run('tar', ['-xf', 'a.tar'], { cwd: folder });
  expect((await run('sha256sum', ['-c', SUMS], { cwd: join(folder, 'reproduce-r') })).stdout).toBe('reproduce: OK\nnode/lib/big: OK\n');
  expect((await run(join(folder, 'reproduce-r/reproduce'))).stdout).toBe('it runs\n');
});

test('a file that cannot be read leaves no half of an archive', async () => {
  const folder = await emptyFolder();
  const gone = { name: 'gone', from: join(folder, 'gone'), bytes: 1, sha256: '' };
  await rejection(writeTar(join(folder, 'a.tar'), 'reproduce-r', [gone], NEVER));
  expect(await readdir(folder)).toEqual([]);
});
