// Property by design: which column an answer stands in, and which of several answers is shown. Pure, and without a schema: the pages draw by it too.
import type { PropertyCell } from '../contract/documents.ts';

/** A design stands for itself where all are of one base; else base and design do. */
export function columnOf(cell: PropertyCell, all: readonly PropertyCell[]): string {
  return all.some((one) => one.base !== cell.base) && !cell.design.startsWith(cell.base) ? `${cell.base} ${cell.design}` : cell.design;
}

export function columnsOf(cells: readonly PropertyCell[]): string[] {
  return [...new Set(cells.map((cell) => columnOf(cell, cells)))];
}

/** Where a property was asked on several devices, what was worst. */
export function shownIn<Cell extends PropertyCell>(cells: readonly Cell[], property: string, column: string): Cell | undefined {
  const asked = cells.filter((cell) => cell.property === property && columnOf(cell, cells) === column);
  return asked.find((cell) => cell.holds === false) ?? asked.find((cell) => cell.holds === true) ?? asked[0];
}

/** `NO` has failed the kernel, `no` has not. */
export function markOf({ holds, binding }: PropertyCell): string {
  if (holds === null) return '-';
  if (holds) return 'yes:';
  return binding ? 'NO:' : 'no:';
}
