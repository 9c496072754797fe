// What an alert is known by, to notes and in addresses.
import type { AlertId } from '../../../orchestrator/src/contract/alert.ts';
import { keyOf } from '../../../orchestrator/src/lib/files.ts';

/** A series of samples, a host or a base of a night, and the first run after the change. */
export type Known = { series: string; run: string };

export function alertId({ series, run }: Known): AlertId {
  return `a-${keyOf({ series, run }).slice(0, 10)}` as AlertId;
}
