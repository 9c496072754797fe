// The alerts of one group: what became worse, by how much, between which runs, and what is to be said of it.
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { Alert } from '../../../api/shapes.ts';
import { compareLink, evaluationLink, trendLink, whereShown } from '../../app/links.ts';
import { counted, figure, sayChange, sayP } from '../../format/number.ts';
import { printable } from '../../format/printable.ts';
import { Wide } from '../../parts/frame.tsx';
import { RunId, Text } from '../../parts/ids.tsx';
import { Moment, When } from '../../parts/when.tsx';
import { SayForm } from './say-form.tsx';

/** The largest changes of a group say what it is about. */
const FIRST = 10;

export function AlertTable({ alerts, label, again }: { alerts: readonly Alert[]; label: string; again: () => void }): VNode {
  const [open, setOpen] = useState<string | undefined>(undefined);
  const [all, setAll] = useState(false);
  const shown = all ? alerts : alerts.slice(0, FIRST);
  return (
    <>
      <Wide label={`Alerts: ${printable(label)}`}>
        <table>
          <thead><tr><th scope="col">figure</th><th scope="col" class="figure">change</th><th scope="col" class="figure">from</th><th scope="col" class="figure">to</th><th scope="col" class="figure">p</th><th scope="col">between</th><th scope="col">when</th><th scope="col">state</th></tr></thead>
          <tbody>{shown.map((alert) => <Row key={alert.id} alert={alert} open={open === alert.id} turn={() => { setOpen(open === alert.id ? undefined : alert.id); }} said={() => { setOpen(undefined); again(); }} />)}</tbody>
        </table>
      </Wide>
      {shown.length === alerts.length ? null : <p><button type="button" onClick={() => { setAll(true); }}>{alerts.length - shown.length} smaller changes more</button></p>}
    </>
  );
}

function Row({ alert, open, turn, said }: { alert: Alert; open: boolean; turn: () => void; said: () => void }): VNode {
  const id = `say-${alert.id}`;
  return (
    <>
      <tr>
        <th scope="row" class="long"><a href={whereShown(alert)}>{printable(`${alert.metric}, ${alert.subject}`)}</a><div class="faint">{printable([alert.unit, alert.series, alert.device, alert.clip, alert.host].filter((one) => one !== '').join(', '))}</div><Moved alert={alert} /></th>
        <td class="figure"><a href={compareLink(alert.from, alert.to)}>{sayChange(alert.changePct)}</a></td><td class="figure">{figure(alert.before)}</td><td class="figure">{figure(alert.after)}</td><td class="figure">{alert.p === null ? 'counted' : sayP(alert.p)}</td>
        <td class="lines"><RunId id={alert.from} /> <RunId id={alert.to} /></td><td class="when"><When at={alert.at} /></td>
        <td class="long">
          <strong>{alert.state}</strong> <button type="button" class="small" aria-expanded={open} aria-controls={id} onClick={turn}>say what it is</button>
          {alert.notes.map(({ state, who, when, why }) => <div key={`${when} ${who}`} class="faint"><Moment at={when} />, {printable(who)}: {state}{why === '' ? '' : ', '}<Text text={why} /></div>)}
        </td>
      </tr>
      {open ? <tr id={id}><td colSpan={8} class="say"><SayForm alert={alert} said={said} /></td></tr> : null}
    </>
  );
}

/** What went with a whole host, or is slower by one evaluation, which calls its figures by names of its own. */
function Moved({ alert: { moved, evaluation } }: { alert: Alert }): VNode | null {
  if (moved.length === 0) return null;
  return (
    <details>
      <summary>{counted(moved.length, 'figure')} moved</summary>
      <ul>{moved.map((one) => {
        const link = evaluation === null ? trendLink(one) : evaluationLink(evaluation);
        return <li key={trendLink(one)}><a href={link}>{printable(`${one.metric}, ${one.subject}, ${one.base}`)}</a> {sayChange(one.changePct)}</li>;
      })}</ul>
    </details>
  );
}
