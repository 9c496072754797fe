// What a list is narrowed by, in one line, each with a way out of it.
import type { VNode } from 'preact';
import { printable } from '../format/printable.ts';
import { toggled, valueOf, valuesOf, withValue } from '../format/query.ts';
import { sayDimension } from '../format/words.ts';
import { moment } from '../format/time.ts';

type Props = { query: string; names: readonly string[]; narrow: (query: string) => void };

/** Names with one value, which is no list. */
const SINGLE: ReadonlySet<string> = new Set(['text', 'from', 'to', 'expected', 'findings', 'metric', 'most']);

export function Chips({ query, names, narrow }: Props): VNode | null {
  const chips = names.flatMap((name) => {
    if (!SINGLE.has(name)) return valuesOf(query, name).map((value) => ({ name, value, without: toggled(query, name, value) }));
    const value = valueOf(query, name);
    return value === undefined ? [] : [{ name, value, without: withValue(query, name, undefined) }];
  });
  if (chips.length === 0) return null;
  return (
    <div class="chips" role="group" aria-label="Filters that are set">
      {chips.map(({ name, value, without }) => (
        <button key={`${name} ${value}`} type="button" class="chip" onClick={() => { narrow(without); }} aria-label={`Remove ${sayDimension(name)} ${said(name, value)}`}>
          <span class="faint">{sayDimension(name)}</span> {said(name, value)} <span aria-hidden="true">×</span>
        </button>
      ))}
      <button type="button" class="small" onClick={() => { narrow(names.reduce((left, name) => withValue(left, name, undefined), query)); }}>clear all</button>
    </div>
  );
}

function said(name: string, value: string): string {
  return name === 'from' || name === 'to' ? moment(value) : printable(value);
}
