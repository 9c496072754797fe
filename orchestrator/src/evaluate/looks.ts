// When an evaluation may look at its pairs, and how much of the promised false-alarm rate each look may use up. Pure.
//
// Whoever looks after every pair and stops at the first small p finds something in the end. So the looks are fixed beforehand, and the shares of
// alpha that they spend add up to alpha: whatever is decided at which look, a false alarm is no likelier than that (Bonferroni's inequality; the
// idea of spending alpha over looks is that of Lan and DeMets 1983, Biometrika 70).

export type Look = { pairs: number; alpha: number };

/**
 * The exact p of b blocks is never below 2 / 70^b, and Holm multiplies it by the number of primary metrics: with two blocks, which are eight pairs, five of
 * them can be decided by the first look's share of half an alpha of 0.01. The first look gets the most, since a patch that matters shows at once and a
 * reviewer waits; the second comes one block later, for what was all but decided.
 */
const SCHEDULE: readonly { pairs: number; share: number }[] = [{ pairs: 8, share: 0.42 }, { pairs: 12, share: 0.15 }, { pairs: 16, share: 0.15 }, { pairs: 24, share: 0.28 }];

export function looksOf(alpha: number): Look[] {
  return SCHEDULE.map(({ pairs, share }) => ({ pairs, alpha: share * alpha }));
}
