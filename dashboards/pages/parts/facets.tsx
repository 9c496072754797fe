// What there is to filter by: a group per dimension, a tick per value, with how many there are of each.
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { Facets } from '../../api/shapes.ts';
import { grouped } from '../format/number.ts';
import { printable } from '../format/printable.ts';
import { sayDimension } from '../format/words.ts';
import { narrows } from '../format/narrows.ts';
import { toggled, valuesOf } from '../format/query.ts';

type Values = Facets[number]['values'];
type Props = { facets: Facets; dimensions: readonly string[]; query: string; narrow: (query: string) => void };

const OPEN_FIRST: ReadonlySet<string> = new Set(['outcome', 'device', 'measure']);
const SEARCHED_FROM = 12;
const MOST_SHOWN = 200;

/** In the order of `dimensions`; what narrows nothing is left out, unless it is ticked. */
export function FacetList({ facets, dimensions, query, narrow }: Props): VNode {
  const shown = dimensions.flatMap((dimension) => {
    const { values, more } = facets.find((facet) => facet.dimension === dimension) ?? { values: [], more: 0 };
    const ticked = valuesOf(query, dimension);
    return !narrows(facets, dimension) && ticked.length === 0 ? [] : [{ dimension, values, more, ticked }];
  });
  return <>{shown.map(({ dimension, values, more, ticked }) => <Group key={dimension} dimension={dimension} values={values} more={more} ticked={ticked} toggle={(value) => { narrow(toggled(query, dimension, value)); }} />)}</>;
}

function Group({ dimension, values, more, ticked, toggle }: { dimension: string; values: Values; more: number; ticked: readonly string[]; toggle: (value: string) => void }): VNode {
  const [sought, setSought] = useState('');
  // As it was at first: who unticks the last value is not shown the door.
  const [open] = useState(OPEN_FIRST.has(dimension) || ticked.length > 0);
  const all = [...ticked.filter((one) => !values.some(({ value }) => value === one)).map((value) => ({ value, runs: 0 })), ...values];
  const found = all.filter(({ value }) => ticked.includes(value) || value.toLowerCase().includes(sought.toLowerCase()));
  return (
    <details class="facet" open={open}>
      <summary>{sayDimension(dimension)}{ticked.length === 0 ? null : <span class="faint"> {ticked.length} ticked</span>}</summary>
      <fieldset>
        <legend class="unseen">{sayDimension(dimension)}</legend>
        {all.length < SEARCHED_FROM ? null : <input type="search" placeholder={`one of ${grouped(all.length)}`} aria-label={`Find by ${sayDimension(dimension)}`} value={sought} onInput={({ currentTarget }) => { setSought(currentTarget.value); }} />}
        <div class="ticks">
          {found.slice(0, MOST_SHOWN).map(({ value, runs }) => (
            <label key={value} class="tick"><input type="checkbox" checked={ticked.includes(value)} onChange={() => { toggle(value); }} /><span class="name">{printable(value)}</span><span class="faint figures">{grouped(runs)}</span></label>
          ))}
        </div>
        {found.length > MOST_SHOWN ? <p class="faint">{grouped(found.length - MOST_SHOWN)} more: type a part of the name.</p> : null}
        {more === 0 ? null : <p class="faint">{grouped(more)} others have fewer runs or are older: their name in the address, as <code>{dimension}=</code>, narrows by one.</p>}
      </fieldset>
    </details>
  );
}
