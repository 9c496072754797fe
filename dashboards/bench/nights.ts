// Nights of a made-up past: the record of each, as large as one of a hundred boots is, and a schedule. For figures of speed only.
import { nightCell, nightRecord } from '../../orchestrator/test/night-parts.ts';
import type { NightRecord } from '../../orchestrator/src/contract/night.ts';
import type { RunRecord } from '../../orchestrator/src/contract/run.ts';
import { beginNight, writeNight, writeSchedule } from '../../orchestrator/src/store/nights.ts';

const CHANGES = ['new', 'fixed', 'still', 'flaky', 'known'] as const;
/** One cell in so many has something to tell. */
const TOLD_EVERY = 40;

/** `runs`: the boots of its matrix. */
export async function generateNight(home: string, n: number, runs: readonly RunRecord[]): Promise<void> {
  const [first] = runs;
  const [startedAt, endedAt] = [first?.startedAt, runs.at(-1)?.sealedAt];
  if (first === undefined || startedAt === undefined || endedAt === undefined) return;
  const record = nightRecord({
    id: nightId(n), before: n === 0 ? null : nightId(n - 1), title: first.title, startedAt, endedAt, seconds: (Date.parse(endedAt) - Date.parse(startedAt)) / 1000,
    jobs: { matrix: first.job, selfTest: null, further: [] }, cells: runs.flatMap(cellsOf),
  });
  await beginNight(home, record.id, { startedAt, endsBy: endedAt });
  await writeNight(home, record, {});
}

export async function generateSchedule(home: string, since: string): Promise<void> {
  await writeSchedule(home, { at: '0 2 * * *', tz: 'UTC', plan: 'jobs/nightly.yaml', profile: 'quick', since });
}

export function nightId(n: number): NightRecord['id'] {
  return `n-${n.toString(36).padStart(10, '0')}` as NightRecord['id'];
}

function cellsOf({ id, base, flavour, stack, device, pipelines }: RunRecord, at: number): NightRecord['cells'] {
  return pipelines.map(({ pipeline, clip, status, why }, nth) => {
    const cell = at * pipelines.length + nth;
    const change = cell % TOLD_EVERY === 0 ? CHANGES[(cell / TOLD_EVERY) % CHANGES.length] : 'same';
    return nightCell({ base, flavour, stack, device, pipeline, clip, run: id, state: status === 'passed' ? 'right' : 'wrong', change, why });
  });
}
