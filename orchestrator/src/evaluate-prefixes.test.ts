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

function bench(records: readonly (RunRecord | undefined)[]): { bench: Bench; steps: number[] } {
  const steps: number[] = [];
  const block: Bench['block'] = (asked) => {
    steps.push(...asked.map((step) => step.length));
    return Promise.resolve({ records: [...records], host: 'one' });
  };
  return { bench: { block } as unknown as Bench, steps };
}
const request = (patches: number): RunRequest => ({ title: String(patches) }) as unknown as RunRequest;

test('each prefix is held against one patch fewer, two boots at a time', async () => {
  const { bench: stub, steps } = bench([booted(1000), booted(1000), booted(1100)]);
  const prefixes = await bootPrefixes(ASKED, request, stub);
  expect(steps).toEqual([2, 1]);
  expect(prefixes.map(({ patches, file, figures }) => [patches, file, figures.map(({ metric, pipeline, value, stepPct }) => [metric, pipeline, value, stepPct])])).toEqual([
    [0, '', [['instructions', 'upload', 1000, null], ['call instructions', 'submit', 100, null]]],
    [1, '0001-a.patch', [['instructions', 'upload', 1000, 0], ['call instructions', 'submit', 100, 0]]],
    [2, '0002-b.patch', [['instructions', 'upload', 1100, 10], ['call instructions', 'submit', 110, 10]]],
  ]);
});

test('a prefix that is its base byte for byte was not booted, and has the base\'s figures', async () => {
  const prefixes = await bootPrefixes(ASKED, request, bench([booted(1000), IDENTICAL, booted(1100)]).bench);
  expect(prefixes.map(({ figures }) => figures.map(({ value, stepPct }) => [value, stepPct])[0])).toEqual([[1000, null], [1000, 0], [1100, 10]]);
});

test('a prefix that the lab lost ends it, and is named', async () => {
  await expect(bootPrefixes(ASKED, request, bench([booted(1000), undefined, booted(1100)]).bench)).rejects.toThrow('the first 1 patches could not be measured: no worker brought the run to its end');
});
