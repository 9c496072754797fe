// All runs, narrowed by what the address says. The address is the filter: what can be ticked here can be linked to.
import type { VNode } from 'preact';
import { go, usePlace } from '../../app/router.ts';
import { useTitle } from '../../app/title.ts';
import { useWideEnough } from '../../app/wide-enough.ts';
import { counted } from '../../format/number.ts';
import { fixedList, only, valueOf } from '../../format/query.ts';
import { Answered, Empty, ProblemBox } from '../../parts/answered.tsx';
import { Command } from '../../parts/copy.tsx';
import { PageHead } from '../../parts/frame.tsx';
import { PermanentLink } from '../../parts/permanent.tsx';
import { FacetList } from '../../parts/facets.tsx';
import { Exports } from '../../parts/exports.tsx';
import { Chips } from '../../parts/chips.tsx';
import { DIMENSIONS, NAMES } from './filter.ts';
import { LiveRuns } from './live-runs.tsx';
import { useRows } from './rows.ts';
import { RunTable } from '../run-table.tsx';
import { TextFilter } from './text-filter.tsx';

export function RunsPage(): VNode {
  useTitle('Runs');
  const filter = only(usePlace().query, NAMES);
  const { answer, rows, next, more, loading, problem } = useRows(filter);
  const wide = useWideEnough();
  const narrow = (query: string, replace = false): void => { go(query === '' ? '/runs' : `/runs?${query}`, { stay: true, replace }); };
  return (
    <>
      <PageHead title="Runs">
        <PermanentLink path="/runs" fixed={answer.old ? undefined : fixedList(filter, rows.map((one) => one.sealedAt))} /> <Exports table="runs" query={filter} />
      </PageHead>
      <div class="with-filters">
        <details class="filters" open={wide}>
          <summary>Filters</summary>
          <TextFilter filter={filter} narrow={narrow} />
          {answer.data === undefined ? null : <FacetList facets={answer.data.facets} dimensions={DIMENSIONS} query={filter} narrow={narrow} />}
        </details>
        <div>
          <Chips query={filter} names={NAMES} narrow={narrow} />
          <Answered answer={answer} what="the runs">
            {({ live }) => (
              <>
                {valueOf(filter, 'to') === undefined ? <LiveRuns live={live} /> : null}
                {rows.length === 0 ? <Nothing filter={filter} narrow={narrow} /> : <RunTable rows={rows} />}
                {problem === undefined ? null : <ProblemBox problem={problem} />}
                <p class="row-of" role="status">
                  {rows.length === 0 ? null : <span class="faint">{counted(rows.length, 'run')} shown{next === null ? ', which is all' : ''}</span>}
                  {next === null ? null : <button type="button" onClick={more} disabled={loading}>{loading ? 'loading' : 'load more'}</button>}
                </p>
              </>
            )}
          </Answered>
        </div>
      </div>
    </>
  );
}

function Nothing({ filter, narrow }: { filter: string; narrow: (query: string) => void }): VNode {
  if (filter === '') return <Empty><p>No run is sealed yet. This makes the first ones:</p><Command command="npx vlab run jobs/first-look.yaml" /></Empty>;
  return <Empty><p>No run is like that.</p><button type="button" onClick={() => { narrow(''); }}>clear every filter</button></Empty>;
}
