// Every patch of the checkout is a mail as `git format-patch` writes it, by the project and signed off by it; what its base makes of it is
// seen on real parts (test/kernels.test.ts).
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CHECKOUT } from '../../test/parts.ts';
import { exists, filesBelow } from '../lib/files.ts';
import { readCatalogue } from '../request/catalogue.ts';
import { readSeries } from './series.ts';

const BY_THE_PROJECT = 'Virgil Lab <lab@virgil-lab.example>';

const { series, drivers, bases } = await readCatalogue(CHECKOUT);
const names = [...series, ...drivers.map((name) => `drivers/${name}`)];
const folderOf = (name: string): string => join(CHECKOUT, 'kernel-patches', name);

describe.each(names)('%s', async (name) => {
  const { appliesTo } = await readSeries(CHECKOUT, name);

  test('says its licence, and a design says who proposed it', async () => {
    expect((await readFile(join(folderOf(name), 'series.yaml'), 'utf8')).split('\n')[0]).toBe('# SPDX-License-Identifier: GPL-2.0-only');
    if (name.startsWith('designs/')) expect(await readFile(join(folderOf(name), 'README.md'), 'utf8')).toContain('**Who proposed it.**');
  });

  test('has folders for bases that it applies to, and no other', async () => {
    const folders = (await filesBelow(folderOf(name))).filter((file) => file.includes('/')).map((file) => file.split('/')[0] ?? '');
    expect(appliesTo).toEqual(expect.arrayContaining([...new Set(folders)]));
    for (const base of appliesTo) expect(Object.keys(bases)).toContain(base);
  });

  test.each(appliesTo)('is in mail form for %s', async (base) => {
    const { patches, unpatched } = await readSeries(CHECKOUT, name, base);
    expect(patches.length > 0).toBe(!unpatched);
    for (const [index, { file, text }] of patches.entries()) {
      expect(file).toMatch(new RegExp(`^${String(index + 1).padStart(4, '0')}-`));
      const mail = mailOf(text);
      expect(mail).toMatchObject({ from: BY_THE_PROJECT, trailer: `Signed-off-by: ${BY_THE_PROJECT}` });
      expect(mail.subject).toMatch(patches.length === 1 ? /^\[PATCH\] \S/ : new RegExp(`^\\[PATCH ${String(index + 1)}/${String(patches.length)}\\] \\S`));
      expect(mail.stat).toMatch(/^ \d+ files? changed/m);
      for (const path of mail.paths) expect(path).toMatch(/^(\/dev\/null|[ab]\/(?!.*\.\.)\S+)$/);
    }
  });
});

test('a design of 2019 is here for 6.12 and 7.3', async () => {
  for (const design of ['baseline-uuid', 'rfc-handle-as-dma-address', 'host-id-field', 'upcast-resource-id']) {
    expect((await readSeries(CHECKOUT, `designs/${design}`)).appliesTo).toEqual(['6.12', '7.3']);
    expect(await exists(join(folderOf(`designs/${design}`), 'README.md'))).toBe(true);
  }
});

type Mail = { from: string; subject: string; trailer: string; stat: string; paths: string[] };

function mailOf(text: string): Mail {
  const [head = '', ...body] = text.split('\n\n');
  const header = (key: string): string => new RegExp(`^${key}: (.*(?:\n .*)*)`, 'm').exec(head)?.[1]?.replace(/\n /g, ' ') ?? '';
  const [message, diff] = splitOnce(body.join('\n\n'), '\n---\n');
  return {
    from: header('From'), subject: header('Subject'), trailer: message.trimEnd().split('\n').at(-1) ?? '', stat: diff.split('\ndiff --git ')[0] ?? '',
    paths: [...diff.matchAll(/^(?:---|\+\+\+) (\S+)/gm)].map(([, path = '']) => path),
  };
}

function splitOnce(text: string, mark: string): [string, string] {
  const at = text.indexOf(mark);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + mark.length)];
}
