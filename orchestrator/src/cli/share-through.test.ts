// Two hosts with a folder each and one store between them: what only one has reaches the other by its bytes, whatever the queue or the store say of it.
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { CHECKOUT, emptyFolder, rejection, runRequest } from '../../test/parts.ts';
import { RunRequest, type TakenFile } from '../contract/job.ts';
import { configFrom } from '../lib/config.ts';
import { Engine } from '../lib/container.ts';
import { filesBelow, namesIn, sha256 } from '../lib/files.ts';
import type { Making } from '../lib/lab.ts';
import { pause } from '../lib/within.ts';
import { fetchFiles } from '../request/share-file.ts';
import { resolveNames } from '../request/resolve.ts';
import { takeFile } from '../request/take-file.ts';
import { fetchSeries } from '../series/share.ts';
import { Evidence } from '../store/evidence.ts';
import { blobName } from '../store/kept-files.ts';
import type { ObjectStore } from '../store/objects.ts';
import { forgetProduct, staleProducts } from '../store/product-use.ts';
import { sharedProducts } from '../store/products.ts';
import { shareThrough } from './share-through.ts';

type Host = { making: Making; home: string; objects: ObjectStore };

const NAME = 'added/mine';
const YAML = "title: mine\nappliesTo: ['6.12']\n";
const PATCH = 'diff --git a/x.c b/x.c\n--- a/x.c\n+++ b/x.c\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n';

test('a series that one host added is built on another, under its name there, though that host has another series of that name', async () => {
  const [here, there] = await hosts();
  await addTo(here, { 'series.yaml': YAML, '0001-x.patch': PATCH, 'source.json': '{}' });
  await addTo(there, { 'series.yaml': YAML, '0001-other.patch': PATCH });
  const [run, plain] = await shareThrough(here.making)([runRequest({ kernel: { base: '6.12', series: NAME } }), runRequest()]);
  expect(RunRequest.parse(run).kernel.seriesSha256).toBe(digestOf({ '0001-x.patch': PATCH, 'series.yaml': YAML }));
  expect(plain).toEqual(runRequest());
  await rm(here.home, { recursive: true });
  const fetched = await fetchSeries(NAME, run?.kernel.seriesSha256 ?? '', there.making);
  expect(fetched).toMatchObject({ name: NAME, title: 'mine', patches: [{ file: '0001-x.patch', text: PATCH, sha256: sha256(PATCH) }] });
  expect(await filesBelow(join(there.home, 'series/taken'))).toEqual([`${run?.kernel.seriesSha256 ?? ''}/0001-x.patch`, `${run?.kernel.seriesSha256 ?? ''}/series.yaml`]);
});

test('a run that says by which bytes its series goes keeps them, and one whose series has changed gets the new ones', async () => {
  const [here] = await hosts();
  await addTo(here, { 'series.yaml': YAML, '0001-x.patch': PATCH });
  const share = shareThrough(here.making);
  const asked = runRequest({ kernel: { base: '6.12', series: NAME } });
  const [first] = await share([asked]);
  await writeFile(join(here.home, 'series', NAME, 'series.yaml'), "title: mine\nappliesTo: ['6.12', '7.3']\n");
  const [second, again] = await share([asked, ...(first === undefined ? [] : [first])]);
  expect(second?.kernel.seriesSha256).not.toBe(first?.kernel.seriesSha256);
  expect(again).toEqual(first);
});

test('a user\'s file that one host took is opened on another', async () => {
  const [here, there] = await hosts();
  const clip = await fileAt(here, 'moving pictures');
  await shareThrough(here.making)([runRequest({ clips: [clip, 'h264-640x360'] })]);
  await fetchFiles([clip, 'h264-640x360'], there.making);
  const { clips: [got] } = await resolveNames(runRequest({ clips: [clip] }), there.making.lab.config);
  expect(got?.spec).toEqual({ file: join(there.home, 'files', clip.sha256), format: 'I420', name: 'film.mp4' });
  expect(await readFile(join(there.home, 'files', clip.sha256), 'utf8')).toBe('moving pictures');
});

test('without a store nothing is put anywhere, and a run is what it was', async () => {
  const [{ making, home }] = await hosts();
  const { products: _none, ...lab } = making.lab;
  const asked = [runRequest({ kernel: { base: '6.12', series: NAME }, clips: [{ sha256: 'f'.repeat(64), name: 'gone', format: 'I420' }] })];
  expect(await shareThrough({ ...making, lab })(asked)).toEqual(asked);
  expect(await namesIn(home)).toEqual([]);
});

test.each([
  ['nothing', {}, 'NO_SERIES', /in the store that hosts share, found none/],
  ['another patch', { 'series.yaml': YAML, '0001-x.patch': PATCH.replace('+c', '+d') }, 'NOT_AS_KEPT', /got others/],
  ['a file more', { 'series.yaml': YAML, '0001-x.patch': PATCH, 'run.sh': 'rm -rf /' }, 'NOT_AS_KEPT', /got others/],
  ['no series.yaml', { '0001-x.patch': PATCH }, 'NOT_AS_KEPT', /got others/],
])('%s under the digest of a series is refused, and nothing of it stays', async (_what, files, code, says) => {
  const [{ making, home, objects }] = await hosts();
  const digest = digestOf({ '0001-x.patch': PATCH, 'series.yaml': YAML });
  if (Object.keys(files).length > 0) await offered(objects, `series/${digest}`, files);
  expect(await rejection(fetchSeries(NAME, digest, making))).toMatchObject({ code, blame: 'request', message: expect.stringMatching(says) as string });
  expect(await namesIn(join(home, 'series/taken'))).toEqual([]);
});

test('a patch that would not have been added is refused, whoever says that it was', async () => {
  const [{ making, home, objects }] = await hosts();
  const files = { '0001-x.patch': PATCH.replaceAll('x.c', '../../etc/passwd'), 'series.yaml': YAML };
  await offered(objects, `series/${digestOf(files)}`, files);
  expect(await rejection(fetchSeries(NAME, digestOf(files), making))).toMatchObject({ code: 'BAD_SERIES', blame: 'request' });
  expect(await namesIn(join(home, 'series/taken'))).toEqual([]);
});

test('a series that says it is for a folder elsewhere is refused: its patches are those that the digest is of', async () => {
  const [{ making, home, objects }] = await hosts();
  const elsewhere = await emptyFolder();
  await writeFile(join(elsewhere, '0001-other.patch'), PATCH);
  const files = { '0001-x.patch': PATCH, 'series.yaml': `title: x\nappliesTo: ['${'../'.repeat(20)}${elsewhere.slice(1)}']\n` };
  await offered(objects, `series/${digestOf(files)}`, files);
  expect(await rejection(fetchSeries(NAME, digestOf(files), making))).toMatchObject({ blame: 'request', message: expect.stringContaining('Expected the name of a base') as string });
  expect(await namesIn(join(home, 'series/taken'))).toEqual([]);
});

test('what is larger than a series or a clip may be is not even begun', async () => {
  const [{ making, home, objects }] = await hosts();
  for (const name of [`series/${'a'.repeat(64)}`, `files/${'a'.repeat(64)}`]) {
    await objects.putNew(`products/${name}.json`, JSON.stringify({ version: 1, of: name, files: [{ name: 'series.yaml', bytes: 2 ** 40, sha256: 'b'.repeat(64) }] }));
  }
  expect(await rejection(fetchSeries(NAME, 'a'.repeat(64), making))).toMatchObject({ code: 'TOO_BIG', message: expect.stringContaining('got 1099511627776') as string });
  expect(await rejection(fetchFiles([{ sha256: 'a'.repeat(64), name: 'x', format: 'I420' }], making))).toMatchObject({ code: 'TOO_BIG', blame: 'request' });
  expect(await filesBelow(home)).toEqual([]);
});

test.each([['other bytes', 'name'], ['another name', '../../x'], ['a name of its own', 'else']])('a clip that is there with %s is refused, and nothing of it stays', async (_what, name) => {
  const [{ making, home, objects }] = await hosts();
  const digest = sha256('moving pictures');
  await offered(objects, `files/${digest}`, { [name === 'name' ? digest : name]: 'other pictures' });
  expect(await rejection(fetchFiles([{ sha256: digest, name: 'x', format: 'I420' }], making))).toMatchObject({ code: 'NOT_AS_KEPT' });
  expect(await filesBelow(home)).toEqual([]);
});

test('a product that no host has taken for long goes; one that was taken since stays, and so does one that is taken while others are looked for', async () => {
  const [{ objects }, { making }] = await hosts();
  const texts = ['of two', 'of nobody', 'of the last moment'];
  for (const text of texts) await offered(objects, `files/${sha256(text)}`, { [sha256(text)]: text });
  const [wanted, unwanted, late] = texts.map((text) => `files/${sha256(text)}`);
  const take = (text: string): Promise<void> => fetchFiles([{ sha256: sha256(text), name: 'x', format: 'I420' }], making);
  expect(await staleProducts(objects, Date.now() - 60_000)).toEqual([]);
  const until = Date.now() + 1;
  await pause(20);
  await take('of two');
  const stale = await staleProducts(objects, until);
  expect(stale.map(({ name }) => name).sort()).toEqual([unwanted, late].sort());
  await take('of the last moment');
  const gone: string[] = [];
  for (const one of stale) if (await forgetProduct(objects, one)) gone.push(one.name);
  expect(gone).toEqual([unwanted]);
  expect(await Promise.all([wanted, unwanted, late].map((name) => objects.has(`products/${name ?? ''}.json`)))).toEqual([true, false, true]);
});

test('a digest is one, or the request is none', () => {
  for (const seriesSha256 of ['../../etc', 'a'.repeat(63), `${'a'.repeat(64)}\n`, 1]) expect(RunRequest.safeParse({ ...runRequest(), kernel: { base: '6.12', series: NAME, expect: 'passed', seriesSha256 } }).success).toBe(false);
});

async function hosts(): Promise<[Host, Host]> {
  const store = await emptyFolder();
  const one = async (): Promise<Host> => {
    const home = await emptyFolder();
    const engine = new Engine('of-no-lab', '1:1');
    const evidence = new Evidence(home, pathToFileURL(store).href);
    const products = sharedProducts(evidence, engine, () => Promise.reject(new Error('nothing is made')));
    const config = { ...configFrom({}), home, checkout: CHECKOUT };
    return { home, objects: await evidence.objects(), making: { lab: { config, engine, products }, signal: new AbortController().signal, progress: () => undefined } };
  };
  return [await one(), await one()];
}

async function addTo({ home }: Host, files: Record<string, string>): Promise<void> {
  await mkdir(join(home, 'series', NAME), { recursive: true });
  for (const [name, text] of Object.entries(files)) await writeFile(join(home, 'series', NAME, name), text);
}

async function fileAt({ home }: Host, text: string): Promise<TakenFile> {
  const file = join(await emptyFolder(), 'film.mp4');
  await writeFile(file, text);
  return takeFile({ file, format: 'I420' }, home);
}

function digestOf(files: Record<string, string>): string {
  return sha256(JSON.stringify(Object.entries(files).map(([name, text]) => [name, sha256(text)])));
}

/** As somebody would who can write to the store. */
async function offered(objects: ObjectStore, product: string, files: Record<string, string>): Promise<void> {
  for (const text of Object.values(files)) await objects.putNew(blobName(sha256(text)), text);
  const kept = Object.entries(files).map(([name, text]) => ({ name, bytes: Buffer.byteLength(text), sha256: sha256(text) }));
  await objects.putNew(`products/${product}.json`, JSON.stringify({ version: 1, of: product, files: kept }));
}
