// Numbered patch files as postings: what a file's name says counts, whatever the subject of the patch in it says. Pure but for MIME.
import { refusal } from './refusal.ts';
import { readMail, withoutFromLine, type Mail, type Unread } from './mail.ts';
import { NUMBERED, type SourceFile } from './source.ts';
import type { Posting, Thread } from './thread.ts';

export async function readFolder(files: readonly SourceFile[]): Promise<{ thread: Thread; unread: Unread[] }> {
  const postings = new Map<number, Posting>();
  const unread: Unread[] = [];
  for (const [index, { name, bytes }] of files.entries()) {
    const [, given = '1', digits = '1'] = NUMBERED.exec(name) ?? [];
    const [version, number] = [Number(given), Number(digits)];
    const posting = postings.get(version) ?? { version, total: 0, cover: undefined, patches: new Map<number, Mail>(), twice: [], reroll: undefined };
    postings.set(version, posting);
    const mail = await mailIn(bytes, name, index);
    if ('why' in mail) {
      unread.push(mail);
      continue;
    }
    if (number === 0) {
      posting.cover = mail;
      continue;
    }
    if (posting.patches.has(number)) throw refusal('TWICE', `Expected each number once, got patch ${number} twice: ${name} and another`, 'remove the one that is left from before');
    posting.patches.set(number, mail);
    posting.total = Math.max(posting.total, number, mail.subject.counterGiven ? mail.subject.total : 0);
  }
  if (unread[0] !== undefined) throw refusal('BAD_MAIL', `${files[unread[0].index]?.name ?? ''} cannot be read: ${unread[0].why}`);
  return { thread: { postings: [...postings.values()].filter((one) => one.patches.size > 0), replies: [], trailers: [], others: [], sameId: 0, together: true }, unread };
}

/** A diff without a mail around it gets one: git am wants somebody who wrote it. */
async function mailIn(bytes: Buffer, name: string, index: number): Promise<Mail | Unread> {
  const plain = withoutFromLine(bytes);
  const isMail = /^[A-Za-z][A-Za-z0-9-]*:/.test(plain.toString('latin1', 0, 100)) && /^(subject|from):/im.test(plain.toString('latin1', 0, 64 * 1024));
  const read = await readMail(isMail ? plain : wrapped(plain, name), index);
  if (!Array.isArray(read)) return read;
  const [mail] = read;
  return mail === undefined ? { index, why: 'no mail' } : { ...mail, hasDiff: true };
}

function wrapped(diff: Buffer, name: string): Buffer {
  const title = name.replace(/\.(patch|diff|txt)$/, '').replace(/^(v\d+-)?\d{4}-/, '').replace(/[^\w.-]+/g, ' ').trim();
  const start = diff.toString('latin1').search(/^(diff --git |--- |Index: )/m);
  const [message, rest] = start < 0 ? [Buffer.alloc(0), diff] : [diff.subarray(0, start), diff.subarray(start)];
  const header = `From: unknown <unknown@invalid>\nSubject: [PATCH] ${title || 'a diff'}\nMIME-Version: 1.0\nContent-Type: text/plain; charset=UTF-8\nContent-Transfer-Encoding: 8bit\n\n`;
  return Buffer.concat([Buffer.from(header), message, Buffer.from('\n---\n\n'), rest]);
}
