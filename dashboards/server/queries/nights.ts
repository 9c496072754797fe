// The newest night, as the pages tell it: from its record on disk, which needs no database.
import type { NightRecord } from '../../../orchestrator/src/contract/night.ts';
import { documentOfNight, isWorse } from '../../../orchestrator/src/night/told.ts';
import { firstLine, sayCell, sayHistory, sentenceOfNight } from '../../../orchestrator/src/report/night/say.ts';
import { listBegun, sealedNight } from '../../../orchestrator/src/store/nights.ts';
import type { NightShown } from '../../api/shapes.ts';

const SHOWN = 200;
const GROUPS = ['new', 'fixed', 'still', 'flaky', 'known'] as const;

/** A night that is sealed does not change, and its record is large. */
let newest: { home: string; night: NightShown } | undefined;

export async function newestNight(home: string): Promise<NightShown | null> {
  for (const { id, sealed } of await listBegun(home)) {
    if (newest?.home === home && newest.night.id === id) return newest.night;
    const record = sealed ? await sealedNight(home, id) : undefined;
    if (record === undefined) continue;
    newest = { home, night: shownNight(record) };
    return newest.night;
  }
  return null;
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
