// By how much a figure changed. Pure, and without a schema.

/** In percent; null where something came of nothing, of which there is no percentage. */
export function changePct(before: number, after: number): number | null {
  if (before === after) return 0;
  return before === 0 ? null : 100 * (after / before - 1);
}

/** To put changes in order: what rose from nothing is larger than any percentage. */
export function sizeOfChange(pct: number | null): number {
  return pct === null ? Infinity : Math.abs(pct);
}
