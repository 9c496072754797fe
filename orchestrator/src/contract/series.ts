// What the lab knows of a series that was added from a mail, a mailbox, a folder or a repository: source.json beside its patches.
import * as z from 'zod';

export const SourceKind = z.enum(['folder', 'mbox', 'maildir', 'mail', 'diff', 'git']);
export type SourceKind = z.infer<typeof SourceKind>;

/** One base that the series was tried on. */
export const TriedBase = z.strictObject({ base: z.string(), took: z.boolean(), why: z.string().nullable().describe('which patch and hunk did not apply') });
export type TriedBase = z.infer<typeof TriedBase>;

const Version = z.strictObject({
  version: z.int(), patches: z.int().describe('how many it says it has'), missing: z.array(z.int()), date: z.string().nullable(), taken: z.boolean(),
});

export const SeriesSource = z.strictObject({
  from: z.string().describe('as it was given'),
  kind: SourceKind,
  addedAt: z.iso.datetime(),
  digest: z.string().describe('SHA-256 over the patches: the same series added again is this one'),
  title: z.string(),
  version: z.int(),
  author: z.string(),
  date: z.string().nullable(),
  cover: z.strictObject({ subject: z.string(), messageId: z.string() }).nullable(),
  patches: z.array(z.strictObject({
    file: z.string(), number: z.int(), subject: z.string(), author: z.string(), messageId: z.string(), files: z.array(z.string()).describe('that it changes, makes or removes'),
  })),
  baseCommit: z.string().nullable(),
  changeId: z.string().nullable(),
  prerequisites: z.array(z.string()),
  versions: z.array(Version).describe('all that were found'),
  replies: z.int(),
  trailers: z.array(z.strictObject({
    name: z.string(), value: z.string(), from: z.string(), messageId: z.string(), version: z.int().nullable(), number: z.int().nullable().describe('of the patch; 0 is the cover letter'),
  })).describe('that replies gave; none is applied'),
  missing: z.array(z.int()),
  duplicates: z.array(z.strictObject({ number: z.int(), left: z.array(z.string()).describe('message-ids that were left out') })),
  reroll: z.strictObject({ from: z.int(), kept: z.array(z.int()) }).nullable().describe('a partial re-roll: which patches are still those of the version before'),
  unread: z.array(z.string()).describe('mails that could not be read, each with the reason'),
  said: z.array(z.string()).describe('what a person should know of how it was read'),
  base: z.string().nullable().describe('the first base that took it'),
  tried: z.array(TriedBase),
  notTried: z.array(z.strictObject({ base: z.string(), why: z.string() })),
});
export type SeriesSource = z.infer<typeof SeriesSource>;
