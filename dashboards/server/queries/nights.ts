// A night, as the pages tell it: from its record on disk, which needs no database.
import { join } from 'node:path';
import type { NightId } from '../../../orchestrator/src/contract/ids.ts';
import type { NightRecord } from '../../../orchestrator/src/contract/night.ts';
import { exists } from '../../../orchestrator/src/lib/files.ts';
import { documentOfNight, isWorse } from '../../../orchestrator/src/night/told.ts';
import { firstLine, sayCell, sayHistory, sentenceOfNight } from '../../../orchestrator/src/report/night/say.ts';
import { layout } from '../../../orchestrator/src/store/layout.ts';
import { listBegun, NIGHT_FILES, sealedNight } from '../../../orchestrator/src/store/nights.ts';
import type { NightShown } from '../../api/shapes.ts';

const SHOWN = 200;
const GROUPS = ['new', 'fixed', 'still', 'flaky', 'known'] as const;

/** A night that is sealed does not change, and its record is large. By the lab's folder and the id; the one that was asked for last is the last. */
const READ = new Map<string, NightShown>();
const MOST_READ = 30;

export async function newestNight(home: string): Promise<NightShown | null> {
  for (const { id, sealed } of await listBegun(home)) {
    const night = sealed ? await nightOf(home, id) : undefined;
    if (night !== undefined) return night;
  }
  return null;
}

/** Undefined where there is none, or it was cut off. */
export async function nightOf(home: string, id: NightId): Promise<NightShown | undefined> {
  const key = `${home} ${id}`;
  // It may have been removed since.
  const known = await exists(join(layout.night(home, id), NIGHT_FILES.record)) ? READ.get(key) : undefined;
  const night = known ?? await readNight(home, id);
  if (night === undefined) return undefined;
  READ.delete(key);
  READ.set(key, night);
  const [oldest] = READ.keys();
  if (READ.size > MOST_READ && oldest !== undefined) READ.delete(oldest);
  return night;
}

async function readNight(home: string, id: NightId): Promise<NightShown | undefined> {
  const record = await sealedNight(home, id);
  return record === undefined ? undefined : shownNight(record);
}

export function shownNight(record: NightRecord): NightShown {
  const document = documentOfNight(record, '');
  const told = { new: document.new, fixed: document.fixed, still: document.stillFailing, flaky: document.flaky, known: document.known };
  const { id, profile, startedAt, seconds, lab, why, before, selfTest, jobs } = record;
  return {
    id, profile, startedAt, seconds, lab, why, before, sentence: sentenceOfNight(record, document), matrix: jobs.matrix, mutantsCaught: selfTest.caught, mutantsTotal: selfTest.total, selfTest: jobs.selfTest,
    groups: GROUPS.filter((kind) => told[kind].length > 0).map((kind) => ({ kind, cells: told[kind].slice(0, SHOWN).map((one) => ({ what: sayCell(one), why: firstLine(one.why), run: one.run, history: sayHistory(one) })) })),
    slower: record.pairs.filter(isWorse).map(({ base, why: said, evaluation }) => ({ base, why: said, evaluation })),
  };
}
