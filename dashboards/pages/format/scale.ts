// From values to places on a picture, and round values for its axis. Pure.

export type Scale = { readonly at: (value: number) => number; readonly low: number; readonly high: number };

/** Linear, from `low`..`high` to `from`..`to`. A span of nothing is drawn in the middle. */
export function linear(low: number, high: number, from: number, to: number): Scale {
  const span = high - low;
  return { low, high, at: (value) => (span === 0 ? (from + to) / 2 : from + ((value - low) / span) * (to - from)) };
}

/** Round values (1, 2 or 5 times a power of ten) within the span, about as many as wanted. */
export function ticks(low: number, high: number, wanted: number): number[] {
  if (!(high > low) || !Number.isFinite(high - low)) return [low];
  const raw = (high - low) / Math.max(1, wanted);
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * ([1, 2, 5, 10].find((times) => power * times >= raw * 0.999) ?? 10);
  const found: number[] = [];
  for (let n = Math.ceil(low / step - 1e-9); n * step <= high + step * 1e-9; n++) found.push(Number((n * step).toPrecision(12)));
  return found;
}

/** A little more room than the values take. */
export function padded(low: number, high: number, share = 0.06): [number, number] {
  const room = high === low ? Math.max(Math.abs(high) * 0.01, 1e-9) : (high - low) * share;
  return [low - room, high + room];
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[middle] ?? NaN) : ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2;
}

/** The value below which this share of them lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))] ?? NaN;
}
