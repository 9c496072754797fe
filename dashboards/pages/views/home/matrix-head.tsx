// One matrix in a sentence: which job, when, and whether it came out as expected.
import type { VNode } from 'preact';
import type { Matrix } from '../../../api/shapes.ts';
import { jobLink } from '../../app/links.ts';
import { counted } from '../../format/number.ts';
import { printable } from '../../format/printable.ts';
import { Icon } from '../../parts/icon.tsx';
import { JobId, Text } from '../../parts/ids.tsx';
import { When } from '../../parts/when.tsx';

export function MatrixHead({ matrix: { job, before } }: { matrix: Matrix }): VNode {
  const surprises = job.sealed - job.asExpected;
  return (
    <p class="lede">
      <strong class={surprises === 0 ? 'good' : 'bad'}><Icon name={surprises > 0 ? 'cross' : job.sealed < job.runs ? 'dots' : 'check'} />{sayJob(job.runs, job.sealed, surprises)}</strong>{' '}
      <Text text={job.title} />, <JobId id={job.id} />, <code>{printable(job.file)}</code>, <When at={job.submittedAt} />
      {before === null ? null : <>; before it: <a class="id" href={jobLink(before)}>{before}</a></>}
    </p>
  );
}

function sayJob(runs: number, sealed: number, surprises: number): string {
  const left = sealed < runs ? `, ${String(runs - sealed)} still to come` : '';
  return surprises === 0 ? `${counted(sealed, 'run')} of ${String(runs)} as expected${left}:` : `${counted(surprises, 'run')} of ${String(runs)} not as expected${left}:`;
}
