// What the verdict on one metric rests on: words, then pictures of its pairs, then its past.
import type { VNode } from 'preact';
import type { EvaluationDetail } from '../../../api/shapes.ts';
import { printable } from '../../format/printable.ts';
import { sayMetric } from '../../format/say-metric.ts';
import type { MetricRow } from '../../plots/forest.ts';
import { Ecdf } from '../../plots/ecdf.tsx';
import { Noise } from '../../plots/noise.tsx';
import { PairedDots } from '../../plots/paired-dots.tsx';
import { wholeOf, type Samples } from '../../plots/pairs.ts';
import { RunOrder } from '../../plots/run-order.tsx';
import { MetricHistory } from './history.tsx';

export function MetricDetail({ evaluation, row, samples }: { evaluation: EvaluationDetail['record']; row: MetricRow; samples: Samples | undefined }): VNode {
  const whole = wholeOf(samples?.pairs ?? []);
  return (
    <>
      {sayMetric(row, samples).map((sentence) => <p key={sentence}>{printable(sentence)}</p>)}
      {samples === undefined ? null : (
        <>
          <p class="legend"><span><i class="swatch dot-base" />base, round, solid line</span><span><i class="swatch dot-patched" />patched, square on its tip, broken line</span></p>
          <div class="charts">
            <PairedDots pairs={whole} unit={samples.unit} />
            <Ecdf pairs={whole} unit={samples.unit} />
            <RunOrder pairs={samples.pairs} unit={samples.unit} />
            <Noise samples={samples} limitPct={row.limitPct} />
          </div>
          <MetricHistory evaluation={evaluation} samples={samples} />
        </>
      )}
    </>
  );
}
