// Levels that became worse, grouped by what came new with them, and what people said of them.
import type { VNode } from 'preact';
import type { Alert } from '../../../api/shapes.ts';
import { useAsk } from '../../app/asking.ts';
import { askAlerts } from '../../app/endpoints.ts';
import { go, usePlace } from '../../app/router.ts';
import { useTitle } from '../../app/title.ts';
import { BLAMED, counts, groupsOf, STATES } from '../../format/alerts.ts';
import { counted } from '../../format/number.ts';
import { printable } from '../../format/printable.ts';
import { toggled, valuesOf, withValues } from '../../format/query.ts';
import { Answered, Empty } from '../../parts/answered.tsx';
import { Command } from '../../parts/copy.tsx';
import { PageHead } from '../../parts/frame.tsx';
import { When } from '../../parts/when.tsx';
import { Exports } from '../../parts/exports.tsx';
import { AlertTable } from './alert-table.tsx';

/** What somebody has looked at and closed is shown when asked for. */
const FIRST: readonly string[] = ['new', 'acknowledged'];

export function AlertsPage(): VNode {
  useTitle('Alerts');
  const answer = useAsk(askAlerts(), ['record', 'alerts', 'night']);
  const ticked = valuesOf(usePlace().query, 'state');
  return <><PageHead title="Alerts"><Exports table="alerts" query={withValues('', 'state', ticked.length === 0 ? FIRST : ticked)} /></PageHead><Answered answer={answer} what="the alerts">{({ alerts }) => <Body alerts={alerts} again={answer.again} />}</Answered></>;
}

function Body({ alerts, again }: { alerts: readonly Alert[]; again: () => void }): VNode {
  const { query } = usePlace();
  const ticked = valuesOf(query, 'state');
  const wanted = ticked.length === 0 ? FIRST : ticked;
  const shown = alerts.filter(({ state }) => wanted.includes(state));
  const many = counts(alerts);
  if (alerts.length === 0) return <Empty><p>No level of the last eight weeks became worse.</p><p>Every figure over time is on <a href="/trends">Trends</a>; runs that are not as expected are <a href="/runs?expected=no">here</a>. Every night that measures adds to what levels are made of:</p><Command command="npx vlab nightly --wait --profile quick" /></Empty>;
  return (
    <>
      <div class="buttons" role="group" aria-label="State">
        {STATES.map((state) => <button key={state} type="button" aria-pressed={wanted.includes(state)} onClick={() => { go(`/alerts?${toggled(ticked.length === 0 ? `state=${FIRST.join(',')}` : query, 'state', state)}`, { stay: true }); }}>{state} ({many[state]})</button>)}
      </div>
      {shown.length === 0 ? <Empty><p>No alert is in such a state.</p><button type="button" onClick={() => { go(`/alerts?state=${STATES.join(',')}`, { stay: true }); }}>show every state</button></Empty> : groupsOf(shown).map(({ name, alerts: own, newest, blames }) => (
        <section key={name} aria-label={printable(name)}>
          <div class="section-head"><h2>{printable(name)}</h2><span class="faint">{BLAMED[blames]}; {counted(own.length, 'alert')}, <When at={newest} /></span></div>
          <AlertTable alerts={own} label={name} again={again} />
        </section>
      ))}
    </>
  );
}
