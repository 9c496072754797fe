// The first page of a copy: its job, and the evaluations that cite runs of it.
import type { VNode } from 'preact';
import { Section } from '../parts/frame.tsx';
import { EvaluationTable } from '../views/evaluation-table.tsx';
import { JobPage } from '../views/home/job.tsx';
import { copy } from './stored.ts';

export function SiteHome(): VNode {
  const { job, evaluations } = copy();
  return (
    <>
      <JobPage id={job} />
      {evaluations.length === 0 ? null : <Section id="evaluations" title="Evaluations that rest on its runs"><EvaluationTable rows={evaluations} /></Section>}
    </>
  );
}
