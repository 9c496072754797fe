// The shared store on a real server that speaks S3: Ceph's gateway, in a container. What evidence.test.ts holds of a folder holds here too.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { layout } from '../src/store/layout.ts';
import { Evidence } from '../src/store/evidence.ts';
import { openObjects } from '../src/store/open-objects.ts';
import { s3Objects } from '../src/store/s3-objects.ts';
import { RunFolder } from '../src/store/run-folder.ts';
import { startStore, type TestStore } from './test-store.ts';
import { emptyFolder, rejection, RUN_ID, runRecord, runRequest } from './parts.ts';
import { TestLab } from './lab.ts';

let lab: TestLab;
let store: TestStore;

beforeAll(async () => {
  lab = await TestLab.open();
  store = await startStore(lab);
  Object.assign(process.env, store.env);
}, 300_000);

afterAll(async () => {
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) Reflect.deleteProperty(process.env, name);
  await lab[Symbol.asyncDispose]();
});

test('puts once, gets, lists by prefix over pages, removes', async () => {
  const objects = await openObjects(store.address('verbs'));
  const file = join(await emptyFolder(), 'file');
  await writeFile(file, Buffer.alloc(9 * 1024 * 1024, 7));
  await objects.put('blobs/aa/large', file);
  await objects.put('blobs/aa/large', file);
  expect([await objects.has('blobs/aa/large'), await objects.has('blobs/aa/other'), await objects.get('blobs/aa/other')]).toEqual([true, false, undefined]);
  const chunks: Buffer[] = [];
  for await (const chunk of (await objects.get('blobs/aa/large')) ?? []) chunks.push(chunk as Buffer);
  expect(Buffer.concat(chunks).equals(await readFile(file))).toBe(true);
  await Promise.all(Array.from({ length: 7 }, (_, n) => objects.putNew(`runs/2025-06-01/r-${String(n)}.json`, '{}')));
  const { bucket, endpoint } = store.parts('verbs');
  const paged = await s3Objects({ bucket, endpoint, prefix: '', region: 'us-east-1', pageSize: 3 });
  const names = new Set<string>();
  for await (const { name } of paged.list('runs/')) names.add(name);
  expect(names.size).toBe(7);
  paged.close();
  await objects.remove('blobs/aa/large');
  expect(await objects.has('blobs/aa/large')).toBe(false);
  objects.close();
});

test('a run is sealed by one host and read by another; the late attempt of a third is nobody\'s', async () => {
  const [here, there, late] = await Promise.all([1, 2, 3].map(async () => new Evidence(await emptyFolder(), store.address('runs'))));
  if (here === undefined || there === undefined || late === undefined) throw new Error('three of them');
  const open = (evidence: Evidence, attempt: number): Promise<RunFolder> => RunFolder.open(evidence.home, RUN_ID, attempt, '1:1', (folder, record) => evidence.keepRun(runRequest(), folder, record));
  const [first, second] = [await open(late, 1), await open(here, 2)];
  await second.write('frames/one.png', 'a picture');
  await second.seal(runRecord({ attempt: 2 }));
  expect(await rejection(first.seal(runRecord({ attempt: 1 })))).toMatchObject({ code: 'LATE_ATTEMPT' });
  expect(await there.mirror(['2025-06-01'], new AbortController().signal)).toEqual([]);
  expect(await there.bring(runRequest())).toEqual(runRecord({ attempt: 2 }));
  expect(await readFile(join(layout.run(there.home, RUN_ID), 'frames/one.png'), 'utf8')).toBe('a picture');
  await there.forget(new Set([RUN_ID]));
  expect(await new Evidence(await emptyFolder(), store.address('runs')).bring(runRequest())).toBeUndefined();
});

test.each([
  ['wrong credentials', 's3://refused', { AWS_SECRET_ACCESS_KEY: 'not-this-one' }, 'these credentials may not use it'],
  ['nobody there', 's3://nobody?endpoint=http://127.0.0.1:1', {}, 'ECONNREFUSED'],
])('%s is told in words, and nothing secret with it', async (_what, address, env, said) => {
  const ended = await lab.vlab(['gc', '--json', '--shared'], { ...store.env, ...env, VLAB_STORE: address.includes('endpoint') ? address : store.address('refused') });
  expect(ended.exitCode).toBe(3);
  expect(ended.stdout).toContain(said);
  expect(ended.stdout + ended.stderr).not.toContain('not-this-one');
  expect(ended.stdout + ended.stderr).not.toContain(store.env.AWS_SECRET_ACCESS_KEY);
});

test.each(['s3:///', 'ftp://elsewhere/x', 's3://key:secret@bucket', 'file://host/x', 's3://b?endpoint=javascript:alert(1)'])('%s is no store', async (address) => {
  expect(await rejection(openObjects(address))).toMatchObject({ code: 'BAD_STORE' });
});
