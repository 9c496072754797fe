// What is held against a series: what two boots of it show and no boot of its base.
import { expect, test } from 'vitest';
import type { Failure } from '../contract/evaluation.ts';
import type { RunId } from '../contract/ids.ts';
import { emptyResult, type Counters, type PipelineResult, type RunRecord } from '../contract/run.ts';
import { changedCounters, compare, confirmedCounters, failuresOf, isShared, lostPipelines, pipelinesThatFailed } from './correctness.ts';

const id = (name: string): RunId => `r-${name.padEnd(10, '0')}` as RunId;
const failure = (over: Partial<Failure>): Failure => ({ detector: 'frames', what: 'stale', why: 'upload: 3 of 16 frames wrong', flavour: 'perf', run: id('first'), again: null, ...over });

function record(name: string, pipelines: PipelineResult[], over: Partial<RunRecord> = {}): RunRecord {
  return { id: id(name), flavour: 'perf', outcome: { kind: 'passed', stage: 'verify', why: 'all right' }, console: [], pipelines, calls: [], properties: [], exercise: null, ...over } as unknown as RunRecord;
}
const row = (over: Partial<PipelineResult>): PipelineResult => ({ ...emptyResult('upload', 'h264-faults'), status: 'passed', ...over });
const counters = (transfersPerFrame: number): Counters => ({ frames: 11, commandsPerFrame: 2, transfersPerFrame, bytesPerFrame: 4000, fencesPerFrame: 1, byKind: {} });

test('what a second boot shows again and the base does not is a failure, with both boots', () => {
  const { failures, known, unconfirmed } = compare({ first: [failure({})], again: [failure({ run: id('second') })], base: [] });
  expect(failures).toEqual([failure({ again: id('second') })]);
  expect([known, unconfirmed]).toEqual([[], []]);
});

test('the same detector on the second boot is enough: a race does not tear twice alike', () => {
  expect(compare({ first: [failure({ what: 'torn' })], again: [failure({ what: 'stale', run: id('second') })], base: [] }).failures).toHaveLength(1);
});

test('a hang on one boot and wrong frames on the other are two wrong boots; what the base has too confirms nothing', () => {
  const hang = failure({ detector: 'boot', what: 'hang', run: id('second') });
  expect(compare({ first: [failure({})], again: [hang], base: [] }).failures).toMatchObject([{ detector: 'frames', again: id('second') }]);
  expect(compare({ first: [failure({})], again: [hang], base: [hang] }).unconfirmed).toHaveLength(1);
  const property = failure({ detector: 'properties', what: 'dma-contig', run: id('second') });
  expect(compare({ first: [failure({})], again: [property], base: [] }).unconfirmed).toHaveLength(1);
});

test('what the base has too confirms nothing that is like it', () => {
  const torn = failure({ what: 'torn' });
  expect(compare({ first: [failure({}), torn], again: [failure({ run: id('second') })], base: [failure({ run: id('base') })] })).toMatchObject({ known: [{ what: 'stale' }], unconfirmed: [{ what: 'torn' }], failures: [] });
});

test('another flavour confirms the very same, and nothing that is only like it', () => {
  const other = { flavour: 'debug', run: id('second') } as const;
  expect(compare({ first: [failure({})], again: [failure(other)], base: [] }).failures).toHaveLength(1);
  expect(compare({ first: [failure({})], again: [failure({ ...other, what: 'torn' })], base: [] }).unconfirmed).toHaveLength(1);
});

test('what both first boots show is confirmed by each other, and told once for each flavour', () => {
  const [plain, close, debug] = [failure({}), failure({ run: id('close') }), failure({ run: id('debug'), flavour: 'debug' })];
  expect(isShared(plain, [plain, close])).toBe(true);
  expect(isShared(plain, [plain, failure({ run: id('close'), what: 'torn' })])).toBe(false);
  expect(isShared(plain, [plain, failure({})])).toBe(false);
  expect(compare({ first: [plain, close], again: [], base: [] }).failures).toEqual([{ ...plain, again: id('close') }]);
  expect(compare({ first: [plain, debug], again: [], base: [] }).failures).toEqual([{ ...plain, again: id('debug') }, { ...debug, again: id('first') }]);
  expect(compare({ first: [plain, debug], again: [], base: [failure({ run: id('base') })] })).toMatchObject({ known: [{ flavour: 'perf' }], failures: [{ flavour: 'debug' }] });
});

test('a base has to take the pipelines that were wrong, and all where it was no frame', () => {
  const all = ['upload', 'dmabuf-copy'] as const;
  const seen = record('first', [row({}), row({ pipeline: 'dmabuf-copy', status: 'failed' })]);
  expect(pipelinesThatFailed([failure({})], seen, all)).toEqual(['dmabuf-copy']);
  expect(pipelinesThatFailed([failure({}), failure({ detector: 'console' })], seen, all)).toEqual(all);
  expect(pipelinesThatFailed([failure({ what: 'upload unavailable' })], seen, all)).toEqual(all);
});

test('what the base has too is known; the base has to show the very same', () => {
  expect(compare({ first: [failure({})], again: [failure({ run: id('second') })], base: [failure({})] }).known).toHaveLength(1);
  expect(compare({ first: [failure({})], again: [failure({ run: id('second') })], base: [failure({ what: 'torn' })] }).failures).toHaveLength(1);
});

test('a run that passed has no failures; one that failed has one for each thing that was named', () => {
  expect(failuresOf(record('a', [row({})]))).toEqual([]);
  const wrong = record('b', [row({ status: 'failed', defect: 'stale', why: '3 of 16 frames wrong' })], {
    outcome: { kind: 'failed', stage: 'verify', why: 'upload: wrong' }, console: [{ kind: 'kasan', line: 9, text: 'KASAN: slab-use-after-free', around: [] }],
  });
  expect(failuresOf(wrong).map(({ detector, what, why }) => [detector, what, why])).toEqual([['console', 'kasan', 'KASAN: slab-use-after-free'], ['frames', 'stale', 'upload: 3 of 16 frames wrong']]);
});

test('a pipeline that the base runs and the series does not is a failure', () => {
  const base = record('a', [row({}), row({ pipeline: 'dmabuf-copy', status: 'unavailable' })]);
  const patched = record('b', [row({ status: 'unavailable', why: 'no capset' }), row({ pipeline: 'dmabuf-copy', status: 'unavailable' })]);
  expect(lostPipelines(base, patched).map((one) => one.what)).toEqual(['upload unavailable']);
});

test('counters per call: one kick more is a fact, a page now and then is none, and the second boot has to say the same way', () => {
  const of = (id: string, kicks: number, pages: number): RunRecord => ({ ...record(id, []), calls: [{ call: 'create', rounds: 200, us: null, instructions: null, counters: { commands: 5, kicks, fences: 1, bytes: 0, pages } }] });
  const [base, patched] = [of('a', 3, 4.1), of('b', 4, 4.3)];
  const facts = changedCounters(base, patched);
  expect(facts).toMatchObject([{ pipeline: 'create', counter: 'kicks', base: 3, patched: 4, boots: 1 }]);
  expect(confirmedCounters(facts, { base: of('c', 3, 4.4), patched: of('d', 4.1, 4.2) })).toMatchObject({ facts: [{ patched: 4, boots: 2 }], wavering: [] });
  expect(confirmedCounters(facts, { base: of('c', 4, 4), patched: of('d', 3, 4) })).toMatchObject({ facts: [], wavering: [{ counter: 'kicks' }] });
  expect(changedCounters(base, { ...patched, calls: [] })).toEqual([]);
});

test('counters: what differs in both pairs of boots is a fact, what wavers is none', () => {
  const [base, patched] = [record('a', [row({ counters: counters(1) })]), record('b', [row({ counters: counters(2) })])];
  const facts = changedCounters(base, patched);
  expect(facts).toMatchObject([{ pipeline: 'upload', counter: 'transfersPerFrame', base: 1, patched: 2, boots: 1 }]);
  expect(confirmedCounters(facts, { base, patched })).toMatchObject({ facts: [{ boots: 2 }], wavering: [] });
  expect(confirmedCounters(facts, { base, patched: base })).toMatchObject({ facts: [], wavering: [{ counter: 'transfersPerFrame' }] });
  expect(changedCounters(base, record('c', [row({ clip: 'another', counters: counters(3) })]))).toEqual([]);
});
