// Which posting of a thread is the series that was meant: the newest whole version, or the one that was asked for. Pure.
import type { LabError } from '../lib/lab-error.ts';
import { refusal } from './refusal.ts';
import { authorOf, basesOf, dateOf, inOrder, isComplete, missingOf, titleOf, type Posting, type Thread } from './thread.ts';

export type Choice = {
  posting: Posting;
  /** What a person should know of the choice, each a sentence. */
  said: string[];
};

/** `alone`: the source is one mail, so that the rest of its series is not expected to be there. */
export function choose(thread: Thread, options: { version: number | undefined; alone: boolean }): Choice {
  if (thread.postings.length === 0) throw noPatch(thread);
  const postings = thread.together ? thread.postings : ofOneSeries(thread.postings);
  const said: string[] = [];
  const left = thread.postings.filter((one) => !postings.includes(one));
  if (left.length > 0) said.push(`passed over, as it has nothing to do with the rest and is not whole: ${listed(left.slice(0, 3).map((one) => `"${titleOf(one)}"`))}${left.length > 3 ? `, and ${left.length - 3} more` : ''}`);
  if (thread.sameId > 0) said.push(`${thread.sameId} of the mails came more than once, by their message-id; each counts once`);
  const asked = options.version === undefined ? postings : postings.filter((one) => one.version === options.version);
  if (asked.length === 0) {
    throw refusal('NO_VERSION', `Expected version ${options.version ?? 0} of the series, found ${listed(versionsOf(postings).map((version) => `v${version}`))}`, 'leave --version out to take the newest whole one');
  }
  const whole = asked.filter((one) => isComplete(one) || options.alone);
  const best = [...whole].sort(byRank(rootAuthor(postings)))[0];
  if (best === undefined) throw incomplete(asked);
  for (const one of [...asked].sort((a, b) => b.version - a.version)) {
    if (one === best) break;
    if (!isComplete(one) && one.version > best.version) said.push(`v${one.version} is newer but not whole: ${sayMissing(one)}; taken is v${best.version}`);
  }
  const others = whole.filter((one) => one !== best && one.version === best.version);
  if (others.length > 0) said.push(`v${best.version} was posted ${others.length + 1} times; taken is the posting of ${sayDate(best)} by ${authorOf(best)}`);
  return { posting: best, said: [...said, ...remarksOn(best, options.alone)] };
}

function remarksOn(posting: Posting, alone: boolean): string[] {
  const said: string[] = [];
  const { reroll, twice, total, version } = posting;
  if (reroll !== undefined) said.push(`v${version} is a partial re-roll: ${numbers(reroll.kept)} of ${total} ${reroll.kept.length === 1 ? 'is' : 'are'} taken from v${reroll.from}`);
  for (const { number, left } of twice) said.push(`patch ${number}/${total} is there ${left.length + 1} times; the latest is taken, ${listed(left)} left out`);
  if (alone && !isComplete(posting)) said.push(`${numbers([...posting.patches.keys()])} of ${total} by itself: ${sayMissing(posting)}`);
  if (posting.patches.size > 1 && inOrder(posting).every((mail) => !mail.subject.counterGiven)) said.push(`${posting.patches.size} patches without numbers, taken in the order in which they came`);
  return said;
}

/** Newest version; then whose thread it is; then the latest posting. */
function byRank(author: string): (a: Posting, b: Posting) => number {
  const own = (one: Posting): number => (authorOf(one) === author ? 1 : 0);
  return (a, b) => b.version - a.version || Number(isComplete(b)) - Number(isComplete(a)) || own(b) - own(a) || dateOf(b) - dateOf(a);
}

function rootAuthor(postings: readonly Posting[]): string {
  const [first] = [...postings].sort((a, b) => dateOf(a) - dateOf(b));
  return first === undefined ? '' : authorOf(first);
}

/**
 * Postings belong together by a thread, by a change-id, by a title. A mailbox that holds several whole series holds no answer to which is meant;
 * what is left of others counts only where nothing is whole.
 */
function ofOneSeries(postings: readonly Posting[]): Posting[] {
  const signs = new Map(postings.map((one) => [one, signsOf(one)]));
  const groups: Posting[][] = [];
  for (const posting of postings) {
    const joined = groups.filter((group) => group.some((other) => [...(signs.get(posting) ?? [])].some((sign) => signs.get(other)?.has(sign) === true)));
    for (const group of joined) groups.splice(groups.indexOf(group), 1);
    groups.push([...joined.flat(), posting]);
  }
  const whole = groups.filter((group) => group.some(isComplete));
  if (whole.length <= 1) return whole[0] ?? [...postings];
  const titles = whole.map(([first]) => (first === undefined ? '' : `"${titleOf(first)}" (${first.total === 1 ? 'one patch' : `${first.total} patches`})`));
  throw refusal('MANY_SERIES', `Expected one series, found ${whole.length} that have nothing to do with each other: ${listed(titles.slice(0, 5))}${titles.length > 5 ? ', ...' : ''}`, 'give each its own mailbox: save one thread per file');
}

function signsOf(posting: Posting): Set<string> {
  const mails = [...(posting.cover === undefined ? [] : [posting.cover]), ...inOrder(posting)];
  const { changeId } = basesOf(posting);
  return new Set([
    ...mails.flatMap((mail) => [mail.id, ...mail.parents].map((id) => `id ${id}`)),
    ...mails.filter((mail) => mail.subject.title !== '').map((mail) => `title ${mail.subject.title.toLowerCase()}`),
    ...(changeId === null ? [] : [`change ${changeId}`]),
  ]);
}

function noPatch(thread: Thread): LabError {
  const got = thread.replies.length + thread.others.length;
  const subjects = [...thread.others, ...thread.replies].slice(0, 5).map((mail) => mail.subject.full).join('\n');
  return refusal('NO_PATCH', `Expected a mail with a patch, found none among ${got} (${thread.replies.length} replies, which are never taken for patches)`, 'save the whole thread, with the mails that have the patches', subjects);
}

function incomplete(asked: readonly Posting[]): LabError {
  const lines = [...asked].sort((a, b) => b.version - a.version).map((one) => `v${one.version}: ${sayMissing(one)}${one.twice.length > 0 ? `; twice: ${numbers(one.twice.map(({ number }) => number))}` : ''}`);
  return refusal('INCOMPLETE', `Expected every patch of the series, got ${lines[0] ?? 'none'}`, 'save the whole thread, or give the patches by themselves', lines.slice(1).join('\n') || undefined);
}

export function sayMissing(posting: Posting): string {
  const missing = missingOf(posting);
  return `${numbers([...posting.patches.keys()])} of ${posting.total} ${posting.patches.size === 1 ? 'is' : 'are'} there, ${missing.length === 0 ? 'none is' : `${numbers(missing)} ${missing.length === 1 ? 'is' : 'are'}`} missing`;
}

function numbers(list: readonly number[]): string {
  const sorted = [...list].sort((a, b) => a - b);
  return `${sorted.length === 1 ? 'patch' : 'patches'} ${listed(sorted.slice(0, 20).map(String))}${sorted.length > 20 ? ', ...' : ''}`;
}

function listed(words: readonly string[]): string {
  return words.join(', ');
}

function versionsOf(postings: readonly Posting[]): number[] {
  return [...new Set(postings.map((one) => one.version))].sort((a, b) => a - b);
}

function sayDate(posting: Posting): string {
  return new Date(dateOf(posting)).toISOString().slice(0, 10);
}
