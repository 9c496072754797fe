// How much of a mail, of a thread and of a patch the lab is willing to look at. What is larger is no question to a reviewer.

const MIB = 1024 * 1024;

export const LIMITS = {
  /** A file, or standard input, as given and as unpacked. */
  sourceBytes: 64 * MIB,
  mailBytes: 6 * MIB,
  headerBytes: 256 * 1024,
  /** A parser of mails takes its time over each line, however short. */
  mailLines: 150_000,
  sourceLines: 2_000_000,
  mails: 2000,
  patches: 200,
  /** Of a range that is bisected. */
  commits: 10_000,
  /** Of one patch, as readSeries allows it. */
  patchBytes: 4 * MIB,
  filesPerPatch: 1000,
  /** Of a subject, after which the rest is left out. */
  subjectChars: 1000,
} as const;
