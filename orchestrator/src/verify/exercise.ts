// What the walk of ioctls and close orders came to: every check, and what it left behind. Pure.
import type { CheckLine, EndLine, LeaksLine } from '../contract/probe.ts';
import type { Exercise, Leaks } from '../contract/run.ts';
import { sayLeaks } from './verdict.ts';

export type ExerciseEvidence = { checks: readonly CheckLine[]; leaks: LeaksLine | undefined; end: EndLine | undefined };

/** `hostResources` is how many the host holds more than before it; -1 where nobody counts. An exercise that ended early has failed. */
export function judgeExercise({ checks, leaks: left, end }: ExerciseEvidence, hostResources: number): Exercise {
  const leaks: Leaks | null = left === undefined ? null : { fds: left.fds, dmabufs: left.dmabufs, hostResources };
  const seen = { checks: checks.map(({ check, status, why }) => ({ check, status, why })), leaks };
  if (end?.status === 'unsupported') return { ...seen, status: 'unavailable', why: end.why ?? 'the probe said that it cannot, and not why' };
  const wrong = checks.find((one) => one.status === 'failed');
  if (wrong !== undefined) return { ...seen, status: 'failed', why: `${wrong.check}: ${wrong.why}` };
  if (end?.status !== 'done') return { ...seen, status: 'failed', why: `it did not come to its end, after ${checks.at(-1)?.check ?? 'its start'}${end?.why === undefined ? '' : `: ${end.why}`}` };
  const behind = sayLeaks(leaks);
  if (behind !== undefined) return { ...seen, status: 'failed', why: `every check passed, and ${behind}` };
  return { ...seen, status: 'passed', why: `${String(checks.filter((one) => one.status === 'passed').length)} of ${String(checks.length)} checks passed` };
}
