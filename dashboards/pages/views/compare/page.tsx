// Two runs side by side: what differs in their world, and in every figure that both have. Where a change point leads.
import type { VNode } from 'preact';
import { changePct } from '../../../api/change.ts';
import type { RunDetail } from '../../../api/shapes.ts';
import { useAsk } from '../../app/asking.ts';
import { askRun } from '../../app/endpoints.ts';
import { go, usePlace } from '../../app/router.ts';
import { useTitle } from '../../app/title.ts';
import { differencesOf, figuresOf, sameOf, type FigurePair } from '../../format/compare.ts';
import { counted, figure, sayChange } from '../../format/number.ts';
import { printable } from '../../format/printable.ts';
import { valueOf, withValue } from '../../format/query.ts';
import { compareLink } from '../../app/links.ts';
import { Answered, Empty } from '../../parts/answered.tsx';
import { OutcomeBadge } from '../../parts/badge.tsx';
import { Command } from '../../parts/copy.tsx';
import { Exports } from '../../parts/exports.tsx';
import { Facts, Fold, PageHead, Section, Wide } from '../../parts/frame.tsx';
import { Kernel, RunId } from '../../parts/ids.tsx';
import { Moment } from '../../parts/when.tsx';

export function ComparePage(): VNode {
  useTitle('Two runs');
  const { query } = usePlace();
  const [from, to] = [valueOf(query, 'from') ?? '', valueOf(query, 'to') ?? ''];
  const left = useAsk(from === '' ? null : askRun(from), []);
  const right = useAsk(to === '' ? null : askRun(to), []);
  if (from === '' || to === '') return <><PageHead title="Two runs" /><Choose from={from} to={to} /></>;
  return (
    <>
      <PageHead title={<>Run <RunId id={from} /> and <RunId id={to} /></>}><a href={compareLink(to, from)}>the other way round</a> <Exports table="compare" query={withValue(withValue('', 'from', from), 'to', to)} /></PageHead>
      <Answered answer={left} what="the first run">{(a) => <Answered answer={right} what="the second run">{(b) => <Body a={a} b={b} />}</Answered>}</Answered>
    </>
  );
}

function Choose({ from, to }: { from: string; to: string }): VNode {
  const chosen = (event: SubmitEvent): void => {
    event.preventDefault();
    if (!(event.currentTarget instanceof HTMLFormElement)) return;
    const form = new FormData(event.currentTarget);
    const read = (name: string): string => { const value = form.get(name); return typeof value === 'string' ? value.trim() : ''; };
    go(compareLink(read('from'), read('to')));
  };
  return (
    <form class="row-of" onSubmit={chosen}>
      <label>First run<input name="from" defaultValue={from} pattern="r-[0-9a-z]{10}" required /></label><label>Second run<input name="to" defaultValue={to} pattern="r-[0-9a-z]{10}" required /></label><button type="submit">compare</button>
    </form>
  );
}

function Body({ a, b }: { a: RunDetail; b: RunDetail }): VNode {
  const differences = differencesOf(a, b);
  const figures = figuresOf(a, b);
  return (
    <>
      <Wide label="Both runs"><table>
        <thead><tr><th scope="col">run</th><th scope="col">outcome</th><th scope="col">kernel</th><th scope="col">sealed</th></tr></thead>
        <tbody>{[a, b].map(({ id, record, state }) => <tr key={id}><th scope="row"><RunId id={id} /></th><td>{record === null ? state : <OutcomeBadge kind={record.outcome.kind} expect={record.expect} asExpected={record.asExpected} />}</td><td>{record === null ? null : <Kernel base={record.base} series={record.series} flavour={record.flavour} />}</td><td>{record === null ? null : <Moment at={record.sealedAt} />}</td></tr>)}</tbody>
      </table></Wide>
      <Section id="world" title="What differs around them">
        {differences.length === 0 ? <p>Nothing: base, series, flavour, image, stack, device and every version are the same.</p> : (
          <Wide label="What differs"><table>
            <thead><tr><th scope="col">what</th><th scope="col">{a.id}</th><th scope="col">{b.id}</th></tr></thead>
            <tbody>{differences.map(({ name, a: one, b: other }) => <tr key={name}><th scope="row">{name}</th><td class="long">{printable(one)}</td><td class="long">{printable(other)}</td></tr>)}</tbody>
          </table></Wide>
        )}
        <Fold title="What is the same"><Facts rows={sameOf(a, b).map(([name, value]) => [name, printable(value)] as const)} /></Fold>
      </Section>
      <Section id="figures" title="Figures that both have" aside={<span class="faint">{counted(figures.length, 'figure')}; one boot of each, so a small change is no finding</span>}>
        {figures.length === 0 ? <Empty><p>None: both measured nothing, or not the same. A job that measures time and counters:</p><Command command="npx vlab run jobs/pipelines.yaml" /></Empty> : <FigureTable a={a.id} b={b.id} figures={figures} />}
      </Section>
    </>
  );
}

function FigureTable({ a, b, figures }: { a: string; b: string; figures: readonly FigurePair[] }): VNode {
  return (
    <Wide label="Figures"><table>
      <thead><tr><th scope="col">figure</th><th scope="col">of</th><th scope="col" class="figure">{a}</th><th scope="col" class="figure">{b}</th><th scope="col" class="figure">change</th></tr></thead>
      <tbody>{figures.map(({ name, of, a: one, b: other }) => <tr key={`${name} ${of}`}><th scope="row">{name}</th><td>{printable(of)}</td><td class="figure">{figure(one)}</td><td class="figure">{figure(other)}</td><td class="figure">{sayChange(changePct(one, other))}</td></tr>)}</tbody>
    </table></Wide>
  );
}
