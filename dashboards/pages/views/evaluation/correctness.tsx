// What is wrong with the series, what its base does wrong too, and what showed once and not again.
import type { VNode } from 'preact';
import type { EvaluationDetail } from '../../../api/shapes.ts';
import { counted } from '../../format/number.ts';
import { printable } from '../../format/printable.ts';
import { withValue } from '../../format/query.ts';
import { Exports } from '../../parts/exports.tsx';
import { Fold, Section } from '../../parts/frame.tsx';
import { Icon } from '../../parts/icon.tsx';
import { RunId, Text } from '../../parts/ids.tsx';

type Correct = EvaluationDetail['record']['correctness'];
type Failure = Correct['failures'][number];

export function Correctness({ evaluation, correctness: { failures, known, unconfirmed, runs }, identical }: { evaluation: string; correctness: Correct; identical: boolean }): VNode {
  const some = failures.length + known.length + unconfirmed.length > 0;
  return (
    <Section id="correctness" title="Correctness" aside={some ? <Exports table="failures" query={withValue('', 'evaluation', evaluation)} /> : null}>
      {failures.length === 0 ? <p><span class="s-passed"><Icon name="check" /></span> {identical ? 'Both kernels are the same, byte for byte: nothing was booted.' : runs.length === 0 ? 'Nothing was booted to be checked.' : `${counted(runs.length, 'boot')}; nothing is wrong that the base does right.`}</p> : <List title="Wrong, and right in the base" failures={failures} loud />}
      {known.length === 0 ? null : <List title="Wrong in the base too" failures={known} />}
      {unconfirmed.length === 0 ? null : <List title="Seen once and not again" failures={unconfirmed} />}
      {runs.length === 0 ? null : <Fold title="Boots that were checked"><p class="row-of">{runs.map((id) => <RunId key={id} id={id} />)}</p></Fold>}
    </Section>
  );
}

function List({ title, failures, loud = false }: { title: string; failures: readonly Failure[]; loud?: boolean }): VNode {
  return (
    <>
      <h3>{title}</h3>
      <ul class="plain">
        {failures.map(({ detector, what, why, flavour, run, again }, at) => (
          <li key={at}>
            <span class={loud ? 'badge s-failed surprise' : 'badge s-failed'}><Icon name="cross" />{detector}</span> {what === '' ? null : <strong>{printable(what)}, </strong>}{flavour}: <Text text={why} />
            {run === null ? null : <> <RunId id={run} /></>}{again === null ? null : <>, again <RunId id={again} /></>}
          </li>
        ))}
      </ul>
    </>
  );
}
