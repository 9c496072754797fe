// Evaluations in rows, wherever a page lists some.
import type { VNode } from 'preact';
import type { EvaluationRow } from '../../api/shapes.ts';
import { evaluationLink } from '../app/links.ts';
import { printable } from '../format/printable.ts';
import { duration } from '../format/time.ts';
import { VerdictBadge } from '../parts/badge.tsx';
import { Wide } from '../parts/frame.tsx';
import { EvaluationId, SeriesName, Text } from '../parts/ids.tsx';
import { When } from '../parts/when.tsx';

/** `short`: what fits beside something else. */
export function EvaluationTable({ rows, short = false, own }: { rows: readonly EvaluationRow[]; short?: boolean; own?: string }): VNode {
  return (
    <Wide label="Evaluations">
      <table>
        <thead>
          <tr><th scope="col">evaluation</th><th scope="col">verdict</th><th scope="col">series</th><th scope="col">base</th>{short ? null : <><th scope="col">device</th><th scope="col">stack</th><th scope="col">why</th><th scope="col" class="figure">took</th></>}<th scope="col">when</th></tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id} {...(row.id === own ? { 'aria-current': 'true' } as const : {})}>
              <th scope="row">{short ? <a class="id" href={evaluationLink(row.id)}>{row.id}</a> : <EvaluationId id={row.id} />}</th>
              <td><VerdictBadge verdict={row.verdict} outcome={row.outcome} /></td>
              <td class="long"><SeriesName name={row.series} /><div class="faint"><Text text={row.title} /></div></td>
              <td>{printable(row.base)}{row.against === null ? '' : ` against ${printable(row.against)}`}</td>
              {short ? null : <><td>{row.device}</td><td>{row.stack}</td><td class="long"><Text text={row.why} /></td><td class="figure">{duration(row.seconds * 1000)}</td></>}
              <td class="when"><When at={row.endedAt} /></td>
            </tr>
          ))}
        </tbody>
      </table>
    </Wide>
  );
}
