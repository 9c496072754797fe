// The stages of a run from events as the lab writes them.
import { expect, test } from 'vitest';
import type { RunDetail } from '../../api/shapes.ts';
import { extentOf, marksOf, spansOf } from './stages.ts';

type Events = RunDetail['events'];
const at = (ms: number): { at: string; ms: number; run: string } => ({ at: new Date(1_000_000 + ms).toISOString(), ms, run: 'r-0123456789' });

const EVENTS: Events = [
  { ...at(0), event: 'run.opened', attempt: 1, worker: 'vm/1' },
  { ...at(0), event: 'stage.started', stage: 'image' },
  // As the lab writes it: ms of an ended stage is its length.
  { ...at(290), event: 'stage.ended', stage: 'image', ok: true },
  { ...at(300), event: 'stage.started', stage: 'guest' },
  { ...at(340), event: 'guest.started', accelerator: 'tcg', display: 'xvfb' },
  { ...at(12_000), event: 'stage.ended', stage: 'guest', ms: 11_700, ok: false },
];

test('a stage begins where its event says and lasts until the clock of its end', () => {
  expect(spansOf(EVENTS, [])).toEqual([
    { stage: 'image', at: 0, ms: 290, ok: true, progress: null },
    { stage: 'guest', at: 300, ms: 11_700, ok: false, progress: null },
  ]);
});

test('a stage that has not ended has no length and tells how far it is', () => {
  const events: Events = [...EVENTS, { ...at(12_100), event: 'stage.started', stage: 'pipeline' }, { ...at(12_900), event: 'stage.progress', stage: 'pipeline', what: 'upload frames', done: 12, of: 60 }];
  expect(spansOf(events, []).at(-1)).toEqual({ stage: 'pipeline', at: 12_100, ms: null, ok: true, progress: 'upload frames 12 of 60' });
  expect(extentOf(spansOf(events, []), 15_000)).toBe(15_000);
});

test('the stage in which a run was sealed ends there', () => {
  const events: Events = [...EVENTS, { ...at(12_100), event: 'stage.started', stage: 'store' }, { ...at(12_101), event: 'run.sealed', outcome: { kind: 'passed', stage: 'verify', why: '' } }];
  expect(spansOf(events, []).at(-1)?.ms).toBe(1);
});

test('without events the record says how long stages took, and not when', () => {
  const spans = spansOf([], [{ stage: 'image', ms: 5 }, { stage: 'guest', ms: 7 }]);
  expect(spans.map(({ at: when, ms }) => [when, ms])).toEqual([[null, 5], [null, 7]]);
  expect(extentOf(spans, 0)).toBe(7);
});

test('the life of a guest is marked', () => {
  expect(marksOf(EVENTS)).toEqual([{ at: 340, what: 'guest started (tcg, xvfb)', ok: true }]);
});
