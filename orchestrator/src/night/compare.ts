// Tonight's cells against those of the night before: new, fixed, still failing, flaky, known. Pure. What was unknown tonight keeps what was known of it.
import type { NightId, RunId } from '../contract/ids.ts';
import type { CellKey, KnownIssue, NightCell, NightPlan, NightRecord, Seen } from '../contract/night.ts';
import { keyOfCell, matches } from './expand.ts';
import type { Observed } from './observe.ts';

export type Tonight = { id: NightId; at: string; plan: Pick<NightPlan, 'known' | 'healAfter'> };
export type Settled = Observed & { again: RunId[] };

/** `wanted`: every cell of the plan. Of one that no boot came to, what was known of it goes on. */
export function compareNights(settled: readonly Settled[], before: NightRecord | undefined, wanted: readonly CellKey[], tonight: Tonight): NightCell[] {
  const earlier = new Map((before?.cells ?? []).map((cell) => [keyOfCell(cell), cell]));
  const seen = new Map(settled.map((one) => [keyOfCell(one.key), one]));
  return wanted.flatMap((key): NightCell[] => {
    const [one, old] = [seen.get(keyOfCell(key)), earlier.get(keyOfCell(key))];
    if (one !== undefined) return [cellOf(one, old, tonight)];
    return old === undefined ? [] : [{ ...old, state: 'unknown', change: 'same', why: 'no boot of tonight came to it', again: [], known: null }];
  });
}

/** Whether it was right before and is not now, so that a further boot is worth its time. What failed the night before too needs none. */
export function worthRepeating(one: Observed, before: NightCell | undefined): boolean {
  return isBad(one, before) && (before === undefined || before.firstBad === null || before.flaky !== null);
}

/** A path that was there once and is gone has failed; one that never was is no failure. */
function isBad({ state }: Observed, before: NightCell | undefined): boolean {
  return state === 'wrong' || (state === 'absent' && before !== undefined && before.lastGood !== null);
}

function cellOf(one: Settled, before: NightCell | undefined, { id, at, plan }: Tonight): NightCell {
  const seen: Seen = { night: id, at, run: one.run };
  const kept = { lastGood: before?.lastGood ?? null, firstBad: before?.firstBad ?? null, flaky: before?.flaky ?? null };
  const cell = { ...one.key, state: one.state, why: one.why, run: one.run, again: one.again, known: null };
  if (one.state === 'unknown') return { ...cell, ...kept, change: 'same' };
  if (one.state === 'mixed') return { ...cell, lastGood: seen, firstBad: null, flaky: { since: kept.flaky?.since ?? id, clean: 0 }, change: 'flaky' };
  if (!isBad(one, before)) {
    const lastGood = one.state === 'right' ? seen : kept.lastGood;
    return { ...cell, lastGood, firstBad: null, flaky: healed(kept.flaky, plan.healAfter), change: kept.firstBad === null ? 'same' : 'fixed' };
  }
  const bad = { ...cell, lastGood: kept.lastGood, firstBad: kept.firstBad ?? seen, flaky: kept.flaky === null ? null : { ...kept.flaky, clean: 0 } };
  const issue = plan.known.find((known) => matches(known, one.key) && one.why.includes(known.says ?? '') && !isExpired(known, at));
  if (issue !== undefined) return { ...bad, known: { reason: issue.reason, link: issue.link, until: issue.until }, change: 'known' };
  // One whose excuse has run out is nobody's business again until somebody looks: it is as good as new.
  return { ...bad, change: kept.firstBad === null || before?.change === 'known' ? 'new' : 'still' };
}

function healed(flaky: NightCell['flaky'], after: number): NightCell['flaky'] {
  if (flaky === null || flaky.clean + 1 >= after) return null;
  return { ...flaky, clean: flaky.clean + 1 };
}

export function isExpired({ until }: Pick<KnownIssue, 'until'>, at: string): boolean {
  return at.slice(0, 10) >= until;
}
