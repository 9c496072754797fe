// Every series that the lab knows, by what kind it is.
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { SeriesRow } from '../../../api/shapes.ts';
import { useAsk } from '../../app/asking.ts';
import { askSeriesList } from '../../app/endpoints.ts';
import { evaluationLink, runsLink } from '../../app/links.ts';
import { go, usePlace } from '../../app/router.ts';
import { useTitle } from '../../app/title.ts';
import { grouped } from '../../format/number.ts';
import { toggled, valuesOf } from '../../format/query.ts';
import { Answered, Empty } from '../../parts/answered.tsx';
import { VerdictBadge } from '../../parts/badge.tsx';
import { Command } from '../../parts/copy.tsx';
import { Exports } from '../../parts/exports.tsx';
import { PageHead, Wide } from '../../parts/frame.tsx';
import { SeriesName, Text } from '../../parts/ids.tsx';
import { When } from '../../parts/when.tsx';

export function SeriesListPage(): VNode {
  useTitle('Series');
  return <><PageHead title="Series"><Exports table="series" /></PageHead><Answered answer={useAsk(askSeriesList())} what="the series">{({ series }) => <List series={series} />}</Answered></>;
}

function List({ series }: { series: readonly SeriesRow[] }): VNode {
  const { query } = usePlace();
  const [sought, setSought] = useState('');
  if (series.length === 0) return <Empty><p>There is no series yet. From a mailing list:</p><Command command="npx vlab series add MAILBOX" /></Empty>;
  const kinds = [...new Set(series.map(({ kind }) => kind))].sort();
  const ticked = valuesOf(query, 'kind');
  const shown = series.filter(({ name, title, kind }) => (ticked.length === 0 || ticked.includes(kind)) && `${name} ${title}`.toLowerCase().includes(sought.toLowerCase()));
  return (
    <>
      <div class="row-of">
        <div class="buttons" role="group" aria-label="Kind">
          {kinds.map((kind) => <button key={kind} type="button" aria-pressed={ticked.includes(kind)} onClick={() => { go(`/series?${toggled(query, 'kind', kind)}`, { stay: true }); }}>{kind}</button>)}
        </div>
        <label>Find<input type="search" value={sought} onInput={({ currentTarget }) => { setSought(currentTarget.value); }} /></label>
        <span class="faint" role="status">{grouped(shown.length)} of {grouped(series.length)}</span>
      </div>
      <Wide label="Series">
        <table>
          <thead><tr><th scope="col">series</th><th scope="col">title</th><th scope="col" class="figure">runs</th><th scope="col">last run</th><th scope="col" class="figure">evaluations</th><th scope="col">newest verdict</th></tr></thead>
          <tbody>{shown.map((row) => (
            <tr key={row.name}>
              <th scope="row"><SeriesName name={row.name} /></th><td class="long"><Text text={row.title} /></td>
              <td class="figure">{row.runs === 0 ? <span class="faint">0</span> : <a href={runsLink({ series: row.name })}>{grouped(row.runs)}</a>}</td>
              <td class="when">{row.lastRun === null ? <span class="faint">never</span> : <When at={row.lastRun} />}</td><td class="figure">{row.evaluations === 0 ? <span class="faint">0</span> : row.evaluations}</td>
              <td><Newest row={row} /></td>
            </tr>
          ))}</tbody>
        </table>
      </Wide>
    </>
  );
}

function Newest({ row: { verdict, evaluated } }: { row: Pick<SeriesRow, 'verdict' | 'evaluated'> }): VNode {
  if (evaluated === null) return <span class="faint">not evaluated</span>;
  return <a class="quiet" href={evaluationLink(evaluated)}><VerdictBadge verdict={verdict} outcome="broken" /></a>;
}
