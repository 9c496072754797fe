// What a base is before it is fetched: two jobs that name the same base get the same kernel only if this says the same.
import { mkdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { emptyFolder, rejection } from '../../test/parts.ts';
import { runProgram } from '../lib/exec.ts';
import { identityOf } from './source.ts';

const signal = new AbortController().signal;
const hasGit = (await runProgram('git', ['--version'])).ok;

test('a Debian package has no identity of its own: its version is known once it is fetched', async () => {
  expect(await identityOf({ package: 'linux-source-6.12', suite: 'trixie' }, signal)).toBeNull();
});

describe.skipIf(!hasGit)('a git base is the commit that its ref names', () => {
  test('a branch is its tip, and follows it', async () => {
    const { git, commit } = await repository();
    const first = await commit('one');
    expect(await identityOf({ git, ref: 'main' }, signal)).toBe(first);
    const second = await commit('two');
    expect(second).not.toBe(first);
    expect(await identityOf({ git, ref: 'main' }, signal)).toBe(second);
  });

  test('an annotated tag is the commit it is on, not the tag', async () => {
    const { git, commit, run } = await repository();
    const first = await commit('one');
    await run('tag', '-a', 'v1', '-m', 'one');
    await commit('two');
    expect(await identityOf({ git, ref: 'v1' }, signal)).toBe(first);
  });

  test('a commit that no ref names is itself', async () => {
    const { git, commit } = await repository();
    await commit('one');
    expect(await identityOf({ git, ref: '1234567890'.repeat(4) }, signal)).toBe('1234567890'.repeat(4));
  });

  test('a ref that is not there is told with the repository', async () => {
    const { git, commit } = await repository();
    await commit('one');
    expect(await rejection(identityOf({ git, ref: 'v9' }, signal))).toMatchObject({ code: 'NO_REF', blame: 'request', message: expect.stringContaining(`${git} has no ref "v9"`) as string });
    expect(await rejection(identityOf({ git: `${git}/not-there`, ref: 'v9' }, signal))).toMatchObject({ code: 'NO_REF', blame: 'request' });
  });

  test('a name that a tag and a branch share has to be written in full', async () => {
    const { git, commit, run } = await repository();
    await commit('one');
    await run('branch', 'v1');
    const second = await commit('two');
    await run('tag', 'v1');
    expect(await rejection(identityOf({ git, ref: 'v1' }, signal))).toMatchObject({ code: 'VAGUE_REF', message: expect.stringContaining('refs/heads/v1 and refs/tags/v1') as string });
    expect(await identityOf({ git, ref: 'refs/tags/v1' }, signal)).toBe(second);
  });
});

test('a folder is its files\' names, sizes and times: each of them makes another base', async () => {
  const folder = await emptyFolder();
  await mkdir(join(folder, 'drivers'));
  const file = join(folder, 'drivers/a.c');
  await writeFile(file, 'int a;\n');
  await utimes(file, 1, 1);
  const identity = (): Promise<string | null> => identityOf({ folder }, signal);
  const seen = [await identity()];
  expect(await identity()).toBe(seen[0]);
  await utimes(file, 2, 2);
  seen.push(await identity());
  await writeFile(file, 'int ab;\n');
  await utimes(file, 2, 2);
  seen.push(await identity());
  await writeFile(join(folder, 'drivers/b.c'), '');
  seen.push(await identity());
  expect(new Set(seen).size).toBe(4);
});

type Repository = { git: string; run: (...argv: string[]) => Promise<string>; commit: (message: string) => Promise<string> };

async function repository(): Promise<Repository> {
  const git = await emptyFolder();
  const run = async (...argv: string[]): Promise<string> => {
    const ran = await runProgram('git', ['-C', git, '-c', 'user.name=Test', '-c', 'user.email=test@virgil-lab.example', ...argv], signal);
    if (!ran.ok) throw new Error(ran.stderr);
    return ran.stdout.trim();
  };
  await run('init', '-q', '-b', 'main');
  return {
    git, run,
    commit: async (message) => {
      await run('commit', '-q', '--allow-empty', '-m', message);
      return run('rev-parse', 'HEAD');
    },
  };
}
