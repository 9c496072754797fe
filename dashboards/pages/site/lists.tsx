// The evaluations and the series of a copy: all of them, since there are few.
import type { VNode } from 'preact';
import { useTitle } from '../app/title.ts';
import { Empty } from '../parts/answered.tsx';
import { Command } from '../parts/copy.tsx';
import { PageHead } from '../parts/frame.tsx';
import { EvaluationTable } from '../views/evaluation-table.tsx';
import { SeriesTable } from '../views/series/table.tsx';
import { copy } from './stored.ts';

export function SiteEvaluations(): VNode {
  useTitle('Evaluations');
  const { evaluations } = copy();
  return <><PageHead title="Evaluations" />{evaluations.length === 0 ? <Empty><p>No evaluation rests on a run of this job. In the lab, one is made by:</p><Command command="npx vlab evaluate SERIES" /></Empty> : <EvaluationTable rows={evaluations} />}</>;
}

export function SiteSeries(): VNode {
  useTitle('Series');
  const { series } = copy();
  return <><PageHead title="Series" />{series.length === 0 ? <Empty><p>This job has no series: its kernels are bases as they are. Those that the lab has are told by:</p><Command command="npx vlab series list" /></Empty> : <SeriesTable rows={series} />}</>;
}
