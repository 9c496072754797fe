// The table of the 2019 designs: what each answers to a driver that imports, each answer with the run that it is from.
import type { VNode } from 'preact';
import { columnOf, columnsOf, markOf, shownIn } from '../../../../orchestrator/src/report/property-grid.ts';
import type { DesignCell } from '../../../api/shapes.ts';
import { useAsk } from '../../app/asking.ts';
import { askDesigns } from '../../app/endpoints.ts';
import { runLink, seriesLink } from '../../app/links.ts';
import { printable } from '../../format/printable.ts';
import { Answered, Empty } from '../../parts/answered.tsx';
import { Command } from '../../parts/copy.tsx';
import { Exports } from '../../parts/exports.tsx';
import { Section, Wide } from '../../parts/frame.tsx';
import { Icon, type IconName } from '../../parts/icon.tsx';

export function Designs(): VNode {
  return (
    <Section id="designs" title="The designs of 2019" aside={<Exports table="series/designs" />}>
      <Answered answer={useAsk(askDesigns())} what="the designs">{({ cells }) => (cells.length === 0 ? <Unasked /> : <DesignTable cells={cells} />)}</Answered>
    </Section>
  );
}

function Unasked(): VNode {
  return <Empty><p>No design has been asked yet what its dma-bufs are. This asks all four, property by property:</p><Command command="npx vlab run jobs/designs-2019.yaml" /></Empty>;
}

function DesignTable({ cells }: { cells: readonly DesignCell[] }): VNode {
  const columns = columnsOf(cells);
  const properties = [...new Map(cells.map(({ property, asks, binding }) => [property, { asks, binding }]))];
  return (
    <>
      <Wide label="Property by design">
        <table>
          <thead><tr><th scope="col">property</th>{columns.map((column) => <th key={column} scope="col"><Design cell={cells.find((cell) => columnOf(cell, cells) === column)} name={column} /></th>)}</tr></thead>
          <tbody>{properties.map(([property, { asks, binding }]) => (
            <tr key={property}>
              <th scope="row">{property}<div class="faint asks">{asks}{binding ? ' Binding.' : ''}</div></th>
              {columns.map((column) => <td key={column} class="lines"><Said cell={shownIn(cells, property, column)} /></td>)}
            </tr>
          ))}</tbody>
        </table>
      </Wide>
      <p class="faint">Each answer is of the newest run that asked, and leads to it; of several devices the worst is shown. NO: a kernel like that has failed. no: whoever uses it must know. A dash: nothing of the kind is claimed, or to be had.</p>
    </>
  );
}

function Design({ cell, name }: { cell: DesignCell | undefined; name: string }): VNode {
  return cell === undefined ? <>{printable(name)}</> : <a href={seriesLink(cell.series)}>{printable(name)}</a>;
}

function Said({ cell }: { cell: DesignCell | undefined }): VNode {
  if (cell === undefined) return <span class="faint">not asked</span>;
  const { icon, tone } = toneOf(cell);
  return <a class="quiet" href={`${runLink(cell.run)}#properties`} title={printable(cell.evidence)}><span class={tone}><Icon name={icon} />{markOf(cell)}</span> {printable(cell.value)}</a>;
}

function toneOf({ holds, binding }: DesignCell): { icon: IconName; tone: string } {
  if (holds === null) return { icon: 'ring', tone: 's-unavailable' };
  if (holds) return { icon: 'check', tone: 's-passed' };
  return binding ? { icon: 'cross', tone: 'badge s-failed surprise' } : { icon: 'dash', tone: 's-rejected' };
}
