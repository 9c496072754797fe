// Which change did it: the search, without any boot. Pure. Bayesian, as a defect may show on some boots only: every look at a kernel, whatever it
// showed, moves the odds of each change, and the search ends when those of one are as high as was asked for.
//
// The model is that of bbchop (E. Wuffinga, "Bayesian search theory applied to bisection", 2009): a kernel without the defect never shows it, one
// with it shows it at an unknown rate, which is integrated out. Which kernel to look at next is the one whose answer tells most (in bits, of a
// channel that loses some of its ones); with a defect that always shows this is halving, as git rev-list --bisect does it. Horstein (1963) and
// Burnashev and Zigangirov (1974) are where searching by the posterior's median comes from.
import { Ancestry, type Place } from './ancestry.ts';

/**
 * What one look at a kernel came to. `wrong`: seen, and seen again on the second boot. `once`: seen, and not again. `same`: the kernel is its base,
 * byte for byte, so that nothing can show. `skip`: it does not build, or no verdict could be had. Of a metric `wrong` is worse, `nothing` is not.
 */
export type Look = { at: string; saw: 'wrong' | 'once' | 'nothing' | 'same' | 'skip'; detectors: readonly string[] };

/** `boots`: of correctness. `verdict`: of a metric, whose verdicts have error rates of their own. */
export type Model = { kind: 'boots' } | { kind: 'verdict'; alarm: number; miss: number };
export type Asked = { model: Model; /** How sure one wants to be, below 1. */ sure: number; /** The most looks at one kernel. */ most: number };

/** Over all looks at one place: on how many boots it showed, on how many it did not; how often a boot showed what counts for nothing yet. */
export type Tally = { is: 'bad' | 'good' | 'skip'; shown: number; missed: number; odd: number; same: boolean };

const UNSEEN: Tally = { is: 'good', shown: 0, missed: 0, odd: 0, same: false };

export type Next =
  | { ask: string; why: 'newest' | 'search'; /** About how many looks are left. */ left: number | null; confidence: number | null }
  | { found: readonly string[]; confidence: number; /** Whether it is as sure as was asked for. */ enough: boolean; rate: number }
  | { nothing: string };

/**
 * Of the defects that somebody bisects, the share that shows on every boot; of the others any rate is as likely as any other. A third costs one
 * that always shows less than a look more than a half does, and keeps the promise at every single rate, not only on average over them.
 */
const ALWAYS = 1 / 3;

export function nextLook(history: Ancestry, looks: readonly Look[], asked: Asked): Next {
  const [head, ...others] = history.heads;
  if (head === undefined || others.length > 0) throw new Error(`Expected a history with one newest end, got ${String(history.heads.length)}`);
  const tallies = tallied(looks, head);
  const ofHead = tallies.get(head) ?? UNSEEN;
  const ended = asked.model.kind === 'boots' ? headByBoots(ofHead, asked.most) : headByVerdict(ofHead);
  if (ended.is === 'ask') return { ask: head, why: 'newest', left: null, confidence: null };
  if (ended.is === 'nothing') return { nothing: ended.why };
  return search({ history, tallies, asked });
}

type OfHead = { is: 'ask' } | { is: 'bad' } | { is: 'nothing'; why: string };

/** The newest kernel is looked at until something was seen twice: what showed once and never again is nothing to search for. */
function headByBoots({ is, shown, missed, odd, same }: Tally, most: number): OfHead {
  if (is === 'skip') return { is: 'nothing', why: 'of the newest kernel no verdict could be had' };
  if (same) return { is: 'nothing', why: 'the newest kernel is as its base is, byte for byte' };
  if (shown >= 2) return { is: 'bad' };
  if (shown + missed < most) return { is: 'ask' };
  if (odd > 0) return { is: 'nothing', why: `something showed once in ${String(missed)} looks at the newest kernel and not again: too little to search for` };
  // With no sighting in n looks, a rate above this would have shown with 95 %.
  const hidden = Math.round(100 * (1 - 0.05 ** (1 / Math.max(1, missed))));
  return { is: 'nothing', why: `the newest kernel is as its base is, in ${String(missed)} looks; what shows on fewer than ${String(hidden)} of 100 boots may have been missed` };
}

function headByVerdict({ is, shown, missed, same }: Tally): OfHead {
  if (is === 'skip') return { is: 'nothing', why: 'of the newest kernel no verdict could be had' };
  if (same) return { is: 'nothing', why: 'the newest kernel is as its base is, byte for byte' };
  if (shown + missed === 0) return { is: 'ask' };
  return shown > 0 ? { is: 'bad' } : { is: 'nothing', why: 'the newest kernel is not worse than its base' };
}

/** By place. What was seen on one boot only counts where the newest kernel showed the same detector's defect, too. */
export function tallied(looks: readonly Look[], head: string): Map<string, Tally> {
  const known = knownDetectors(looks, head);
  const tallies = new Map<string, Tally>();
  for (const { at, saw, detectors } of looks) {
    const before = tallies.get(at) ?? UNSEEN;
    const sighted = saw === 'once' && detectors.some((one) => known.has(one));
    const shown = before.shown + (saw === 'wrong' ? 2 : sighted ? 1 : 0);
    const missed = before.missed + (saw === 'nothing' || saw === 'once' ? 1 : 0);
    const odd = before.odd + (saw === 'once' && !sighted ? 1 : 0);
    tallies.set(at, { is: saw === 'skip' ? 'skip' : shown > 0 ? 'bad' : before.is, shown, missed, odd, same: before.same || saw === 'same' });
  }
  return tallies;
}

function knownDetectors(looks: readonly Look[], head: string): Set<string> {
  const known = new Set<string>();
  const once = new Set<string>();
  for (const { saw, detectors } of looks.filter((one) => one.at === head)) {
    for (const one of detectors) if (saw === 'wrong' || once.has(one)) known.add(one);
    for (const one of detectors) if (saw === 'once') once.add(one);
  }
  return known;
}

type Searching = { history: Ancestry; tallies: ReadonlyMap<string, Tally>; asked: Asked };

function search({ history, tallies, asked }: Searching): Next {
  const { ids } = history;
  const odds = oddsOf(history, tallies, asked.model);
  const isSkipped = ids.map((id) => tallies.get(id)?.is === 'skip');
  const groups = groupsOf(history, odds, isSkipped);
  const best = groups.reduce((a, b) => (b.mass > a.mass ? b : a));
  const rate = rateAt(tallies, history, best.members[0] ?? 0, asked.model);
  const confidence = best.mass;
  const found = { found: best.members.map((at) => ids[at] ?? ''), confidence, rate };
  if (confidence >= asked.sure) return { ...found, enough: true };
  let ask: { id: string; bits: number } | undefined;
  for (const [at, id] of ids.entries()) {
    const tally = tallies.get(id);
    if (isSkipped[at] === true || tally?.same === true || looksAt(tally, asked.model) >= asked.most) continue;
    const bits = told(Math.min(1, history.sum(at, odds)), rate);
    if (bits > (ask?.bits ?? 1e-4)) ask = { id, bits };
  }
  if (ask === undefined) return { ...found, enough: false };
  const unknown = groups.reduce((sum, { mass }) => sum - (mass > 0 ? mass * Math.log2(mass) : 0), 0);
  return { ask: ask.id, why: 'search', left: Math.max(1, Math.ceil(unknown / ask.bits)), confidence };
}

/** A confirmed sighting is two boots and one look. */
function looksAt(tally: Tally | undefined, model: Model): number {
  if (tally === undefined) return 0;
  return model.kind === 'boots' ? Math.ceil(tally.shown / 2) + tally.missed : tally.shown / 2 + tally.missed;
}

/** For each change the probability that it did it, given everything seen; before any look each is as likely as any other. */
function oddsOf(history: Ancestry, tallies: ReadonlyMap<string, Tally>, model: Model): Float64Array {
  const seen = [...tallies].filter(([, { is }]) => is !== 'skip').map(([id, tally]) => ({ at: history.indexOf(id), ...tally }));
  const logs = history.ids.map((_, culprit) => {
    let [shown, missed, log] = [0, 0, 0];
    for (const one of seen) {
      const hasIt = history.has(one.at, culprit);
      if (model.kind === 'verdict') {
        log += (one.shown / 2) * Math.log(hasIt ? 1 - model.miss : model.alarm) + one.missed * Math.log(hasIt ? model.miss : 1 - model.alarm);
        if (hasIt && one.same) return -Infinity;
      } else {
        if (hasIt ? one.same : one.shown > 0) return -Infinity;
        if (hasIt) [shown, missed] = [shown + one.shown, missed + one.missed];
      }
    }
    return model.kind === 'verdict' ? log : Math.log(likelihood(shown, missed));
  });
  const top = Math.max(...logs);
  if (top === -Infinity) throw new Error('what was seen contradicts itself: no change can have done it');
  const odds = Float64Array.from(logs, (log) => Math.exp(log - top));
  const sum = odds.reduce((a, b) => a + b, 0);
  return odds.map((one) => one / sum);
}

/** Of `shown` boots that showed it and `missed` that did not, all with the defect in them: over all rates at which it may show. */
export function likelihood(shown: number, missed: number): number {
  return (missed === 0 ? ALWAYS : 0) + (1 - ALWAYS) * beta(shown + 1, missed + 1);
}

/** The share of boots on which it shows, as far as one knows, where the change at `culprit` did it. */
function rateAt(tallies: ReadonlyMap<string, Tally>, history: Ancestry, culprit: number, model: Model): number {
  if (model.kind === 'verdict') return 1 - model.miss;
  let [shown, missed] = [0, 0];
  for (const [id, tally] of tallies) {
    if (tally.is !== 'skip' && history.has(history.indexOf(id), culprit)) [shown, missed] = [shown + tally.shown, missed + tally.missed];
  }
  return likelihood(shown + 1, missed) / likelihood(shown, missed);
}

/** Euler's, of whole numbers. */
function beta(a: number, b: number): number {
  let value = 1 / b;
  for (let n = 1; n < a; n++) value *= n / (b + n);
  return value;
}

/** Bits that a look tells, at a kernel that has the defect with this probability and then shows it at this rate. */
function told(mass: number, rate: number): number {
  return entropy(mass * rate) - mass * entropy(rate);
}

function entropy(p: number): number {
  return p <= 0 || p >= 1 ? 0 : -p * Math.log2(p) - (1 - p) * Math.log2(1 - p);
}

type Group = { members: number[]; mass: number };

/** Changes that no kernel which can be tried tells apart are one answer. */
function groupsOf(history: Ancestry, odds: Float64Array, isSkipped: readonly boolean[]): Group[] {
  const groups = new Map<string, Group>();
  for (const [culprit, mass] of odds.entries()) {
    if (mass === 0) continue;
    const key = isSkipped.some(Boolean) ? triedWith(history, culprit, isSkipped) : String(culprit);
    const group = groups.get(key) ?? { members: [], mass: 0 };
    group.members.push(culprit);
    group.mass += mass;
    groups.set(key, group);
  }
  return [...groups.values()];
}

/** The kernels with this change that can be tried, as a string. */
function triedWith(history: Ancestry, culprit: number, isSkipped: readonly boolean[]): string {
  return isSkipped.map((skipped, at) => (!skipped && history.has(at, culprit) ? '1' : '0')).join('');
}

/** A series, or versions in their order: each comes after the one before. */
export function line(ids: readonly string[]): Place[] {
  return ids.map((id, at) => ({ id, parents: at === 0 ? [] : [ids[at - 1] ?? ''] }));
}
