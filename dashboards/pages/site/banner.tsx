// Stands in the place of views/banner.tsx in a copy: says what this is, and where the rest is.
import type { VNode } from 'preact';
import { Icon } from '../parts/icon.tsx';
import { JobId } from '../parts/ids.tsx';
import { Moment } from '../parts/when.tsx';
import { copy } from './stored.ts';

export function Banner(): VNode {
  const { job, madeAt } = copy();
  return (
    <div class="banner"><p><Icon name="dash" /><span>
      A copy of job <JobId id={job} />, made <Moment at={madeAt} />. Other jobs, trends, alerts, the queue and logs while they are written are on the lab's own pages: <code>npx vlab serve</code>
    </span></p></div>
  );
}
