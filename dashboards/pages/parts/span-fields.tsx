// From when until when: two fields of a filter.
import type { TargetedEvent, VNode } from 'preact';
import { valueOf, withValue } from '../format/query.ts';
import { fromField, toField } from '../format/time.ts';

/** `names`: what the fields are called. */
export function SpanFields({ names: [from, to], query, narrow }: { names: readonly [string, string]; query: string; narrow: (query: string) => void }): VNode {
  const changed = (name: 'from' | 'to') => ({ currentTarget: { value } }: TargetedEvent<HTMLInputElement>): void => {
    const at = fromField(value);
    if (value === '' || at !== undefined) narrow(withValue(query, name, at));
  };
  return (
    <>
      <label>{from}<input type="datetime-local" value={toField(valueOf(query, 'from'))} onChange={changed('from')} /></label>
      <label>{to}<input type="datetime-local" value={toField(valueOf(query, 'to'))} onChange={changed('to')} /></label>
    </>
  );
}
