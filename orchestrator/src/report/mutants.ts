// Of a job with mutants: which were caught, by what and under which name, and whether anything that is right was blamed. From sealed records.
import type { MutantRow, RunDocument } from '../contract/documents.ts';
import type { Claim, RunRecord } from '../contract/run.ts';
import { isNamed, sightingsOf } from './caught.ts';
import { table } from './text.ts';

/** What the document of a job has more when series in it say of themselves what they break, or that they break nothing. */
export function mutantsOf(records: readonly RunRecord[]): Pick<RunDocument, 'mutants' | 'caught' | 'total' | 'falseAlarms'> {
  const told = records.flatMap((record) => (record.claim === null || record.measure !== null ? [] : [{ record, claim: record.claim }]));
  if (told.length === 0) return {};
  const mutants = told.map(({ record, claim }) => rowOf(record, claim));
  const wrong = mutants.filter((_, index) => isWrong(told[index]?.claim));
  const right = mutants.filter((row) => !wrong.includes(row));
  return {
    mutants, caught: wrong.filter((row) => row.caughtBy !== null).length, total: wrong.length,
    falseAlarms: right.filter((row) => row.got === 'failed').length,
  };
}

/** A slow one is right in all that a run looks at: only an evaluation can see it. */
function isWrong(claim: Claim | undefined): boolean {
  return claim !== undefined && !claim.harmless && claim.detector !== 'time' && claim.detector !== 'counters';
}

function rowOf(record: RunRecord, claim: Claim): MutantRow {
  const sightings = sightingsOf(record);
  const named = isWrong(claim) && sightings.length > 0 ? isNamed(sightings, claim) : null;
  return {
    series: record.series ?? record.base, flavour: record.flavour, expected: record.expect, got: record.outcome.kind, caughtBy: sightings[0]?.by ?? null,
    named, called: sightings.map(({ by, as }) => [by, ...(as.length === 0 ? [] : [as.join(', ')])].join(': ')).join('; '),
    seconds: Math.round((Date.parse(record.sealedAt) - Date.parse(record.startedAt)) / 100) / 10,
  };
}

export function mutantTable({ mutants, caught, total, falseAlarms }: RunDocument): string[] {
  if (mutants === undefined) return [];
  const rows = mutants.map((row) => [row.series, row.flavour, row.got, row.caughtBy ?? '-', namedOf(row), row.seconds.toFixed(1), row.called]);
  const right = mutants.length - (total ?? 0);
  return [
    table([['series', 'kernel', 'outcome', 'caught by', 'named right', 's', 'seen'], ...rows]), '',
    `caught: ${String(caught ?? 0)} of ${String(total ?? 0)}; false alarms: ${String(falseAlarms ?? 0)} of ${String(right)}`, '',
  ];
}

function namedOf({ named }: MutantRow): string {
  return named === null ? '-' : named ? 'yes' : 'NO';
}
