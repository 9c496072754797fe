// What outcomes, statuses and verdicts are called, and who is to blame. Pure.
import type { Cell, RunDetail, RunRow } from '../../api/shapes.ts';
import type { EvaluationRecord } from '../../../orchestrator/src/contract/evaluation.ts';

export type Kind = RunRow['outcome'];
export type CellStatus = Cell['status'];
export type Verdict = NonNullable<EvaluationRecord['verdict']>;

export const VERDICTS: readonly Verdict[] = ['failed', 'worse', 'better', 'equivalent', 'inconclusive'];

/** Blame is in the kind. */
export const TO_BLAME: Readonly<Record<Kind, string>> = {
  passed: 'The kernel did what it should.',
  failed: 'The kernel under test is to blame.',
  rejected: 'The request is to blame: the job asks for what cannot be.',
  broken: 'The lab is to blame; the kernel is not judged.',
  cancelled: 'Somebody asked for the end; nothing is judged.',
};

/** What something to narrow by is called, where its name in the address says too little. */
const DIMENSIONS: Readonly<Record<string, string>> = { expect: 'expected outcome', expected: 'as expected', kernel: 'kernel key', fault: 'injected fault', findings: 'console findings' };

export function sayDimension(name: string): string {
  return DIMENSIONS[name] ?? name;
}

export function kernelName({ base, series, flavour }: { base: string; series: string | null; flavour: string }): string {
  const kernel = series === null ? base : `${base} + ${series}`;
  return flavour === 'perf' ? kernel : `${kernel}, ${flavour}`;
}

/** "failed, as expected", "passed, though failed was expected". */
export function sayOutcome(kind: string, expect: string, asExpected: boolean): string {
  if (kind === 'passed' && asExpected) return 'passed';
  return asExpected ? `${kind}, as expected` : expect === 'passed' ? kind : `${kind}, though ${expect} was expected`;
}

export const STATES: Readonly<Record<RunDetail['state'], string>> = {
  waiting: 'This run was asked for. It waits for a worker, or its folder is gone since: npx vlab status says whether it waits.',
  live: 'This run is under way.',
  sealed: 'This run is sealed.',
  lost: 'This run was begun and never sealed, and nobody works on it. It is no result.',
};

export const MEASURED: Readonly<Record<string, string>> = { time: 'time', counters: 'counters', instructions: 'instructions' };
