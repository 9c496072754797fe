// What is typed or chosen rather than ticked: words in the title or the reason, whether the outcome is as expected, whether the console has findings, and a span of time.
import type { TargetedEvent, VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { valueOf, withValue } from '../../format/query.ts';
import { SpanFields } from '../../parts/span-fields.tsx';

const CALM_MS = 300;
export type Narrow = (query: string, replace?: boolean) => void;

export function TextFilter({ filter, narrow }: { filter: string; narrow: Narrow }): VNode {
  return (
    <div class="fields" role="search">
      <Words filter={filter} narrow={narrow} />
      <label>Outcome
        <select value={valueOf(filter, 'expected') ?? ''} onChange={({ currentTarget }) => { narrow(withValue(filter, 'expected', currentTarget.value)); }}>
          <option value="">as expected or not</option><option value="yes">as expected</option><option value="no">not as expected</option>
        </select>
      </label>
      <label>Console
        <select value={valueOf(filter, 'findings') ?? ''} onChange={({ currentTarget }) => { narrow(withValue(filter, 'findings', currentTarget.value)); }}>
          <option value="">with findings or without</option><option value="yes">with findings</option><option value="no">without findings</option>
        </select>
      </label>
      <SpanFields names={['Sealed from', 'Sealed until']} query={filter} narrow={narrow} />
    </div>
  );
}

/** Each pause in typing narrows the list; only the first of them is a step that the back button takes. */
function Words({ filter, narrow }: { filter: string; narrow: Narrow }): VNode {
  const there = valueOf(filter, 'text') ?? '';
  const [text, setText] = useState(there);
  const typing = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => {
    if (typing.current === undefined) setText(there);
  }, [there]);
  useEffect(() => () => { clearTimeout(typing.current); }, []);
  const latest = useRef({ filter, narrow, there });
  latest.current = { filter, narrow, there };
  const typed = ({ currentTarget: { value } }: TargetedEvent<HTMLInputElement>): void => {
    setText(value);
    clearTimeout(typing.current);
    typing.current = setTimeout(() => {
      typing.current = undefined;
      const now = latest.current;
      now.narrow(withValue(now.filter, 'text', value.trim()), now.there !== '');
    }, CALM_MS);
  };
  return <label>In title or reason<input type="search" value={text} maxLength={200} onInput={typed} /></label>;
}
