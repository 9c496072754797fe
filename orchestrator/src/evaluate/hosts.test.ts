// Hosts that agree are not mentioned; hosts that do not are.
import { expect, test } from 'vitest';
import type { Samples } from '../contract/evaluation.ts';
import type { RunId } from '../contract/ids.ts';
import { disagreements } from './hosts.ts';

const runs = { base: 'r-aaaaaaaaaa' as RunId, patched: 'r-bbbbbbbbbb' as RunId };
/** Eight pairs on each host, which scatter by a thousandth around the host's factor; a host's own speed is no matter. */
function samples(factors: Readonly<Record<string, number>>, primary = true): Samples {
  const pairs = Object.entries(factors).flatMap(([host, by], at) => Array.from({ length: 8 }, (_, n): Samples['pairs'][number] => ({
    base: 100 * (at + 1), patched: 100 * (at + 1) * by * (1 + (n % 2 === 0 ? 1e-3 : -1e-3)), order: 'AB', block: at * 4 + (n >> 1), host, runs,
  })));
  return { metric: 'frame time', pipeline: 'upload', kind: 'time', unit: 'ms', better: 'lower', primary, limitPct: 2, pairs, noise: [] };
}

test('a host on which a patch does something else is named', () => {
  expect(disagreements([samples({ one: 1, other: 1.1 })], 1)).toEqual(['hosts disagree on frame time of upload: +0.00 % on one, +10.00 % on other; one figure does not describe both']);
});

test.each([
  ['hosts that agree', samples({ one: 1.1, other: 1.1 })], ['one host', samples({ one: 1.1 })], ['what decides nothing', samples({ one: 1, other: 1.1 }, false)],
  ['a host with too few pairs', { ...samples({ one: 1, other: 1.1 }), pairs: samples({ one: 1, other: 1.1 }).pairs.slice(0, 12) }],
])('%s: nothing is said', (_, one) => {
  expect(disagreements([one], 1)).toEqual([]);
});
