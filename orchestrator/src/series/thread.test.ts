// Threads as they are on lists: versions, cover letters, answers that quote diffs, patches that were forgotten and sent after.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CHECKOUT } from '../../test/parts.ts';
import { LabError } from '../lib/lab-error.ts';
import { choose, type Choice } from './choose.ts';
import { readMail, type Mail } from './mail.ts';
import { basesOf, inOrder, readThread, type Thread } from './thread.ts';

const DIFF = '---\n x.c | 2 +-\n\ndiff --git a/x.c b/x.c\n--- a/x.c\n+++ b/x.c\n@@ -1 +1 @@\n-a\n+b\n';
const MARA = 'Mara Linde <mara@kernel.invalid>';
const JON = 'Jon <jon@lists.invalid>';

type Sent = { s: string; id?: string; re?: string; refs?: string[]; from?: string; body?: string; day?: number };

/** A patch unless it has a body of its own. */
function raw({ s, id, re, refs = [], from = MARA, body = `Say why.\n\nSigned-off-by: ${MARA}\n${DIFF}`, day = 1 }: Sent): string {
  const above = re === undefined ? '' : `In-Reply-To: <${re}@x>\nReferences: ${[...refs, re].map((one) => `<${one}@x>`).join(' ')}\n`;
  return `From: ${from}\nSubject: ${s}\nDate: ${String(day).padStart(2, '0')} Nov 2026 10:00:00 +0000\n${id === undefined ? '' : `Message-ID: <${id}@x>\n`}${above}\n${body}`;
}

async function mails(...sent: Sent[]): Promise<Mail[]> {
  const read = await Promise.all(sent.map((one, index) => readMail(Buffer.from(raw(one)), index)));
  return read.flatMap((one) => (Array.isArray(one) ? one : []));
}

async function thread(...sent: Sent[]): Promise<Thread> {
  return readThread(await mails(...sent));
}

async function chosen(...sent: Sent[]): Promise<Choice> {
  return choose(await thread(...sent), { version: undefined, alone: false });
}

function ids(choice: Choice): string[] {
  return inOrder(choice.posting).map((mail) => mail.id.replace('@x', ''));
}

async function refused(work: Promise<Choice>): Promise<LabError> {
  const error = await work.then((choice) => ids(choice), (thrown: unknown) => thrown);
  if (!(error instanceof LabError)) throw new Error(`Expected a refusal, got ${String(error)}`);
  expect(error.blame).toBe('request');
  return error;
}

/** Cover letter and `n` patches below it. */
function posting(v: number, n: number, change: Partial<Sent> & { re?: string } = {}): Sent[] {
  const tag = v === 1 ? '' : ` v${v}`;
  const { re, ...rest } = change;
  const day = change.day ?? v;
  return [
    { s: `[PATCH${tag} 0/${n}] a series`, id: `c${v}`, body: 'What and why.\n', ...(re === undefined ? {} : { re }), ...rest, day },
    ...Array.from({ length: n }, (_, i): Sent => ({ s: `[PATCH${tag} ${i + 1}/${n}] part ${i + 1}`, id: `v${v}p${i + 1}`, re: `c${v}`, ...rest, day })),
  ];
}

const answer = (re: string, body: string, change: Partial<Sent> = {}): Sent => ({ s: 'Re: [PATCH 1/2] part 1', id: `a-${re}-${body.length}`, re, from: JON, body, day: 20, ...change });

describe('the newest whole version', () => {
  test('is taken, whether it answers the one before or stands by itself', async () => {
    expect(ids(await chosen(...posting(1, 2), ...posting(2, 2, { re: 'c1' })))).toEqual(['v2p1', 'v2p2']);
    expect(ids(await chosen(...posting(2, 3), ...posting(1, 2)))).toEqual(['v2p1', 'v2p2', 'v2p3']);
    expect(ids(await chosen(...posting(2, 2), ...posting(10, 2)))).toEqual(['v10p1', 'v10p2']);
  });

  test('is not the newest where that one has a hole, and that is said by number', async () => {
    const choice = await chosen(...posting(1, 2), ...posting(2, 3, { re: 'c1' }).filter((one) => one.id !== 'v2p2'));
    expect(ids(choice)).toEqual(['v1p1', 'v1p2']);
    expect(choice.said).toEqual(['v2 is newer but not whole: patches 1, 3 of 3 are there, patch 2 is missing; taken is v1']);
  });

  test('can be overruled', async () => {
    const both = await thread(...posting(1, 2), ...posting(2, 2));
    expect(ids(choose(both, { version: 1, alone: false }))).toEqual(['v1p1', 'v1p2']);
    expect((await refused(Promise.resolve().then(() => choose(both, { version: 3, alone: false })))).message).toBe('Expected version 3 of the series, found v1, v2');
  });

  test('where there is none, what is missing of each is said', async () => {
    const error = await refused(chosen(...posting(1, 3).filter((one) => one.id !== 'v1p1'), ...posting(2, 3).filter((one) => one.id !== 'v2p3')));
    expect(error).toMatchObject({ code: 'INCOMPLETE', message: 'Expected every patch of the series, got v2: patches 1, 2 of 3 are there, patch 3 is missing', evidence: 'v1: patches 2, 3 of 3 are there, patch 1 is missing' });
  });
});

describe('patches that belong together', () => {
  test('without a cover letter, below the first one', async () => {
    expect(ids(await chosen({ s: '[PATCH 1/2] a', id: 'a' }, { s: '[PATCH 2/2] b', id: 'b', re: 'a' }))).toEqual(['a', 'b']);
  });

  test('each below the one before', async () => {
    expect(ids(await chosen({ s: '[PATCH 1/3] a', id: 'a' }, { s: '[PATCH 2/3] b', id: 'b', re: 'a' }, { s: '[PATCH 3/3] c', id: 'c', re: 'b', refs: ['a'] }))).toEqual(['a', 'b', 'c']);
  });

  test('below a cover letter that was not saved', async () => {
    expect(ids(await chosen({ s: '[PATCH 2/2] b', id: 'b', re: 'gone' }, { s: '[PATCH 1/2] a', id: 'a', re: 'gone' }))).toEqual(['a', 'b']);
  });

  test('without any thread, of several authors, as git format-patch --stdout has them', async () => {
    expect(ids(await chosen({ s: '[PATCH 1/2] a', id: 'a' }, { s: '[PATCH 2/2] b', id: 'b', from: JON }))).toEqual(['a', 'b']);
  });

  test('without message-ids', async () => {
    expect((await chosen({ s: '[PATCH 1/2] a' }, { s: '[PATCH 2/2] b' })).posting.patches.size).toBe(2);
  });

  test('without numbers, in the order of the file', async () => {
    const choice = await chosen({ s: '[PATCH] a', id: 'a' }, { s: '[PATCH] b', id: 'b' }, { s: '[PATCH] c', id: 'c' });
    expect(ids(choice)).toEqual(['a', 'b', 'c']);
    expect(choice.said.join()).toContain('3 patches without numbers');
  });

  test('which take the version of the cover letter where they name none', async () => {
    expect((await chosen(...posting(1, 1), { s: '[PATCH v2 0/1] a series', id: 'c2', body: 'x' }, { s: '[PATCH 1/1] part 1', id: 'b', re: 'c2', day: 3 })).posting).toMatchObject({ version: 2, total: 1 });
  });

  test('a single patch, with [PATCH] or with nothing', async () => {
    expect(ids(await chosen({ s: '[PATCH] a', id: 'a' }))).toEqual(['a']);
    expect(ids(await chosen({ s: 'drm/virtio: a', id: 'a' }))).toEqual(['a']);
  });

  test('a v2 that answers v1 is its own version, and so is an unnumbered patch that answers another', async () => {
    expect(ids(await chosen({ s: '[PATCH] a', id: 'a' }, { s: '[PATCH v2] a', id: 'b', re: 'a', day: 2 }))).toEqual(['b']);
    expect(ids(await chosen({ s: '[PATCH] a', id: 'a' }, { s: '[PATCH] a', id: 'b', re: 'a', day: 2 }))).toEqual(['b']);
  });
});

test('a first mail without a number is a cover letter where the patches answer it and are of the same author', async () => {
  const patches = [{ s: '[PATCH 1/2] a', id: 'a', re: 'root' }, { s: '[PATCH 2/2] b', id: 'b', re: 'root' }];
  expect((await chosen({ s: 'What I found', id: 'root', body: 'Hello.' }, ...patches)).posting.cover?.id).toBe('root@x');
  expect((await chosen({ s: 'Who can help?', id: 'root', body: 'Hello.', from: JON }, ...patches)).posting.cover).toBeUndefined();
});

test('[PATCH 3/2] is one more patch', async () => {
  expect((await chosen(...posting(1, 2), { s: '[PATCH 3/2] part 3', id: 'more', re: 'c1' })).posting).toMatchObject({ total: 3, patches: expect.objectContaining({ size: 3 }) as unknown });
});

describe('a partial re-roll', () => {
  test('takes what is not there from the version before, as b4 does, and says so', async () => {
    const choice = await chosen(...posting(1, 3), { s: '[PATCH v2 2/3] part 2', id: 'new', re: 'v1p2', refs: ['c1'], day: 4 });
    expect(ids(choice)).toEqual(['v1p1', 'new', 'v1p3']);
    expect(choice.said).toEqual(['v2 is a partial re-roll: patches 1, 3 of 3 are taken from v1']);
    expect(choice.posting).toMatchObject({ version: 2, reroll: { from: 1, kept: [1, 3] } });
  });

  test('answers an answer to that patch, too, and a re-roll of it may be re-rolled', async () => {
    const choice = await chosen(...posting(1, 2), answer('v1p2', 'Hm.', { id: 'hm' }), { s: '[PATCH v2 2/2] part 2', id: 'b', re: 'hm', day: 4 }, { s: '[PATCH v3 2/2] part 2', id: 'c', re: 'b', day: 5 });
    expect(ids(choice)).toEqual(['v1p1', 'c']);
  });

  test('is none where it answers something else', async () => {
    expect(ids(await chosen(...posting(1, 3), { s: '[PATCH v2 2/3] part 2', id: 'new', re: 'v1p1', day: 4 }))).toEqual(['v1p1', 'v1p2', 'v1p3']);
    expect(ids(await chosen(...posting(1, 3), { s: '[PATCH v2 2/3] part 2', id: 'new', re: 'c1', day: 4 }))).toEqual(['v1p1', 'v1p2', 'v1p3']);
  });
});

describe('answers', () => {
  test('are never patches, whatever diff they quote or propose', async () => {
    const read = await thread(...posting(1, 2), answer('v1p1', DIFF), answer('v1p2', `> ${DIFF.replaceAll('\n', '\n> ')}`), { s: 'AW: [PATCH 1/2] part 1', id: 'aw', re: 'v1p1', body: DIFF });
    expect([read.postings.length, read.replies.length]).toEqual([1, 3]);
  });

  test('by themselves hold no patch', async () => {
    expect(await refused(chosen(answer('x', DIFF)))).toMatchObject({ code: 'NO_PATCH', message: 'Expected a mail with a patch, found none among 1 (1 replies, which are never taken for patches)' });
  });

  test('give trailers to the patch that they are about, through other answers', async () => {
    const { trailers } = await thread(...posting(1, 2), answer('v1p2', 'What for?', { id: 'q' }), answer('q', `Ah.\n\nAcked-by: ${JON}\n`), answer('c1', `Reviewed-by: ${JON}\n`), answer('lost', `Nacked-by: ${JON}\n`));
    expect(trailers.map(({ trailer, version, number }) => [trailer.name, version, number])).toEqual([['Acked-by', 1, 2], ['Reviewed-by', 1, 0], ['Nacked-by', null, null]]);
  });

  test('count as answers without "Re:" where they stand for a patch and have no diff', async () => {
    expect((await thread(...posting(1, 1), { s: 'good', id: 'g', re: 'v1p1', body: `Tested-by: ${JON}\n` })).replies).toHaveLength(1);
  });

  test('that have a diff, no "Re:" and no [PATCH] are no new version', async () => {
    expect(ids(await chosen(...posting(1, 1), { s: 'how about this', id: 'h', re: 'v1p1', day: 9 }))).toEqual(['v1p1']);
  });
});

describe('what came twice', () => {
  test('by message-id counts once', async () => {
    const choice = await chosen(...posting(1, 2), ...posting(1, 2));
    expect(ids(choice)).toEqual(['v1p1', 'v1p2']);
    expect(choice.said).toEqual(['3 of the mails came more than once, by their message-id; each counts once']);
  });

  test('by version and number: the later one counts, and the other is named', async () => {
    const choice = await chosen(...posting(1, 3), { s: '[PATCH 2/3] part 2', id: 'again', re: 'c1', day: 5 });
    expect(ids(choice)).toEqual(['v1p1', 'again', 'v1p3']);
    expect(choice.said).toEqual(['patch 2/3 is there 2 times; the latest is taken, v1p2@x left out']);
  });

  test('as a whole posting: the later one counts', async () => {
    const again = posting(1, 2, { day: 6 }).map((one) => ({ ...one, s: one.s.replace('[PATCH', '[PATCH RESEND'), id: `r${one.id ?? ''}`, ...(one.re === undefined ? {} : { re: `r${one.re}` }) }));
    const choice = await chosen(...posting(1, 2), ...again);
    expect(ids(choice)).toEqual(['rv1p1', 'rv1p2']);
    expect(choice.said).toEqual(['v1 was posted 2 times; taken is the posting of 2026-11-06 by mara@kernel.invalid']);
  });

  test('by somebody else in the same thread is that person\'s, and not the series', async () => {
    const other = [{ s: '[PATCH 1/2] other', id: 'o1', re: 'v1p1', from: JON, day: 9 }, { s: '[PATCH 2/2] other', id: 'o2', re: 'o1', from: JON, day: 9 }];
    expect(ids(await chosen(...posting(1, 2), ...other))).toEqual(['v1p1', 'v1p2']);
  });
});

test('a mailbox with several series is refused, with their titles', async () => {
  const error = await refused(chosen(...posting(1, 2), { s: '[PATCH 1/2] z', id: 'z1', from: JON }, { s: '[PATCH 2/2] y', id: 'z2', re: 'z1', from: JON }));
  expect(error).toMatchObject({ code: 'MANY_SERIES', message: expect.stringContaining('"a series" (2 patches), "z" (2 patches)') as string });
});

test('what is left of another series in the mailbox is named and passed over', async () => {
  const choice = await chosen(...posting(1, 2), { s: '[PATCH v4 2/5] z', id: 'z', from: JON });
  expect([ids(choice), choice.said]).toEqual([['v1p1', 'v1p2'], ['passed over, as it has nothing to do with the rest and is not whole: "z"']]);
});

test('a single mail of a series is taken by itself, and what is missing is said', async () => {
  const choice = choose(await thread({ s: '[PATCH v2 2/3] b', id: 'b', re: 'c' }), { version: undefined, alone: true });
  expect([ids(choice), choice.said]).toEqual([['b'], ['patch 2 of 3 by itself: patch 2 of 3 is there, patches 1, 3 are missing']]);
});

test('base and change come from the cover letter, else from the first patch', async () => {
  const [cover, ...rest] = posting(1, 1);
  expect(basesOf((await chosen({ s: '', ...cover, body: `x\n\nbase-commit: ${'a'.repeat(40)}\n` }, ...rest)).posting).baseCommit).toBe('a'.repeat(40));
  expect(basesOf((await chosen({ s: '[PATCH] a', body: `x\n${DIFF}-- \n2.47\n\nbase-commit: ${'b'.repeat(40)}\nchange-id: y\n` })).posting)).toMatchObject({ baseCommit: 'b'.repeat(40), changeId: 'y' });
});

test('mails that answer each other in a circle come to an end', async () => {
  expect((await thread({ s: '[PATCH 1/2] a', id: 'a', re: 'b' }, { s: '[PATCH 2/2] b', id: 'b', re: 'a' }, answer('q', 'Acked-by: J <j@x.y>', { id: 'q' }))).postings.length).toBeGreaterThan(0);
});

test('the thread of the tests on real parts: v2 of two, with three trailers', async () => {
  const mbox = await readFile(join(CHECKOUT, 'orchestrator/test/threads/tidy-ids.mbox'), 'utf8');
  const parts = mbox.split(/^From mboxrd@z .*\n/m).slice(1);
  const read = (await Promise.all(parts.map((part, index) => readMail(Buffer.from(part), index)))).flatMap((one) => (Array.isArray(one) ? one : []));
  const whole = readThread(read);
  expect(choose(whole, { version: undefined, alone: false })).toMatchObject({ said: [], posting: { version: 2, total: 3 } });
  expect(whole.trailers.map(({ trailer, version, number }) => [trailer.name, version, number])).toEqual([['Reported-by', 1, 2], ['Reviewed-by', 2, 0], ['Acked-by', 2, 2]]);
});

test('whatever mails a mailbox holds, the same are read the same, and a choice is whole', async () => {
  let seed = 11;
  const random = (below: number): number => (seed = (seed * 1103515245 + 12345) % 2147483648) % below;
  const pick = <T>(list: readonly T[]): T => list[random(list.length)] ?? (list[0] as T);
  for (let round = 0; round < 300; round++) {
    const sent = Array.from({ length: 1 + random(9) }, (): Sent => ({
      s: `${pick(['', 'Re: '])}[${pick(['PATCH', 'RFC', 'PATCH RESEND', ''])} ${pick(['', 'v2', 'v3'])} ${pick(['', '0/3', '1/3', '2/3', '3/3', '2/2', '4/3'])}] ${pick(['a', 'b', 'c'])}`,
      id: `m${random(12)}`, ...(random(3) > 0 ? { re: `m${random(12)}` } : {}), from: pick([MARA, JON]), day: 1 + random(20), ...(random(4) === 0 ? { body: `Acked-by: ${JON}` } : {}),
    }));
    const outcome = async (): Promise<string> => chosen(...sent).then((choice) => `${choice.posting.version}: ${ids(choice).join()}`, (thrown: unknown) => {
      if (!(thrown instanceof LabError)) throw thrown;
      return thrown.code;
    });
    const first = await outcome();
    expect(await outcome()).toBe(first);
    const read = await thread(...sent);
    const inPostings = read.postings.flatMap((one) => [...one.patches.values()]);
    expect(inPostings.filter((mail) => mail.subject.reply || !mail.hasDiff)).toEqual([]);
  }
});
