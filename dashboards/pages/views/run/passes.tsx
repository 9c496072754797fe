// Each pipeline of a run in a row: what came back, what was wrong, and the figures of this boot.
import type { VNode } from 'preact';
import type { RunDetail } from '../../../api/shapes.ts';
import { framesLink } from '../../app/links.ts';
import { figure } from '../../format/number.ts';
import { printable } from '../../format/printable.ts';
import { withValue } from '../../format/query.ts';
import { StatusBadge } from '../../parts/badge.tsx';
import { Exports } from '../../parts/exports.tsx';
import { Fold, Wide } from '../../parts/frame.tsx';
import { Text } from '../../parts/ids.tsx';

export type Pass = NonNullable<RunDetail['record']>['pipelines'][number];
type Column = { name: string; of: (row: Pass) => string | undefined };

/** A column that no row has anything for is left out. */
const FIGURES: readonly Column[] = [
  { name: 'frames/s while checked', of: (row) => row.fps?.toFixed(1) },
  { name: 'frames/s', of: (row) => row.time?.fps.toFixed(1) },
  { name: 'frame p50 ms', of: (row) => row.time?.stepsMs['frame']?.p50.toFixed(2) },
  { name: 'frame p95 ms', of: (row) => row.time?.stepsMs['frame']?.p95.toFixed(2) },
  { name: 'guest CPU ms', of: (row) => row.time?.guestCpuMsPerFrame.toFixed(2) },
  { name: 'host CPU ms', of: (row) => row.time?.hostCpuMsPerFrame?.toFixed(2) },
  { name: 'commands', of: (row) => row.counters?.commandsPerFrame.toFixed(2) },
  { name: 'transfers', of: (row) => row.counters?.transfersPerFrame.toFixed(2) },
  { name: 'bytes', of: (row) => (row.counters === null ? undefined : figure(row.counters.bytesPerFrame)) },
  { name: 'fences', of: (row) => row.counters?.fencesPerFrame.toFixed(2) },
  { name: 'instructions', of: (row) => (row.instructionsPerFrame === null ? undefined : figure(row.instructionsPerFrame)) },
];

export function keyOfPass({ pipeline, clip, fault }: Pass): string {
  return `${pipeline} ${clip} ${fault ?? ''}`;
}

export function Passes({ run, rows }: { run: string; rows: readonly Pass[] }): VNode {
  const figures = FIGURES.filter(({ of }) => rows.some((row) => of(row) !== undefined));
  const faults = rows.some((row) => row.fault !== null);
  return (
    <>
      <Wide label="Pipelines">
        <table>
          <thead>
            <tr>
              <th scope="col">pipeline</th><th scope="col">clip</th>{faults ? <th scope="col">fault</th> : null}<th scope="col">outcome</th><th scope="col" class="figure">right</th><th scope="col" class="figure">wrong</th>
              {figures.map(({ name }) => <th key={name} scope="col" class="figure">{name}</th>)}<th scope="col">leaks</th><th scope="col">why</th>
            </tr>
          </thead>
          <tbody>{rows.map((row) => (
            <tr key={keyOfPass(row)}>
              <th scope="row">{row.pipeline}</th><td>{printable(row.clip)}</td>{faults ? <td>{row.fault === null ? <span class="faint">none</span> : <>{row.fault}<Caught row={row} /></>}</td> : null}
              <td><StatusBadge status={row.status} /></td><td class="figure">{row.frames - row.wrong}</td><td class="figure">{row.wrong === 0 ? <span class="faint">0</span> : <strong>{row.wrong}</strong>}</td>
              {figures.map(({ name, of }) => <td key={name} class="figure">{of(row) ?? <span class="faint">-</span>}</td>)}
              <td>{sayLeaks(row.leaks)}</td>
              <td class="long"><Text text={row.why} />{row.party === null ? null : <div>whose doing: {row.party}</div>}{row.kept.length === 0 ? null : <div><a href={framesLink(run, { pipeline: row.pipeline, clip: row.clip, ...(row.fault === null ? {} : { fault: row.fault }) })}>its wrong frames</a></div>}</td>
            </tr>
          ))}</tbody>
        </table>
      </Wide>
      {rows.some((row) => row.counters !== null) ? <ByKind run={run} rows={rows} /> : null}
      {rows.some((row) => row.caps.length > 0) ? <Negotiated rows={rows} /> : null}
    </>
  );
}

function Caught({ row: { caught, named } }: { row: Pass }): VNode | null {
  if (caught === null) return null;
  return <div class={caught && named !== false ? 'faint' : 'bad'}>{caught ? (named === false ? 'caught, under another name' : 'caught') : 'not caught'}</div>;
}

function sayLeaks(leaks: Pass['leaks']): VNode | string {
  if (leaks === null) return <span class="faint">-</span>;
  const parts = [['files', leaks.fds], ['dma-bufs', leaks.dmabufs], ['host resources', leaks.hostResources]] as const;
  const left = parts.filter(([, count]) => count > 0);
  if (left.length > 0) return <strong>{left.map(([name, count]) => `${String(count)} ${name}`).join(', ')}</strong>;
  return parts.some(([, count]) => count < 0) ? <span class="faint">not counted</span> : <span class="faint">none</span>;
}

function ByKind({ run, rows }: { run: string; rows: readonly Pass[] }): VNode {
  const counted = rows.filter((row) => row.counters !== null);
  const kinds = [...new Set(counted.flatMap((row) => Object.keys(row.counters?.byKind ?? {})))].sort();
  return (
    <Fold title="virtio-gpu commands per frame, by kind">
      <div class="row-of"><Exports table="commands" query={withValue('', 'run', run)} /></div>
      <Wide label="Commands per frame by kind">
        <table>
          <thead><tr><th scope="col">command</th>{counted.map((row) => <th key={keyOfPass(row)} scope="col" class="figure">{row.pipeline}<div class="faint">{printable(row.clip)}</div></th>)}</tr></thead>
          <tbody>{kinds.map((kind) => <tr key={kind}><th scope="row"><code>{printable(kind)}</code></th>{counted.map((row) => <td key={keyOfPass(row)} class="figure">{row.counters?.byKind[kind]?.toFixed(2) ?? <span class="faint">-</span>}</td>)}</tr>)}</tbody>
        </table>
      </Wide>
    </Fold>
  );
}

function Negotiated({ rows }: { rows: readonly Pass[] }): VNode {
  return (
    <Fold title="What peers negotiated">
      <ul class="plain">{rows.flatMap((row) => row.caps.map(({ element, pad, caps }) => <li key={`${keyOfPass(row)} ${element} ${pad}`}>{row.pipeline}, {printable(element)} {printable(pad)}: <code class="theirs">{printable(caps)}</code></li>))}</ul>
    </Fold>
  );
}
