// Sealed runs in rows, wherever a page lists some.
import type { VNode } from 'preact';
import type { RunRow } from '../../api/shapes.ts';
import { printable } from '../format/printable.ts';
import { duration } from '../format/time.ts';
import { OutcomeBadge } from '../parts/badge.tsx';
import { Wide } from '../parts/frame.tsx';
import { JobId, Kernel, RunId, Text } from '../parts/ids.tsx';
import { When } from '../parts/when.tsx';

export function RunTable({ rows }: { rows: readonly RunRow[] }): VNode {
  return (
    <Wide label="Runs">
      <table class="runs">
        <thead>
          <tr>
            <th scope="col">run, job</th><th scope="col">outcome</th><th scope="col">kernel</th><th scope="col">device, measures</th><th scope="col">pipelines</th>
            <th scope="col" class="figure">wrong of frames</th><th scope="col" class="figure">findings</th><th scope="col">when, took</th>
          </tr>
        </thead>
        <tbody>{rows.map((row) => <Row key={row.id} row={row} />)}</tbody>
      </table>
    </Wide>
  );
}

function Row({ row }: { row: RunRow }): VNode {
  const pipelines = [...new Set(row.passes.map((one) => one.pipeline))];
  const more = pipelines.length - 2;
  return (
    <tr>
      <th scope="row"><RunId id={row.id} /><div class="of-job"><JobId id={row.job} /></div></th>
      <td class={row.outcome === 'passed' ? '' : 'long'}><OutcomeBadge kind={row.outcome} expect={row.expect} asExpected={row.asExpected} />{row.outcome === 'passed' ? null : <div class="faint why" title={printable(row.why)}><Text text={row.why} /></div>}</td>
      <td class="long kernel"><Kernel base={row.base} series={row.series} flavour={row.flavour} /><div class="faint"><Text text={row.title} /></div></td>
      <td class="lines">{row.device}{row.stack === 'trixie' ? null : <span class="faint">, {row.stack}</span>}<div class="faint">{row.measure ?? 'nothing'}</div></td>
      <td class="lines" title={pipelines.join(', ')}>{pipelines.slice(0, more > 0 ? 1 : 2).map((name) => <div key={name}>{name}</div>)}{more > 0 ? <div class="faint">and {more + 1} more</div> : null}</td>
      <td class="figure">{row.frames === 0 ? <span class="faint">none checked</span> : <>{row.wrong === 0 ? '0' : <strong>{row.wrong}</strong>} of {row.frames}</>}</td>
      <td class="figure">{row.findings === 0 ? <span class="faint">0</span> : <strong>{row.findings}</strong>}</td>
      <td class="when"><When at={row.sealedAt} /><div class="faint">{duration(row.seconds * 1000)}</div></td>
    </tr>
  );
}
