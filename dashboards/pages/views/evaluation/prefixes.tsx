// Where along the series a cost comes in, where the evaluation was asked for it.
import type { VNode } from 'preact';
import type { EvaluationDetail } from '../../../api/shapes.ts';
import { figure, percent } from '../../format/number.ts';
import { printable } from '../../format/printable.ts';
import { withValue } from '../../format/query.ts';
import { nameOfRow } from '../../format/say-metric.ts';
import { Exports } from '../../parts/exports.tsx';
import { Section, Wide } from '../../parts/frame.tsx';
import { EvaluationId, RunId } from '../../parts/ids.tsx';
import { PrefixCurve } from '../../plots/prefix-curve.tsx';

type Prefixes = EvaluationDetail['record']['prefixes'];

/** `elsewhere`: the page is not the evaluation's own. */
export function Prefixes({ evaluation, prefixes, elsewhere = false }: { evaluation: string; prefixes: Prefixes; elsewhere?: boolean }): VNode | null {
  const [base] = prefixes;
  if (base === undefined) return null;
  return (
    <Section id="prefixes" title="Patch by patch" aside={<><span class="faint">from one boot each; the change against one patch fewer{elsewhere ? <>; <EvaluationId id={evaluation} /></> : null}</span> <Exports table="prefixes" query={withValue('', 'evaluation', evaluation)} /></>}>
      <div class="charts">
        {base.figures.map((first, at) => (
          <PrefixCurve key={nameOfRow(first)} title={nameOfRow(first)} points={prefixes.flatMap(({ patches, file, figures }) => {
            const own = figures[at];
            return own === undefined ? [] : [{ patches, file: printable(file), value: own.value, stepPct: own.stepPct }];
          })} />
        ))}
      </div>
      <Wide label="Figures patch by patch">
        <table>
          <thead><tr><th scope="col">patches</th>{base.figures.map((one) => <th key={nameOfRow(one)} scope="col" class="figure">{nameOfRow(one)}</th>)}<th scope="col">the last of them</th><th scope="col">run</th></tr></thead>
          <tbody>{prefixes.map(({ patches, file, run, figures }) => (
            <tr key={patches}><th scope="row">{patches === 0 ? 'base' : patches}</th>{figures.map((one) => <td key={nameOfRow(one)} class="figure">{one.stepPct === null ? figure(one.value) : percent(one.stepPct)}</td>)}<td class="long">{file === '' ? 'none' : printable(file)}</td><td><RunId id={run} /></td></tr>
          ))}</tbody>
        </table>
      </Wide>
    </Section>
  );
}
