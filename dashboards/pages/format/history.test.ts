// The past of an evaluation's metric: which samples are asked for, and which of them are its own.
import { expect, test } from 'vitest';
import { evaluationOf } from '../../../orchestrator/src/report/evaluation/fixture.ts';
import { pipelineResult, runRecord } from '../../../orchestrator/test/parts.ts';
import type { Trend } from '../../api/shapes.ts';
import { historyQuery, ownRuns, ownStretches, pastOf } from './history.ts';

const EVALUATION = evaluationOf();
const [SAMPLES] = EVALUATION.samples;
if (SAMPLES === undefined) throw new Error('the fixture has samples');
const BOOT = runRecord({ pipelines: [pipelineResult({ pipeline: 'upload', clip: 'vp9-64x48' })] });
const asked = (change: Partial<typeof SAMPLES> = {}, of = EVALUATION): Record<string, string> => Object.fromEntries(new URLSearchParams(historyQuery(of, { ...SAMPLES, ...change }, BOOT)));

function trend(series: string, runs: readonly (readonly [run: string, day: number])[], change: Partial<Trend> = {}): Trend {
  return {
    id: 1, metric: 'instructions', subject: 'upload', unit: 'per frame', better: 'lower', base: '6.12', series, flavour: 'perf', device: 'virgl', stack: 'trixie', image: 'trixie', clip: 'vp9-64x48', host: 'h', changes: [],
    points: runs.map(([run, day]) => ({ at: `2026-01-0${String(day)}T00:00:00.000Z`, value: 10 * day, low: 1, high: 1, count: 1, run: run as Trend['points'][number]['run'], version: null })), ...change,
  };
}

test('asks for both kernels, with what was booted and the clip that its boots played', () => {
  expect(asked()).toEqual({ metric: 'instructions', subject: 'upload', base: '6.12', series: 'none,added/some-series', flavour: 'perf', device: 'virgl', stack: 'trixie', clip: 'vp9-64x48', host: '=cmd()', most: '60' });
});

test('of two bases, asks for both and no series', () => {
  expect(asked({}, evaluationOf({ series: '', against: '7.3' }))).toMatchObject({ base: '6.12,7.3', series: 'none' });
});

test.each([['frame time', 'upload', 'frames per second', 'vp9-64x48'], ['guest CPU', 'upload', 'guest CPU', 'vp9-64x48'], ['call time', 'submit', 'call time p10', 'none'], ['call instructions', 'create', 'instructions', 'none']] as const)('%s of %s is there as %s', (metric, pipeline, called, clip) => {
  expect(asked({ metric, pipeline })).toMatchObject({ metric: called, subject: pipeline, clip });
});

test('points of both kernels stand in the order of their times, other images left out, its own marked', () => {
  const past = pastOf([trend('', [['r-a', 1], ['r-c', 3]]), trend('added/some-series', [['r-b', 2], ['r-d', 4]]), trend('', [['r-x', 2]], { image: 'bookworm' })], EVALUATION, { image: 'trixie' }, new Set(['r-c', 'r-d']));
  expect(past.map(({ run, side, own }) => [run, side, own])).toEqual([['r-a', 'base', false], ['r-b', 'patched', false], ['r-c', 'base', true], ['r-d', 'patched', true]]);
  expect(ownStretches(past)).toEqual([[2, 3]]);
  expect(ownStretches(past.map((one, at) => ({ ...one, own: at !== 1 })))).toEqual([[0, 0], [2, 3]]);
});

test('of two bases the one that the other is held against is the base', () => {
  const of = evaluationOf({ series: '', base: '6.12', against: '6.12 of the night before' });
  const past = pastOf([trend('', [['r-a', 1]], { base: '6.12 of the night before' }), trend('', [['r-b', 2]])], of, { image: 'trixie' }, new Set());
  expect(past.map(({ run, side }) => [run, side])).toEqual([['r-a', 'base'], ['r-b', 'patched']]);
});

test('a comma in a name sets nothing apart, and no host is asked for as none', () => {
  const [pair] = SAMPLES.pairs;
  expect(asked({ pairs: pair === undefined ? [] : [{ ...pair, host: '' }, { ...pair, host: 'a,b' }] })).toMatchObject({ host: 'none,a\\,b' });
});

test('boots of the base against itself are its own too, and so are those of the prefixes', () => {
  expect([...ownRuns(SAMPLES, evaluationOf({ prefixes: [{ patches: 1, file: '0001-a.patch', run: 'r-cccccccccc', figures: [] }] }))].sort()).toEqual(['r-aaaaaaaaaa', 'r-bbbbbbbbbb', 'r-cccccccccc']);
});
