// Git at work on what somebody sent: in a container of the builder image, without a network, on copies.
import { constants, type Stats } from 'node:fs';
import { chmod, lstat, mkdir, mkdtemp, open, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { builderImage } from '../image/images.ts';
import type { Bind } from '../lib/container.ts';
import { namesIn } from '../lib/files.ts';
import { LabError } from '../lib/lab-error.ts';
import type { Making } from '../lib/lab.ts';
import { refusal } from './refusal.ts';
import { LIMITS } from './limits.ts';

/** What git reads out of a mail: who wrote the patch, its message and its diff, as bytes. */
export type MailInfo = { author: string; email: string; subject: string; date: string; message: Buffer; diff: Buffer };

/** Of one container: a whole thread takes a second or two. */
const LIMIT_MS = 120_000;

export async function splitMbox(mbox: Uint8Array, making: Making): Promise<Buffer[]> {
  const { code, how, out, lines } = await inBuilder({ argv: ['split'], files: new Map([['mbox', mbox]]) }, making);
  if (code !== 0) throw refusal('BAD_MBOX', `Expected a mailbox that git can split, got one at which git mailsplit ends with ${how}`, undefined, lines.slice(-5).join('\n'));
  const mails = [...out.keys()].filter((name) => /^\d{4,6}$/.test(name)).sort();
  if (mails.length > LIMITS.mails) throw refusal('TOO_MANY_MAILS', `Expected at most ${LIMITS.mails} mails, got ${mails.length}`, 'save one thread per file');
  return mails.map((name) => out.get(name) ?? Buffer.alloc(0));
}

/** In the order of the mails; undefined where git can make nothing of one. */
export async function readInfo(mails: readonly Uint8Array[], making: Making): Promise<(MailInfo | undefined)[]> {
  const nameOf = (index: number): string => String(index + 1).padStart(4, '0');
  const { code, how, out, lines } = await inBuilder({ argv: ['info'], files: new Map(mails.map((mail, index) => [nameOf(index), withoutCr(mail)])) }, making);
  if (code !== 0) throw new LabError('NO_MAILINFO', `git mailinfo ended with ${how}`, { blame: 'lab', stage: 'request', evidence: lines.slice(-5).join('\n') });
  return mails.map((_, index) => {
    const [info, message, diff] = ['info', 'msg', 'patch'].map((kind) => out.get(`${nameOf(index)}.${kind}`));
    if (info === undefined || message === undefined || diff === undefined) return undefined;
    const field = (name: string): string => new RegExp(`^${name}: (.*)$`, 'm').exec(info.toString('utf8'))?.[1] ?? '';
    return { author: field('Author'), email: field('Email'), subject: field('Subject'), date: field('Date'), message, diff };
  });
}

/** As git mailsplit does: a mail that was saved with CR LF has them in its patch, too, and no kernel file has. */
function withoutCr(mail: Uint8Array): Uint8Array {
  const end = mail.indexOf(10);
  return end > 0 && mail[end - 1] === 13 ? Buffer.from(Buffer.from(mail).toString('latin1').replaceAll('\r\n', '\n'), 'latin1') : mail;
}

export type Repository = { gitDir: string; shown: string; range: string };

export async function commitsOf({ gitDir, shown, range }: Repository, making: Making): Promise<Buffer[]> {
  const { code, how, out, lines } = await inBuilder({ argv: ['range', range, String(LIMITS.patches)], binds: [{ from: gitDir, to: '/from' }] }, making);
  if (code === 11) throw refusal('TOO_MANY_PATCHES', `Expected at most ${LIMITS.patches} commits in ${range}, got ${lines.find((line) => line.startsWith('vlab-commits: '))?.slice(14) ?? 'more'}`);
  if (code !== 0) {
    throw refusal('NO_RANGE', `Expected commits ${range} in ${shown}, and git ends with ${how}`, `git -C ${shown} format-patch --stdout ${range} | vlab series add -`, lines.slice(-5).join('\n'));
  }
  return [...out.keys()].filter((name) => name.endsWith('.patch')).sort().map((name) => out.get(name) ?? Buffer.alloc(0));
}

export type Asked = { /** Of kernel/in-builder/. */ script?: 'split-mail.sh' | 'read-history.sh'; argv: string[]; files?: ReadonlyMap<string, Uint8Array>; binds?: Bind[] };
type Answered = { code: number; how: string; lines: string[]; out: Map<string, Buffer> };

export async function inBuilder({ script = 'split-mail.sh', argv, files = new Map<string, Uint8Array>(), binds = [] }: Asked, making: Making): Promise<Answered> {
  const { lab } = making;
  const builder = await builderImage(making);
  await mkdir(join(lab.config.home, 'series'), { recursive: true });
  const folder = await mkdtemp(join(lab.config.home, 'series', 'work-'));
  try {
    const [from, to] = [join(folder, 'in'), join(folder, 'out')];
    await mkdir(from);
    await mkdir(to);
    await chmod(to, 0o777);
    for (const [name, bytes] of files) await writeFile(join(from, name), bytes);
    const lines: string[] = [];
    const exit = await lab.engine.run({
      image: builder.tag, purpose: 'series', readOnly: true, memoryMiB: 1024, pids: 64, cpus: 2, argv: ['sh', `/in-builder/${script}`, ...argv],
      binds: [{ from: join(lab.config.checkout, 'orchestrator/src/kernel/in-builder'), to: '/in-builder' }, { from, to: '/in' }, { from: to, to: '/out', write: true }, ...binds],
    }, { signal: AbortSignal.any([making.signal, AbortSignal.timeout(LIMIT_MS)]), onLine: (line) => { if (lines.length < 1000) lines.push(line.slice(0, 500)); } });
    return { ...exit, lines, out: await takeOut(to) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Only plain files, and no more of them than a thread may have: whoever reads hostile text may be made to write what it wants. */
async function takeOut(folder: string): Promise<Map<string, Buffer>> {
  const found = new Map<string, Buffer>();
  let bytes = 0;
  for (const name of (await namesIn(folder)).slice(0, LIMITS.mails * 3 + 1)) {
    const content = await readPlain(join(folder, name), LIMITS.sourceBytes);
    if (typeof content === 'string') continue;
    bytes += content.length;
    if (bytes > LIMITS.sourceBytes * 3) throw refusal('TOO_BIG', `Expected at most ${LIMITS.sourceBytes * 3} bytes of mails and patches, got more`);
    found.set(name, content);
  }
  return found;
}

/** A file's content, or in words what it is instead. A link is not followed, a fifo not waited for, a device not opened. */
export async function readPlain(path: string, most: number, follow = false): Promise<Buffer | string> {
  const before = await (follow ? stat(path) : lstat(path)).catch((error: unknown) => error as NodeJS.ErrnoException);
  if (before instanceof Error) return before.code === 'ENOENT' ? 'no such file' : (before.code ?? before.message);
  if (!before.isFile()) return whatIs(before);
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | (follow ? 0 : constants.O_NOFOLLOW)).catch((error: unknown) => error as NodeJS.ErrnoException);
  if (file instanceof Error) return file.code ?? file.message;
  try {
    const found = await file.stat();
    if (!found.isFile()) return whatIs(found);
    if (found.size > most) return `a file of ${found.size} bytes, where ${most} are the most`;
    return await file.readFile();
  } finally {
    await file.close();
  }
}

function whatIs(found: Stats): string {
  if (found.isSymbolicLink()) return 'a symbolic link';
  if (found.isDirectory()) return 'a folder';
  return found.isFIFO() ? 'a fifo' : found.isSocket() ? 'a socket' : 'a device';
}
