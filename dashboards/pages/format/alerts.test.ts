// Alerts that one change raised belong together.
import { expect, test } from 'vitest';
import type { Alert } from '../../api/shapes.ts';
import { counts, groupsOf } from './alerts.ts';

function alert(group: string, at: string, changePct: number | null, state: Alert['state'] = 'new'): Alert {
  return {
    id: 'a-0123456789' as Alert['id'], metric: 'frames per second', subject: 'upload', unit: 'frames/s', base: '6.12', series: '', flavour: 'perf', device: 'virgl', stack: 'trixie', clip: '', host: 'vm', at, before: 1, after: 2, changePct, p: 0.001,
    from: 'r-0123456789' as Alert['from'], to: 'r-0123456789' as Alert['to'], state, notes: [], group, blames: 'unknown', moved: [], evaluation: null,
  };
}

const ALERTS = [alert('a', '2026-11-01T00:00:00Z', -2), alert('b', '2026-11-03T00:00:00Z', 1, 'noise'), alert('a', '2026-11-02T00:00:00Z', -9), alert('a', '2026-11-01T00:00:00Z', null)];

test('the newest group is first, and in it the largest change: what rose from nothing is larger than any', () => {
  expect(groupsOf(ALERTS).map(({ name, alerts }) => [name, alerts.map(({ changePct }) => changePct)])).toEqual([['b', [1]], ['a', [null, -9, -2]]]);
});

test('every state is counted', () => {
  expect(counts(ALERTS)).toEqual({ new: 3, acknowledged: 0, fixed: 0, noise: 1 });
});
