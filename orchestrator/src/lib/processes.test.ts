// What stands in for containers: started, heard, ended with all that it started, and nothing left in the folder for what is temporary.
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { emptyFolder, rejection } from '../../test/parts.ts';
import { readIfThere } from './files.ts';
import { Processes } from './processes.ts';

const SPEC = { image: '', purpose: 'test', memoryMiB: 1, pids: 1 };

test('tells lines and the end as the engine does, signals as a shell does', async () => {
  const lines: string[] = [];
  const processes = await Processes.in(await emptyFolder());
  const run = (script: string): ReturnType<Processes['run']> => processes.run({ ...SPEC, argv: ['sh', '-c', script] }, { onLine: (line, from) => { lines.push(`${from} ${line}`); } });
  expect(await run('echo out; echo err >&2; printf last; exit 3')).toEqual({ code: 3, how: 'exit code 3' });
  expect(lines.sort()).toEqual(['stderr err', 'stdout last', 'stdout out']);
  expect(await run('kill -ABRT $$')).toEqual({ code: 134, how: 'killed by signal 6' });
});

test('standard output can be opened by its number, which QEMU does for pictures', async () => {
  const heard: Buffer[] = [];
  const processes = await Processes.in(await emptyFolder());
  await processes.run({ ...SPEC, argv: ['sh', '-c', 'printf picture >/proc/self/fd/1'] }, { onStdout: (chunk) => { heard.push(chunk); } });
  expect(Buffer.concat(heard).toString()).toBe('picture');
});

test('ends with everything that it started, and what it left in the folder goes, but not what was there before', async () => {
  const tmp = await emptyFolder();
  const processes = await Processes.in(tmp);
  await writeFile(join(tmp, 'another\'s'), '');
  const pids: string[] = [];
  const started = await processes.start({ ...SPEC, argv: ['sh', '-c', `sleep 1000 & echo $!; touch ${tmp}/mine; echo ready; wait`] }, (line) => { pids.push(line); });
  await expect.poll(() => pids.length).toBe(2);
  await started.stop(0);
  expect(await started.exited).toEqual({ code: 137, how: 'killed by signal 9' });
  // Dead, though perhaps nobody has asked how it ended.
  expect((await readIfThere(`/proc/${pids[0] ?? ''}/stat`)) ?? 'gone').toMatch(/^(gone$|\d+ \(sleep\) Z)/);
  expect(await readdir(tmp)).toEqual(['another\'s']);
});

test('an argument that is the place of a mount becomes what would be mounted', async () => {
  const lines: string[] = [];
  const processes = await Processes.in(await emptyFolder());
  await processes.run({ ...SPEC, argv: ['echo', '/vlab/program', '/vlab/program2'], binds: [{ from: '/there/p', to: '/vlab/program' }] }, { onLine: (line) => { lines.push(line); } });
  expect(lines).toEqual(['/there/p /vlab/program2']);
});

test('refuses a folder that somebody uses: it would be emptied', async () => {
  const tmp = await emptyFolder();
  await writeFile(join(tmp, 'precious'), '');
  expect(await rejection(Processes.in(tmp))).toMatchObject({ code: 'NOT_ALONE', message: expect.stringContaining('precious') as string });
});
