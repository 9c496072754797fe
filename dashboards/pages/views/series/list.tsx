// Every series that the lab knows, by what kind it is.
import type { VNode } from 'preact';
import { hasWords } from '../../../api/has-words.ts';
import type { SeriesRow } from '../../../api/shapes.ts';
import { useAsk } from '../../app/asking.ts';
import { askSeriesList } from '../../app/endpoints.ts';
import { go, usePlace } from '../../app/router.ts';
import { useTitle } from '../../app/title.ts';
import { grouped } from '../../format/number.ts';
import { only, toggled, valueOf, valuesOf } from '../../format/query.ts';
import { Answered, Empty } from '../../parts/answered.tsx';
import { Command } from '../../parts/copy.tsx';
import { Exports } from '../../parts/exports.tsx';
import { PageHead } from '../../parts/frame.tsx';
import { WordsField } from '../../parts/words-field.tsx';
import { Designs } from './designs.tsx';
import { SeriesTable } from './table.tsx';

export function SeriesListPage(): VNode {
  useTitle('Series');
  return <><PageHead title="Series"><Exports table="series" query={only(usePlace().query, ['kind', 'text'])} /></PageHead><Answered answer={useAsk(askSeriesList())} what="the series">{({ series }) => <List series={series} />}</Answered><Designs /></>;
}

function List({ series }: { series: readonly SeriesRow[] }): VNode {
  const { query } = usePlace();
  if (series.length === 0) return <Empty><p>There is no series yet. From a mailing list:</p><Command command="npx vlab series add MAILBOX" /></Empty>;
  const kinds = [...new Set(series.map(({ kind }) => kind))].sort();
  const ticked = valuesOf(query, 'kind');
  const narrow = (next: string, replace = false): void => { go(next === '' ? '/series' : `/series?${next}`, { stay: true, replace }); };
  const shown = series.filter(({ name, title, kind }) => (ticked.length === 0 || ticked.includes(kind)) && hasWords({ name, title }, valueOf(query, 'text') ?? ''));
  return (
    <>
      <div class="row-of">
        <div class="buttons" role="group" aria-label="Kind">
          {kinds.map((kind) => <button key={kind} type="button" aria-pressed={ticked.includes(kind)} onClick={() => { narrow(toggled(query, 'kind', kind)); }}>{kind}</button>)}
        </div>
        <WordsField name="Find" query={query} narrow={narrow} />
        <span class="faint" role="status">{grouped(shown.length)} of {grouped(series.length)}</span>
      </div>
      {shown.length === 0 ? <Empty><p>No series is like that. All of them, also on a terminal:</p><Command command="npx vlab series list" /></Empty> : <SeriesTable rows={shown} />}
    </>
  );
}
