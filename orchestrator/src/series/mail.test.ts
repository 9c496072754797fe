// Mails as mailers make them, and as somebody makes them who means no good.
import { describe, expect, test } from 'vitest';
import { LIMITS } from './limits.ts';
import { addressLine, readMail, sentId, type Mail } from './mail.ts';

const DIFF = 'diff --git a/x.c b/x.c\n--- a/x.c\n+++ b/x.c\n@@ -1 +1 @@\n-a\n+b\n';
const HEAD = 'From: Mara Linde <mara@kernel.invalid>\nDate: Mon, 2 Nov 2026 09:20:00 +0100\nMessage-ID: <m@x>\n';

async function all(text: string | Uint8Array): Promise<Mail[]> {
  const read = await readMail(typeof text === 'string' ? Buffer.from(text) : text, 0);
  if (!Array.isArray(read)) throw new Error(read.why);
  return read;
}

async function one(text: string | Uint8Array): Promise<Mail> {
  const [mail, ...more] = await all(text);
  if (mail === undefined || more.length > 0) throw new Error('Expected one mail');
  return mail;
}

function multipart(...parts: string[]): string {
  return `${HEAD}Subject: [PATCH v2 1/2] part 1\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="b"\n\n${parts.map((part) => `--b\n${part}\n`).join('')}--b--\n`;
}

test('a Message-ID is what somebody sent: none of a mail without one, and that of the mail in which several came', async () => {
  expect(sentId((await one(`From: a <a@x.invalid>\nSubject: [PATCH] a\n\n---\n${DIFF}`)).id)).toBeNull();
  expect(sentId((await one(`${HEAD}Subject: [PATCH] a\n\n---\n${DIFF}`)).id)).toBe('m@x');
  expect([sentId('m@x#2'), sentId(undefined)]).toEqual(['m@x', null]);
});

describe('a diff is found', () => {
  test.each([
    ['as it is', `${HEAD}Subject: [PATCH] a\n\nWhy.\n---\n${DIFF}`],
    ['with CR LF', `${HEAD}Subject: [PATCH] a\n\nWhy.\n---\n${DIFF}`.replaceAll('\n', '\r\n')],
    ['as base64', `${HEAD}Subject: [PATCH] a\nContent-Transfer-Encoding: base64\n\n${Buffer.from(`Why.\n---\n${DIFF}`).toString('base64')}\n`],
    ['as quoted-printable', `${HEAD}Subject: [PATCH] a\nContent-Transfer-Encoding: quoted-printable\n\nWhy.\n---\ndiff --git a/x.c b/x=\n.c\n--- a/x.c\n+++ b/x.c\n@@ -1 +1 @@\n-a\n+b\n`],
    ['without git\'s headers', `${HEAD}Subject: [PATCH] a\n\n--- a/x.c\n+++ b/x.c\n@@ -1 +1 @@\n-a\n+b\n`],
    ['of another encoding', Buffer.from(`${HEAD}Subject: =?ISO-8859-1?Q?[PATCH]_caf=E9?=\nContent-Type: text/plain; charset=ISO-8859-1\n\ncaf\u00e9\n---\n${DIFF}`, 'latin1')],
  ])('%s, and git is given the mail itself', async (_, text) => {
    const mail = await one(text);
    expect(mail).toMatchObject({ hasDiff: true, subject: { patch: true }, from: { name: 'Mara Linde', address: 'mara@kernel.invalid' }, id: 'm@x', date: Date.UTC(2026, 10, 2, 8, 20) });
    expect(Buffer.from(mail.bytes).equals(Buffer.from(text))).toBe(true);
  });

  test('but not where it is quoted', async () => {
    expect((await one(`${HEAD}Subject: Re: [PATCH] a\n\n> ${DIFF.replaceAll('\n', '\n> ')}`)).hasDiff).toBe(false);
  });
});

describe('of several parts', () => {
  test('the text is the patch, and what stands beside it is not put between its hunks', async () => {
    const mail = await one(multipart(`Content-Type: text/plain\n\nWhy.\n---\n${DIFF}`, `Content-Type: text/html\n\n<pre>${DIFF}</pre>`, 'Content-Type: application/pgp-signature\n\nx'));
    expect(mail.hasDiff).toBe(true);
    expect(Buffer.from(mail.bytes).toString().match(/^diff --git/gm)).toHaveLength(1);
  });

  test('an attached diff is the patch, and the text its message', async () => {
    const mail = await one(multipart('Content-Type: text/plain\n\nWhy it is so.', `Content-Type: text/x-patch; name=a.patch\nContent-Disposition: attachment; filename=a.patch\nContent-Transfer-Encoding: base64\n\n${Buffer.from(DIFF).toString('base64')}`));
    expect(mail).toMatchObject({ hasDiff: true, subject: { version: 2, counter: 1, total: 2 } });
    expect(Buffer.from(mail.bytes).toString()).toContain(`Why it is so.\n---\n${DIFF}`);
  });

  test('attached files of git format-patch are mails of their own, in the thread of the one that brought them', async () => {
    const file = (n: number): string => `Content-Type: text/x-patch\nContent-Disposition: attachment; filename=000${n}-a.patch\n\nFrom 0123 Mon Sep 17 00:00:00 2001\nFrom: Jon <jon@x.y>\nSubject: [PATCH ${n}/2] attached ${n}\n\nWhy.\n---\n${DIFF}`;
    const mails = await all(multipart('Content-Type: text/plain\n\nSee below.', file(1), file(2)));
    expect(mails.map((mail) => [mail.subject.title, mail.hasDiff, mail.from.name])).toEqual([['part 1', false, 'Mara Linde'], ['attached 1', true, 'Jon'], ['attached 2', true, 'Jon']]);
    expect(mails[1]?.parents).toEqual(['m@x']);
    expect(new Set(mails.map((mail) => mail.id)).size).toBe(3);
  });

  test('a mail that only brings one file of git format-patch is that patch, where it stands in the thread', async () => {
    const brought = `Content-Type: text/x-patch\nContent-Disposition: attachment\n\nFrom 0123 Mon Sep 17 00:00:00 2001\nFrom: Jon <jon@x.y>\nSubject: [PATCH v2 1/2] in it\n\nWhy.\n---\n${DIFF}`;
    expect(await one(multipart('Content-Type: text/plain\n\nSorry for the attachment.', brought).replace('Subject', 'In-Reply-To: <c@x>\nSubject'))).toMatchObject({
      id: 'm@x', parents: ['c@x'], hasDiff: true, from: { name: 'Jon' }, subject: { title: 'in it', version: 2 },
    });
  });

  test('a mail that was forwarded whole is that mail, too', async () => {
    const mails = await all(multipart('Content-Type: text/plain\n\nLook.', `Content-Type: message/rfc822\n\n${HEAD.replace('m@x', 'inner@x')}Subject: [PATCH v3] inner\n\nWhy.\n---\n${DIFF}`));
    expect(mails.map((mail) => [mail.id, mail.hasDiff, mail.subject.version])).toEqual([['m@x', true, 3]]);
  });

  test('an answer is no patch for what is attached to it', async () => {
    const mails = await all(multipart('Content-Type: text/plain\n\nLike so.', `Content-Type: text/x-patch\nContent-Disposition: attachment\n\nFrom: a <a@b.c>\nSubject: [PATCH] a\n\n${DIFF}`).replace('Subject: [PATCH', 'Subject: Re: [PATCH'));
    expect(mails.map((mail) => mail.subject.reply && mail.hasDiff)).toEqual([false]);
  });
});

describe('who wrote it and whom it answers', () => {
  test('the first of In-Reply-To, then references from the last to the first', async () => {
    const mail = await one(`${HEAD}Subject: a\nIn-Reply-To: <c@x> (Mara's mail of today)\nReferences: <a@x>\n <b@x>\n\t<c@x>\n\nhello`);
    expect(mail.parents).toEqual(['c@x', 'b@x', 'a@x']);
  });

  test.each([
    ['From: =?UTF-8?Q?J=C3=B3n_=C3=81sgeirsson?= <jon@x.y>', { name: 'Jón Ásgeirsson', address: 'jon@x.y' }],
    ['From: "Doe, John" <j@d>', { name: 'Doe, John', address: 'j@d' }], ['From: j@d', { name: 'j@d', address: 'j@d' }], ['From:', { name: '', address: '' }], ['X: y', { name: '', address: '' }],
  ])('%s', async (header, from) => { expect((await one(`${header}\nSubject: a\n\nb`)).from).toEqual(from); });

  test('nothing in a name begins another header or another address', () => {
    expect(addressLine({ name: 'Doe, John', address: 'j@d' })).toBe('"Doe, John" <j@d>');
    expect(addressLine({ name: 'a\r\nBcc: b <c@d>', address: 'x>\n<y' })).toBe('"a Bcc: b c@d" <xy>');
    expect(addressLine({ name: 'Jón', address: '' })).toBe('Jón <unknown@invalid>');
  });

  test('an encoded line break in a subject is none', async () => {
    expect((await one(`From: a <a@b.c>\nSubject: =?UTF-8?Q?[PATCH]_a=0D=0ABcc:_evil?=\n\n${DIFF}`)).subject.full).toBe('[PATCH] a Bcc: evil');
  });
});

describe('what is too much', () => {
  test('a mail over the limit, of bytes or of lines, headers over the limit, parts in parts in parts', async () => {
    expect(await readMail(Buffer.alloc(LIMITS.mailBytes + 1, 97), 3)).toMatchObject({ index: 3, why: expect.stringContaining('at most') as string });
    expect(await readMail(Buffer.from(`Subject: [PATCH] ${'x'.repeat(1024 * 1024)}\n\n${DIFF}`), 0)).toHaveProperty('why');
    expect(await readMail(Buffer.from(`Subject: a\n${'\n'.repeat(LIMITS.mailLines)}`), 0)).toMatchObject({ why: expect.stringMatching(/at most \d+ lines/) as string });
    const nested = Array.from({ length: 100 }, (_, n) => `Content-Type: multipart/mixed; boundary=b${n}\n\n--b${n}\n`).join('');
    expect(await readMail(Buffer.from(`Subject: a\n${nested}\nhello`), 0)).toHaveProperty('why');
  });
});

test('whatever bytes it is given, it says what is in them or why it cannot', async () => {
  const pieces = ['From: a <a@b.c>\n', 'Subject: [PATCH 1/2] x\n', 'Content-Type: multipart/mixed; boundary=b\n', 'Content-Type: text/plain; charset=x-none; format=flowed\n', 'Content-Transfer-Encoding: base64\n', '\n', '--b\n', '--b--\n', DIFF, '\0', '\xff\xfe', 'In-Reply-To: <<>>\n', 'References: ', 'Date: never\n', 'Content-Type: message/rfc822\n', '=?x?q?=00?=', ' ', '\r'];
  let seed = 3;
  const random = (below: number): number => (seed = (seed * 1103515245 + 12345) % 2147483648) % below;
  for (let round = 0; round < 1500; round++) {
    const bytes = Buffer.from(Array.from({ length: random(14) }, () => pieces[random(pieces.length)] ?? '').join(''), 'latin1');
    const read = await readMail(bytes, 0);
    expect(Array.isArray(read) ? read.every((mail) => !/[\r\n\0]/.test(mail.subject.full + mail.from.name + mail.from.address + mail.id)) : read.why !== '').toBe(true);
  }
});
