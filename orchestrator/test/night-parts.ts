// What the tests of nights share: a small plan, cells, and whole records of nights.
import { NightCell, NightPlan, NightProfile, NightRecord } from '../src/contract/night.ts';
import type { CellKey } from '../src/contract/night.ts';
import type { Observed } from '../src/night/observe.ts';
import { JOB_ID, RUN_ID } from './parts.ts';

export const NIGHT = 'n-0000000002';
export const EARLIER = 'n-0000000001';
export const AT = '2026-03-02T02:00:00.000Z';

export function nightProfile(change: Record<string, unknown> = {}): NightProfile {
  return NightProfile.parse({
    bases: ['6.12'], stacks: ['trixie'], devices: ['virgl'], pipelines: ['upload', 'v4l2-dmabuf'], clips: ['h264-faults', 'fwht-faults'],
    selfTest: { job: 'mutants.yaml', flavours: ['perf'], why: 'all' }, limitMinutes: 30, ...change,
  });
}

export function nightPlan(change: Record<string, unknown> = {}): NightPlan {
  return NightPlan.parse({ title: 'a night', profiles: { quick: nightProfile() }, ...change });
}

export function cellKey(change: Partial<CellKey> = {}): CellKey {
  return { base: '6.12', flavour: 'perf', stack: 'trixie', device: 'virgl', pipeline: 'upload', clip: 'h264-faults', ...change };
}

export function observed(change: Partial<Omit<Observed, 'key'>> & { key?: Partial<CellKey> } = {}): Observed {
  return { state: 'right', why: '16 of 16 frames right', run: RUN_ID as Observed['run'], ...change, key: cellKey(change.key) };
}

export function nightCell(change: Record<string, unknown> = {}): NightCell {
  return NightCell.parse({ ...cellKey(), state: 'right', change: 'same', why: 'all right', run: RUN_ID, again: [], lastGood: { night: EARLIER, at: AT, run: RUN_ID }, firstBad: null, flaky: null, known: null, ...change });
}

export function nightRecord(change: Record<string, unknown> = {}): NightRecord {
  return NightRecord.parse({
    version: 1, id: NIGHT, plan: 'nightly.yaml', profile: 'quick', title: 'a night', startedAt: AT, endedAt: '2026-03-02T02:20:00.000Z', seconds: 1200, before: EARLIER, lab: 'ok', why: 'all mutants caught',
    commit: '0123456789ab', scheduled: false, jobs: { matrix: JOB_ID, selfTest: JOB_ID, further: [] }, bases: [{ base: '6.12', wanted: null, version: '6.12.57 (6.12.57-1)', kernel: '0123456789abcdef', run: RUN_ID }],
    noticed: [], cells: [nightCell()], blames: [], pairs: [], selfTest: { job: JOB_ID, caught: 20, total: 20, falseAlarms: 0, missed: [] }, pruned: [], expired: [], notes: [], ...change,
  });
}
