// What somebody gave as a series: which of the forms it has, and its mails. Reads plain files only, and no more of them than a series may have.
import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { gunzip } from 'node:zlib';
import { promisify } from 'node:util';
import type { SourceKind } from '../contract/series.ts';
import { namesIn } from '../lib/files.ts';
import { messageOf } from '../lib/lab-error.ts';
import type { Making } from '../lib/lab.ts';
import { refusal } from './refusal.ts';
import { commitsOf, readPlain, splitMbox } from './in-builder.ts';
import { LIMITS } from './limits.ts';
import { gitDirOf } from './repository.ts';

/** `yaml`: the folder's own series.yaml. `numbers`: what its file names say, where they do. */
export type SourceFile = { name: string; bytes: Buffer };
export type Source = { kind: SourceKind; files: SourceFile[]; yaml?: string };

export const FORMS = 'a folder of numbered patches, an mbox (.gz too), a maildir, a .patch or .eml, "git:DIR BASE..HEAD", or - for standard input';

/** Of a folder: what git format-patch calls its files, with -v too. */
export const NUMBERED = /^(?:v(\d{1,4})-)?(\d{4})-.*\.patch$/;

/** Whether a word where a name of a series belongs is meant as a source instead. */
export function looksLikeSource(given: string, folder: string): boolean {
  if (given.startsWith('git:') || /^(\/|\.\.?\/|~\/|\.\.?$)/.test(given) || /\.(mbox|mbx|patch|diff|eml|gz)$/.test(given)) return true;
  return /^[^\0]{1,4000}$/.test(given) && existsSync(resolve(folder, given));
}

/** The same, and whether anything is there. */
export function sourceAt(given: string, folder: string): 'there' | 'missing' | undefined {
  if (!looksLikeSource(given, folder)) return undefined;
  const path = /^git:(.+?)\s+\S+$/.exec(given)?.[1] ?? given.replace(/^git:/, '');
  return existsSync(wholePath(path, folder)) ? 'there' : 'missing';
}

export function wholePath(path: string, folder: string): string {
  return resolve(folder, path.replace(/^~(?=\/|$)/, homedir()));
}

export type Place = { folder: string; stdin: () => Promise<Buffer> };

/** A thread comes as one mailbox that git has yet to split; everything else as the mails that it is made of. */
export async function openSource(given: string, place: Place, making: Making): Promise<Source> {
  if (given.startsWith('git:')) return gitSource(given, place.folder, making);
  if (given === '-') return fromBytes(await place.stdin(), 'standard input', making);
  const path = wholePath(given, place.folder);
  const found = await stat(path).catch((error: unknown) => messageOf(error));
  if (typeof found === 'string') throw refusal('NO_SOURCE', `Expected a series at ${path}, found ${found.startsWith('ENOENT') ? 'nothing' : found}`, 'vlab help series add');
  if (found.isDirectory()) return folderSource(path);
  const content = await readPlain(path, LIMITS.sourceBytes, true);
  if (typeof content === 'string') throw refusal('BAD_SOURCE', `Expected ${FORMS}; ${path} is ${content}`, 'vlab help series add');
  return fromBytes(content, basename(path), making);
}

async function gitSource(given: string, folder: string, making: Making): Promise<Source> {
  const [, dir = '', range = ''] = /^git:(.+?)\s+(\S+)$/.exec(given) ?? [];
  if (!/^[\w./@^~{}+-]+\.\.[\w./@^~{}+-]*$/.test(range) || range.startsWith('-') || range.includes('...')) {
    throw refusal('BAD_RANGE', `Expected git:DIR BASE..HEAD, got "${given}"`, 'vlab series add "git:~/src/linux v6.12..HEAD"');
  }
  const shown = wholePath(dir, folder);
  const patches = await commitsOf({ gitDir: await gitDirOf(shown), shown, range }, making);
  if (patches.length === 0) throw refusal('EMPTY_RANGE', `Expected commits in ${range} of ${shown}, found none`, `git -C ${shown} log --oneline ${range}`);
  return { kind: 'git', files: patches.map((bytes, index) => ({ name: `${String(index + 1).padStart(4, '0')}-commit.patch`, bytes })) };
}

const asyncGunzip = promisify(gunzip);

async function fromBytes(given: Buffer, name: string, making: Making): Promise<Source> {
  const content = await unpacked(given, name);
  const start = content.toString('latin1', 0, 4).startsWith('\u00ef\u00bb\u00bf') ? 3 : 0;
  const text = content.subarray(start + leadingBlanks(content, start));
  const head = text.toString('latin1', 0, 64 * 1024);
  if (/^From \S.*\d\d:\d\d/.test(head)) return { kind: 'mbox', files: named(await splitMbox(withPlainDates(text), making)) };
  if (/^[A-Za-z][A-Za-z0-9-]*:[ \t]?/.test(head) && /^(subject|from):/im.test(head)) return { kind: 'mail', files: [{ name, bytes: text }] };
  if (/^(diff --git |--- \S.*\n\+\+\+ )/m.test(head)) return { kind: 'diff', files: [{ name, bytes: text }] };
  throw refusal('BAD_SOURCE', `Expected ${FORMS}; ${name} ${text.length === 0 ? 'is empty' : 'begins like none of them'}`, 'vlab help series add');
}

async function unpacked(content: Buffer, name: string): Promise<Buffer> {
  if (content[0] !== 0x1f || content[1] !== 0x8b) return content;
  try {
    return await asyncGunzip(content, { maxOutputLength: LIMITS.sourceBytes });
  } catch (cause) {
    const tooBig = cause instanceof Error && 'code' in cause && cause.code === 'ERR_BUFFER_TOO_LARGE';
    throw refusal('BAD_GZIP', `Expected ${name} to unpack to at most ${LIMITS.sourceBytes} bytes, got ${tooBig ? 'more' : `no whole gzip file: ${messageOf(cause)}`}`, 'save one thread per file');
  }
}

function leadingBlanks(content: Buffer, start: number): number {
  let at = start;
  while (at < content.length && (content[at] === 10 || content[at] === 13)) at++;
  return at - start;
}

/** Some mailers write the zone before the year, and git takes no such line for the begin of a mail. */
function withPlainDates(mbox: Buffer): Buffer {
  const line = /^(From \S+ +[A-Z][a-z]{2} [A-Z][a-z]{2} +\d{1,2} \d\d:\d\d:\d\d) [+-]\d{4} (\d{4})(?=\r?$)/gm;
  const text = mbox.toString('latin1');
  return /^From .* [+-]\d{4} \d{4}\r?$/m.test(text) ? Buffer.from(text.replace(line, '$1 $2'), 'latin1') : mbox;
}

function named(mails: readonly Buffer[]): SourceFile[] {
  return mails.map((bytes, index) => ({ name: String(index + 1), bytes }));
}

async function folderSource(path: string): Promise<Source> {
  const names = await namesIn(path);
  const numbered = names.filter((name) => NUMBERED.test(name));
  if (numbered.length > 0 || names.includes('series.yaml')) return patchFolder(path, names, numbered);
  if (names.includes('cur') || names.includes('new')) return { kind: 'maildir', files: await mailsIn([join(path, 'new'), join(path, 'cur')]) };
  if (names.some((name) => name.endsWith('.eml'))) return { kind: 'maildir', files: (await mailsIn([path])).filter((file) => file.name.endsWith('.eml')) };
  throw refusal('BAD_SOURCE', `Expected ${FORMS}; the folder ${path} has no 0001-*.patch, no cur/ and no new/`, 'git format-patch -o DIR BASE..HEAD');
}

async function patchFolder(path: string, names: readonly string[], numbered: readonly string[]): Promise<Source> {
  if (numbered.length > LIMITS.patches + 1) throw refusal('TOO_MANY_PATCHES', `Expected at most ${LIMITS.patches} patches, got ${numbered.length}`);
  if (numbered.length === 0) throw refusal('NO_PATCHES', `Expected numbered patches beside ${join(path, 'series.yaml')}, found none`, `git format-patch -o ${path} BASE..HEAD`);
  const files: SourceFile[] = [];
  for (const name of numbered) {
    const bytes = await readPlain(join(path, name), LIMITS.mailBytes);
    if (typeof bytes === 'string') throw refusal('BAD_SOURCE', `Expected ${join(path, name)} to be a plain file, got ${bytes}`);
    files.push({ name, bytes });
  }
  const yaml = names.includes('series.yaml') ? await readPlain(join(path, 'series.yaml'), LIMITS.headerBytes) : undefined;
  if (typeof yaml === 'string') throw refusal('BAD_SOURCE', `Expected ${join(path, 'series.yaml')} to be a plain file, got ${yaml}`);
  return { kind: 'folder', files, ...(yaml === undefined ? {} : { yaml: yaml.toString('utf8') }) };
}

/** In a maildir links, fifos and what else is no file are passed over: a mail is a file there. */
async function mailsIn(folders: readonly string[]): Promise<SourceFile[]> {
  const files: SourceFile[] = [];
  let bytes = 0;
  for (const folder of folders) {
    for (const name of await namesIn(folder).catch(() => [])) {
      if (name.startsWith('.')) continue;
      const content = await readPlain(join(folder, name), LIMITS.mailBytes);
      if (typeof content === 'string') continue;
      bytes += content.length;
      if (files.push({ name, bytes: content }) > LIMITS.mails) throw refusal('TOO_MANY_MAILS', `Expected at most ${LIMITS.mails} mails, got more`, 'save one thread per maildir');
      if (bytes > LIMITS.sourceBytes) throw refusal('TOO_BIG', `Expected at most ${LIMITS.sourceBytes} bytes of mails, got more`, 'save one thread per maildir');
    }
  }
  return files;
}
