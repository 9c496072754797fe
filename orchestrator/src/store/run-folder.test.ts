// The run folder while it is written: evidence is never lost to a later attempt, and a late attempt never passes for the newer one.
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { emptyFolder, PASSED, rejection, RUN_ID, runRecord, runRequest } from '../../test/parts.ts';
import { exists } from '../lib/files.ts';
import { Evidence } from './evidence.ts';
import { layout, RUN_FILES } from './layout.ts';
import { readRun } from './read.ts';
import { RunFolder } from './run-folder.ts';
import { sealUnrun } from './seal-unrun.ts';

test('keeps what was said, line by line, and is a result only once it is sealed', async () => {
  const home = await emptyFolder();
  const folder = await open(home, 1);
  folder.append('console', '[    0.000000] Linux version 6.12.107');
  folder.append('console', 'Größe');
  folder.append('events', '{}');
  await folder.write('argv.json', '[]');
  await folder.write('frames/upload-0001-texels-y-got.png', Uint8Array.from([1, 2]));
  expect(await readRun(home, RUN_ID)).toBeUndefined();
  await folder.seal(runRecord());
  expect(await readRun(home, RUN_ID)).toEqual(runRecord());
  expect(await readFile(join(folder.path, RUN_FILES.console), 'utf8')).toBe('[    0.000000] Linux version 6.12.107\nGröße\n');
  expect((await readdir(folder.path)).sort()).toEqual(['argv.json', 'attempt.json', 'console.log', 'events.ndjson', 'frames', 'probe.ndjson', 'qemu.log', 'run.json', 'trace.log']);
});

test('moves an unsealed earlier attempt aside with all that it had seen, and begins empty', async () => {
  const home = await emptyFolder();
  const first = await open(home, 1);
  first.append('console', 'the first one\'s last words');
  await first.close();
  const second = await open(home, 2);
  await second.close();
  const third = await open(home, 3);
  await third.close();
  expect((await readdir(layout.runs(home))).sort()).toEqual([RUN_ID, `${RUN_ID}.lost-1`, `${RUN_ID}.lost-2`]);
  expect(await readFile(join(layout.lost(home, RUN_ID, 1), RUN_FILES.console), 'utf8')).toBe('the first one\'s last words\n');
  expect(await readFile(join(third.path, RUN_FILES.console), 'utf8')).toBe('');
  expect(JSON.parse(await readFile(join(third.path, RUN_FILES.attempt), 'utf8'))).toEqual({ attempt: 3, owner: '3:3' });
});

test('an earlier attempt that died before it could say which one it was is moved aside too', async () => {
  const home = await emptyFolder();
  const first = await open(home, 1);
  await first.close();
  await writeFile(join(first.path, RUN_FILES.attempt), '{"att');
  await (await open(home, 2)).close();
  expect(await exists(layout.lost(home, RUN_ID, 1))).toBe(true);
});

test('a late attempt cannot seal over a newer one, nor take anything from it', async () => {
  const home = await emptyFolder();
  const late = await open(home, 1);
  const newer = await open(home, 2);
  const before = await readdir(newer.path);
  expect(await rejection(late.seal(runRecord({ attempt: 1 })))).toMatchObject({
    code: 'LATE_ATTEMPT', blame: 'lab', stage: 'store', message: expect.stringMatching(/attempt 1 .*attempt 2 has begun/) as string,
  });
  expect(await readRun(home, RUN_ID)).toBeUndefined();
  expect(await readdir(newer.path)).toEqual(before);
  await newer.seal(runRecord({ attempt: 2 }));
  expect((await readRun(home, RUN_ID))?.attempt).toBe(2);
});

test('a late attempt writes its evidence beside the newer one\'s, not into it', async () => {
  const home = await emptyFolder();
  const late = await open(home, 1);
  const newer = await open(home, 2);
  late.append('console', 'late');
  await late.close();
  await late.write('versions.json', 'late').catch(() => undefined);
  await newer.close();
  expect(await readFile(join(newer.path, RUN_FILES.console), 'utf8')).toBe('');
  expect(await exists(join(newer.path, 'versions.json'))).toBe(false);
});

test('a log stops growing at 32 MiB and says so, whatever a guest writes', async () => {
  const home = await emptyFolder();
  const folder = await open(home, 1);
  const line = 'x'.repeat(1024 * 1024 - 1);
  for (let count = 0; count < 40; count++) folder.append('console', line);
  folder.append('qemu', 'another log goes on');
  await folder.close();
  const path = join(folder.path, RUN_FILES.console);
  const { size } = await stat(path);
  expect(size).toBeLessThanOrEqual(32 * 1024 * 1024 + 100);
  expect((await readFile(path, 'utf8')).slice(-60)).toMatch(/x\n\(cut here: more than 33554432 bytes\)\n$/);
  expect(await readFile(join(folder.path, RUN_FILES.qemu), 'utf8')).toBe('another log goes on\n');
});

test('what is said after the end is passed over, and ending twice is no error', async () => {
  const home = await emptyFolder();
  const folder = await open(home, 1);
  await Promise.all([folder.close(), folder.close()]);
  folder.append('console', 'too late');
  await folder.close();
  expect(await readFile(join(folder.path, RUN_FILES.console), 'utf8')).toBe('');
  expect(folder.failed.aborted).toBe(false);
});

test('holds some disk back while it is written, so that a full disk can still be told', async () => {
  const home = await emptyFolder();
  const folder = await open(home, 1);
  expect((await stat(join(folder.path, 'reserve'))).size).toBeGreaterThanOrEqual(512 * 1024);
  await folder.seal(runRecord());
  expect(await exists(join(folder.path, 'reserve'))).toBe(false);
});

test('a run that no worker ran is sealed with nothing seen, and never over one that was', async () => {
  const home = await emptyFolder();
  const outcome = { kind: 'cancelled' as const, stage: 'queue' as const, why: 'somebody cancelled it' };
  const record = await sealUnrun(new Evidence(home, undefined), runRequest({ pipelines: ['upload', 'dmabuf-copy'] }), outcome);
  expect(record).toMatchObject({ attempt: 0, outcome, asExpected: false, stages: [], pipelines: [{ status: 'not-run' }, { status: 'not-run' }] });
  expect(await readRun(home, RUN_ID)).toEqual(record);
  expect(await sealUnrun(new Evidence(home, undefined), runRequest(), { ...outcome, kind: 'broken' })).toEqual(record);
  const other = await emptyFolder();
  await (await open(other, 1)).seal(runRecord());
  expect((await sealUnrun(new Evidence(other, undefined), runRequest(), outcome)).outcome).toEqual(PASSED);
});

test('a version that somebody asked for is part of the base\'s name in the record, so that its figures are not taken for the base\'s', async () => {
  const kernel = { base: '6.12', version: '6.12.115-2', expect: 'passed' };
  const sealed = async (change: Record<string, unknown>): Promise<string> => (await sealUnrun(new Evidence(await emptyFolder(), undefined), runRequest({ kernel, ...change }), PASSED)).base;
  expect([await sealed({}), await sealed({ called: '6.12' })]).toEqual(['6.12@6.12.115-2', '6.12']);
});

/** Attempt `attempt` at the run, owned by a process of that number; its logs are closed after the test, whatever happens in it. */
async function open(home: string, attempt: number): Promise<RunFolder> {
  const folder = await RunFolder.open(home, RUN_ID, attempt, `${String(attempt)}:${String(attempt)}`, () => Promise.resolve());
  onTestFinished(() => folder.close());
  return folder;
}
