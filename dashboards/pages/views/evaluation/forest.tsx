// The metrics of one kind on one scale: change, interval, limit. Each row opens to what it rests on; what is not primary is behind a toggle.
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { EvaluationDetail } from '../../../api/shapes.ts';
import { counted, percent, sayP } from '../../format/number.ts';
import { printable } from '../../format/printable.ts';
import { forestScale, type ForestScale, type MetricRow } from '../../plots/forest.ts';
import { ForestAxis, ForestRow } from '../../plots/forest-row.tsx';
import { VerdictBadge } from '../../parts/badge.tsx';
import { Section } from '../../parts/frame.tsx';
import { MetricDetail } from './metric-detail.tsx';

type Evaluation = EvaluationDetail['record'];
type Samples = Evaluation['samples'];
const TITLE = { instructions: 'Instructions: change and its 95 % interval', time: 'Time: change and its 95 % interval' } as const;

export function Forest({ kind, rows, evaluation }: { kind: keyof typeof TITLE; rows: readonly MetricRow[]; evaluation: Evaluation }): VNode {
  const { samples } = evaluation;
  const primary = rows.filter((row) => row.primary);
  const secondary = rows.filter((row) => !row.primary);
  const [all, setAll] = useState(primary.length === 0);
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const shown = all ? [...primary, ...secondary] : primary;
  const scale = forestScale(shown);
  const toggle = (key: string): void => {
    setOpen((before) => new Set(before.has(key) ? [...before].filter((one) => one !== key) : [...before, key]));
  };
  return (
    <Section id={kind} title={TITLE[kind]} aside={secondary.length === 0 ? null : <label class="tick"><input type="checkbox" checked={all} onChange={({ currentTarget }) => { setAll(currentTarget.checked); }} />{counted(secondary.length, 'secondary metric')}</label>}>
      <table class="forest-table">
        <thead>
          <tr><th scope="col">metric</th><th scope="col">verdict</th><th scope="col" class="figure">change</th><th scope="col" class="plot"><span class="unseen">interval</span><ForestAxis scale={scale} /></th><th scope="col" class="figure minor">p</th><th scope="col" class="figure minor">pairs</th><th scope="col" class="figure minor">limit</th></tr>
        </thead>
        {shown.map((row) => {
          const key = `${row.metric} ${row.pipeline}`;
          return <Row key={key} evaluation={evaluation} row={row} scale={scale} samples={samples.find((one) => one.metric === row.metric && one.pipeline === row.pipeline && one.kind === row.kind)} open={open.has(key)} toggle={() => { toggle(key); }} />;
        })}
      </table>
      <p class="faint">The band is what does not matter: the larger of the limit and the noise of the base against itself. {samples.some((one) => one.kind === kind && one.better === 'higher') ? '' : 'Less is better in all of them.'}{scale.bent ? ' The scale is linear near 0 and logarithmic beyond, so that small changes can be seen beside large ones.' : ''}</p>
    </Section>
  );
}

type RowProps = { evaluation: Evaluation; row: MetricRow; scale: ForestScale; samples: Samples[number] | undefined; open: boolean; toggle: () => void };

function Row({ evaluation, row, scale, samples, open, toggle }: RowProps): VNode {
  const id = `detail-${row.kind}-${row.metric.replaceAll(' ', '-')}-${row.pipeline}`;
  return (
    <tbody class={open ? 'opened' : ''}>
      <tr>
        <th scope="row"><button type="button" class="opener" aria-expanded={open} aria-controls={id} onClick={toggle}><span aria-hidden="true" class="arrow" /><span>{printable(row.metric)}<span class="faint"> {row.pipeline}{row.primary ? '' : ', secondary'}</span></span></button></th>
        <td><VerdictBadge verdict={row.verdict} outcome="passed" /></td>
        <td class="figure">{percent(row.changePct)}</td>
        <td class="plot"><ForestRow row={row} scale={scale} /></td>
        <td class="figure minor">{sayP(row.p)}</td>
        <td class="figure minor">{row.pairs}{row.dropped === 0 ? '' : ` − ${String(row.dropped)}`}</td>
        <td class="figure minor">{row.limitPct.toFixed(2)} %</td>
      </tr>
      {open ? <tr id={id}><td colSpan={7} class="detail"><MetricDetail evaluation={evaluation} row={row} samples={samples} /></td></tr> : null}
    </tbody>
  );
}
