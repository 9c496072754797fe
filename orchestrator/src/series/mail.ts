// One mail, as far as the lab reads it: headers, trailers, whether there is a diff in it and where. What the diff says is git's to read.
import PostalMime, { type Attachment, type Email } from 'postal-mime';
import { messageOf } from '../lib/lab-error.ts';
import { LIMITS } from './limits.ts';
import { oneLine, parseSubject, type Subject } from './subject.ts';

export type Mail = {
  /** In the order of the source. */
  index: number;
  subject: Subject;
  /** Without the angle brackets; made up where the mail has none. */
  id: string;
  /** Whom it answers: In-Reply-To first, then the references from the last to the first. */
  parents: string[];
  from: { name: string; address: string };
  date: number | null;
  /** As it stands in the mail. */
  dateText: string;
  /** The text, for trailers. */
  text: string;
  hasDiff: boolean;
  /** What git is to read: the mail itself, or one put together from the part that has the diff. */
  bytes: Uint8Array;
};

export type Unread = { index: number; why: string };

const DIFF = /^(---.*\r?\n\+\+\+ |GIT binary patch|diff --git \S)/m;
const MAX_NESTING = 20;
const MAX_ATTACHMENTS = 100;
const MAX_PARENTS = 50;

/** A mail and the patches that are attached to it as mails of their own, or why it cannot be read. */
export async function readMail(bytes: Uint8Array, index: number): Promise<Mail[] | Unread> {
  if (bytes.length > LIMITS.mailBytes) return { index, why: `Expected a mail of at most ${LIMITS.mailBytes} bytes, got ${bytes.length}` };
  if (linesIn(bytes) > LIMITS.mailLines) return { index, why: `Expected a mail of at most ${LIMITS.mailLines} lines, got ${linesIn(bytes)}` };
  let email: Email;
  try {
    email = await PostalMime.parse(bytes, { maxNestingDepth: MAX_NESTING, maxHeadersSize: LIMITS.headerBytes, forceRfc822Attachments: true });
  } catch (cause) {
    return { index, why: messageOf(cause) };
  }
  const text = (email.text ?? '').replaceAll('\r\n', '\n');
  const outer = mailOf(email, { index, text, bytes });
  const attached = email.attachments.slice(0, MAX_ATTACHMENTS).map(contentOf).filter((content) => DIFF.test(content.toString('latin1')));
  const whole = attached.filter(isMail);
  if (whole.length > 0 && !outer.subject.reply) {
    const inner = await attachedMails(whole, outer);
    const [only] = inner;
    // One that only carries its patch is that patch; one with several is what stands above them.
    return inner.length === 1 && only !== undefined ? [{ ...only, id: outer.id, parents: outer.parents }] : [{ ...outer, hasDiff: false }, ...inner];
  }
  if (DIFF.test(text)) {
    const multipart = email.headers.some((header) => header.key === 'content-type' && /^\s*multipart\//i.test(header.value));
    return [{ ...outer, hasDiff: true, bytes: multipart ? asMail(outer, Buffer.from(text)) : bytes }];
  }
  const bare = attached.filter((content) => !isMail(content));
  if (bare.length === 0) return [outer];
  return bare.map((diff, at) => ({
    ...outer, hasDiff: true, id: at === 0 ? outer.id : `${outer.id}#${at + 1}`,
    subject: bare.length === 1 ? outer.subject : { ...outer.subject, counter: at + 1, total: bare.length, counterGiven: true },
    bytes: asMail(outer, Buffer.concat([Buffer.from(`${text.trimEnd()}\n---\n`), diff])),
  }));
}

export function linesIn(bytes: Uint8Array): number {
  let lines = 0;
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) lines++;
  return lines;
}

/** How the name of a mail begins that has no Message-ID. */
const UNSENT = 'none-';

/** What `git format-patch` wrote, or a whole mail: it has a subject of its own. */
function isMail(content: Buffer): boolean {
  return /^(From |Subject:|From:|Date:|Message-I[dD]:)/.test(content.toString('latin1', 0, 20)) && /^Subject:/im.test(content.toString('latin1', 0, LIMITS.headerBytes));
}

/** A patch file that is attached belongs to the thread where the mail does that it came with. */
async function attachedMails(contents: readonly Buffer[], outer: Mail): Promise<Mail[]> {
  const found: Mail[] = [];
  for (const [at, content] of contents.entries()) {
    const read = await readMail(withoutFromLine(content), outer.index);
    if (!Array.isArray(read)) continue;
    for (const mail of read) {
      found.push({ ...mail, id: mail.id.startsWith(UNSENT) ? `${outer.id}#${at + 1}` : mail.id, parents: mail.parents.length > 0 ? mail.parents : [outer.id, ...outer.parents] });
    }
  }
  return found;
}

/** The Message-ID that somebody really sent: null of a mail that has none. What came in one mail with others has that mail's. */
export function sentId(id: string | undefined): string | null {
  return id === undefined || id.startsWith(UNSENT) ? null : id.replace(/#\d+$/, '');
}

/** The line that begins a mail in an mbox is no header. */
export function withoutFromLine(bytes: Buffer): Buffer {
  return bytes.toString('latin1', 0, 5) === 'From ' ? bytes.subarray(bytes.indexOf(10) + 1) : bytes;
}

function mailOf(email: Email, { index, text, bytes }: { index: number; text: string; bytes: Uint8Array }): Mail {
  const from = email.from?.group?.[0] ?? email.from;
  const address = oneLine(from?.address ?? '');
  const date = Date.parse(email.date ?? '');
  return {
    index, text, bytes, hasDiff: false,
    subject: parseSubject(email.subject ?? ''),
    id: idsIn(email.messageId ?? '')[0] ?? `${UNSENT}${index}`,
    parents: [...new Set([...idsIn(email.inReplyTo ?? ''), ...idsIn(email.references ?? '').reverse()])].slice(0, MAX_PARENTS),
    from: { name: oneLine(from?.name ?? '') || address, address },
    date: Number.isNaN(date) ? null : date,
    dateText: oneLine(email.headers.find((header) => header.key === 'date')?.value ?? '', 100),
  };
}

function idsIn(header: string): string[] {
  const bracketed = [...header.matchAll(/<([^<>\s]{1,500})>/g)].map((match) => match[1] ?? '');
  return bracketed.length > 0 ? bracketed : header.split(/\s+/).filter((word) => /^[^<>\s]+@[^<>\s]+$/.test(word)).slice(0, MAX_PARENTS);
}

/** Of several parts only one is the patch, and what the others say would stand between its hunks. */
function asMail(mail: Mail, body: Buffer): Uint8Array {
  const header = [
    `From: ${addressLine(mail.from)}`, `Date: ${mail.dateText}`, `Subject: ${mail.subject.full}`,
    'MIME-Version: 1.0', 'Content-Type: text/plain; charset=UTF-8', 'Content-Transfer-Encoding: 8bit',
  ];
  return Buffer.concat([Buffer.from(`${header.join('\n')}\n\n`), body]);
}

/** A name with more than words in it is quoted, so that none of it is read as an address. */
export function addressLine({ name, address }: Mail['from']): string {
  const plain = oneLine(name, 200).replace(/["\\<>]/g, '');
  const spoken = /[^\w\s'\u0080-\uffff-]/.test(plain) ? `"${plain}"` : plain;
  return `${spoken === '' ? 'unknown' : spoken} <${oneLine(address, 200).replace(/[<>\s]/g, '') || 'unknown@invalid'}>`;
}

function contentOf(attachment: Attachment): Buffer {
  const { content } = attachment;
  return typeof content === 'string' ? Buffer.from(content) : Buffer.from(content as Uint8Array);
}
