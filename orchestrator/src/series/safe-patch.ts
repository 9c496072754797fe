// What a patch may do, decided on its text before git sees it: change, make and remove plain files below the tree, and nothing else. Pure.
import { LIMITS } from './limits.ts';

export type PatchProblem = {
  code: 'BINARY' | 'OUTSIDE' | 'MODE' | 'NUL' | 'TOO_BIG' | 'TOO_MANY_FILES' | 'MALFORMED' | 'EMPTY';
  /** Counted from 1; 0 where it is the patch as a whole. */
  line: number;
  why: string;
};
/** `lines`: up to the last line of the last hunk; what a mailer or a list put behind it is not part of the patch. */
export type CheckedPatch = { ok: true; files: string[]; lines: number } | { ok: false; problem: PatchProblem };

/** Of what kernel sources call their files. Control characters, quotes and blanks are none of it, nor is anything beyond ASCII. */
const NAME = /^[A-Za-z0-9_.,+@=~%#/-]+$/;
const MODES: readonly string[] = ['100644', '100755'];

/** `text` is the patch as bytes: one character each (latin1). Every line that git would read a name or a mode from is read here too. */
export function checkPatch(text: string): CheckedPatch {
  try {
    return { ok: true, ...readPatch(text) };
  } catch (thrown) {
    if (thrown instanceof Refused) return { ok: false, problem: thrown.problem };
    throw thrown;
  }
}

class Refused extends Error {
  readonly problem: PatchProblem;
  constructor(code: PatchProblem['code'], line: number, why: string) {
    super(why);
    this.problem = { code, line, why };
  }
}

type Reading = { lines: readonly string[]; at: number; end: number; files: Set<string> };

function readPatch(text: string): { files: string[]; lines: number } {
  if (text.length > LIMITS.patchBytes) throw new Refused('TOO_BIG', 0, `Expected at most ${LIMITS.patchBytes} bytes, got ${text.length}`);
  const nul = text.indexOf('\0');
  if (nul >= 0) throw new Refused('NUL', text.slice(0, nul).split('\n').length, 'Expected text, got a NUL byte');
  const reading: Reading = { lines: text.split('\n'), at: 0, end: 0, files: new Set() };
  while (reading.at < reading.lines.length) readOutside(reading);
  if (reading.files.size === 0) throw new Refused('EMPTY', 0, 'Expected a diff, found none');
  return { files: [...reading.files].sort(), lines: reading.end };
}

/** Between files git skips what it does not know; so it does here, but for a hunk that belongs to no file. */
function readOutside(reading: Reading): void {
  const line = lineAt(reading);
  if (line.startsWith('diff --git ') || (line.startsWith('--- ') && lineAt(reading, 1).startsWith('+++ '))) {
    if (line.startsWith('diff ')) readGitHeader(reading);
    else readTraditional(reading);
    reading.end = reading.at;
    return;
  }
  if (line.startsWith('@@ -')) throw new Refused('MALFORMED', reading.at + 1, `Expected a hunk to follow the names of its file, got "${shown(line)}"`);
  if (isBinary(line)) throw new Refused('BINARY', reading.at + 1, `Expected a diff of text, got "${shown(line)}"`);
  reading.at++;
}

function isBinary(line: string): boolean {
  return line.startsWith('GIT binary patch') || /^Binary files .* differ\r?$/.test(line) || /^Files .* and .* differ\r?$/.test(line);
}

/** The lines below `diff --git` that git reads a name from, a mode, or neither. */
const NAMING = /^(?:copy|rename) (?:from|to|old|new) (.*)$/;
const MODED = /^(?:old mode|new mode|deleted file mode|new file mode) (.*)$/;
const OTHER = /^(?:similarity index|dissimilarity index) /;

function readGitHeader(reading: Reading): void {
  const [first = '', second = ''] = gitNames(reading);
  noteFile(reading, first, 1);
  noteFile(reading, second, 1);
  for (reading.at++; reading.at < reading.lines.length; reading.at++) {
    const line = lineAt(reading);
    const named = NAMING.exec(line)?.[1];
    const mode = MODED.exec(line)?.[1] ?? /^index [^.]*\.\.[^ ]* (.*)$/.exec(line)?.[1];
    if (named !== undefined) noteFile(reading, named, 0);
    else if (mode !== undefined) checkMode(reading, mode);
    else if (!OTHER.test(line) && !line.startsWith('index ')) break;
  }
  const line = lineAt(reading);
  if (isBinary(line)) throw new Refused('BINARY', reading.at + 1, `Expected a diff of text, got "${shown(line)}"`);
  if (line.startsWith('--- ')) readTraditional(reading);
  if (line.startsWith('+++ ') || line.startsWith('@@ -')) throw new Refused('MALFORMED', reading.at + 1, `Expected a file's names to begin with "--- ", got "${shown(line)}"`);
}

/** `diff --git a/NAME b/NAME`: with no blank in a name there is one way to read it. */
function gitNames(reading: Reading): string[] {
  const line = lineAt(reading).replace(/\r$/, '');
  const words = line.slice('diff --git '.length).split(' ');
  if (words.length !== 2) throw new Refused('OUTSIDE', reading.at + 1, `Expected two names without blanks or quotes, got "${shown(line)}"`);
  return words;
}

function readTraditional(reading: Reading): void {
  const before = nameAfter(reading, '--- ');
  reading.at++;
  const after = nameAfter(reading, '+++ ');
  reading.at++;
  if (before === '/dev/null' && after === '/dev/null') throw new Refused('MALFORMED', reading.at, 'Expected a file, got /dev/null on both sides');
  for (const name of [before, after]) if (name !== '/dev/null') noteFile(reading, name, 1);
  let hunks = 0;
  for (; lineAt(reading).startsWith('@@ -'); hunks++) readHunk(reading);
  if (hunks === 0) throw new Refused('MALFORMED', reading.at + 1, `Expected a hunk for ${shown(after)}, got "${shown(lineAt(reading))}"`);
}

function nameAfter(reading: Reading, mark: string): string {
  const line = lineAt(reading);
  if (!line.startsWith(mark)) throw new Refused('MALFORMED', reading.at + 1, `Expected a line that begins with "${mark}", got "${shown(line)}"`);
  // A date may follow a tab; git format-patch puts a lone tab behind a name with blanks.
  return (line.slice(mark.length).split('\t')[0] ?? '').replace(/\r$/, '');
}

/** Counted as git counts: what a hunk says it has is what it has, so that no line in it can pass for a header behind it. */
function readHunk(reading: Reading): void {
  const start = reading.at;
  const match = /^@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@/.exec(lineAt(reading));
  if (match === null) throw new Refused('MALFORMED', start + 1, `Expected a hunk's header, got "${shown(lineAt(reading))}"`);
  let before = Number(match[1] ?? 1);
  let after = Number(match[2] ?? 1);
  reading.at++;
  while (before > 0 || after > 0) {
    if (reading.at >= reading.lines.length) throw new Refused('MALFORMED', start + 1, 'the patch ends within a hunk');
    const mark = lineAt(reading)[0] ?? ' ';
    if (mark === ' ' || mark === '\r') { before--; after--; }
    else if (mark === '-') before--;
    else if (mark === '+') after--;
    else if (mark !== '\\') throw new Refused('MALFORMED', reading.at + 1, `Expected a line of a hunk, got "${shown(lineAt(reading))}"`);
    reading.at++;
  }
  if (before < 0 || after < 0) throw new Refused('MALFORMED', start + 1, 'a hunk has more lines than its header says');
  if (lineAt(reading).startsWith('\\ ')) reading.at++;
}

function checkMode(reading: Reading, mode: string): void {
  if (MODES.includes(mode.trimEnd())) return;
  const what = mode.startsWith('12') ? ', a symbolic link' : mode.startsWith('16') ? ', a submodule' : '';
  throw new Refused('MODE', reading.at + 1, `Expected a plain file (mode ${MODES.join(' or ')}), got mode ${shown(mode)}${what}`);
}

/** `strip` is how many leading parts git takes off the name. What is refused is refused with them too: how many it takes is git's guess at times. */
function noteFile(reading: Reading, name: string, strip: 0 | 1): void {
  const clean = name.replace(/\r$/, '');
  const parts = clean.split('/');
  const outside = (why: string): Refused => new Refused('OUTSIDE', reading.at + 1, `Expected a path within the kernel tree, got "${shown(clean)}"${why}`);
  if (!NAME.test(clean)) throw outside(': it has characters that no file there has');
  if (clean.startsWith('/') || parts.some((part) => part === '' || part === '.' || part === '..')) throw outside('');
  if (parts.some((part) => part.startsWith('-'))) throw outside(': it could be read as an option');
  if (parts.some((part) => /^\.git$|^git~\d/i.test(part))) throw outside(', which is git\'s own');
  if (parts.length <= strip) throw outside(': nothing is left of it without its first part');
  reading.files.add(parts.slice(strip).join('/'));
  if (reading.files.size > LIMITS.filesPerPatch) throw new Refused('TOO_MANY_FILES', reading.at + 1, `Expected at most ${LIMITS.filesPerPatch} files in a patch, got more`);
}

function lineAt(reading: Reading, ahead = 0): string {
  return reading.lines[reading.at + ahead] ?? '';
}

/** Of somebody else's text only what can be printed, and not much of it. */
function shown(text: string): string {
  return text.slice(0, 120).replace(/[^\x20-\x7e]/g, '?');
}
