// Alerts in groups: what one change did is looked at once. Pure.
import { sizeOfChange } from '../../api/change.ts';
import type { Alert } from '../../api/shapes.ts';

export const STATES = ['new', 'acknowledged', 'fixed', 'noise'] as const satisfies readonly Alert['state'][];
export type Group = { name: string; alerts: Alert[]; newest: string; blames: Alert['blames'] };

/** Whose change it was, to people. */
export const BLAMED = { kernel: 'the kernel changed', lab: 'the lab changed, not the kernel', unknown: 'whose doing it is, is not known' } as const satisfies Record<Alert['blames'], string>;

/** The groups with the newest alerts first; within, the largest change first. */
export function groupsOf(alerts: readonly Alert[]): Group[] {
  const groups = new Map<string, Alert[]>();
  for (const alert of alerts) groups.set(alert.group, [...(groups.get(alert.group) ?? []), alert]);
  return [...groups].map(([name, own]) => ({
    name, alerts: own.toSorted((a, b) => sizeOfChange(b.changePct) - sizeOfChange(a.changePct)), newest: own.map(({ at }) => at).sort().at(-1) ?? '', blames: own[0]?.blames ?? 'unknown',
  })).sort((a, b) => b.newest.localeCompare(a.newest));
}

export function counts(alerts: readonly Alert[]): Record<Alert['state'], number> {
  const found = { new: 0, acknowledged: 0, fixed: 0, noise: 0 };
  for (const { state } of alerts) found[state] += 1;
  return found;
}
