// Where the parts of a stacked bar lie. Pure.

export type Part = { name: string; value: number };
export type Row = { name: string; parts: readonly Part[] };
/** In percent of the width. `tone`: which of the six fills. */
export type Placed = Part & { from: number; width: number; tone: number };

/** The order in which a frame takes them; the others follow. Each step has the same fill everywhere. */
export const STEPS = ['decode', 'copy', 'upload', 'wait', 'transfer', 'draw', 'readback', 'hash'] as const;
const TONES = 8;

export function toneOf(name: string): number {
  const at = STEPS.findIndex((step) => step === name);
  return at === -1 ? TONES : at;
}

export function ordered(parts: readonly Part[]): Part[] {
  return [...parts].sort((a, b) => toneOf(a.name) - toneOf(b.name));
}

export function stack(parts: readonly Part[], most: number): Placed[] {
  let from = 0;
  return ordered(parts).map((part) => {
    const width = most <= 0 ? 0 : (100 * part.value) / most;
    const placed = { ...part, from, width, tone: toneOf(part.name) };
    from += width;
    return placed;
  });
}

export function totalOf(parts: readonly Part[]): number {
  return parts.reduce((sum, { value }) => sum + value, 0);
}
