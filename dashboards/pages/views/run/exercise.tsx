// The walk of ioctls and close orders that no pipeline takes: what came of each check.
import type { VNode } from 'preact';
import type { RunDetail } from '../../../api/shapes.ts';
import { withValue } from '../../format/query.ts';
import { StatusBadge } from '../../parts/badge.tsx';
import { Exports } from '../../parts/exports.tsx';
import { Section, Wide } from '../../parts/frame.tsx';
import { Text } from '../../parts/ids.tsx';

type Walked = NonNullable<RunDetail['record']>['exercise'];

export function Exercise({ run, exercise }: { run: string; exercise: Walked }): VNode | null {
  if (exercise === null) return null;
  return (
    <Section id="exercise" title="Walk of ioctls and close orders" aside={<><StatusBadge status={exercise.status} /> {exercise.checks.length === 0 ? null : <Exports table="exercise" query={withValue('', 'run', run)} />}</>}>
      <p><Text text={exercise.why} /></p>
      {exercise.checks.length === 0 ? null : (
        <Wide label="Checks of the walk">
          <table>
            <thead><tr><th scope="col">check</th><th scope="col">outcome</th><th scope="col">why</th></tr></thead>
            <tbody>{exercise.checks.map(({ check, status, why }) => <tr key={check}><th scope="row"><Text text={check} /></th><td><StatusBadge status={status} /></td><td class="long"><Text text={why} /></td></tr>)}</tbody>
          </table>
        </Wide>
      )}
    </Section>
  );
}
