// Series in rows.
import type { VNode } from 'preact';
import type { SeriesRow } from '../../../api/shapes.ts';
import { evaluationLink, runsLink } from '../../app/links.ts';
import { grouped } from '../../format/number.ts';
import { VerdictBadge } from '../../parts/badge.tsx';
import { Wide } from '../../parts/frame.tsx';
import { SeriesName, Text } from '../../parts/ids.tsx';
import { When } from '../../parts/when.tsx';

export function SeriesTable({ rows }: { rows: readonly SeriesRow[] }): VNode {
  return (
    <Wide label="Series">
      <table>
        <thead><tr><th scope="col">series</th><th scope="col">title</th><th scope="col" class="figure">runs</th><th scope="col">last run</th><th scope="col" class="figure">evaluations</th><th scope="col">newest verdict</th></tr></thead>
        <tbody>{rows.map((row) => (
          <tr key={row.name}>
            <th scope="row"><SeriesName name={row.name} /></th><td class="long"><Text text={row.title} /></td>
            <td class="figure">{row.runs === 0 ? <span class="faint">0</span> : <a href={runsLink({ series: row.name })}>{grouped(row.runs)}</a>}</td>
            <td class="when">{row.lastRun === null ? <span class="faint">never</span> : <When at={row.lastRun} />}</td><td class="figure">{row.evaluations === 0 ? <span class="faint">0</span> : row.evaluations}</td>
            <td><Newest row={row} /></td>
          </tr>
        ))}</tbody>
      </table>
    </Wide>
  );
}

/** Of a series, or of a version of one. */
export function Newest({ row: { verdict, outcome, evaluated } }: { row: Pick<SeriesRow, 'verdict' | 'outcome' | 'evaluated'> }): VNode {
  if (evaluated === null || outcome === null) return <span class="faint">not evaluated</span>;
  return <a class="quiet" href={evaluationLink(evaluated)}><VerdictBadge verdict={verdict} outcome={outcome} /></a>;
}
