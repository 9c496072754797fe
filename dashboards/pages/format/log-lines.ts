// A log that comes in pieces, as lines. Pure: bytes are counted by whoever sends them.

/** Beyond this a line is cut where it is drawn; the file has it whole. */
export const WIDEST = 2000;

export class LogLines {
  readonly lines: string[] = [];
  /** How many of the lines have their end. The last may be half a line that goes on. */
  whole = 0;
  widest = 0;
  #pending = '';

  push(text: string): void {
    const parts = (this.#pending + text).split('\n');
    this.#pending = parts.pop() ?? '';
    this.lines.length = this.whole;
    for (const part of parts) this.#add(part);
    this.whole = this.lines.length;
    if (this.#pending !== '') this.#add(this.#pending);
  }

  clear(): void {
    this.lines.length = 0;
    this.whole = 0;
    this.widest = 0;
    this.#pending = '';
  }

  #add(line: string): void {
    const plain = line.endsWith('\r') ? line.slice(0, -1) : line;
    this.lines.push(plain);
    this.widest = Math.min(WIDEST, Math.max(this.widest, plain.length));
  }
}

/** Indices of the lines that have the words, whatever the case. */
export function matchesIn(lines: readonly string[], words: string): number[] {
  if (words === '') return [];
  const wanted = words.toLowerCase();
  const found: number[] = [];
  for (let at = 0; at < lines.length; at++) if (lines[at]?.toLowerCase().includes(wanted) === true) found.push(at);
  return found;
}

/** The next of `sorted` after `at`, or before it, going round. */
export function nextOf(sorted: readonly number[], at: number, step: 1 | -1): number | undefined {
  return step === 1 ? (sorted.find((one) => one > at) ?? sorted[0]) : (sorted.findLast((one) => one < at) ?? sorted.at(-1));
}

/** A line in pieces: what was sought, and what stands between. */
export function cutAt(line: string, words: string): { text: string; sought: boolean }[] {
  if (words === '') return [{ text: line, sought: false }];
  const [low, wanted] = [line.toLowerCase(), words.toLowerCase()];
  // A few letters change their length with their case: then places do not agree, and nothing is marked.
  if (low.length !== line.length) return [{ text: line, sought: false }];
  const pieces: { text: string; sought: boolean }[] = [];
  let from = 0;
  for (let at = low.indexOf(wanted); at !== -1; at = low.indexOf(wanted, from)) {
    if (at > from) pieces.push({ text: line.slice(from, at), sought: false });
    pieces.push({ text: line.slice(at, at + wanted.length), sought: true });
    from = at + wanted.length;
  }
  if (from < line.length) pieces.push({ text: line.slice(from), sought: false });
  return pieces;
}

export type LogAt = { name: string; line: number | undefined };

/** What `#console:123` names. */
export function logAt(hash: string, names: readonly string[]): LogAt | undefined {
  const [, name, line] = /^([a-z]+)(?::(\d{1,9}))?$/.exec(hash) ?? [];
  return name === undefined || !names.includes(name) ? undefined : { name, line: line === undefined ? undefined : Number(line) };
}
