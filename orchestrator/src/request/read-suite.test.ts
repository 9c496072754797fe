// A conformance suite in fluster's JSON and a folder of its vectors: what can be asked for becomes a clip, what cannot is said, and nothing that a
// downloaded file says reaches out of the folder.
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { emptyFolder, rejection } from '../../test/parts.ts';
import { readSuite, type SuiteJob } from './read-suite.ts';

const MD5 = 'd0e1cd5a4bea5b4ed1ae8f8d9b4ea7a6';
const OPTIONS = { pipelines: ['upload', 'dmabuf-copy'], base: '6.12' };

/** As fluster has them, with members that the lab does not ask for. */
function vector(name: string, change: Record<string, unknown> = {}): Record<string, unknown> {
  return { name, source: `https://example.org/${name}.zip`, source_checksum: 'e0'.repeat(16), input_file: `${name}.264`, output_format: 'yuv420p', result: MD5, ...change };
}

test('each vector of the suite that is in the folder is a clip of one job, with its MD5', async () => {
  const { job, left, folder } = await read([vector('AUD_MW_E'), vector('BA1_FT_C')], ['AUD_MW_E/AUD_MW_E.264', 'BA1_FT_C/BA1_FT_C.264']);
  expect(left).toEqual([]);
  expect(job).toMatchObject({ title: 'JVT-AVC_V1 (H.264)', kernels: [{ base: '6.12', expect: 'passed' }], pipelines: ['upload', 'dmabuf-copy'], device: 'virgl', measure: [], faults: [] });
  expect(job.clips).toEqual([
    { file: join(folder, 'AUD_MW_E/AUD_MW_E.264'), format: 'I420', name: 'JVT-AVC_V1/AUD_MW_E', md5: MD5, md5Of: 'yuv420p' },
    { file: join(folder, 'BA1_FT_C/BA1_FT_C.264'), format: 'I420', name: 'JVT-AVC_V1/BA1_FT_C', md5: MD5, md5Of: 'yuv420p' },
  ]);
});

test.each(['JVT-AVC_V1/A/A.264', 'A/A.264', 'A.264'])('a vector is found as fluster lays it out, and in simpler folders: %s', async (path) => {
  const { job, folder } = await read([vector('A')], [path]);
  expect(job.clips).toMatchObject([{ file: join(folder, path) }]);
});

test('fluster\'s own layout wins over a file of the same name elsewhere', async () => {
  const { job, folder } = await read([vector('A')], ['A.264', 'A/A.264', 'JVT-AVC_V1/A/A.264']);
  expect(job.clips).toMatchObject([{ file: join(folder, 'JVT-AVC_V1/A/A.264') }]);
});

test('vectors that are missing are said by their names, and the others are run', async () => {
  const { job, left } = await read([vector('A'), vector('B'), vector('C')], ['B/B.264']);
  expect(job.clips).toHaveLength(1);
  expect(left).toEqual(['A: no A.264 in the folder', 'C: no C.264 in the folder']);
});

test.each([
  { format: 'yuv420p', is: 'I420' }, { format: 'gray', is: 'I420' }, { format: 'yuv420p10le', is: 'P010' }, { format: undefined, is: 'I420' },
])('a vector in $format is sampled as $is', async ({ format, is }) => {
  const { job } = await read([vector('A', { output_format: format })], ['A.264']);
  expect(job.clips).toMatchObject([{ format: is }]);
});

test.each(['yuv422p', 'yuv444p10le', 'yuv420p12le', 'toString', ''])('a vector in pixel format "%s" is left out and said so', async (format) => {
  const { left } = await read([vector('A', { output_format: format }), vector('B')], ['A.264', 'B.264']);
  expect(left).toEqual([`A: pixel format ${format} is none that the lab samples`]);
});

test.each(['', 'abc', 'skip', 'e0'.repeat(20)])('a vector whose result is "%s", which is no MD5, is left out instead of taken on trust', async (result) => {
  const { job, left } = await read([vector('A', { result }), vector('B')], ['A.264', 'B.264']);
  expect(job.clips).toMatchObject([{ name: 'JVT-AVC_V1/B' }]);
  expect(left).toEqual(['A: its result is no MD5']);
});

test('an MD5 in capitals is the same one', async () => {
  expect((await read([vector('A', { result: MD5.toUpperCase() })], ['A.264'])).job.clips).toMatchObject([{ md5: MD5 }]);
});

test.each([
  { what: 'steps up', change: { input_file: '../secret' } },
  { what: 'steps up in the middle', change: { input_file: 'a/../../secret' } },
  { what: 'is a whole one', change: { input_file: '/etc/hostname' } },
  { what: 'steps up by the vector\'s name', change: { name: '..', input_file: 'secret' } },
  { what: 'is a whole one by the vector\'s name', change: { name: '/etc', input_file: 'hostname' } },
])('a path that $what cannot leave the folder', async ({ change }) => {
  const { left } = await read([vector('A', change), vector('B')], ['B.264'], { beside: ['secret'] });
  expect(left).toEqual([`${change.name ?? 'A'}: its path leaves the folder`]);
});

test.each(['..', '../..', '/etc', 'a/../..'])('a suite called "%s" cannot leave the folder either', async (name) => {
  expect(await rejection(read([vector('A', { name: 'secret', input_file: 'hostname' })], [], { suite: { name }, beside: ['secret/hostname'] }))).toMatchObject({
    code: 'NO_VECTORS', evidence: 'secret: its path leaves the folder',
  });
});

test('a link in the folder is the user\'s own doing and is followed', async () => {
  const folder = await emptyFolder();
  await mkdir(join(folder, 'vectors'));
  await writeFile(join(folder, 'real.264'), '');
  await symlink(join(folder, 'real.264'), join(folder, 'vectors/A.264'));
  await writeFile(join(folder, 'suite.json'), JSON.stringify({ name: 's', codec: 'H.264', test_vectors: [vector('A')] }));
  expect((await readSuite(join(folder, 'suite.json'), join(folder, 'vectors'), OPTIONS)).job.clips).toHaveLength(1);
});

test('a relative folder is that of whoever asks', async () => {
  const { folder, file } = await laid([vector('A')], ['A.264']);
  const { job } = await readSuite(file, relative(process.cwd(), folder), OPTIONS);
  expect(job.clips).toMatchObject([{ file: join(folder, 'A.264') }]);
});

test('without any vector there is no job, and the first reasons are the evidence', async () => {
  const vectors = Array.from({ length: 9 }, (_, index) => vector(`V${String(index)}`));
  expect(await rejection(read(vectors, []))).toMatchObject({
    code: 'NO_VECTORS', blame: 'request', hint: 'fluster.py download JVT-AVC_V1', message: expect.stringMatching(/^Expected vectors of JVT-AVC_V1 in .*, found none of 9$/) as string,
    evidence: Array.from({ length: 5 }, (_, index) => `V${String(index)}: no V${String(index)}.264 in the folder`).join('\n'),
  });
});

test.each([
  { name: 'no JSON', text: 'name: JVT', says: /not valid JSON/ },
  { name: 'JSON of something else', text: '{"name":"x"}', says: /./ },
  { name: 'a suite without vectors', text: '{"name":"x","codec":"H.264","test_vectors":[]}', says: /expected array to have >=1 items/ },
  { name: 'a list', text: '[]', says: /expected object/ },
])('a file with $name is no suite', async ({ text, says }) => {
  const folder = await emptyFolder();
  await writeFile(join(folder, 'suite.json'), text);
  expect(await rejection(readSuite(join(folder, 'suite.json'), folder, OPTIONS))).toMatchObject({
    code: 'BAD_SUITE', blame: 'request', stage: 'request', message: expect.stringMatching(new RegExp(`^Expected a conformance suite in fluster's JSON at ${folder}/suite\\.json, .*${says.source}`)) as string,
  });
});

test('a suite that is not there is told as such', async () => {
  const folder = await emptyFolder();
  expect(await rejection(readSuite(join(folder, 'none.json'), folder, OPTIONS))).toMatchObject({ code: 'BAD_SUITE', message: expect.stringMatching(/none\.json, found none$/) as string });
});

test('pipelines that nobody knows are refused before anything runs', async () => {
  expect(await rejection(read([vector('A')], ['A.264'], { pipelines: ['upload', 'uplaod'] }))).toMatchObject({
    code: 'BAD_JOB', blame: 'request', hint: 'vlab help run', message: expect.stringMatching(/^pipelines\.1: Invalid option: expected one of "upload"/) as string,
  });
});

type Laid = { suite?: Record<string, unknown>; beside?: readonly string[] };

/** A suite of these vectors, and a folder `vectors` with these files, all empty; `beside` are files beside that folder. */
async function laid(vectors: readonly Record<string, unknown>[], files: readonly string[], { suite, beside = [] }: Laid = {}): Promise<{ file: string; folder: string }> {
  const home = await emptyFolder();
  const folder = join(home, 'vectors');
  await mkdir(folder);
  for (const path of [...files.map((one) => join(folder, one)), ...beside.map((one) => join(home, one))]) {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, '');
  }
  const file = join(home, 'suite.json');
  await writeFile(file, JSON.stringify({ name: 'JVT-AVC_V1', codec: 'H.264', description: 'a suite', test_vectors: vectors, failing_test_vectors: [], ...suite }));
  return { file, folder };
}

async function read(vectors: readonly Record<string, unknown>[], files: readonly string[], { pipelines = OPTIONS.pipelines, ...rest }: Laid & { pipelines?: string[] } = {}): Promise<SuiteJob & { folder: string }> {
  const { file, folder } = await laid(vectors, files, rest);
  return { ...(await readSuite(file, folder, { ...OPTIONS, pipelines })), folder };
}
