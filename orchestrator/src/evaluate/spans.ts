// How long at least one thing was at work. Pure.

/** Milliseconds since the epoch. */
export type Span = { from: number; to: number };

/** Seconds that lie in at least one of the spans: two guests at once are not twice as long. */
export function secondsOfWork(spans: readonly Span[]): number {
  let [sum, reached] = [0, -Infinity];
  for (const { from, to } of [...spans].sort((a, b) => a.from - b.from)) {
    sum += Math.max(0, to - Math.max(from, reached));
    reached = Math.max(reached, to);
  }
  return sum / 1000;
}
