// What can be bisected: kernels that come one after another, a way to look at each, and what to call it. A series, a git range and the versions of
// a distribution are each made one in a file beside this one.
import type { BisectDocument, Suspect } from '../contract/bisection.ts';
import type { EvaluationRecord } from '../contract/evaluation.ts';
import type { Place } from '../evaluate/ancestry.ts';
import type { Check } from '../evaluate/narrow.ts';

/** A kernel that was not even looked at: it cannot be made, or there is no difference to look for. */
export type NotLooked = { saw: 'skip' | 'same'; why: string };

export type Hunt = {
  what: BisectDocument['what'];
  of: string;
  base: string;
  unit: string;
  /** What the kernels are made of: with the same of it, looks of an earlier bisection hold. */
  identity: Readonly<Record<string, unknown>>;
  places: readonly Place[];
  described: (id: string) => Suspect;
  /** Short, in one line. */
  called: (id: string) => string;
  /** `metric` as vlab evaluate takes it; `narrow` where less than everything is to be checked. */
  evaluate: (id: string, metric: string, narrow: Check | undefined) => Promise<EvaluationRecord | NotLooked>;
};
