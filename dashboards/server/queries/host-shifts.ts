// A host that became slower moves every time that is measured on it, whatever the kernel: that is one thing to look at, and not the kernels'. Pure.
import type { AlertRow } from './alert-rows.ts';
import { onlyTheHost } from './what-changed.ts';

/** What depends on how fast the host is; instructions and counters do not. */
export const TIMES: readonly string[] = ['frames per second', 'call time p10', 'ready'];
/** Fewer may move together by chance, or by something that they share. */
const LEAST_SERIES = 4;
/** Of all that could have moved. */
const SHARE = 0.5;

/** Rows of one host whose change lies at one time, as far as can be told. */
export type Shift = { host: string; atMs: number; rows: AlertRow[] };

/** `comparable`: how many series of times a host has samples of on both sides of a moment. */
export async function hostShifts(rows: readonly AlertRow[], comparable: (host: string, atMs: number) => Promise<number>): Promise<Shift[]> {
  const together = movedTogether(rows.filter((one) => one.host !== '' && TIMES.includes(one.metric) && onlyTheHost(one.changed))).filter((shift) => shift.rows.length >= LEAST_SERIES);
  if (together.length === 0) return [];
  const found: Shift[] = [];
  const same = byFigure(rows);
  for (const shift of together) {
    if (movedElsewhere(shift, (row) => same.get(figureOf(row)) ?? [])) continue;
    if (shift.rows.length >= SHARE * await comparable(shift.host, shift.atMs)) found.push(shift);
  }
  return found;
}

/** The earliest end of all is a moment that lies in as many of the stretches as any: those are one shift, and so on with what is left. */
function movedTogether(rows: readonly AlertRow[]): Shift[] {
  const shifts: Shift[] = [];
  for (const host of new Set(rows.map((one) => one.host))) {
    let left = rows.filter((one) => one.host === host).sort((a, b) => a.untilMs - b.untilMs || a.id - b.id);
    for (let [first] = left; first !== undefined; [first] = left) {
      const atMs = first.untilMs;
      shifts.push({ host, atMs, rows: left.filter((one) => one.sinceMs <= atMs) });
      left = left.filter((one) => one.sinceMs > atMs);
    }
  }
  return shifts;
}

/** What moved on another host too, at that time, is not this host's doing. */
function movedElsewhere({ host, rows }: Shift, same: (row: AlertRow) => readonly AlertRow[]): boolean {
  const moved = rows.filter((one) => same(one).some((other) => other.host !== host && other.sinceMs <= one.untilMs && one.sinceMs <= other.untilMs));
  return moved.length >= SHARE * rows.length;
}

function byFigure(rows: readonly AlertRow[]): Map<string, AlertRow[]> {
  const found = new Map<string, AlertRow[]>();
  for (const row of rows) {
    const figure = figureOf(row);
    const known = found.get(figure);
    if (known === undefined) found.set(figure, [row]);
    else known.push(row);
  }
  return found;
}

/** The same on every host. */
function figureOf({ metric, subject, base, series, flavour, device, stack, image, clip }: AlertRow): string {
  return JSON.stringify([metric, subject, base, series, flavour, device, stack, image, clip]);
}
