// Node as an archive has it: with its own loader and libraries, so that it needs none of where it is run; and the program that it runs there.
import { execFile } from 'node:child_process';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { emptyFolder, rejection } from '../../test/parts.ts';
import { nodeEntries, replayProgram } from './node.ts';

const run = promisify(execFile);
const NEVER = new AbortController().signal;

test('runs by its own loader from its own libraries, and the replay refuses to run outside an archive', async () => {
  const folder = await emptyFolder();
  for (const entry of await nodeEntries(process.execPath, NEVER)) {
    await mkdir(join(folder, dirname(entry.name)), { recursive: true });
    if ('from' in entry) await copyFile(entry.from, join(folder, entry.name));
  }
  await writeFile(join(folder, 'replay.cjs'), await replayProgram());
  const node = [join(folder, 'node/ld.so'), '--library-path', join(folder, 'node/lib'), join(folder, 'node/node')] as const;
  expect((await run(node[0], [...node.slice(1), '--version'], { env: {} })).stdout.trim()).toBe(process.version);
  expect(await rejection(run(node[0], [...node.slice(1), join(folder, 'replay.cjs')], { env: {} }))).toMatchObject({ code: 3, stderr: expect.stringContaining('/vlab/manifest.json') as string });
});

test('a program that is not linked dynamically is refused with what to do', async () => {
  expect(await rejection(nodeEntries('/etc/passwd', NEVER))).toMatchObject({ code: 'NO_LIBRARIES', hint: expect.stringContaining('dynamically') as string });
});
