// What is counted and not estimated: facts.
import type { VNode } from 'preact';
import { changePct } from '../../../api/change.ts';
import type { EvaluationDetail } from '../../../api/shapes.ts';
import { figure, sayChange } from '../../format/number.ts';
import { withValue } from '../../format/query.ts';
import { VerdictBadge } from '../../parts/badge.tsx';
import { Exports } from '../../parts/exports.tsx';
import { Section, Wide } from '../../parts/frame.tsx';
import { RunId } from '../../parts/ids.tsx';

type Record = EvaluationDetail['record'];

export function Counters({ evaluation, facts, rows }: { evaluation: string; facts: Record['facts']; rows: Record['metrics'] }): VNode | null {
  const others = rows.filter((row) => !facts.some((fact) => fact.counter === row.metric && fact.pipeline === row.pipeline));
  if (facts.length === 0 && others.length === 0) return null;
  return (
    <Section id="counters" title="Counters that changed" aside={<><span class="faint">exact: the same in every boot of each kernel</span> <Exports table="facts" query={withValue('', 'evaluation', evaluation)} /></>}>
      <Wide label="Counters that changed">
        <table>
          <thead><tr><th scope="col">counter</th><th scope="col">of</th><th scope="col" class="figure">base</th><th scope="col" class="figure">patched</th><th scope="col" class="figure">change</th><th scope="col" class="figure">boots of each</th><th scope="col">verdict</th><th scope="col">runs</th></tr></thead>
          <tbody>
            {facts.map((fact) => (
              <tr key={`${fact.counter} ${fact.pipeline}`}>
                <th scope="row">{fact.counter}</th><td>{fact.pipeline}</td><td class="figure">{figure(fact.base)}</td><td class="figure">{figure(fact.patched)}</td>
                <td class="figure">{sayChange(changePct(fact.base, fact.patched))}</td><td class="figure">{fact.boots}</td>
                <td><Judged row={rows.find((row) => row.metric === fact.counter && row.pipeline === fact.pipeline)} /></td>
                <td><RunId id={fact.runs.base} /> <RunId id={fact.runs.patched} /></td>
              </tr>
            ))}
            {others.map((row) => (
              <tr key={`${row.metric} ${row.pipeline}`}>
                <th scope="row">{row.metric}</th><td>{row.pipeline}</td><td class="figure">{figure(row.baseMedian)}</td><td class="figure">{figure(row.patchedMedian)}</td><td class="figure">{sayChange(row.changePct)}</td><td class="figure">{row.pairs}</td><td><Judged row={row} /></td><td />
              </tr>
            ))}
          </tbody>
        </table>
      </Wide>
    </Section>
  );
}

function Judged({ row }: { row: Record['metrics'][number] | undefined }): VNode {
  return row === undefined ? <span class="faint">a fact</span> : <VerdictBadge verdict={row.verdict} outcome="passed" />;
}
