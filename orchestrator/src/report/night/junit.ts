// A night as JUnit XML: a suite for each place (base, stack, device), one for the lab's own test, one for the pairs. What is still failing or new fails; what is
// flaky or known is skipped with its reason; what the lab could not tell is an error.
import type { NightCell, NightRecord } from '../../contract/night.ts';
import { junitXml, type JunitCase, type JunitSuite } from '../junit-xml.ts';
import { sayFlavour } from '../text.ts';
import { statusOf } from './status.ts';

export async function junitOfNight(record: NightRecord): Promise<string> {
  const properties = { night: record.id, profile: record.profile, lab: record.commit };
  const places = [...new Set(record.cells.map(placeOf))];
  const suites = places.map((place): JunitSuite => ({ name: place, properties, cases: record.cells.filter((one) => placeOf(one) === place).map((cell) => caseOf(cell, place)) }));
  return junitXml({ name: `${record.title}, ${record.profile}`, seconds: record.seconds, startedAt: record.startedAt, suites: [...suites, { name: 'lab', properties, cases: labCases(record) }, { name: 'against the night before', properties, cases: pairCases(record) }].filter((one) => one.cases.length > 0) });
}

function placeOf({ base, flavour, stack, device }: NightCell): string {
  return `${base}${sayFlavour(flavour)}, ${stack}, ${device}`;
}

const WORD = { PASS: 'pass', FAIL: 'fail', SKIP: 'skip', MISS: 'error', DONE: 'skip', ERROR: 'error' } as const;

function caseOf(cell: NightCell, place: string): JunitCase {
  return { classname: place, name: `${cell.pipeline} ${cell.clip}`, status: WORD[statusOf(cell)], why: cell.known === null ? `${cell.change}: ${cell.why}` : `known until ${cell.known.until}: ${cell.known.reason} ${cell.known.link}` };
}

function labCases({ selfTest, lab, why }: NightRecord): JunitCase[] {
  return [
    { classname: 'lab', name: 'the lab is to be believed', status: lab === 'ok' ? 'pass' : 'error', why },
    ...selfTest.missed.map((one): JunitCase => ({ classname: 'lab', name: `${one.series} ${one.flavour}`, status: 'error', why: one.why })),
  ];
}

function pairCases({ pairs }: NightRecord): JunitCase[] {
  return pairs.map((one) => ({ classname: 'against the night before', name: one.base, status: one.verdict === null ? 'error' : one.verdict === 'worse' || one.verdict === 'failed' ? 'fail' : one.verdict === 'inconclusive' ? 'skip' : 'pass', why: one.why }));
}
