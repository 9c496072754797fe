// From when until when: two fields of a filter.
import type { VNode } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { valueOf, withValue } from '../format/query.ts';
import { fromField, toField } from '../format/time.ts';

const [FIRST, LAST] = ['1970-01-01T00:00', '2999-12-31T23:59'];

/** `names`: what the fields are called. */
export function SpanFields({ names: [from, to], query, narrow }: { names: readonly [string, string]; query: string; narrow: (query: string) => void }): VNode {
  const change = (name: 'from' | 'to') => (at: string | undefined): void => { narrow(withValue(query, name, at)); };
  return <><Field name={from} at={valueOf(query, 'from')} change={change('from')} /><Field name={to} at={valueOf(query, 'to')} change={change('to')} /></>;
}

/** While somebody types in it, it is his: what is half of a year is no moment yet, and whatever is drawn meanwhile must not take it away. */
function Field({ name, at, change }: { name: string; at: string | undefined; change: (at: string | undefined) => void }): VNode {
  const field = useRef<HTMLInputElement>(null);
  const show = (): void => { if (field.current !== null) field.current.value = toField(at); };
  useLayoutEffect(() => { if (document.activeElement !== field.current) show(); }, [at]);
  const changed = ({ currentTarget: { value } }: { currentTarget: HTMLInputElement }): void => {
    const given = fromField(value);
    if (value === '' || given !== undefined) change(given);
  };
  return <label>{name}<input ref={field} type="datetime-local" min={FIRST} max={LAST} onChange={changed} onBlur={show} /></label>;
}
