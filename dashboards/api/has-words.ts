// Whether a series is one that somebody looks for by words: on the page, and in its table.
import type { SeriesRow } from './shapes.ts';

export function hasWords({ name, title }: Pick<SeriesRow, 'name' | 'title'>, words: string): boolean {
  return `${name} ${title}`.toLowerCase().includes(words.toLowerCase());
}
