// Every sample, as it was measured.
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { changesOf, wholeOf, type Pair, type Samples } from '../../plots/pairs.ts';
import { percent } from '../../format/number.ts';
import { printable } from '../../format/printable.ts';
import { withValue } from '../../format/query.ts';
import { nameOfRow } from '../../format/say-metric.ts';
import { Exports } from '../../parts/exports.tsx';
import { Section, Wide } from '../../parts/frame.tsx';
import { RunId } from '../../parts/ids.tsx';

export function RawSamples({ evaluation, samples }: { evaluation: string; samples: readonly Samples[] }): VNode | null {
  const [at, setAt] = useState(-1);
  if (samples.length === 0) return null;
  const shown = samples[at];
  return (
    <Section id="samples" title="Raw samples" aside={
      <><label>of <select value={String(at)} onChange={({ currentTarget }) => { setAt(Number(currentTarget.value)); }}>
        <option value="-1">choose a metric</option>{samples.map((one, n) => <option key={`${nameOfRow(one)} ${one.kind}`} value={String(n)}>{nameOfRow(one)}</option>)}
      </select></label> <Exports table="samples" query={withValue('', 'evaluation', evaluation)} /></>}>
      {shown === undefined ? <p class="faint">{samples.reduce((sum, { pairs, noise }) => sum + pairs.length + noise.length, 0)} pairs of {samples.length} metrics. The CSV report has them all. Pairs called noise are the base against itself.</p> : <SampleTable samples={shown} />}
    </Section>
  );
}

function SampleTable({ samples }: { samples: Samples }): VNode {
  const rows = [...samples.pairs.map((pair, n) => ({ pair, n, what: 'patched' })), ...samples.noise.map((pair, n) => ({ pair, n, what: 'noise' }))];
  return (
    <Wide label={`Samples of ${nameOfRow(samples)}`}>
      <table>
        <thead><tr><th scope="col">pair</th><th scope="col">block</th><th scope="col">order</th><th scope="col">host</th><th scope="col" class="figure">base, {samples.unit}</th><th scope="col" class="figure">patched, {samples.unit}</th><th scope="col" class="figure">change</th><th scope="col">runs</th></tr></thead>
        <tbody>{rows.map(({ pair, n, what }) => (
          <tr key={`${what} ${String(n)}`}>
            <th scope="row" class="when">{what === 'noise' ? 'noise ' : ''}{n + 1}</th><td>{pair.block}</td><td>{pair.order}</td><td>{printable(pair.host)}</td><td class="figure">{pair.base ?? 'lost'}</td><td class="figure">{pair.patched ?? 'lost'}</td>
            <td class="figure">{changeOf(pair)}</td><td><RunId id={pair.runs.base} /> <RunId id={pair.runs.patched} /></td>
          </tr>
        ))}</tbody>
      </table>
    </Wide>
  );
}

function changeOf(pair: Pair): string {
  return percent(changesOf(wholeOf([pair]))[0] ?? null);
}
