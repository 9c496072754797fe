// A cell in the words of KCIDB.
import type { NightCell } from '../../contract/night.ts';

export type Status = 'PASS' | 'FAIL' | 'SKIP' | 'MISS' | 'DONE';

/** DONE is of those that are told and held against nobody. */
export function statusOf({ state, change }: Pick<NightCell, 'state' | 'change'>): Status {
  if (change === 'new' || change === 'still') return 'FAIL';
  if (change === 'known' || state === 'mixed') return 'DONE';
  return state === 'right' ? 'PASS' : state === 'absent' ? 'SKIP' : 'MISS';
}
