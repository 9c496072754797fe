// What is counted and not estimated: facts.
import type { VNode } from 'preact';
import { countersOf } from '../../format/counters.ts';
import { figure, sayChange } from '../../format/number.ts';
import { withValue } from '../../format/query.ts';
import type { EvaluationDetail } from '../../../api/shapes.ts';
import { VerdictBadge } from '../../parts/badge.tsx';
import { Exports } from '../../parts/exports.tsx';
import { Section, Wide } from '../../parts/frame.tsx';
import { RunId } from '../../parts/ids.tsx';

export function Counters({ record }: { record: Pick<EvaluationDetail['record'], 'id' | 'facts' | 'metrics'> }): VNode | null {
  const rows = countersOf(record);
  if (rows.length === 0) return null;
  return (
    <Section id="counters" title="Counters that changed" aside={<><span class="faint">exact: the same in every boot of each kernel</span> <Exports table="facts" query={withValue('', 'evaluation', record.id)} /></>}>
      <Wide label="Counters that changed">
        <table>
          <thead><tr><th scope="col">counter</th><th scope="col">of</th><th scope="col" class="figure">base</th><th scope="col" class="figure">patched</th><th scope="col" class="figure">change</th><th scope="col" class="figure">boots of each</th><th scope="col">verdict</th><th scope="col">runs</th></tr></thead>
          <tbody>
            {rows.map(({ counter, pipeline, base, patched, changePct, boots, verdict, runs }, n) => (
              <tr key={n}>
                <th scope="row">{counter}</th><td>{pipeline}</td><td class="figure">{figure(base)}</td><td class="figure">{figure(patched)}</td><td class="figure">{sayChange(changePct)}</td><td class="figure">{boots}</td>
                <td>{verdict === null ? <span class="faint">a fact</span> : <VerdictBadge verdict={verdict} outcome="passed" />}</td>
                <td>{runs === null ? null : <><RunId id={runs.base} /> <RunId id={runs.patched} /></>}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Wide>
    </Section>
  );
}
