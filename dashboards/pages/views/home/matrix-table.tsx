// Kernel by pipeline, device and stack. Every cell has drawing, word and colour, and leads to its run; only surprises are loud.
import type { VNode } from 'preact';
import type { Cell, Matrix } from '../../../api/shapes.ts';
import { runLink } from '../../app/links.ts';
import { cellsIn, columnsOf, rowKey } from '../../format/matrix.ts';
import { printable } from '../../format/printable.ts';
import { kernelName } from '../../format/words.ts';
import { iconOfStatus } from '../../parts/badge.tsx';
import { Empty } from '../../parts/answered.tsx';
import { Command } from '../../parts/copy.tsx';
import { Wide } from '../../parts/frame.tsx';
import { Icon } from '../../parts/icon.tsx';

export function MatrixTable({ matrix }: { matrix: Matrix }): VNode {
  const { columns, groups } = columnsOf(matrix);
  if (columns.length === 0) return <Empty><p>No run of this job has come to its pipelines yet. What it waits for is said by:</p><Command command="npx vlab status" /></Empty>;
  return (
    <>
      <Wide label={`Matrix of ${matrix.job.id}: kernel by pipeline`}>
        <table class="matrix">
          <thead>
            <tr><td />{groups.map(({ key, device, stack, columns: span }) => <th key={key} scope="colgroup" colSpan={span}><span>{device}, {stack}</span></th>)}</tr>
            <tr><th scope="col">kernel</th>{columns.map(({ key, pipeline }) => <th key={key} scope="col">{pipeline}</th>)}</tr>
          </thead>
          <tbody>
            {matrix.rows.map((row) => (
              <tr key={rowKey(row)}>
                <th scope="row"><span class="name">{printable(kernelName(row))}</span>{row.expect === 'passed' ? null : <span class="faint"> {row.expect} expected</span>}</th>
                {cellsIn(row, columns).map((cell, at) => <td key={columns[at]?.key}>{cell === undefined ? <span class="unseen">not asked for</span> : <MatrixCell cell={cell} />}</td>)}
              </tr>
            ))}
          </tbody>
        </table>
      </Wide>
      <Legend />
    </>
  );
}

function MatrixCell({ cell }: { cell: Cell }): VNode {
  const { status, asExpected, why, run, before } = cell;
  const changed = before !== null && before !== status && status !== 'waiting';
  const note = !asExpected ? (status === 'passed' ? 'not expected' : '') : status === 'failed' || status === 'rejected' ? 'as expected' : '';
  return (
    <a class={`cell s-${status} ${asExpected ? 'expected' : 'surprise'}`} href={runLink(run)} title={printable(why)}>
      <span class="word"><Icon name={iconOfStatus(status)} />{status}</span>
      {note === '' ? null : <span class="note">{note}</span>}
      {changed ? <span class="note">was {before}</span> : null}
    </a>
  );
}

function Legend(): VNode {
  const words = [['passed', 'every frame right'], ['failed', 'the kernel'], ['rejected', 'the request'], ['broken', 'the lab'], ['unavailable', 'this stack, device or kernel has no such path'], ['not-run', 'the guest was gone before']] as const;
  return (
    <p class="legend faint">
      {words.map(([status, means]) => <span key={status}><span class={`s-${status}`}><Icon name={iconOfStatus(status)} />{status}</span> {means}</span>)}
      <span><span class="badge s-failed surprise">filled</span> not as the job expects</span>
    </p>
  );
}
