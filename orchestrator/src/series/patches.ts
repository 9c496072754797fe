// The mails of a posting as patch files: what git reads of each, checked, and written as git format-patch would.
import type { Making } from '../lib/lab.ts';
import { refusal } from './refusal.ts';
import { readInfo, type MailInfo } from './in-builder.ts';
import { LIMITS } from './limits.ts';
import { addressLine, type Mail } from './mail.ts';
import { checkPatch, type PatchProblem } from './safe-patch.ts';
import { oneLine, slug } from './subject.ts';

export type WrittenPatch = { file: string; number: number; mail: Mail; subject: string; author: string; files: string[]; bytes: Buffer };

export async function writePatches(mails: readonly Mail[], making: Making): Promise<WrittenPatch[]> {
  if (mails.length > LIMITS.patches) throw refusal('TOO_MANY_PATCHES', `Expected at most ${LIMITS.patches} patches, got ${mails.length}`);
  const infos = await readInfo(mails.map((mail) => mail.bytes), making);
  return mails.map((mail, index) => {
    const place = { number: index + 1, total: mails.length };
    const info = infos[index];
    if (info === undefined) throw refusal('BAD_MAIL', `Expected git mailinfo to read ${sayPatch(mail, place)}, and it does not`, 'git mailinfo msg patch < MAIL');
    const { files, diff } = checked(info, mail, place);
    const subject = oneLine(info.subject.replace(/^(\[[^\]]*\]\s*)+/, '') || mail.subject.title || 'a patch', 300);
    const author = addressLine({ name: info.author || mail.from.name, address: info.email || mail.from.address });
    return {
      file: `${String(place.number).padStart(4, '0')}-${slug(subject, 52) || 'patch'}.patch`, number: place.number, mail, subject, author, files,
      bytes: formatted({ info, mail, author, subject, diff, place }),
    };
  });
}

type Place = { number: number; total: number };

const SAYS: Record<PatchProblem['code'], string> = {
  BINARY: 'is not text', OUTSIDE: 'names a file outside the kernel tree', MODE: 'makes something other than a plain file', NUL: 'is not text', TOO_BIG: 'is too big',
  TOO_MANY_FILES: 'changes too many files', MALFORMED: 'is no diff that can be read', EMPTY: 'has no diff',
};

function checked(info: MailInfo, mail: Mail, place: Place): { files: string[]; diff: string } {
  const text = info.diff.toString('latin1');
  const result = checkPatch(text);
  if (result.ok) return { files: result.files, diff: text.split('\n').slice(0, result.lines).join('\n') };
  const { code, line, why } = result.problem;
  throw refusal(`PATCH_${code}`, `${sayPatch(mail, place)} ${SAYS[code]}: ${why}${line > 0 ? ` (line ${line} of its diff)` : ''}`, 'the lab takes diffs of text, of plain files below the tree');
}

function sayPatch(mail: Mail, { number, total }: Place): string {
  return `patch ${number}/${total} ("${mail.subject.title.slice(0, 100)}")`;
}

type Parts = { info: MailInfo; mail: Mail; author: string; subject: string; diff: string; place: Place };

/** The same mail gives the same bytes. What git reads of this file again is what was checked: one header, one message, one diff. */
function formatted({ info, mail, author, subject, diff, place }: Parts): Buffer {
  const header = [
    'From 0000000000000000000000000000000000000000 Mon Sep 17 00:00:00 2001', `From: ${author}`, `Date: ${dateOf(info.date, mail.date)}`,
    `Subject: [PATCH${place.total > 1 ? ` ${place.number}/${place.total}` : ''}] ${subject}`,
    'MIME-Version: 1.0', 'Content-Type: text/plain; charset=UTF-8', 'Content-Transfer-Encoding: 8bit',
  ];
  const message = info.message.toString('latin1').replaceAll('\0', '').trim();
  const body = `${message}\n${diff.startsWith('---\n') ? '' : '---\n\n'}${diff}\n`;
  // A line that begins so would begin another mail.
  return Buffer.concat([Buffer.from(`${header.join('\n')}\n\n`), Buffer.from(body.replace(/^From /gm, '>From '), 'latin1')]);
}

/** The author's own, in the form of git; the mail's where git has none. */
function dateOf(said: string, date: number | null): string {
  return /^[\w ,:+-]{10,60}$/.test(said) ? said : new Date(date ?? 0).toUTCString().replace('GMT', '+0000');
}
