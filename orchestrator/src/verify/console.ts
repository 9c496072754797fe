// What a kernel says about itself on its console, told apart. Pure: lines in, findings out.
import { ENDS_A_GUEST } from '../contract/ends-a-guest.ts';
import type { ConsoleFinding } from '../contract/run.ts';

type Kind = ConsoleFinding['kind'];

/** First match wins: the specific words stand before the general ones. Each is the kernel's own wording at the start of a message. */
const PATTERNS: readonly [RegExp, Kind][] = [
  [/^Kernel panic - not syncing/, 'panic'],
  [/^BUG: KASAN: /, 'kasan'],
  [/^UBSAN: /, 'ubsan'],
  [/^watchdog: BUG: soft lockup|^watchdog: CPU\d+: Watchdog detected hard LOCKUP/, 'soft-lockup'],
  [/^INFO: task .{1,80} blocked for more than \d+ seconds/, 'hung-task'],
  [/^(rcu: )?INFO: rcu_\w+ (self-)?detected (expedited )?stalls?\b/, 'rcu-stall'],
  [/^WARNING: (possible (circular locking|recursive locking|irq lock inversion)|inconsistent lock state|suspicious RCU usage|bad unlock balance|held lock freed|Nested lock was not taken|lock held when returning)/, 'lockdep'],
  [/^WARNING: (\S+ -> \S+ lock order detected|.{1,60} still has locks held)|^\[ BUG: Invalid wait context \]/, 'lockdep'],
  [/^BUG: (sleeping function called from invalid context|scheduling while atomic)/, 'atomic-sleep'],
  [/^BUG: (kernel NULL pointer dereference|unable to handle)|^Oops: |^general protection fault|^stack segment: \d+/, 'oops'],
  [/^kernel BUG at |^BUG: /, 'bug'],
  [/^kmemleak: \d+ new suspected memory leaks/, 'kmemleak'],
  [/^DMA-API: \S+ \S+: /, 'dma-api'],
  // The second is how 6.19 and later say it.
  [/^WARNING: CPU: \d+ PID: \d+ at |^WARNING: \S+\.[ch]:\d+ at /, 'warning'],
];

/** What follows the last time stamp: the UART may still be in the middle of what the probe was writing when the kernel speaks. */
const MESSAGE = /.*\[\s*\d+\.\d{6}\](?:\[\s*[TC]\d+\])?\s*(.*)/;

export function kindOfLine(line: string): Kind | undefined {
  const message = MESSAGE.exec(line)?.[1] ?? line;
  return PATTERNS.find(([pattern]) => pattern.test(message))?.[1];
}

/** The kernel's line on the last process that it killed for a bad access (show_signal_msg() in arch/x86/mm/fault.c): where it was. */
export function segfaultIn(lines: readonly string[]): string | undefined {
  const line = lines.findLast((one) => /\]: segfault at [0-9a-f]+ ip /.test(one));
  return line === undefined ? undefined : withoutStamp(line);
}

const BEFORE = 5;
const AFTER = 40;

/** A kernel that has complained so often is not judged by more of it, and a record is read again and again. */
const MOST_FINDINGS = 100;

/** The findings, the first hundred of them, with the lines around each. Lines that belong to an earlier finding's report are not counted again. */
export function findingsIn(lines: readonly string[]): ConsoleFinding[] {
  const findings: ConsoleFinding[] = [];
  let reportEnds = -1;
  let reportOf: Kind | undefined;
  lines.forEach((text, index) => {
    const kind = kindOfLine(text);
    if (kind === undefined || findings.length === MOST_FINDINGS) return;
    // A report has lines that would begin one: an oops its own "Oops:". What is graver than the report it stands in is a finding of its own.
    const graver = kind === 'panic' || (reportOf !== undefined && ENDS_A_GUEST.has(kind) && !ENDS_A_GUEST.has(reportOf));
    if (index <= reportEnds && !graver) return;
    reportOf = kind;
    reportEnds = index + endOfReport(lines, index);
    findings.push({ kind, line: index + 1, text: withoutStamp(text), around: lines.slice(Math.max(0, index - BEFORE), index + AFTER).map(clip) });
  });
  return findings;
}

/** Lines until the kernel's own end mark, or the usual length of a report. */
function endOfReport(lines: readonly string[], index: number): number {
  const marked = lines.slice(index, index + 200).findIndex((line) => line.includes('---[ end '));
  return marked === -1 ? 12 : marked;
}

export function withoutStamp(line: string): string {
  return clip(line.replace(/^(<\d+>)?\[\s*\d+\.\d+\](\[\s*[TC]\d+\])?\s*/, ''));
}

function clip(line: string): string {
  return line.length > 400 ? `${line.slice(0, 400)}...` : line;
}
