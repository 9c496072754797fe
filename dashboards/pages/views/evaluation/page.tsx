// One evaluation: the verdict in a sentence, what it rests on, and everything that a reader who does not believe it wants to see.
import type { VNode } from 'preact';
import type { EvaluationDetail } from '../../../api/shapes.ts';
import { useAsk } from '../../app/asking.ts';
import { askEvaluation } from '../../app/endpoints.ts';
import { useTitle } from '../../app/title.ts';
import { printable } from '../../format/printable.ts';
import { withValue } from '../../format/query.ts';
import { Answered } from '../../parts/answered.tsx';
import { iconOfStatus, iconOfVerdict } from '../../parts/badge.tsx';
import { Exports } from '../../parts/exports.tsx';
import { PageHead, Section } from '../../parts/frame.tsx';
import { Icon } from '../../parts/icon.tsx';
import { Text } from '../../parts/ids.tsx';
import { EvaluationTable } from '../evaluation-table.tsx';
import { About } from './about.tsx';
import { Correctness } from './correctness.tsx';
import { Counters } from './counters.tsx';
import { Forest } from './forest.tsx';
import { Method } from './method.tsx';
import { Prefixes } from './prefixes.tsx';
import { RawSamples } from './raw-samples.tsx';
import { Reports } from './reports.tsx';

export function EvaluationPage({ id }: { id: string }): VNode {
  useTitle(`Evaluation ${id}`);
  const answer = useAsk(askEvaluation(id));
  return (
    <>
      <PageHead title={<>Evaluation <span class="id">{id}</span></>}><Exports table="verdicts" query={withValue('', 'evaluation', id)} /></PageHead>
      <Answered answer={answer} what="the evaluation">{(detail) => <Body detail={detail} />}</Answered>
    </>
  );
}

function Body({ detail: { record, sentence, others, formats } }: { detail: EvaluationDetail }): VNode {
  const { verdict, outcome, correctness, notes, metrics, samples } = record;
  const kinds = (['instructions', 'time'] as const).filter((kind) => metrics.some((row) => row.kind === kind));
  return (
    <>
      <p class={`verdict ${verdict === null ? `s-${outcome.kind}` : `v-${verdict}`}`}><Icon name={verdict === null ? iconOfStatus(outcome.kind) : iconOfVerdict(verdict)} /><span>{printable(sentence)}</span></p>
      <Reports id={record.id} formats={formats} />
      <Correctness evaluation={record.id} correctness={correctness} identical={record.identical} />
      {kinds.map((kind) => <Forest key={kind} kind={kind} rows={metrics.filter((row) => row.kind === kind)} evaluation={record} />)}
      <Counters record={record} />
      <Prefixes evaluation={record.id} prefixes={record.prefixes} />
      {notes.length === 0 ? null : <Section id="notes" title="What a reader should know before believing it"><ul>{notes.map((note) => <li key={note}><Text text={note} /></li>)}</ul></Section>}
      <Method record={record} />
      <About record={record} />
      <RawSamples evaluation={record.id} samples={samples} />
      {others.length === 0 ? null : <Section id="others" title="Other evaluations of this series" aside={<Exports table="evaluations" query={withValue('', 'series', record.series)} />}><EvaluationTable rows={others} own={record.id} /></Section>}
    </>
  );
}
