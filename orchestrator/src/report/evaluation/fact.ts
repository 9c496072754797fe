// What a counter is called in every report: of a pipeline the unit is in its name, of a call it is not.
import type { CounterFact } from '../../contract/evaluation.ts';
import { CallName } from '../../contract/run.ts';

export function nameOfFact({ pipeline, counter }: CounterFact): string {
  return `${pipeline}: ${counter}${CallName.safeParse(pipeline).success ? ' per call' : ''}`;
}

/** Of a pipeline it is exact; of a call the mean of many. */
export function valueOfFact(value: number): string {
  return String(Number(value.toFixed(3)));
}
