// Levels that became worse, grouped by what came new with them, and what people said of them.
import type { VNode } from 'preact';
import type { Alerts } from '../../../api/shapes.ts';
import { useAsk } from '../../app/asking.ts';
import { askAlerts } from '../../app/endpoints.ts';
import { go, usePlace } from '../../app/router.ts';
import { useTitle } from '../../app/title.ts';
import { BLAMED, counts, groupsOf, STATES } from '../../format/alerts.ts';
import { counted } from '../../format/number.ts';
import { printable } from '../../format/printable.ts';
import { filled, only, toggled, valuesOf, withValues } from '../../format/query.ts';
import { Answered, Empty } from '../../parts/answered.tsx';
import { Chips } from '../../parts/chips.tsx';
import { Command } from '../../parts/copy.tsx';
import { PageHead } from '../../parts/frame.tsx';
import { PermanentLink } from '../../parts/permanent.tsx';
import { SpanFields } from '../../parts/span-fields.tsx';
import { When } from '../../parts/when.tsx';
import { Exports } from '../../parts/exports.tsx';
import { AlertTable } from './alert-table.tsx';

/** What somebody has looked at and closed is shown when asked for. */
const FIRST: readonly string[] = ['new', 'acknowledged'];
const ENDS = ['from', 'to'] as const;

export function AlertsPage(): VNode {
  useTitle('Alerts');
  const query = only(usePlace().query, ['state', ...ENDS]);
  const ticked = valuesOf(query, 'state');
  /** With the states that are shown, also where the address does not tell them. */
  const whole = ticked.length === 0 ? withValues(query, 'state', FIRST) : query;
  const answer = useAsk(askAlerts(only(query, ENDS)), ['record', 'alerts', 'night']);
  const narrow = (next: string): void => { go(next === '' ? '/alerts' : `/alerts?${next}`, { stay: true }); };
  return (
    <>
      <PageHead title="Alerts"><PermanentLink path="/alerts" fixed={answer.data === undefined || answer.old ? undefined : filled(whole, answer.data.span)} /> <Exports table="alerts" query={whole} /></PageHead>
      <div class="fields beside"><SpanFields names={['Changed from', 'Changed until']} query={query} narrow={narrow} /></div>
      <Chips query={query} names={ENDS} narrow={narrow} />
      <Answered answer={answer} what="the alerts">{(found) => <Body found={found} query={whole} narrow={narrow} again={answer.again} />}</Answered>
    </>
  );
}

type Props = { found: Alerts; query: string; narrow: (query: string) => void; again: () => void };

function Body({ found: { alerts }, query, narrow, again }: Props): VNode {
  const wanted = valuesOf(query, 'state');
  const shown = alerts.filter(({ state }) => wanted.includes(state));
  const many = counts(alerts);
  if (alerts.length === 0) return <Nothing query={query} narrow={narrow} />;
  return (
    <>
      <div class="buttons" role="group" aria-label="State">
        {STATES.map((state) => <button key={state} type="button" aria-pressed={wanted.includes(state)} onClick={() => { narrow(toggled(query, 'state', state)); }}>{state} ({many[state]})</button>)}
      </div>
      {shown.length === 0 ? <Empty><p>No alert is in such a state.</p><button type="button" onClick={() => { narrow(withValues(query, 'state', STATES)); }}>show every state</button></Empty> : groupsOf(shown).map(({ name, alerts: own, newest, blames }) => (
        <section key={name} aria-label={printable(name)}>
          <div class="section-head"><h2>{printable(name)}</h2><span class="faint">{BLAMED[blames]}; {counted(own.length, 'alert')}, <When at={newest} /></span></div>
          <AlertTable alerts={own} label={name} again={again} />
        </section>
      ))}
    </>
  );
}

function Nothing({ query, narrow }: Pick<Props, 'query' | 'narrow'>): VNode {
  if (only(query, ENDS) !== '') return <Empty><p>No level became worse in this time.</p><button type="button" onClick={() => { narrow(only(query, ['state'])); }}>show the last eight weeks</button></Empty>;
  return <Empty><p>No level of the last eight weeks became worse.</p><p>Every figure over time is on <a href="/trends">Trends</a>; runs that are not as expected are <a href="/runs?expected=no">here</a>. Every night that measures adds to what levels are made of:</p><Command command="npx vlab nightly --wait --profile quick" /></Empty>;
}
