// Every figure over time, a panel for each series of samples that can be compared. The address is the choice.
import type { VNode } from 'preact';
import type { Trends } from '../../../api/shapes.ts';
import { useAsk } from '../../app/asking.ts';
import { askTrends } from '../../app/endpoints.ts';
import { go, usePlace } from '../../app/router.ts';
import { useTitle } from '../../app/title.ts';
import { counted } from '../../format/number.ts';
import { printable } from '../../format/printable.ts';
import { only, valueOf, withValue } from '../../format/query.ts';
import { fixedSpan, namesOf, spanOf } from '../../format/trend.ts';
import { Answered, Empty } from '../../parts/answered.tsx';
import { Command } from '../../parts/copy.tsx';
import { Chips } from '../../parts/chips.tsx';
import { FacetList } from '../../parts/facets.tsx';
import { Exports } from '../../parts/exports.tsx';
import { PageHead } from '../../parts/frame.tsx';
import { PermanentLink } from '../../parts/permanent.tsx';
import { useWideEnough } from '../../app/wide-enough.ts';
import { Controls, FIRST_METRIC } from './controls.tsx';
import { Panel, type Look } from './panel.tsx';

const DIMENSIONS = ['subject', 'base', 'series', 'flavour', 'device', 'stack', 'clip', 'host'] as const;
const NAMES = ['metric', ...DIMENSIONS, 'from', 'to', 'most'] as const;
const MORE = 12;
const MOST = 60;

export function TrendsPage(): VNode {
  useTitle('Trends');
  const { query } = usePlace();
  const asked = only(query, NAMES);
  const answer = useAsk(askTrends(asked));
  const wide = useWideEnough();
  const look: Look = { log: valueOf(query, 'scale') === 'log', order: valueOf(query, 'along') === 'order' };
  /** How it is drawn is the page's own and no filter: it stays whatever is narrowed. */
  const narrow = (next: string): void => {
    const whole = withValue(withValue(next, 'scale', look.log ? 'log' : undefined), 'along', look.order ? 'order' : undefined);
    go(whole === '' ? '/trends' : `/trends?${whole}`, { stay: true });
  };
  return (
    <>
      <PageHead title="Trends"><PermanentLink path="/trends" fixed={answer.data === undefined || answer.old ? undefined : fixedSpan(query, answer.data)} /> <Exports table="trends" query={asked} /></PageHead>
      <div class="with-filters">
        <details class="filters" open={wide}>
          <summary>Filters</summary>
          <Controls query={query} metrics={answer.data?.metrics ?? []} shown={answer.data?.trends[0]?.metric} />
          {answer.data === undefined ? null : <FacetList facets={answer.data.facets} dimensions={DIMENSIONS} query={asked} narrow={narrow} />}
        </details>
        <div>
          <Chips query={asked} names={NAMES} narrow={narrow} />
          <Answered answer={answer} what="the trends">{(trends) => <Panels trends={trends} look={look} asked={asked} narrow={narrow} more={() => { narrow(withValue(asked, 'most', String(Math.min(MOST, trends.trends.length + MORE)))); }} />}</Answered>
        </div>
      </div>
    </>
  );
}

type Asked = { asked: string; narrow: (query: string) => void };

function Panels({ trends: whole, look, more, asked, narrow }: { trends: Trends; look: Look; more: () => void } & Asked): VNode {
  const { trends, more: hidden } = whole;
  const span = spanOf(trends);
  if (span === undefined) return <Nothing metrics={whole.metrics} asked={asked} narrow={narrow} />;
  const { shared, own } = namesOf(trends);
  return (
    <>
      <p class="faint">{[trends[0]?.metric ?? '', ...shared.map(([name, value]) => `${name} ${value}`)].map(printable).join(', ')}. The line is the median, the band reaches from the 10th to the 90th percentile where a point stands for several runs; a shaded level differs from the one before it.</p>
      <div class="panels">{trends.map((trend, at) => <Panel key={trend.id} trend={trend} name={own[at] ?? ''} span={span} look={look} />)}</div>
      {hidden === 0 ? null : <p class="row-of"><span class="faint">{counted(hidden, 'series', 'series')} more that match</span>{trends.length >= MOST ? <span class="faint">narrow them by a filter</span> : <button type="button" onClick={more}>show more</button>}</p>}
    </>
  );
}

/** What is wrong, and what to do next: the figure, the filters and the time may each be the reason. */
function Nothing({ metrics, asked, narrow }: Pick<Trends, 'metrics'> & Asked): VNode {
  const metric = valueOf(asked, 'metric') ?? FIRST_METRIC;
  const ofTime = valueOf(asked, 'from') !== undefined || valueOf(asked, 'to') !== undefined;
  if (metrics.includes(metric) && ofTime) return <Empty><p>No sample of {printable(metric)} that the filters let through is from this time.</p><button type="button" onClick={() => { narrow(withValue(withValue(asked, 'from', undefined), 'to', undefined)); }}>show all of the time</button></Empty>;
  if (metrics.includes(metric)) return <Empty><p>{printable(metric)} was measured, but of nothing that all the filters let through.</p><button type="button" onClick={() => { narrow(only(asked, ['metric', 'from', 'to'])); }}>clear every filter</button></Empty>;
  return (
    <Empty>
      <p>No run has a figure called {printable(metric)} yet. Boots that measure make figures; this job measures time and counters of every pipeline:</p>
      <Command command="npx vlab run jobs/pipelines.yaml" />
      {metrics.length === 0 ? null : <p>These there are: {metrics.map((name, at) => <span key={name}>{at === 0 ? '' : ', '}<a href={`/trends?${withValue('', 'metric', name)}`}>{printable(name)}</a></span>)}.</p>}
    </Empty>
  );
}
