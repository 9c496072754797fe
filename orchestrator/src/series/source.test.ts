// What is given as a source, and what only pretends to be one: links, fifos, devices, bombs. Nothing here needs a container.
import { execFileSync } from 'node:child_process';
import { gzipSync } from 'node:zlib';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { emptyFolder, rejection } from '../../test/parts.ts';
import type { Making } from '../lib/lab.ts';
import { LIMITS } from './limits.ts';
import { looksLikeSource, openSource, sourceAt, type Source } from './source.ts';

const MAIL = 'From: a <a@b.c>\nSubject: [PATCH] a\n\n---\ndiff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n';
/** Whatever would start a container fails the test. */
const NO_LAB = {} as Making;

function open(given: string, folder = '.', stdin: Buffer = Buffer.alloc(0)): Promise<Source> {
  return openSource(given, { folder, stdin: () => Promise.resolve(stdin) }, NO_LAB);
}

const refused = (code: string, message: RegExp): unknown => expect.objectContaining({ code, blame: 'request', message: expect.stringMatching(message) as string });

describe('a file', () => {
  test('is a mail, or a bare diff, packed or not', async () => {
    const folder = await emptyFolder();
    for (const [name, content, kind] of [['a.eml', MAIL, 'mail'], ['a.patch', `\n\n${MAIL}`, 'mail'], ['b.eml', `\u00ef\u00bb\u00bf${MAIL}`, 'mail'], ['a.diff', MAIL.slice(MAIL.indexOf('diff')), 'diff']] as const) {
      await writeFile(join(folder, name), Buffer.from(content, 'latin1'));
      await writeFile(join(folder, `${name}.gz`), gzipSync(Buffer.from(content, 'latin1')));
      for (const one of [name, `${name}.gz`]) expect(await open(one, folder)).toMatchObject({ kind, files: [{}] });
    }
    expect(await open('-', folder, gzipSync(MAIL))).toMatchObject({ kind: 'mail' });
  });

  test.each([['a text', 'hello\nworld\n'], ['nothing', ''], ['bytes', '\0\u0001\u0002']])('that is %s is refused, with what was wanted', async (_, content) => {
    const folder = await emptyFolder();
    await writeFile(join(folder, 'a.patch'), content);
    expect(await rejection(open('a.patch', folder))).toEqual(refused('BAD_SOURCE', /^Expected a folder of numbered patches, an mbox .*; a\.patch (is empty|begins like none of them)$/));
  });

  test('that is not there is told by its whole path', async () => {
    expect(await rejection(open('none.mbox', '/nonexistent'))).toEqual(refused('NO_SOURCE', /^Expected a series at \/nonexistent\/none\.mbox, found nothing$/));
  });

  test('that is a fifo or a device is not waited for', async () => {
    const folder = await emptyFolder();
    execFileSync('mkfifo', [join(folder, 'a.mbox')]);
    expect(await rejection(open('a.mbox', folder))).toEqual(refused('BAD_SOURCE', /a\.mbox is a fifo$/));
    for (const device of ['/dev/zero', '/dev/null', '/dev/tty']) expect(await rejection(open(device))).toEqual(refused('BAD_SOURCE', /is a device$/));
  });

  test('that unpacks to more than the limit is not unpacked', async () => {
    const bomb = gzipSync(Buffer.alloc(LIMITS.sourceBytes + 1024 * 1024), { level: 1 });
    expect(bomb.length).toBeLessThan(500_000);
    expect(await rejection(open('-', '.', bomb))).toEqual(refused('BAD_GZIP', /unpack to at most \d+ bytes, got more/));
    expect(await rejection(open('-', '.', gzipSync(MAIL).subarray(0, 40)))).toEqual(refused('BAD_GZIP', /no whole gzip file/));
  });

  test('over the limit is not read', async () => {
    const folder = await emptyFolder();
    execFileSync('truncate', ['-s', '100G', join(folder, 'a.mbox')]);
    expect(await rejection(open('a.mbox', folder))).toEqual(refused('BAD_SOURCE', /a file of \d+ bytes, where \d+ are the most/));
  });
});

describe('a maildir', () => {
  test('has its mails in new and cur; links, fifos and folders there are passed over', async () => {
    const folder = await emptyFolder();
    for (const name of ['cur', 'new', 'tmp', 'cur/folder']) await mkdir(join(folder, name));
    await writeFile(join(folder, 'cur/1:2,S'), MAIL);
    await writeFile(join(folder, 'new/2'), MAIL);
    await writeFile(join(folder, 'tmp/3'), MAIL);
    await symlink('/etc/passwd', join(folder, 'cur/4'));
    await symlink(join(folder, 'new/2'), join(folder, 'cur/5'));
    execFileSync('mkfifo', [join(folder, 'cur/6')]);
    expect((await open(folder)).files.map((file) => file.name)).toEqual(['2', '1:2,S']);
  });

  test('with more mails than a thread has is refused', async () => {
    const folder = await emptyFolder();
    await mkdir(join(folder, 'cur'));
    await Promise.all(Array.from({ length: LIMITS.mails + 1 }, (_, n) => writeFile(join(folder, 'cur', String(n)), 'x')));
    expect(await rejection(open(folder))).toEqual(refused('TOO_MANY_MAILS', /at most 2000 mails/));
  });
});

describe('a folder of patches', () => {
  test('has them by their numbers, with its series.yaml if there is one', async () => {
    const folder = await emptyFolder();
    for (const name of ['0002-b.patch', '0001-a.patch', 'v2-0001-a.patch', 'README.md', 'notes.patch']) await writeFile(join(folder, name), MAIL);
    expect(await open(folder)).toEqual({ kind: 'folder', files: ['0001-a.patch', '0002-b.patch', 'v2-0001-a.patch'].map((name) => ({ name, bytes: Buffer.from(MAIL) })) });
    await writeFile(join(folder, 'series.yaml'), 'title: t\n');
    expect(await open(folder)).toHaveProperty('yaml', 'title: t\n');
  });

  test('is refused where one of them is a link: it could be any file of this machine', async () => {
    const folder = await emptyFolder();
    await symlink('/etc/passwd', join(folder, '0001-a.patch'));
    expect(await rejection(open(folder))).toEqual(refused('BAD_SOURCE', /0001-a\.patch to be a plain file, got a symbolic link/));
  });

  test('without any is refused', async () => {
    const folder = await emptyFolder();
    expect(await rejection(open(folder))).toEqual(refused('BAD_SOURCE', /has no 0001-\*\.patch, no cur\/ and no new\/$/));
    await writeFile(join(folder, 'series.yaml'), 'title: t\n');
    expect(await rejection(open(folder))).toEqual(refused('NO_PATCHES', /found none/));
  });
});

describe('a repository', () => {
  test.each(['git:', 'git:.', 'git:. main', 'git:. a...b', 'git:. --output=/x..b', 'git:. a..b;c', 'git:. a..b c', 'git:. $(x)..b'])('%j is refused before anything is looked at', async (given) => {
    expect(await rejection(open(given))).toEqual(refused('BAD_RANGE', /^Expected git:DIR BASE\.\.HEAD, got /));
  });

  test('that is none is refused, and so is one whose path would be read as two', async () => {
    expect(await rejection(open(`git:${await emptyFolder()} a..b`))).toEqual(refused('BAD_REPOSITORY', /^Expected a git repository at .*, found none$/));
    expect(await rejection(open('git:/a:/b a..b'))).toEqual(refused('BAD_REPOSITORY', /without a colon/));
  });

  test('that is the work tree of another is refused with the other\'s path', async () => {
    const folder = await emptyFolder();
    await mkdir(join(folder, 'main/.git/worktrees/w'), { recursive: true });
    await mkdir(join(folder, 'w'));
    await writeFile(join(folder, 'w/.git'), `gitdir: ${join(folder, 'main/.git/worktrees/w')}\n`);
    await writeFile(join(folder, 'main/.git/worktrees/w/commondir'), '../..\n');
    expect(await rejection(open(`git:${join(folder, 'w')} a..b`))).toEqual(refused('LINKED_TREE', new RegExp(`a work tree of ${join(folder, 'main/.git')}$`)));
  });
});

test.each([
  ['./thread.mbox', true], ['../x', true], ['/x', true], ['~/x', true], ['thread.mbox', true], ['t.mbox.gz', true], ['a.patch', true], ['a.eml', true], ['git:. a..b', true],
  ['designs/upcast-resource-id', false], ['mutants/shrot-transfer', false], ['added/x', false], ['', false], ['a\0b', false],
])('%j is a source: %j', (given, wanted) => { expect(looksLikeSource(given, '/nonexistent')).toBe(wanted); });

test('a word is a source, too, where there is a file or a folder of that name', async () => {
  const folder = await emptyFolder();
  await mkdir(join(folder, 'mine'));
  expect(looksLikeSource('mine', folder)).toBe(true);
  expect(['mine', './mine', `git:mine a..b`, 'yours', './yours', 'git:yours a..b'].map((given) => sourceAt(given, folder))).toEqual(['there', 'there', 'there', undefined, 'missing', 'missing']);
});
