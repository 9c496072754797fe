// What a bisection takes from an evaluation.
import { expect, test } from 'vitest';
import type { Correctness, Failure, MetricRow, Verdict } from '../contract/evaluation.ts';
import { lookOf } from './look-of.ts';

const failure = (detector: string): Failure => ({ detector, why: '', what: '', flavour: 'perf', run: null, again: null });
const row = (kind: MetricRow['kind'], verdict: MetricRow['verdict']): MetricRow => ({ kind, verdict, primary: true, pipeline: 'upload', metric: kind }) as MetricRow;
const record = (verdict: Verdict | null, correctness: Partial<Correctness> = {}, identical = false, metrics = verdict === null || verdict === 'failed' ? [] : [row('instructions', verdict)]): Parameters<typeof lookOf>[0] =>
  ({ verdict, identical, metrics, correctness: { verdict: 'passed', failures: [], known: [], unconfirmed: [], runs: [], ...correctness } });

test('what does not build or apply cannot be tried, whatever was asked for', () => {
  for (const on of ['correctness', 'time'] as const) expect(lookOf(record('failed', { failures: [failure('build')] }), 'a', on)).toEqual({ at: 'a', saw: 'skip', detectors: [] });
});

test('seen twice, seen once, not seen, and nothing to see', () => {
  expect(lookOf(record('failed', { failures: [failure('frames'), failure('console'), failure('frames')] }), 'a', 'correctness')).toEqual({ at: 'a', saw: 'wrong', detectors: ['console', 'frames'] });
  expect(lookOf(record('inconclusive', { unconfirmed: [failure('frames')] }), 'a', 'correctness')).toEqual({ at: 'a', saw: 'once', detectors: ['frames'] });
  expect(lookOf(record('inconclusive', { known: [failure('frames')] }), 'a', 'correctness')).toMatchObject({ saw: 'nothing' });
  expect(lookOf(record('equivalent', {}, true), 'a', 'correctness')).toMatchObject({ saw: 'same' });
});

test('of a metric the verdict is the answer, and something wrong or undecided is none', () => {
  const saw = (verdict: Verdict | null): string => lookOf(record(verdict), 'a', 'instructions').saw;
  expect((['worse', 'better', 'equivalent', 'inconclusive', 'failed', null] as const).map(saw)).toEqual(['wrong', 'nothing', 'nothing', 'skip', 'skip', 'skip']);
});

test('a counter that changed, or another metric, is no answer to what was asked', () => {
  const saw = (metrics: MetricRow[]): string => lookOf(record('worse', {}, false, metrics), 'a', 'time').saw;
  expect(saw([row('counters', 'worse'), row('time', 'equivalent')])).toBe('nothing');
  expect(saw([row('counters', 'worse'), row('time', 'inconclusive')])).toBe('skip');
  expect(saw([row('counters', 'better'), row('time', 'worse')])).toBe('wrong');
  expect(saw([row('counters', 'worse')])).toBe('skip');
});
