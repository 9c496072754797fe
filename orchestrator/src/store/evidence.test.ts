// Two hosts, each with a folder of its own, and one store between them. Here the store is a folder; test/store.test.ts has the same on a server that speaks S3.
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { ownName } from '../lib/owner.ts';
import { sha256 } from '../lib/files.ts';
import { emptyFolder, PASSED, rejection, RUN_ID, runRecord, runRequest } from '../../test/parts.ts';
import { Evidence } from './evidence.ts';
import { layout } from './layout.ts';
import { readRun } from './read.ts';
import { RunFolder } from './run-folder.ts';

const ASKED = runRequest();
const DEAD = '1:1';

async function hosts(): Promise<{ here: Evidence; there: Evidence; store: string }> {
  const store = await emptyFolder();
  return { here: new Evidence(await emptyFolder(), pathToFileURL(store).href), there: new Evidence(await emptyFolder(), pathToFileURL(store).href), store };
}

async function attemptAt(evidence: Evidence, attempt: number, owner = DEAD): Promise<RunFolder> {
  return RunFolder.open(evidence.home, RUN_ID, attempt, owner, (folder, record) => evidence.keepRun(ASKED, folder, record));
}

async function sealedAt(evidence: Evidence, attempt: number): Promise<void> {
  const folder = await attemptAt(evidence, attempt);
  folder.append('console', `booted by attempt ${String(attempt)}`);
  await folder.write('frames/upload-1-texels-y-got.png', 'a picture');
  await folder.seal(runRecord({ attempt }));
}

test('what one host sealed, another one reads, byte for byte', async () => {
  const { here, there } = await hosts();
  expect(await there.bring(ASKED)).toBeUndefined();
  await sealedAt(here, 1);
  expect(await there.bring(ASKED)).toEqual(runRecord({ attempt: 1 }));
  for (const file of ['run.json', 'console.log', 'frames/upload-1-texels-y-got.png', 'manifest.json']) {
    expect(await readFile(join(layout.run(there.home, RUN_ID), file)), file).toEqual(await readFile(join(layout.run(here.home, RUN_ID), file)));
  }
});

test('a run has one result: the attempt that comes second is told so, and finds the first one\'s', async () => {
  const { here, there } = await hosts();
  const late = await attemptAt(here, 1);
  await sealedAt(there, 2);
  expect(await rejection(late.seal(runRecord({ attempt: 1 })))).toMatchObject({ code: 'LATE_ATTEMPT' });
  expect(await readRun(here.home, RUN_ID)).toBeUndefined();
  expect(await here.bringInstead(ASKED, 1)).toEqual(runRecord({ attempt: 2 }));
  const aside = (await readdir(layout.runs(here.home))).find((name) => name.includes('.late-'));
  expect(aside, 'what the late attempt saw is moved, not lost').toBeDefined();
});

test('an attempt that is kept and dies before its folder says so is found again', async () => {
  const { here } = await hosts();
  const folder = await attemptAt(here, 1);
  await folder.close();
  await here.keepRun(ASKED, folder.path, JSON.stringify(runRecord()));
  expect(await readRun(here.home, RUN_ID)).toBeUndefined();
  expect(await here.bring(ASKED)).toEqual(runRecord());
});

test('nothing is moved away under an attempt of this host that is at work', async () => {
  const { here, there } = await hosts();
  const working = await attemptAt(here, 1, ownName());
  await sealedAt(there, 2);
  expect(await here.bring(ASKED)).toBeUndefined();
  await working.close();
});

test('a mirror brings runs, jobs and evaluations of the days that are asked for, once', async () => {
  const { here, there } = await hosts();
  await sealedAt(here, 1);
  await here.share('jobs', { id: 'j-0123456789', submittedAt: ASKED.submittedAt }, '{}');
  await here.share('evaluations', { id: 'e-0123456789', submittedAt: '2025-06-02T00:00:00Z' }, '{"an":"evaluation"}');
  const on = new AbortController().signal;
  expect(await there.mirror(['2025-06-01'], on)).toEqual([]);
  expect(await readRun(there.home, RUN_ID)).toEqual(runRecord());
  expect(await readFile(layout.job(there.home, 'j-0123456789'), 'utf8')).toBe('{}');
  expect(await readdir(there.home)).not.toContain('evaluations');
  expect(await there.mirror(undefined, on)).toEqual([]);
  expect(await readFile(join(layout.evaluation(there.home, 'e-0123456789'), 'evaluation.json'), 'utf8')).toBe('{"an":"evaluation"}');
});

test('an object that cannot be read is named, and keeps no other back', async () => {
  const { here, there, store } = await hosts();
  await putManifest(store, { version: 1, of: 'r-000000000a', files: [{ name: 'run.json', bytes: 1, sha256: 'a'.repeat(64) }] }, 'r-000000000a');
  await sealedAt(here, 1);
  expect(await there.mirror(undefined, new AbortController().signal)).toEqual([expect.stringContaining('r-000000000a: ')]);
  expect(await readRun(there.home, RUN_ID)).toEqual(runRecord());
});

test('equal bytes are kept once, and on one disk they cost nothing more', async () => {
  const home = await emptyFolder();
  const own = new Evidence(home, undefined);
  await sealedAt(own, 1);
  const folder = layout.run(home, RUN_ID);
  expect((await stat(join(folder, 'console.log'))).nlink).toBe(2);
  expect(await own.bring(ASKED)).toMatchObject({ outcome: PASSED });
});

test.each([
  ['other bytes', (digest: string) => ({ bytes: 5, digest, content: 'other' })],
  ['more bytes than were promised', (digest: string) => ({ bytes: 3, digest, content: 'bytes and more' })],
  ['fewer bytes', (digest: string) => ({ bytes: 99, digest, content: 'bytes' })],
])('a store that gives %s is not believed, and leaves nothing', async (_name, made) => {
  const { there, store } = await hosts();
  const { bytes, digest, content } = made(sha256('bytes'));
  await mkdir(join(store, 'blobs', digest.slice(0, 2)), { recursive: true });
  await writeFile(join(store, 'blobs', digest.slice(0, 2), digest), content);
  await putManifest(store, { version: 1, of: RUN_ID, files: [{ name: 'run.json', bytes, sha256: digest }] });
  expect(await rejection(there.bring(ASKED))).toMatchObject({ code: 'NOT_AS_KEPT', blame: 'lab' });
  expect(await readdir(layout.runs(there.home)).catch(() => [])).toEqual([]);
});

test.each(['../../etc/passwd', '/etc/passwd', 'a/../../b', '.hidden', 'a//b', 'a\\b', ''])('no file of a manifest is called %j', async (name) => {
  const { there, store } = await hosts();
  await putManifest(store, { version: 1, of: RUN_ID, files: [{ name, bytes: 1, sha256: 'a'.repeat(64) }] });
  await expect(there.bring(ASKED)).rejects.toThrow();
});

async function putManifest(store: string, manifest: unknown, run = RUN_ID): Promise<void> {
  await mkdir(join(store, 'runs/2025-06-01'), { recursive: true });
  await writeFile(join(store, 'runs/2025-06-01', `${run}.json`), JSON.stringify(manifest));
}
