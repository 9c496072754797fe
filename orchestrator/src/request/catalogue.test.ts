// What a job may name is what lies in the checkout; what lies there badly is the lab's fault, not the job's.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { CHECKOUT, emptyFolder, rejection, runRequest } from '../../test/parts.ts';
import { readCatalogue } from './catalogue.ts';
import { resolveNames } from './resolve.ts';

test('this checkout has the base, the clip, the series, the image and the stack that the first job wants', async () => {
  const catalogue = await readCatalogue(CHECKOUT);
  expect(catalogue.bases['6.12']).toEqual({ package: 'linux-source-6.12', suite: 'trixie' });
  expect(catalogue.clips['h264-640x360']).toEqual({ codec: 'h264', width: 640, height: 360, frames: 60 });
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
  { name: 'a clip of odd width', path: 'jobs/clips/clips.yaml', text: 'odd: { codec: h264, width: 641, height: 360, frames: 60 }' },
  { name: 'a base with a key too many', path: 'kernel-patches/bases.yaml', text: "'6.12': { package: a, suite: b, version: c }" },
  { name: 'bases that are no YAML', path: 'kernel-patches/bases.yaml', text: '{{{' },
])('$name is the lab\'s fault and names the file', async ({ path, text }) => {
  const checkout = await smallCheckout({ [path]: text });
  expect(await rejection(readCatalogue(checkout))).toMatchObject({ code: 'BAD_CATALOGUE', blame: 'lab', message: expect.stringContaining(join(checkout, path)) as string });
});

test('a checkout without bases is told as such', async () => {
  const checkout = await emptyFolder();
  expect(await rejection(readCatalogue(checkout))).toMatchObject({ code: 'BAD_CATALOGUE', message: expect.stringContaining('bases.yaml') as string });
});

test('a worker whose checkout lacks the base refuses the request by that name', async () => {
  const checkout = await smallCheckout({});
  expect(await rejection(resolveNames(runRequest({ kernel: { base: '7.3' } }), checkout))).toMatchObject({ blame: 'request', message: 'unknown base "7.3"; known: 6.12' });
  expect(await rejection(resolveNames(runRequest({ clip: 'toString' }), checkout))).toMatchObject({ message: 'unknown clip "toString"; known: h264-640x360' });
  expect(await resolveNames(runRequest(), checkout)).toEqual({ base: { folder: '/linux' }, clip: { codec: 'h264', width: 640, height: 360, frames: 60 } });
});

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
