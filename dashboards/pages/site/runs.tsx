// The runs of a copy, filtered in the page.
import type { VNode } from 'preact';
import { go, usePlace } from '../app/router.ts';
import { useTitle } from '../app/title.ts';
import { useWideEnough } from '../app/wide-enough.ts';
import { counted } from '../format/number.ts';
import { only } from '../format/query.ts';
import { Empty } from '../parts/answered.tsx';
import { Chips } from '../parts/chips.tsx';
import { Command } from '../parts/copy.tsx';
import { Exports } from '../parts/exports.tsx';
import { FacetList } from '../parts/facets.tsx';
import { PageHead } from '../parts/frame.tsx';
import { RunTable } from '../views/run-table.tsx';
import { TextFilter } from '../views/runs/text-filter.tsx';
import { DIMENSIONS, facetsOf, narrowed } from './narrow.ts';
import { copy } from './stored.ts';

const NAMES = [...DIMENSIONS, 'expected', 'findings', 'text', 'from', 'to'];

export function SiteRuns(): VNode {
  useTitle('Runs');
  const filter = only(usePlace().query, NAMES);
  const { runs } = copy();
  const rows = narrowed(runs, filter);
  const narrow = (query: string, replace = false): void => { go(query === '' ? '/runs' : `/runs?${query}`, { stay: true, replace }); };
  return (
    <>
      <PageHead title="Runs"><span class="faint">all of them</span><Exports table="runs" /></PageHead>
      <div class="with-filters">
        <details class="filters" open={useWideEnough()}>
          <summary>Filters</summary>
          <TextFilter filter={filter} narrow={narrow} />
          <FacetList facets={facetsOf(runs)} dimensions={DIMENSIONS} query={filter} narrow={narrow} />
        </details>
        <div>
          <Chips query={filter} names={NAMES} narrow={narrow} />
          {rows.length === 0 ? <Empty>{runs.length === 0 ? <><p>No run of this job was sealed when the copy was made. A newer copy:</p><Command command={`npx vlab export site DIR --job ${copy().job}`} /></> : <><p>No run is like that.</p><button type="button" onClick={() => { narrow(''); }}>clear every filter</button></>}</Empty> : <RunTable rows={rows} />}
          <p class="faint" role="status">{counted(rows.length, 'run')} of {runs.length}</p>
        </div>
      </div>
    </>
  );
}
