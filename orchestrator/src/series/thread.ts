// The mails of a thread sorted into what was posted: versions with their patches, cover letters, and what others answered. Pure.
import type { Mail } from './mail.ts';
import { basesIn, replyTrailers, type Trailer } from './trailers.ts';

/** One posting of one version: `git send-email` was run once. */
export type Posting = {
  version: number;
  total: number;
  cover: Mail | undefined;
  /** By number. */
  patches: Map<number, Mail>;
  /** Numbers that came a second time: the later mail was taken. */
  twice: { number: number; left: string[] }[];
  /** A partial re-roll: the numbers that came from the version before, and which that is. */
  reroll: { from: number; kept: number[] } | undefined;
};

export type Given = { trailer: Trailer; from: string; messageId: string; version: number | null; number: number | null };

export type Thread = {
  postings: Posting[];
  /** What others answered, quoted diffs and all. */
  replies: Mail[];
  trailers: Given[];
  /** Neither a patch nor an answer to one. */
  others: Mail[];
  /** How many mails came more than once, by their message-id. */
  sameId: number;
  /** Somebody put them together: nothing else need say that they belong to one series. */
  together: boolean;
};

const MAX_DEPTH = 300;

export function readThread(all: readonly Mail[]): Thread {
  const byId = new Map<string, Mail>();
  for (const mail of all) if (!byId.has(mail.id)) byId.set(mail.id, { ...mail, subject: { ...mail.subject } });
  const mails = [...byId.values()].sort((a, b) => a.index - b.index);
  const replies = mails.filter(isReply);
  const covers = mails.filter((mail) => !isReply(mail) && isCover(mail));
  const patches = mails.filter((mail) => !isReply(mail) && !isCover(mail) && mail.hasDiff && (isNamedPatch(mail) || !mail.parents.some((id) => byId.has(id))));
  const known = new Set([...replies, ...covers, ...patches]);
  for (const mail of patches) inheritVersion(mail, byId);
  const postings = postingsOf(patches, byId);
  giveCovers(postings, covers, byId);
  for (const posting of [...postings].sort((a, b) => a.version - b.version)) fillReroll(posting, postings, byId);
  return {
    postings, replies, others: mails.filter((mail) => !known.has(mail)), sameId: all.length - mails.length, together: false,
    trailers: replies.flatMap((reply) => givenIn(reply, byId)),
  };
}

export function isComplete(posting: Posting): boolean {
  return missingOf(posting).length === 0;
}

export function missingOf({ total, patches }: Posting): number[] {
  return Array.from({ length: total }, (_, n) => n + 1).filter((n) => !patches.has(n));
}

export function inOrder({ patches }: Posting): Mail[] {
  return [...patches].sort(([a], [b]) => a - b).map(([, mail]) => mail);
}

/** When its first mail was sent; a posting without a date is older than any other. */
export function dateOf(posting: Posting): number {
  return (posting.cover ?? inOrder(posting)[0])?.date ?? 0;
}

export function authorOf(posting: Posting): string {
  return (posting.cover ?? inOrder(posting)[0])?.from.address.toLowerCase() ?? '';
}

export function titleOf(posting: Posting): string {
  return (posting.cover ?? inOrder(posting)[0])?.subject.title ?? '';
}

/** What a cover letter says of the base counts before what the first patch says. */
export function basesOf(posting: Posting): ReturnType<typeof basesIn> {
  const [cover, first] = [basesIn(posting.cover?.text ?? ''), basesIn(posting.patches.get(1)?.text ?? '')];
  return {
    baseCommit: cover.baseCommit ?? first.baseCommit, changeId: cover.changeId ?? first.changeId,
    prerequisites: [...new Set([...cover.prerequisites, ...first.prerequisites])],
  };
}

/** An answer that lost its "Re:" is one still: it has no diff and stands for a patch. */
function isReply(mail: Mail): boolean {
  return mail.subject.reply || (mail.parents.length > 0 && !mail.hasDiff && !isCover(mail) && replyTrailers(mail.text).length > 0);
}

function isCover({ subject }: Mail): boolean {
  return subject.counterGiven && subject.counter === 0;
}

function isNamedPatch({ subject }: Mail): boolean {
  return subject.patch || subject.rfc || subject.counterGiven || subject.versionGiven;
}

/** A patch that names no version has that of the cover letter or first patch that it answers. */
function inheritVersion(mail: Mail, byId: ReadonlyMap<string, Mail>): void {
  if (mail.subject.versionGiven) return;
  const above = byId.get(mail.parents[0] ?? '');
  const first = above !== undefined && !isReply(above) && above.subject.total === mail.subject.total && (isCover(above) || (above.hasDiff && above.subject.counter === 1));
  if (first && mail.subject.counterGiven) mail.subject.version = above.subject.version;
}

/** Mails are of one posting when they hang below one cover letter or below each other, and say the same version and total. */
function postingsOf(patches: readonly Mail[], byId: ReadonlyMap<string, Mail>): Posting[] {
  const open = new Map<string, Posting[]>();
  for (const mail of patches) {
    const key = keyOf(mail, byId);
    const there = open.get(key) ?? [];
    open.set(key, there);
    if (!mail.subject.counterGiven && mail.parents.length === 0) {
      addUnnumbered(mail, there);
      continue;
    }
    const { counter, total, version } = mail.subject;
    const free = there.filter((posting) => !posting.patches.has(counter));
    const posting = free.find((one) => [...one.patches.values()].some((other) => other.from.address === mail.from.address)) ?? free[0];
    if (posting === undefined) there.push(newPosting(version, total, [[counter, mail]]));
    else {
      posting.patches.set(counter, mail);
      posting.total = Math.max(posting.total, counter);
    }
  }
  return foldTwice([...open.values()].flat());
}

/** `git format-patch --no-numbered`, or `git log -p --format=email`: patches in the order of the file. One with the same title is that one again. */
function addUnnumbered(mail: Mail, there: Posting[]): void {
  const [posting] = there;
  if (posting === undefined) {
    there.push(newPosting(mail.subject.version, 1, [[1, mail]]));
    return;
  }
  const again = [...posting.patches].find(([, one]) => one.subject.title === mail.subject.title);
  if (again !== undefined) {
    there.push(newPosting(posting.version, posting.total, [[again[0], mail]]));
    return;
  }
  posting.total = Math.max(posting.total, posting.patches.size + 1);
  posting.patches.set(posting.patches.size + 1, mail);
}

function newPosting(version: number, total: number, patches: [number, Mail][]): Posting {
  return { version, total, cover: undefined, patches: new Map(patches), twice: [], reroll: undefined };
}

function keyOf(mail: Mail, byId: ReadonlyMap<string, Mail>): string {
  const { version, total, resend, counterGiven } = mail.subject;
  let at = mail;
  const seen = new Set([mail.id]);
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    const above = byId.get(at.parents.find((id) => byId.has(id)) ?? '');
    if (above === undefined || seen.has(above.id) || isReply(above) || above.subject.version !== version) break;
    if (isCover(above)) return `cover ${above.id}`;
    if (!above.hasDiff || above.subject.total !== total || !counterGiven) break;
    seen.add(above.id);
    at = above;
  }
  const parent = at.parents[0];
  if (parent !== undefined && !counterGiven) return `alone ${mail.id}`;
  return `below ${parent ?? ''} v${version} of ${counterGiven ? total : 'unnumbered'} ${resend ? 'resend' : ''}`;
}

/** What is left over of a version whose other posting has the same number from the same author: the later mail is the one that was meant. */
function foldTwice(postings: readonly Posting[]): Posting[] {
  const whole = postings.filter(isComplete);
  return postings.filter((rest) => {
    if (isComplete(rest) && rest.total > 1) return true;
    const host = whole.find((one) => one !== rest && one.version === rest.version && one.total === rest.total
      && [...rest.patches].every(([n, mail]) => one.patches.get(n)?.from.address === mail.from.address && (rest.total > 1 || one.patches.get(n)?.subject.title === mail.subject.title)));
    if (host === undefined || (rest.total === 1 && postings.indexOf(host) > postings.indexOf(rest))) return true;
    for (const [n, mail] of rest.patches) takeLater(host, n, mail);
    return false;
  });
}

function takeLater(host: Posting, number: number, mail: Mail): void {
  const there = host.patches.get(number);
  const later = (mail.date ?? 0) >= (there?.date ?? 0);
  if (later) host.patches.set(number, mail);
  const left = later ? there?.id : mail.id;
  const noted = host.twice.find((one) => one.number === number);
  if (noted !== undefined) noted.left.push(left ?? '');
  else host.twice.push({ number, left: [left ?? ''] });
}

/**
 * By the thread; where there is none, a cover letter that no other posting has, of the same author or the only one. A first mail of the same
 * author that has neither a number nor a diff is one, too.
 */
function giveCovers(postings: readonly Posting[], covers: readonly Mail[], byId: ReadonlyMap<string, Mail>): void {
  const fits = (cover: Mail, posting: Posting): boolean => cover.subject.version === posting.version && (cover.subject.total === posting.total || cover.subject.total === 0);
  for (const posting of postings) {
    posting.cover = inOrder(posting).map((patch) => patch.parents.map((id) => byId.get(id)).find((one) => one !== undefined && !isReply(one) && isCover(one) && fits(one, posting))).find((one) => one !== undefined);
  }
  for (const posting of postings) {
    const free = covers.filter((cover) => fits(cover, posting) && !postings.some((one) => one.cover === cover));
    const own = free.filter((cover) => cover.from.address.toLowerCase() === inOrder(posting)[0]?.from.address.toLowerCase());
    posting.cover ??= own.length === 1 ? own[0] : free.length === 1 ? free[0] : nakedCover(posting, byId);
  }
}

function nakedCover(posting: Posting, byId: ReadonlyMap<string, Mail>): Mail | undefined {
  const [first] = inOrder(posting);
  const above = byId.get(first?.parents[0] ?? '');
  return above !== undefined && above.parents.length === 0 && !above.hasDiff && !isReply(above) && above.from.address === first?.from.address ? above : undefined;
}

/**
 * b4's rule for a partial re-roll: each patch that is there answers, at whatever depth, the patch of the version before that has the same
 * number and total. What is not there is then taken from that version.
 */
function fillReroll(posting: Posting, postings: readonly Posting[], byId: ReadonlyMap<string, Mail>): void {
  if (posting.version <= 1 || isComplete(posting)) return;
  const before = postings.find((one) => one.version === posting.version - 1 && one.total === posting.total && isComplete(one) && inOrder(posting).every((mail) => answers(mail, one, byId)));
  if (before === undefined) return;
  const kept = missingOf(posting);
  for (const number of kept) {
    const mail = before.patches.get(number);
    if (mail !== undefined) posting.patches.set(number, mail);
  }
  posting.cover ??= before.cover;
  posting.reroll = { from: before.version, kept };
}

function answers(mail: Mail, before: Posting, byId: ReadonlyMap<string, Mail>): boolean {
  const wanted = before.patches.get(mail.subject.counter);
  let at: Mail | undefined = mail;
  for (let depth = 0; depth < MAX_DEPTH && at !== undefined; depth++) {
    at = byId.get(at.parents[0] ?? '');
    if (at !== undefined && at === wanted) return true;
  }
  return false;
}

/** To which patch an answer belongs: the first mail above it that is none. */
function givenIn(reply: Mail, byId: ReadonlyMap<string, Mail>): Given[] {
  const found = replyTrailers(reply.text);
  if (found.length === 0) return [];
  let at = byId.get(reply.parents[0] ?? '');
  const seen = new Set<Mail>();
  while (at !== undefined && isReply(at) && !seen.has(at)) {
    seen.add(at);
    at = byId.get(at.parents[0] ?? '');
  }
  const about = at !== undefined && !isReply(at) && (at.hasDiff || isCover(at)) ? at.subject : undefined;
  return found.map((trailer) => ({ trailer, from: reply.from.address, messageId: reply.id, version: about?.version ?? null, number: about?.counter ?? null }));
}
