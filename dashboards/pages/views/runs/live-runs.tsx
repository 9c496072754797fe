// Runs that are under way: whatever the filter but for an end of its time, since nothing else is known of them yet that could be filtered by.
import type { VNode } from 'preact';
import type { Runs } from '../../../api/shapes.ts';
import { runLink } from '../../app/links.ts';
import { Icon } from '../../parts/icon.tsx';
import { JobId, Text } from '../../parts/ids.tsx';
import { Since } from '../../parts/when.tsx';

export function LiveRuns({ live }: { live: Runs['live'] }): VNode | null {
  if (live.length === 0) return null;
  return (
    <ul class="live plain" aria-label="Runs under way">
      {live.map(({ id, job, title, stage, since }) => (
        <li key={id}>
          <span class="badge s-waiting"><Icon name="dots" />{stage}</span> <a class="id" href={runLink(id)}>{id}</a> <Text text={title} />
          {job === null ? null : <>, <JobId id={job} /></>}, for <Since at={since} />
        </li>
      ))}
    </ul>
  );
}
