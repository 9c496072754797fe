// Figures by name, and how they are told: each at both sizes, and how many times as large it has become.
import { quantileSorted } from 'simple-statistics';

export type Figures = Record<string, number>;

export function p95(values: readonly number[]): number {
  return quantileSorted([...values].sort((a, b) => a - b), 0.95);
}

export function sayGrowth(small: Figures, large: Figures): string[] {
  return Object.entries(small).map(([name, before]) => {
    const after = large[name] ?? NaN;
    return `${name.padEnd(48)} ${before.toFixed(1).padStart(9)} ${after.toFixed(1).padStart(9)}   x${(after / before).toFixed(2)}`;
  });
}
