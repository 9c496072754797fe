// What a job may name is what lies in the checkout; what lies there badly is the lab's fault, not the job's.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { CHECKOUT, emptyFolder, rejection, runRequest } from '../../test/parts.ts';
import { Job, RunRequest } from '../contract/job.ts';
import { namesIn, sha256 } from '../lib/files.ts';
import { readCatalogue } from './catalogue.ts';
import { resolveNames } from './resolve.ts';
import { takeFile, withoutFiles } from './take-file.ts';

test('this checkout has the base, the clip, the series, the image and the stack that the first job wants', async () => {
  const catalogue = await readCatalogue(CHECKOUT);
  expect(catalogue.bases['6.12']).toEqual({ package: 'linux-source-6.12', suite: 'trixie' });
  expect(catalogue.clips['h264-640x360']).toEqual({ ...CLIP, format: 'I420', matrix: 'bt601', range: 'limited' });
  expect(catalogue.series).toEqual(expect.arrayContaining(['designs/upcast-resource-id', 'mutants/short-transfer']));
  expect(catalogue.images).toContain('trixie');
  expect(catalogue.stacks).toContain('trixie');
});

test('only a folder with its own file counts: an image.yaml, a Dockerfile of a stack, a series.yaml', async () => {
  const checkout = await smallCheckout({
    'guest-images/probe/Makefile': '', 'guest-images/stacks/common/start-guest': '', 'guest-images/stacks/sid/Dockerfile': '',
    'guest-images/small/image.yaml': '', 'kernel-patches/drafts/one/0001-a.patch': '', 'kernel-patches/mutants/two/series.yaml': '',
  });
  expect(await readCatalogue(checkout)).toMatchObject({ images: ['small'], stacks: ['sid'], series: ['mutants/two'] });
});

test.each([
  { name: 'a clip of a codec that nobody knows', path: 'jobs/clips/clips.yaml', text: 'new: { codec: h266, width: 640, height: 360, frames: 60 }' },
  { name: 'a clip too small to carry its pattern', path: 'jobs/clips/clips.yaml', text: 'small: { codec: h264, width: 15, height: 360, frames: 60 }' },
  { name: 'a clip in a pixel format that nobody samples', path: 'jobs/clips/clips.yaml', text: 'yuyv: { codec: h264, format: YUYV, width: 640, height: 360, frames: 60 }' },
  { name: 'a file as if it were a painted clip', path: 'jobs/clips/clips.yaml', text: 'mine: { file: /tmp/mine.mp4 }' },
  { name: 'a base with a key too many', path: 'kernel-patches/bases.yaml', text: "'6.12': { package: a, suite: b, version: c }" },
  { name: 'a base with options that are not there', path: 'kernel-patches/bases.yaml', text: "'6.12': { package: a, suite: b, config: c.config }" },
  { name: 'bases that are no YAML', path: 'kernel-patches/bases.yaml', text: '{{{' },
])('$name is the lab\'s fault and names the file', async ({ path, text }) => {
  const checkout = await smallCheckout({ [path]: text });
  expect(await rejection(readCatalogue(checkout))).toMatchObject({ code: 'BAD_CATALOGUE', blame: 'lab', message: expect.stringContaining(join(checkout, path)) as string });
});

test('a clip may have odd sizes, another format and colour, key frames, other sizes on its way, damage and a seek', async () => {
  const odd = { codec: 'vp9', format: 'NV12', width: 641, height: 361, frames: 60, matrix: 'bt709', range: 'full', keyEvery: 12, resize: [{ at: 30, width: 320, height: 180 }], damage: { from: 20 }, seek: { frame: 40 } };
  const checkout = await smallCheckout({ 'jobs/clips/clips.yaml': `odd: ${JSON.stringify(odd)}` });
  expect((await readCatalogue(checkout)).clips).toEqual({ odd });
});

test('a checkout without bases is told as such', async () => {
  const checkout = await emptyFolder();
  expect(await rejection(readCatalogue(checkout))).toMatchObject({ code: 'BAD_CATALOGUE', message: expect.stringContaining('bases.yaml') as string });
});

test('a worker whose checkout lacks the base refuses the request by that name', async () => {
  const checkout = await smallCheckout(TRIXIE);
  expect(await rejection(resolveNames(runRequest({ kernel: { base: '7.3' } }), at(checkout)))).toMatchObject({ blame: 'request', message: 'unknown base "7.3"; known: 6.12' });
  expect(await rejection(resolveNames(runRequest({ clips: ['toString'] }), at(checkout)))).toMatchObject({ message: 'unknown clip "toString"; known: h264-640x360' });
  expect(await resolveNames(runRequest(), at(checkout))).toEqual({ base: { folder: '/linux' }, clips: [{ name: 'h264-640x360', spec: { ...CLIP, format: 'I420', matrix: 'bt601', range: 'limited' } }] });
});

test.each([
  ['image', { image: '../../tmp/evil' }], ['stack', { stack: '../../../tmp/evil' }], ['stack', { stack: 'common' }], ['driver', { drivers: ['../mutants/a'] }],
  ['base', { kernel: { base: '__proto__' } }], ['clip', { clips: ['/etc/passwd'] }],
])('a name of %s that the checkout has not is refused before it can be a path: %j', async (what, change) => {
  expect(await rejection(resolveNames(runRequest(change), at(await smallCheckout(TRIXIE))))).toMatchObject({ code: 'UNKNOWN_NAME', blame: 'request', message: expect.stringContaining(`unknown ${what} "`) as string });
});

test('a request that names a file by its path is none, nor is one without bounds', () => {
  for (const change of [
    { clips: [{ file: '/etc/shadow', name: 'a' }] }, { clips: [{ sha256: '../../etc/shadow', name: 'a' }] }, { title: 'x'.repeat(10_000) }, { clips: Array.from({ length: 1000 }, () => 'a') },
    { drivers: Array.from({ length: 100 }, () => 'a') }, { id: '../../../etc' }, { image: 'x'.repeat(1000) },
  ]) expect(RunRequest.safeParse({ ...runRequest(), ...change }).success, JSON.stringify(change).slice(0, 80)).toBe(false);
  expect(RunRequest.safeParse(JSON.parse(`{"__proto__":{"admin":true},${JSON.stringify(runRequest()).slice(1)}`)).success).toBe(false);
});

test('a user\'s own file goes by its bytes, under its own name or the one that it was given, and is what it says or is refused', async () => {
  const [checkout, home] = [await smallCheckout(TRIXIE), await emptyFolder()];
  const file = join(home, 'a film.mp4');
  await writeFile(file, 'moving pictures');
  const taken = await takeFile({ file, format: 'NV12' }, home);
  const named = await takeFile({ file, format: 'NV12', name: 'JVT-AVC_V1/AUD_MW_E' }, home);
  const kept = join(home, 'files', sha256('moving pictures'));
  expect((await resolveNames(runRequest({ clips: [taken, 'h264-640x360', named] }), { checkout, home })).clips.map(({ name, spec }) => [name, 'file' in spec ? spec.file : spec.codec])).toEqual([
    ['a film.mp4', kept], ['h264-640x360', 'h264'], ['JVT-AVC_V1/AUD_MW_E', kept],
  ]);
  expect(await namesIn(join(home, 'files'))).toEqual([sha256('moving pictures')]);
  await writeFile(kept, 'other pictures');
  expect(await rejection(resolveNames(runRequest({ clips: [taken] }), { checkout, home }))).toMatchObject({ code: 'NO_FILE', blame: 'request' });
  for (const no of ['/dev/zero', home, join(home, 'none')]) expect(await rejection(takeFile({ file: no, format: 'I420' }, home))).toMatchObject({ code: 'NO_FILE' });
});

test('a job from elsewhere names no file', () => {
  const job = Job.parse({ title: 'a', kernels: [{ base: '6.12' }], pipelines: ['upload'], clips: ['h264-640x360', { file: '/etc/shadow' }] });
  expect(() => withoutFiles(job)).toThrow('Expected a clip at /etc/shadow, got a path from another machine');
  expect(withoutFiles({ ...job, clips: ['h264-640x360'] }).clips).toEqual(['h264-640x360']);
});

function at(checkout: string): { checkout: string; home: string } {
  return { checkout, home: '/nowhere' };
}

const TRIXIE = { 'guest-images/trixie/image.yaml': '', 'guest-images/stacks/trixie/Dockerfile': '' };
const CLIP = { codec: 'h264', width: 640, height: 360, frames: 60 };

async function smallCheckout(files: Record<string, string>): Promise<string> {
  const checkout = await emptyFolder();
  const all = {
    'kernel-patches/bases.yaml': "'6.12': { folder: /linux }", 'jobs/clips/clips.yaml': 'h264-640x360: { codec: h264, width: 640, height: 360, frames: 60 }', ...files,
  };
  for (const [path, text] of Object.entries(all)) {
    await mkdir(dirname(join(checkout, path)), { recursive: true });
    await writeFile(join(checkout, path), text);
  }
  return checkout;
}
