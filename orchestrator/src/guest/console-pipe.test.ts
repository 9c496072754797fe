// The FIFO of a guest's serial console: every byte is heard, in order, whoever writes how fast; and it is gone with the guest.
import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { emptyFolder, rejection } from '../../test/parts.ts';
import { exists } from '../lib/files.ts';
import { pause } from '../lib/within.ts';
import { openConsole } from './console-pipe.ts';

test('another user\'s QEMU may write to it, and nobody else may read it', async () => {
  const path = join(await emptyFolder(), 'console');
  onTestFinished((await openConsole(path, () => undefined)).close);
  const { mode } = await stat(path);
  expect([mode & 0o170000, mode & 0o777]).toEqual([0o010000, 0o622]);
});

test('a boot\'s worth of single bytes is heard line by line, and what QEMU said last before it went too', async () => {
  const path = join(await emptyFolder(), 'console');
  const heard: string[] = [];
  const { close } = await openConsole(path, (line) => { heard.push(line); });
  const qemu = await open(path, 'w');
  const lines = Array.from({ length: 60 }, (_, at) => `[    0.${String(at)}] a line`);
  for (const byte of Buffer.from(`${lines.join('\n')}\nand half of on`)) await qemu.write(Buffer.from([byte]));
  await qemu.close();
  await close();
  expect(heard).toEqual([...lines, 'and half of on']);
  expect(await exists(path)).toBe(false);
});

test('what was said is heard at once where somebody asks, and by itself soon after', async () => {
  const path = join(await emptyFolder(), 'console');
  const heard: string[] = [];
  const console = await openConsole(path, (line) => { heard.push(line); });
  onTestFinished(console.close);
  const qemu = await open(path, 'w');
  onTestFinished(() => qemu.close());
  await qemu.write('first\n');
  console.hear();
  expect(heard).toEqual(['first']);
  await qemu.write('second\n');
  for (const from = Date.now(); heard.length < 2 && Date.now() - from < 2000;) await pause(5);
  expect(heard).toEqual(['first', 'second']);
});

test('who asks after the end hears nothing more, and is not told off', async () => {
  const console = await openConsole(join(await emptyFolder(), 'console'), () => { throw new Error('heard'); });
  await console.close();
  expect(() => { console.hear(); }).not.toThrow();
});

test('a folder that is not there is the lab\'s own fault, and said so', async () => {
  const path = join(await emptyFolder(), 'nowhere', 'console');
  const error = await rejection(openConsole(path, () => undefined));
  expect(error).toMatchObject({ code: 'NO_FIFO', blame: 'lab' });
  expect(String(error)).toContain('nowhere/console');
});
