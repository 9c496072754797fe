// Says when what is shown cannot be current: no server, no database, no store, or a record that is still filled.
import type { ComponentChildren, VNode } from 'preact';
import { health, type State } from '../app/health.ts';
import { useStore } from '../app/store.ts';
import { grouped } from '../format/number.ts';
import { printable } from '../format/printable.ts';
import { Icon } from '../parts/icon.tsx';
import { Moment } from '../parts/when.tsx';

/** The region is always there: a reader is told of what appears in it. */
export function Banner(): VNode {
  return <div class="banner" role="status" aria-live="polite"><Said state={useStore(health)} /></div>;
}

function Said({ state: { server, database, why, since, store, catchingUp } }: { state: State }): VNode {
  if (!server) return <p class="bad"><Icon name="warn" /><span><strong>The server does not answer.</strong> What is shown may be old. This page tries again by itself.</span></p>;
  return (
    <>
      {database ? null : <Down what="database" since={since} why={why}>Lists may be old; runs and evaluations can still be opened. This page tries again by itself.</Down>}
      {store === null || store.up ? null : (
        <Down what="store that hosts share" since={store.since} why={store.why ?? ''}>
          What other hosts seal is not shown until it is back; what is here already is. See that what <code>VLAB_STORE</code> names is up and lets this server in. It is tried again by itself.
        </Down>
      )}
      {catchingUp === null || !database ? null : <p><Icon name="dots" /><span>Sealed folders are being read: {grouped(catchingUp.done)} of {grouped(catchingUp.of)}. Until then lists are not complete.</span></p>}
    </>
  );
}

function Down({ what, since, why, children }: { what: string; since: string | null; why: string; children: ComponentChildren }): VNode {
  return <p class="bad"><Icon name="warn" /><span><strong>The {what} is down{since === null ? '' : <>, since <Moment at={since} /></>}.</strong>{why === '' ? '' : ` (${printable(why)})`} {children}</span></p>;
}
