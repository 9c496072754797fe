// The subject of a mail on a patch list, by b4's rules: `[PATCH RESEND v3 02/07 net-next] drm/virtio: ...`. Pure.
import { LIMITS } from './limits.ts';

export type Subject = {
  /** On one line, with all that stands in brackets. */
  full: string;
  /** Without what stands in brackets. */
  title: string;
  patch: boolean;
  reply: boolean;
  rfc: boolean;
  resend: boolean;
  version: number;
  versionGiven: boolean;
  /** 0 is the cover letter. */
  counter: number;
  total: number;
  counterGiven: boolean;
  /** What else stands in brackets: a tree, a list. */
  prefixes: string[];
};

const MAX_BRACKETS = 20;
const MAX_VERSION = 10_000;

export function parseSubject(text: string): Subject {
  const full = oneLine(text);
  const subject: Subject = {
    full, title: '', patch: false, reply: false, rfc: false, resend: false, version: 1, versionGiven: false, counter: 1, total: 1, counterGiven: false, prefixes: [],
  };
  // Two or three letters and a colon before a bracket: Re, Aw, Fwd, and what other languages have for them.
  let rest = full;
  if (/^(re|aw|fwd):/i.test(full) || /^\w{2,3}:\s*\[/.test(full)) {
    subject.reply = true;
    rest = rest.replace(/^(\w{2,3}:\s*)+\[/, '[');
  }
  for (let count = 0; count < MAX_BRACKETS && rest.startsWith('['); count++) {
    const end = closing(rest);
    if (end < 0) break;
    // [PATCHv3] is [PATCH v3], Mercurial's 1 of 2 is 1/2; a bracket inside brackets says nothing.
    const inside = rest.slice(1, end).replace(/[[\]]/g, ' ').replace(/(patch)(v\d+)/gi, '$1 $2').replace(/\b(\d{1,4}) of (\d{1,4})\b/g, '$1/$2');
    // Patchwork puts commas between the words: [RFC,v2,1/3].
    for (const word of inside.split(/[ ,;]+/).filter((one) => one !== '')) readWord(word, subject);
    rest = rest.slice(end + 1).trimStart();
  }
  // [PATCH 6/5]: somebody sent one more.
  subject.total = Math.max(subject.total, subject.counter);
  subject.title = rest.trim();
  return subject;
}

function readWord(word: string, subject: Subject): void {
  const counters = /^(\d{1,4})\/(\d{1,4})$/.exec(word);
  const version = /^v(\d+)$/i.exec(word);
  if (counters !== null) {
    subject.counter = Number(counters[1]);
    subject.total = Number(counters[2]);
    subject.counterGiven = true;
  } else if (version !== null && Number(version[1]) <= MAX_VERSION) {
    subject.version = Math.max(1, Number(version[1]));
    subject.versionGiven = true;
  } else if (/^rfc/i.test(word)) subject.rfc = true;
  else if (/^resend/i.test(word)) subject.resend = true;
  else if (/^patch/i.test(word)) subject.patch = true;
  else subject.prefixes.push(word);
}

/** The bracket that closes the first one, with those between them in pairs; the next one where they are not. */
function closing(text: string): number {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '[') depth++;
    else if (text[at] === ']' && --depth === 0) return at;
  }
  return text.indexOf(']');
}

/** No line break, no control character: what is written into a header again must not begin another one. */
export function oneLine(text: string, most: number = LIMITS.subjectChars): string {
   
  return text.slice(0, most * 4).replace(/[\s\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ').trim().slice(0, most);
}

/** A title as part of a name of a series or a file: small letters, digits, single dashes, whole words where there is more than one. */
export function slug(title: string, most: number): string {
  const plain = title.slice(0, LIMITS.subjectChars).normalize('NFKD').toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '');
  if (plain.length <= most) return plain;
  const cut = plain.slice(0, most + 1);
  return cut.includes('-') ? cut.slice(0, cut.lastIndexOf('-')) : plain.slice(0, most);
}
