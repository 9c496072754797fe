// How the verdict was made: where the time went, how often it looked, with which method and seed.
import type { VNode } from 'preact';
import type { EvaluationDetail } from '../../../api/shapes.ts';
import { counted } from '../../format/number.ts';
import { withValue } from '../../format/query.ts';
import { duration } from '../../format/time.ts';
import { Exports } from '../../parts/exports.tsx';
import { Facts, Section } from '../../parts/frame.tsx';

type Record = EvaluationDetail['record'];

export function Method({ record: { id, phases, seconds, overheadPct, budgetSeconds, method, seed, alpha, looks } }: { record: Record }): VNode {
  const whole = Math.max(seconds, ...phases.map((phase) => phase.seconds), 0.001);
  return (
    <Section id="method" title="Method, and where the time went" aside={<Exports table="phases" query={withValue('', 'evaluation', id)} />}>
      <table class="bars">
        <caption class="unseen">Phases</caption>
        <thead class="unseen"><tr><th scope="col">phase</th><th scope="col">took</th><th scope="col">share</th></tr></thead>
        <tbody>{phases.map((phase) => (
          <tr key={phase.phase}>
            <th scope="row">{phase.phase}</th><td class="figure">{duration(phase.seconds * 1000)}</td>
            <td class="bar"><span class="track" title={`${duration(phase.workSeconds * 1000)} of it a guest ran or a compiler did`}><i style={{ left: '0', width: `${((100 * phase.seconds) / whole).toFixed(2)}%` }} /><i class="work" style={{ left: '0', width: `${((100 * phase.workSeconds) / whole).toFixed(2)}%` }} /></span></td>
          </tr>
        ))}</tbody>
      </table>
      <Facts rows={[
        ['in all', `${duration(seconds * 1000)} of a budget of ${duration(budgetSeconds * 1000)}; ${overheadPct.toFixed(1)} % of it neither a guest nor a compiler`],
        ['method', `version ${String(method)}, alpha ${String(alpha)}`], ['seed', String(seed)],
        ['looks', looks.length === 0 ? 'none' : looks.map((look) => `${look.kind} at ${counted(look.pairs, 'pair')} (alpha ${look.alpha.toPrecision(2)})`).join(', ')],
      ]} />
    </Section>
  );
}
