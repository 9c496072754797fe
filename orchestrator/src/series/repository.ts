// Where the objects of somebody's git repository are. Reads two small files at most; git itself looks at it in a container only.
import { join, resolve } from 'node:path';
import { stat } from 'node:fs/promises';
import { refusal } from './refusal.ts';
import { readPlain } from './in-builder.ts';

const MOST = 4096;

/** The repository's own folder, of a work tree or of a bare one. */
export async function gitDirOf(folder: string): Promise<string> {
  const inside = join(folder, '.git');
  const found = await stat(inside).catch(() => undefined);
  const gitDir = found?.isDirectory() === true ? inside : found?.isFile() === true ? await linkedTo(inside, folder) : folder;
  if (gitDir.includes(':')) throw refusal('BAD_REPOSITORY', `Expected a path without a colon, got ${gitDir}`);
  const head = await stat(join(gitDir, 'HEAD')).catch(() => undefined);
  const objects = await stat(join(gitDir, 'objects')).catch(() => undefined);
  if (head?.isFile() !== true || objects?.isDirectory() !== true) throw refusal('BAD_REPOSITORY', `Expected a git repository at ${folder}, found none`, 'vlab series add "git:DIR BASE..HEAD"');
  return gitDir;
}

/** A work tree beside its repository (git worktree): the branches are the repository's, HEAD is not. */
async function linkedTo(file: string, folder: string): Promise<string> {
  const text = await readPlain(file, MOST);
  const gitDir = typeof text === 'string' ? undefined : /^gitdir: (.+?)\s*$/.exec(text.toString('utf8'))?.[1];
  const common = gitDir === undefined ? 'no gitdir' : await readPlain(join(resolve(folder, gitDir), 'commondir'), MOST);
  if (gitDir === undefined || typeof common === 'string') throw refusal('BAD_REPOSITORY', `Expected a git repository at ${folder}, got a .git file that leads to none`);
  const repository = resolve(folder, gitDir, common.toString('utf8').trim());
  throw refusal('LINKED_TREE', `Expected a repository, got ${folder}, a work tree of ${repository}`, `vlab series add "git:${repository} BASE..BRANCH", with the branch's name instead of HEAD`);
}
