// What a range may look like, and what git says of its commits.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { emptyFolder } from '../../test/parts.ts';
import { asMail, nameOf, rangeOf, readCommits } from './history.ts';
import { checkPatch } from './safe-patch.ts';

async function repository(): Promise<string> {
  const folder = await emptyFolder();
  await mkdir(join(folder, 'linux/.git/objects'), { recursive: true });
  await writeFile(join(folder, 'linux/.git/HEAD'), 'ref: refs/heads/main\n');
  return folder;
}

test('a range names two commits; without the second it is HEAD', async () => {
  const folder = await repository();
  expect(await rangeOf('git:./linux v6.12..HEAD~3', ['drivers/gpu'], folder)).toMatchObject({ good: 'v6.12', bad: 'HEAD~3', gitDir: join(folder, 'linux/.git'), paths: ['drivers/gpu'] });
  const open = await rangeOf('git:./linux v6.12..', [], folder);
  expect([open.bad, nameOf(open)]).toEqual(['HEAD', 'linux v6.12..HEAD']);
});

test.each(['git:./linux', 'git:./linux v6.12', 'git:./linux a...b', 'git:./linux ..b', 'git:./linux --all..b', 'git:./linux a..b;c'])('%s is no range', async (given) => {
  await expect(rangeOf(given, [], await repository())).rejects.toThrow('Expected git:DIR GOOD..BAD');
});

test.each(['../etc', '-x', 'a//b', 'a/-x', 'a b', ':(top)', ''])('"%s" is no path of a kernel tree', async (path) => {
  await expect(rangeOf('git:./linux a..b', [path], await repository())).rejects.toThrow('Expected a path within the kernel tree');
});

const [A, B, C] = ['a', 'b', 'c'].map((one) => one.repeat(40)) as [string, string, string];

test('commits are read with their parents, whatever their subjects say', () => {
  const commits = readCommits(`commit ${A} ${B} ${C}\n2026-11-02\tÉ <e@b.invalid>\tMerge\tbranch\ncommit ${B}\n2026-11-01\tx <>\t\n`);
  expect(commits).toEqual([
    { id: A, parents: [B, C], date: '2026-11-02', author: 'É <e@b.invalid>', subject: 'Merge\tbranch' }, { id: B, parents: [], date: '2026-11-01', author: 'x <>', subject: '' },
  ]);
  expect(() => readCommits('commit x\n\n')).toThrow('Expected git to list commits');
  expect(() => readCommits(`commit ${A}\n`)).toThrow('Expected git to list commits');
});

test('a change becomes a mail whose diff is what it was', () => {
  const diff = 'diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n';
  const mail = asMail(Buffer.from(diff), { good: A, commit: B }).toString();
  expect(mail).toMatch(/^From: .*\n(.*\n)*Subject: \[PATCH\] bisect: bbbbbbbbbbbb since aaaaaaaaaaaa\n/);
  expect(mail.endsWith(`\n---\n\n${diff}`)).toBe(true);
  expect(checkPatch(mail)).toMatchObject({ ok: true, files: ['x'] });
});
