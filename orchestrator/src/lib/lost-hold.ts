// What ends a run here because somebody else has it by now, or may have: then nothing of it is told or sealed here, and whoever takes it up does both.
import { LabError } from './lab-error.ts';

export const LOST = 'LOST_LOCK';

export function wasLost(signal: AbortSignal): boolean {
  return signal.aborted && signal.reason instanceof LabError && signal.reason.code === LOST;
}
