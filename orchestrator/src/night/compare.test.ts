// New, fixed, still failing, flaky, known: each told apart over several nights, and nothing forgotten in a night that could not tell.
import { describe, expect, test } from 'vitest';
import { AT, cellKey, EARLIER, NIGHT, nightCell, nightPlan, nightRecord, observed } from '../../test/night-parts.ts';
import { RUN_ID } from '../../test/parts.ts';
import { NightId, RunId } from '../contract/ids.ts';
import type { CellState, NightCell, NightRecord } from '../contract/night.ts';
import { compareNights, worthRepeating } from './compare.ts';
import { together } from './observe.ts';

const id = NightId.parse(NIGHT);
const GOOD = { night: EARLIER, at: AT, run: RUN_ID };

function tonight(state: CellState, before: NightCell | undefined, change: Record<string, unknown> = {}, at = AT, why = 'rows-missing'): NightCell {
  const earlier = before === undefined ? undefined : nightRecord({ id: EARLIER, cells: [before] });
  const [cell] = compareNights([{ ...observed({ state, why }), again: [] }], earlier, [cellKey()], { id, at, plan: nightPlan(change) });
  if (cell === undefined) throw new Error('no cell');
  return cell;
}

describe('against the night before', () => {
  test.each([
    { was: undefined, is: 'right', change: 'same' }, { was: undefined, is: 'wrong', change: 'new' }, { was: undefined, is: 'absent', change: 'same' },
    { was: {}, is: 'right', change: 'same' }, { was: {}, is: 'wrong', change: 'new' }, { was: {}, is: 'absent', change: 'new' },
    { was: { state: 'wrong', firstBad: GOOD }, is: 'wrong', change: 'still' }, { was: { state: 'wrong', firstBad: GOOD }, is: 'right', change: 'fixed' },
    { was: { state: 'absent', lastGood: null }, is: 'absent', change: 'same' }, { was: { state: 'absent', lastGood: null }, is: 'right', change: 'same' },
    { was: { state: 'absent', firstBad: GOOD }, is: 'absent', change: 'still' }, { was: { state: 'unknown' }, is: 'wrong', change: 'new' },
    { was: { state: 'unknown', firstBad: GOOD }, is: 'wrong', change: 'still' }, { was: { state: 'unknown', firstBad: GOOD }, is: 'right', change: 'fixed' },
  ] as const)('$was.state, then $is: $change', ({ was, is, change }) => {
    expect(tonight(is, was === undefined ? undefined : nightCell(was)).change).toBe(change);
  });

  test('the first bad night and the last good one stay with a cell until it is right again', () => {
    const first = tonight('wrong', nightCell());
    expect(first).toMatchObject({ firstBad: { night: NIGHT }, lastGood: { night: EARLIER } });
    const second = compareNights([{ ...observed({ state: 'wrong' }), again: [] }], nightRecord({ cells: [first] }), [cellKey()], { id: NightId.parse('n-0000000003'), at: AT, plan: nightPlan() })[0];
    expect(second).toMatchObject({ change: 'still', firstBad: { night: NIGHT }, lastGood: { night: EARLIER } });
    expect(tonight('right', second)).toMatchObject({ change: 'fixed', firstBad: null });
  });

  test('a night that could not tell claims nothing and forgets nothing', () => {
    const was = nightCell({ state: 'wrong', firstBad: GOOD, flaky: { since: EARLIER, clean: 2 } });
    expect(tonight('unknown', was)).toMatchObject({ state: 'unknown', change: 'same', firstBad: GOOD, flaky: { clean: 2 } });
    const [unseen] = compareNights([], nightRecord({ cells: [was] }), [cellKey()], { id, at: AT, plan: nightPlan() });
    expect(unseen).toMatchObject({ state: 'unknown', change: 'same', firstBad: GOOD });
    expect(compareNights([], nightRecord({ cells: [was] }), [], { id, at: AT, plan: nightPlan() })).toEqual([]);
  });
});

describe('flakes', () => {
  const again = (states: CellState[]): ReturnType<typeof observed>[] => states.map((state) => observed({ state }));

  test('wrong on some boots and right on others is mixed; wrong on all is wrong; what the lab lost does not count', () => {
    expect(together(observed({ state: 'wrong' }), again(['right', 'wrong']))).toMatchObject({ state: 'mixed', why: 'wrong on 2 of 3 boots: 16 of 16 frames right' });
    expect(together(observed({ state: 'wrong' }), again(['wrong', 'wrong'])).state).toBe('wrong');
    expect(together(observed({ state: 'wrong' }), again(['unknown'])).state).toBe('wrong');
    expect(together(observed({ state: 'absent' }), again(['right'])).state).toBe('mixed');
  });

  test('a mixed one is kept apart, and forgotten after enough clean nights', () => {
    let cell = tonight('mixed', nightCell());
    expect(cell).toMatchObject({ change: 'flaky', flaky: { since: NIGHT, clean: 0 }, firstBad: null });
    for (const clean of [1, 2]) {
      cell = tonight('right', cell, { healAfter: 3 });
      expect(cell).toMatchObject({ change: 'same', flaky: { since: NIGHT, clean } });
    }
    expect(tonight('right', cell, { healAfter: 3 }).flaky).toBeNull();
  });

  test('a flake that fails on every boot has failed, and begins to heal anew', () => {
    expect(tonight('wrong', nightCell({ flaky: { since: EARLIER, clean: 4 } }))).toMatchObject({ change: 'new', flaky: { since: EARLIER, clean: 0 } });
  });

  test('booted again is what was right before, or flaky; not what failed already', () => {
    const wrong = observed({ state: 'wrong' });
    expect(worthRepeating(wrong, undefined)).toBe(true);
    expect(worthRepeating(wrong, nightCell())).toBe(true);
    expect(worthRepeating(wrong, nightCell({ state: 'wrong', firstBad: GOOD }))).toBe(false);
    expect(worthRepeating(wrong, nightCell({ state: 'wrong', firstBad: GOOD, flaky: { since: EARLIER, clean: 0 } }))).toBe(true);
    expect(worthRepeating(observed(), nightCell())).toBe(false);
    expect(worthRepeating(observed({ state: 'unknown' }), nightCell())).toBe(false);
  });
});

describe('known issues', () => {
  const known = [{ pipeline: ['upload'], says: 'rows', reason: 'a bug of Mesa', link: 'https://example.org/1', until: '2026-03-10' }];

  test('one that fits is told with reason and link, and is not new', () => {
    expect(tonight('wrong', nightCell(), { known })).toMatchObject({ change: 'known', known: { reason: 'a bug of Mesa', link: 'https://example.org/1', until: '2026-03-10' }, firstBad: { night: NIGHT } });
  });

  test.each([{ what: 'another pipeline', issue: { ...known[0], pipeline: ['dmabuf-copy'] } }, { what: 'another reason', issue: { ...known[0], says: 'torn' } }, { what: 'a day that has come', issue: { ...known[0], until: '2026-03-02' } }])('one of $what does not cover it', ({ issue }) => {
    expect(tonight('wrong', nightCell(), { known: [issue] }).change).toBe('new');
  });

  test('once its time is over it counts as new, with the first bad night that it had', () => {
    const covered = nightCell({ state: 'wrong', change: 'known', firstBad: GOOD, known: { reason: 'r', link: 'l', until: '2026-03-01' } });
    expect(tonight('wrong', covered, { known: [{ ...known[0], until: '2026-03-01' }] })).toMatchObject({ change: 'new', firstBad: GOOD });
  });
});

test('the run of a cell is the one that showed it', () => {
  const run = RunId.parse('r-zzzzzzzzzz');
  const record: NightRecord = nightRecord();
  expect(compareNights([{ ...observed({ state: 'wrong', run }), again: [run] }], record, [cellKey()], { id, at: AT, plan: nightPlan() })[0]).toMatchObject({ run, again: [run], firstBad: { run } });
});
