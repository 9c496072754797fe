// What is typed or chosen rather than ticked: words in the title or the reason, whether the outcome is as expected, whether the console has findings, and a span of time.
import type { VNode } from 'preact';
import { valueOf, withValue } from '../../format/query.ts';
import { SpanFields } from '../../parts/span-fields.tsx';
import { WordsField } from '../../parts/words-field.tsx';

export type Narrow = (query: string, replace?: boolean) => void;

export function TextFilter({ filter, narrow }: { filter: string; narrow: Narrow }): VNode {
  return (
    <div class="fields" role="search">
      <WordsField name="In title or reason" query={filter} narrow={narrow} />
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
