// The curve along a series, from boots that a stub tells of: real ones take half a minute (orchestrator/test/evaluate.test.ts).
import { expect, test } from 'vitest';
import { runRecord, pipelineResult } from '../test/parts.ts';
import type { RunRequest } from './contract/job.ts';
import type { RunRecord } from './contract/run.ts';
import { bootPrefixes } from './evaluate-prefixes.ts';
import type { Asked, Bench } from './evaluate-series.ts';

const ASKED = { series: { patches: [{ file: '0001-a.patch' }, { file: '0002-b.patch' }] }, pipelines: ['upload'] } as unknown as Asked;
const booted = (instructionsPerFrame: number): RunRecord => runRecord({ pipelines: [pipelineResult({ instructionsPerFrame })], calls: [{ call: 'submit', rounds: 200, us: null, instructions: instructionsPerFrame / 10 }] });
const IDENTICAL = { ...runRecord(), kernel: { identicalToBase: true } } as unknown as RunRecord;

/** What the first boots come to, and the second ones. */
function bench(...rounds: (RunRecord | undefined)[][]): { bench: Bench; steps: number[] } {
  const steps: number[] = [];
  const block: Bench['block'] = (asked) => {
    steps.push(...asked.map((step) => step.length));
    return Promise.resolve({ records: rounds.shift() ?? [], host: 'one' });
  };
  return { bench: { block } as unknown as Bench, steps };
}
const request = (patches: number): RunRequest => ({ title: String(patches) }) as unknown as RunRequest;

test('each prefix is held against one patch fewer, two boots at a time', async () => {
  const { bench: stub, steps } = bench([booted(1000), booted(1000), booted(1100)]);
  const { prefixes } = await bootPrefixes(ASKED, request, stub);
  expect(steps).toEqual([2, 1]);
  expect(prefixes.map(({ patches, file, figures }) => [patches, file, figures.map(({ metric, pipeline, value, stepPct }) => [metric, pipeline, value, stepPct])])).toEqual([
    [0, '', [['instructions', 'upload', 1000, null], ['call instructions', 'submit', 100, null]]],
    [1, '0001-a.patch', [['instructions', 'upload', 1000, 0], ['call instructions', 'submit', 100, 0]]],
    [2, '0002-b.patch', [['instructions', 'upload', 1100, 10], ['call instructions', 'submit', 110, 10]]],
  ]);
});

test('a prefix that is its base byte for byte was not booted, and has the base\'s figures', async () => {
  const { prefixes } = await bootPrefixes(ASKED, request, bench([booted(1000), IDENTICAL, booted(1100)]).bench);
  expect(prefixes.map(({ figures }) => figures.map(({ value, stepPct }) => [value, stepPct])[0])).toEqual([[1000, null], [1000, 0], [1100, 10]]);
});

test('one that the lab lost gets a second boot, and one that is lost twice is named and leaves the others their figures', async () => {
  const once = await bootPrefixes(ASKED, request, bench([booted(1000), undefined, booted(1100)], [booted(1000)]).bench);
  expect([once.prefixes.length, once.lost]).toEqual([3, []]);
  const twice = await bootPrefixes(ASKED, request, bench([booted(1000), undefined, booted(1100)], [undefined]).bench);
  expect(twice.lost).toEqual(['the first 1 of 2 patches could not be measured: no worker brought the run to its end']);
  // Nothing is held against a prefix that is not there.
  expect(twice.prefixes.map(({ patches, figures }) => [patches, figures[0]?.stepPct])).toEqual([[0, null], [2, null]]);
});

test('one that was refused before it was booted is lost, and nothing is wrong with it', async () => {
  const refused = runRecord({ outcome: { kind: 'rejected', stage: 'kernel', why: 'no such series here' } });
  const seen = await bootPrefixes(ASKED, request, bench([booted(1000), refused, booted(1100)], [refused]).bench);
  expect([seen.first, seen.again, seen.lost]).toEqual([[], [], ['the first 1 of 2 patches could not be measured: no such series here']]);
});

test('one whose kernel does wrong is booted once more, and what both boots show is told with its name', async () => {
  const oops = (id: string): RunRecord => runRecord({ id, outcome: { kind: 'failed', stage: 'verify', why: 'Oops' }, console: [{ kind: 'oops', line: 1, text: 'BUG: unable to handle page fault', around: [] }] });
  const { first, again, base, lost, prefixes } = await bootPrefixes(ASKED, request, bench([booted(1000), oops('r-aaaaaaaaaa'), booted(1100)], [oops('r-bbbbbbbbbb')]).bench);
  expect([first, again].map((seen) => seen.map(({ detector, what, why, run }) => [detector, what, why, run]))).toEqual([
    [['console', 'oops', 'the first 1 of 2 patches: BUG: unable to handle page fault', 'r-aaaaaaaaaa']], [['console', 'oops', 'the first 1 of 2 patches: BUG: unable to handle page fault', 'r-bbbbbbbbbb']],
  ]);
  expect([base, lost, prefixes.map(({ patches }) => patches)]).toEqual([[], [], [0, 2]]);
});
