// Says when what is shown cannot be current: no server, no database, or one that is still filled.
import type { VNode } from 'preact';
import { health } from '../app/health.ts';
import { useStore } from '../app/store.ts';
import { grouped } from '../format/number.ts';
import { printable } from '../format/printable.ts';
import { Icon } from '../parts/icon.tsx';
import { Moment } from '../parts/when.tsx';

/** The region is always there: a reader is told of what appears in it. */
export function Banner(): VNode {
  return <div class="banner" role="status" aria-live="polite"><Said /></div>;
}

function Said(): VNode | null {
  const { server, database, why, since, catchingUp } = useStore(health);
  if (!server) return <p class="bad"><Icon name="warn" /><span><strong>The server does not answer.</strong> What is shown may be old. This page tries again by itself.</span></p>;
  if (!database) {
    return (
      <p class="bad"><Icon name="warn" /><span>
        <strong>The database is down{since === null ? '' : <>, since <Moment at={since} /></>}.</strong>{why === '' ? '' : ` (${printable(why)})`} Lists may be old; runs and evaluations can still be opened. This page tries again by itself.
      </span></p>
    );
  }
  if (catchingUp !== null) return <p><Icon name="dots" /><span>Sealed folders are being read: {grouped(catchingUp.done)} of {grouped(catchingUp.of)}. Until then lists are not complete.</span></p>;
  return null;
}
