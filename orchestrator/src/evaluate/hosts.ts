// Whether hosts agree on what a patch does. Blocks are strata, so that a slower host is no matter; but one on which a patch does something else is news. Pure.
import type { Samples } from '../contract/evaluation.ts';
import { bootstrapInterval, hodgesLehmann, logRatios } from './statistics.ts';

/** A host with fewer says nothing by itself. */
const FEWEST_PAIRS = 6;
const LEVEL = 0.99;

/** A sentence per primary metric of which two hosts' intervals have nothing in common. */
export function disagreements(samples: readonly Samples[], seed: number): string[] {
  return samples.filter((one) => one.primary).flatMap(({ metric, pipeline, pairs }) => {
    const hosts = [...new Set(pairs.map(({ host }) => host))].flatMap((host) => {
      const { ratios } = logRatios(pairs.filter((pair) => pair.host === host));
      return ratios.length < FEWEST_PAIRS ? [] : [{ host, change: hodgesLehmann(ratios), ...bootstrapInterval(ratios, { level: LEVEL, seed }) }];
    }).sort((a, b) => a.change - b.change);
    const [least] = hosts;
    const most = hosts.at(-1);
    if (least === undefined || most === undefined || least.high >= most.low) return [];
    return [`hosts disagree on ${metric} of ${pipeline}: ${percent(least.change)} on ${least.host}, ${percent(most.change)} on ${most.host}; one figure does not describe both`];
  });
}

function percent(change: number): string {
  // Plus 0, so that a change too small to show has no sign.
  const value = Math.round(10_000 * Math.expm1(change)) / 100 + 0;
  return `${value >= 0 ? '+' : ''}${value.toFixed(2)} %`;
}
