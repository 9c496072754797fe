// A mail as a draft for a person to read, change and send: no sender, marked as unsent. The lab sends nothing.
import { printable } from './text.ts';

export type Draft = { id: string; to?: { name: string; address: string } | undefined; subject: string; inReplyTo?: string | undefined; date: string; text: string };

export async function draftOf({ id, to, subject, inReplyTo, date, text }: Draft): Promise<string> {
  const { default: MailComposer } = await import('nodemailer/lib/mail-composer');
  const mail = new MailComposer({
    ...(to === undefined ? {} : { to }), subject: oneLine(subject), ...(inReplyTo === undefined ? {} : { inReplyTo: bracketed(inReplyTo), references: bracketed(inReplyTo) }),
    messageId: `<${id}.draft@vlab.invalid>`, date: new Date(date), headers: { 'X-Unsent': '1' }, text, textEncoding: 'quoted-printable', newline: 'unix',
  });
  return (await mail.compile().build()).toString('utf8');
}

function bracketed(id: string): string {
  return `<${oneLine(id).replaceAll(/[<>\s]/g, '')}>`;
}

/** A header that came from outside must not become two. */
export function oneLine(text: string): string {
  return printable(text.replaceAll(/[\r\n\t]+/g, ' ')).trim();
}
