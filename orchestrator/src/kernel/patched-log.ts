// What a build of a series says (in-builder/build-patched.sh), taken apart by patch. Pure. The series' own make files may print such lines
// too, and then spoil what is said of themselves and nothing else.
import type { Bloat, Checkpatch, CompilerWarning } from '../contract/job.ts';

/** What was said from the moment a patch was applied to the moment its prefix was built, or was not. `endedAt` as it was heard, in milliseconds. */
export type PatchLog = { patch: string; lines: string[]; status: 'applied' | 'built' | 'broken'; merged: boolean; bloat: Bloat[]; startedAt: number; endedAt: number };

export class PatchedLog {
  readonly lines: string[] = [];
  readonly patches: PatchLog[] = [];
  readonly #checkpatch: { patch: string; line: string }[] = [];
  #bytes = 0;
  #built = 0;

  /** How often a prefix was said to be built. */
  get built(): number { return this.#built; }

  /** It has said more than any build has to say: what is kept of it would fill the lab's memory. */
  get loud(): boolean { return this.#bytes > MAX_BYTES; }

  /** `at`: when it was heard, on any clock of milliseconds. */
  hear(line: string, at: number): void {
    this.#bytes += line.length + LINE_BYTES;
    if (this.loud) return;
    if (this.lines.length < MAX_LINES) this.lines.push(line);
    const [, mark, rest = ''] = MARK.exec(line) ?? [];
    const now = this.patches.at(-1);
    if (mark === 'checkpatch') this.#checkpatch.push({ patch: rest.slice(0, rest.indexOf(' ')), line: rest.slice(rest.indexOf(' ') + 1) });
    else if (mark === 'patch') this.patches.push({ patch: rest, lines: [], status: 'applied', merged: false, bloat: [], startedAt: at, endedAt: at });
    else if (now === undefined) return;
    else if (mark === 'merged') now.merged = true;
    else if (mark === 'bloat') now.bloat.push(...(now.bloat.length < MOST ? bloatOf(rest) : []));
    else if (mark === 'built' || mark === 'broken') {
      Object.assign(now, { status: mark, endedAt: at });
      if (mark === 'built') this.#built++;
    }
    else if (now.lines.length < MAX_LINES) now.lines.push(line);
  }

  /** One per patch, those without a word too. `names` are the patches' files. */
  checkpatch(names: readonly string[]): Checkpatch[] {
    return names.map((patch) => {
      const lines = this.#checkpatch.filter((one) => one.patch === patch).slice(0, MOST).map(({ line }) => line.replace(/^.*?\.patch:/, '').slice(0, MOST));
      const count = (level: string): number => lines.filter((line) => line.includes(`: ${level}: `) || line.startsWith(`${level}: `)).length;
      return { patch, errors: count('ERROR'), warnings: count('WARNING'), checks: count('CHECK'), lines };
    });
  }

  /**
   * The compiler's warnings in the tree as it stands after the patch at `index` that the base's log does not have. A warning of an earlier
   * prefix stands until its file is compiled again.
   */
  newWarnings(index: number, baseLog: readonly string[]): CompilerWarning[] {
    let standing: CompilerWarning[] = [];
    for (const { lines } of this.patches.slice(0, index + 1)) {
      const again = new Set(lines.map((line) => COMPILED.exec(line)?.[1]));
      standing = [...standing.filter(({ file }) => !again.has(file.replace(/\.[cS]$/, '.o'))), ...warningsIn(lines)].slice(0, MOST);
    }
    const known = warningsIn(baseLog).map(nameOf);
    const unknown: CompilerWarning[] = [];
    for (const warning of standing) {
      const at = known.indexOf(nameOf(warning));
      if (at === -1) unknown.push(warning);
      else known.splice(at, 1);
    }
    return unknown.filter((warning, at) => unknown.findIndex((other) => nameOf(other) === nameOf(warning) && other.line === warning.line) === at);
  }
}

const MAX_LINES = 100_000;
const MAX_BYTES = 64 * 1024 ** 2;
/** Of warnings, of checkpatch's lines on a patch, of objects; and of the characters of each: what goes into a record is read again and again. */
const MOST = 1000;
/** What a line takes beside its characters. */
const LINE_BYTES = 64;
const MARK = /^vlab-(checkpatch|patch|merged|bloat|built|broken): (.*)$/;
const COMPILED = /^ {2}CC\s+(?:\[M\]\s+)?(\S+)$/;

function bloatOf(text: string): Bloat[] {
  const [, object, before, after] = /^(\S+) (\d{1,12}|-) (\d{1,12}|-)$/.exec(text) ?? [];
  if (object === undefined) return [];
  const bytes = (word: string | undefined): number | null => (word === '-' || word === undefined ? null : Number(word));
  return [{ object, before: bytes(before), after: bytes(after) }];
}

/** A warning moves as lines are added above it: its name is what it says and where, without the line. */
function nameOf({ file, text }: CompilerWarning): string {
  return `${file}: ${text}`;
}

function warningsIn(lines: readonly string[]): CompilerWarning[] {
  return lines.flatMap((line) => {
    const [, file, number, text] = /^([^\s:]+):(\d{1,9})(?::\d+)?: warning: (.*)$/.exec(line) ?? [];
    return file === undefined || text === undefined ? [] : [{ file: file.slice(0, MOST), line: Number(number), text: text.slice(0, MOST) }];
  });
}
