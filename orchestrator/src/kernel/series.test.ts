// A series is a folder of kernel-patches/ and nothing else; what it says of itself is checked before anything is built from it.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CHECKOUT, emptyFolder, rejection } from '../../test/parts.ts';
import { sha256 } from '../lib/files.ts';
import { readCatalogue } from '../request/catalogue.ts';
import { claimOf, readSeries } from './series.ts';

describe('the series of this checkout', async () => {
  const { series: names } = await readCatalogue(CHECKOUT);

  test('are there', () => { expect(names.length).toBeGreaterThanOrEqual(8); });

  test.each(names.filter((name) => name.startsWith('mutants/')))('%s says what it breaks and what sees it, and is expected to fail unless it is only slow', async (name) => {
    const { expect: outcome, breaks, detector } = await readSeries(CHECKOUT, name);
    expect([breaks, detector]).not.toContain(undefined);
    expect(outcome).toBe(detector === 'time' || detector === 'counters' ? 'passed' : 'failed');
  });

  test.each(names.filter((name) => name.startsWith('harmless/')))('%s is harmless, and says nothing else of itself', async (name) => {
    const series = await readSeries(CHECKOUT, name);
    expect(series).toMatchObject({ expect: 'passed', harmless: true });
    expect(claimOf(series)).toEqual({ detector: null, seenAs: null, harmless: true });
  });

  test('what breaks something, what is slow and what is harmless are all there, and a design claims nothing of the kind', async () => {
    const claims = await Promise.all(names.map(async (name) => ({ name, claim: claimOf(await readSeries(CHECKOUT, name)) })));
    const slow = claims.filter(({ claim }) => claim?.detector === 'time');
    expect(slow.length).toBeGreaterThanOrEqual(4);
    expect(claims.filter(({ name }) => name.startsWith('mutants/')).length - slow.length).toBeGreaterThanOrEqual(20);
    expect(claims.filter(({ claim }) => claim?.harmless === true).length).toBeGreaterThanOrEqual(6);
    expect(claims.filter(({ name }) => name.startsWith('designs/')).map(({ claim }) => claim)).not.toContainEqual(expect.anything());
  });
});

test.each(['../x', '/etc', 'a//b', 'a/../b', '.', '..', '', 'a/', '/', 'a b', 'A', 'a\n', 'a\0b', '-rf', 'designs/../../etc'])('%j is no name of a series, and no file is looked for', async (name) => {
  expect(await rejection(readSeries('/nonexistent', name))).toMatchObject({ code: 'BAD_SERIES', blame: 'request', message: expect.stringContaining(`got "${name}"`) as string });
});

test('a folder without a series.yaml is refused by the path that was looked at', async () => {
  const checkout = await seriesFolder('drafts/mine', { '0001-a.patch': 'diff' });
  expect(await rejection(readSeries(checkout, 'drafts/mine'))).toMatchObject({ code: 'NO_SERIES', blame: 'request', message: 'Expected kernel-patches/drafts/mine/series.yaml, found no such file' });
});

test('only numbered patches count, in the order of their numbers, each with its digest', async () => {
  const checkout = await seriesFolder('drafts/mine', {
    'series.yaml': "title: mine\nappliesTo: ['6.12']\n", '0010-last.patch': 'last', '0002-first.patch': 'first', 'README.md': '', 'cover.patch': '', '0003-b.patch.orig': '', '12-short.patch': '',
  });
  const series = await readSeries(checkout, 'drafts/mine');
  expect(series).toMatchObject({ name: 'drafts/mine', title: 'mine', expect: 'passed', appliesTo: ['6.12'] });
  expect(series.patches.map(({ file, text }) => [file, text])).toEqual([['0002-first.patch', 'first'], ['0010-last.patch', 'last']]);
  expect(series.patches[0]?.sha256).toBe(sha256('first'));
});

test.each([
  { name: 'a key that nobody knows', text: "title: t\nappliesTo: ['6.12']\nauthor: me\n", says: /Unrecognized key: "author"/ },
  { name: 'bases that are no list', text: "title: t\nappliesTo: '6.12'\n", says: /appliesTo: .*array/ },
  { name: 'no base at all', text: 'title: t\nappliesTo: []\n', says: /appliesTo: / },
  { name: 'an outcome that a kernel cannot have', text: "title: t\nappliesTo: ['6.12']\nexpect: broken\n", says: /expect: / },
  { name: 'no YAML', text: 'title: [', says: /series\.yaml:1: not YAML/ },
  { name: 'nothing in it', text: '', says: /./ },
])('a series.yaml with $name is refused by its path', async ({ text, says }) => {
  const checkout = await seriesFolder('drafts/mine', { 'series.yaml': text });
  const error = await rejection(readSeries(checkout, 'drafts/mine'));
  expect(error).toMatchObject({ code: 'BAD_SERIES', blame: 'request', message: expect.stringMatching(/^kernel-patches\/drafts\/mine\/series\.yaml/) as string });
  expect(error).toMatchObject({ message: expect.stringMatching(says) as string });
});

test('a base that has a folder of its own in a series has its own patches; any other has those beside series.yaml', async () => {
  const checkout = await seriesFolder('drafts/mine', { 'series.yaml': "title: mine\nappliesTo: ['6.12', '7.3']\n", '0001-a.patch': 'common', '7.3/0001-a.patch': 'newer' });
  const textFor = async (base?: string): Promise<string[]> => (await readSeries(checkout, 'drafts/mine', base)).patches.map((patch) => patch.text);
  expect([await textFor('7.3'), await textFor('6.12'), await textFor()]).toEqual([['newer'], ['common'], ['common']]);
});

test('a series may be the unpatched base under a name of its own, and then has no patch', async () => {
  const yaml = "title: mine\nappliesTo: ['6.12']\npatches: none\n";
  expect(await readSeries(await seriesFolder('drafts/mine', { 'series.yaml': yaml }), 'drafts/mine')).toMatchObject({ unpatched: true, patches: [] });
  expect(await rejection(readSeries(await seriesFolder('drafts/mine', { 'series.yaml': yaml, '0001-a.patch': '' }), 'drafts/mine'))).toMatchObject({ code: 'BAD_SERIES', message: expect.stringContaining('0001-a.patch') as string });
});

test('a patch of more than 4 MiB is refused', async () => {
  const checkout = await seriesFolder('drafts/mine', { 'series.yaml': "title: mine\nappliesTo: ['6.12']\n", '0001-big.patch': 'x'.repeat(4 * 1024 * 1024 + 1) });
  expect(await rejection(readSeries(checkout, 'drafts/mine'))).toMatchObject({ code: 'BIG_PATCH', blame: 'request' });
});

async function seriesFolder(name: string, files: Record<string, string>): Promise<string> {
  const checkout = await emptyFolder();
  const folder = join(checkout, 'kernel-patches', name);
  await mkdir(folder, { recursive: true });
  for (const [file, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), text);
  }
  return checkout;
}
