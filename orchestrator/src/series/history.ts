// The commits between two of somebody's repository, and what one of them has otherwise than the first. Git reads the repository in a container.
import { basename, join } from 'node:path';
import type { Making } from '../lib/lab.ts';
import { inBuilder, type Asked } from './in-builder.ts';
import { LIMITS } from './limits.ts';
import { refusal } from './refusal.ts';
import { gitDirOf } from './repository.ts';
import { wholePath } from './source.ts';

/** `paths`: only what is below them counts; empty where all does. */
export type Range = { gitDir: string; shown: string; good: string; bad: string; paths: readonly string[] };
/** `parents`: of those that are in the range; with paths, the nearest ones that are. */
export type Commit = { id: string; parents: string[]; date: string; author: string; subject: string };
export type History = { good: string; commits: Commit[] };

const FORM = 'git:DIR GOOD..BAD';

export async function rangeOf(given: string, paths: readonly string[], folder: string): Promise<Range> {
  const [, dir = '', good = '', bad = ''] = /^git:(.+?)\s+([\w./@^~{}+-]+?)\.\.([\w./@^~{}+-]*)$/.exec(given) ?? [];
  if (good === '' || good.startsWith('-') || bad.startsWith('.')) throw refusal('BAD_RANGE', `Expected ${FORM}, got "${given}"`, 'vlab bisect "git:~/src/linux v6.12..HEAD"');
  const odd = paths.find((path) => !/^[A-Za-z0-9_.,+@=~%#/-]+$/.test(path) || path.split('/').some((part, at, all) => part === '..' || part.startsWith('-') || (part === '' && at < all.length - 1)));
  if (odd !== undefined) throw refusal('BAD_PATH', `Expected a path within the kernel tree, got "${odd}"`, '--path drivers/gpu/drm/virtio');
  const shown = wholePath(dir, folder);
  return { gitDir: await gitDirOf(shown), shown, good, bad: bad === '' ? 'HEAD' : bad, paths };
}

/** How a range is called in answers: short, and without the way to the repository. */
export function nameOf({ shown, good, bad, paths }: Range): string {
  return [`${basename(shown)} ${good}..${bad}`, ...paths].join(' ');
}

/** The newest first. */
export async function historyOf(range: Range, making: Making): Promise<History> {
  const { good, bad, shown, paths } = range;
  const { code, how, lines, out } = await inBuilder(ask(range, 'commits', [good, bad, String(LIMITS.commits), ...paths]), making);
  const below = paths.length === 0 ? '' : ` below ${paths.join(', ')}`;
  if (code === 10) throw refusal('NO_RANGE', `Expected commits ${good} and ${bad} in ${shown}, found no ${said(lines, 'vlab-unknown: ') ?? 'such'}`, `git -C ${shown} log --oneline ${good}..${bad}`);
  if (code === 11) throw refusal('LONG_RANGE', `Expected at most ${String(LIMITS.commits)} commits in ${good}..${bad}${below}, got ${said(lines, 'vlab-commits: ') ?? 'more'}`, '--path drivers/gpu/drm/virtio');
  if (code === 12) throw refusal('NO_ANCESTOR', `Expected ${good} to be in the history of ${bad}, and it is not`, `git -C ${shown} merge-base ${good} ${bad}, which may be the good one`);
  if (code !== 0) throw refusal('NO_RANGE', `Expected commits ${good}..${bad} in ${shown}, and git ends with ${how}`, `git -C ${shown} fsck --connectivity-only`, lines.slice(-5).join('\n'));
  const commits = readCommits(out.get('commits')?.toString('utf8') ?? '');
  if (commits.length === 0) throw refusal('EMPTY_RANGE', `Expected commits in ${good}..${bad} of ${shown}${below}, found none`, `git -C ${shown} log --oneline ${good}..${bad}`);
  return { good: out.get('good')?.toString('utf8').trim() ?? '', commits };
}

/** As a diff; empty where there is no difference. */
export async function changeOf(range: Range, good: string, commit: string, making: Making): Promise<Buffer> {
  const { code, how, lines, out } = await inBuilder(ask(range, 'change', [good, commit, ...range.paths]), making);
  const diff = out.get('diff');
  if (code !== 0 || diff === undefined) throw refusal('NO_CHANGE', `Expected git to compare ${commit.slice(0, 12)} with ${good.slice(0, 12)}, and it ends with ${code === 0 ? 'more than can be read' : how}`, '--path drivers/gpu/drm/virtio', lines.slice(-5).join('\n'));
  if (diff.length > LIMITS.patchBytes) throw refusal('PATCH_TOO_BIG', `Expected at most ${String(LIMITS.patchBytes)} bytes of changes from ${good.slice(0, 12)} to ${commit.slice(0, 12)}, got ${String(diff.length)}`, '--path drivers/gpu/drm/virtio');
  return diff;
}

function ask({ gitDir }: Range, what: string, words: readonly string[]): Asked {
  return { script: 'read-history.sh', argv: [what, ...words], binds: [{ from: gitDir, to: '/from' }] };
}

function said(lines: readonly string[], mark: string): string | undefined {
  return lines.find((line) => line.startsWith(mark))?.slice(mark.length);
}

/** Two lines for each: git's own, and one of which author and subject are anybody's words, but in one line. */
export function readCommits(text: string): Commit[] {
  const lines = text.split('\n').slice(0, -1);
  return Array.from({ length: Math.ceil(lines.length / 2) }, (_, n) => {
    const [, id = '', parents = ''] = /^commit ([0-9a-f]{40}|[0-9a-f]{64})((?: [0-9a-f]+)*)$/.exec(lines[2 * n] ?? '') ?? [];
    const [, date, author = '', subject = ''] = /^([0-9-]*)\t([^\t]*)\t(.*)$/.exec(lines[2 * n + 1] ?? '') ?? [];
    if (id === '' || date === undefined) throw refusal('BAD_REPOSITORY', `Expected git to list commits, got "${lines.slice(2 * n, 2 * n + 2).join(' | ').slice(0, 200).replace(/[^\x20-\x7e]/g, '?')}"`);
    return { id, parents: parents.split(' ').filter((parent) => parent !== ''), date, author: author.slice(0, 200), subject: subject.slice(0, LIMITS.subjectChars) };
  });
}

/** The change as a mail that vlab series add takes. Its subject says whose it is; the same change is the same mail. */
export function asMail(diff: Buffer, { good, commit }: { good: string; commit: string }): Buffer {
  const head = [
    'From: vlab bisect <bisect@vlab.invalid>', 'MIME-Version: 1.0', 'Content-Type: text/plain; charset=UTF-8', 'Content-Transfer-Encoding: 8bit', 'Date: Thu, 1 Jan 1970 00:00:00 +0000', `Subject: [PATCH] bisect: ${commit.slice(0, 12)} since ${good.slice(0, 12)}`, '',
    `All that ${commit} has otherwise than ${good}.`, '---', '', '',
  ];
  return Buffer.concat([Buffer.from(head.join('\n')), diff]);
}

export function mailPath(folder: string, commit: string): string {
  return join(folder, `${commit.slice(0, 12)}.patch`);
}
