// Words by which a list is narrowed; the address has them under `text`.
import type { TargetedEvent, VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { valueOf, withValue } from '../format/query.ts';

const CALM_MS = 300;

/** Each pause in typing narrows the list; only the first of them is a step that the back button takes. */
export function WordsField({ name, query, narrow }: { name: string; query: string; narrow: (query: string, replace?: boolean) => void }): VNode {
  const there = valueOf(query, 'text') ?? '';
  const [text, setText] = useState(there);
  const typing = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => {
    if (typing.current === undefined) setText(there);
  }, [there]);
  useEffect(() => () => { clearTimeout(typing.current); }, []);
  const latest = useRef({ query, narrow, there });
  latest.current = { query, narrow, there };
  const typed = ({ currentTarget: { value } }: TargetedEvent<HTMLInputElement>): void => {
    setText(value);
    clearTimeout(typing.current);
    typing.current = setTimeout(() => {
      typing.current = undefined;
      const now = latest.current;
      now.narrow(withValue(now.query, 'text', value.trim()), now.there !== '');
    }, CALM_MS);
  };
  return <label>{name}<input type="search" value={text} maxLength={200} onInput={typed} /></label>;
}
