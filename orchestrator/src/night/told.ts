// A night's record as the document that a CI reads, and its exit code. Pure.
import type { NightCell, NightlyDocument, NightRecord, Told } from '../contract/night.ts';
import { keyOfCell } from './expand.ts';

/** `report`: where the summary lies. */
export function documentOfNight(record: NightRecord, report: string): NightlyDocument {
  const told = (wanted: (cell: NightCell) => boolean): Told[] => record.cells.filter(wanted).map((cell) => toldOf(cell, record));
  const { selfTest } = record;
  return {
    night: record.id, lab: record.lab, why: record.why, new: told((cell) => cell.change === 'new'), fixed: told((cell) => cell.change === 'fixed'), stillFailing: told((cell) => cell.change === 'still'),
    flaky: told(isFlaky), known: told((cell) => cell.change === 'known'), slower: record.pairs.filter(isWorse), expired: record.expired,
    mutantsCaught: selfTest.caught, mutantsTotal: selfTest.total, falseAlarms: selfTest.falseAlarms, seconds: record.seconds, before: record.before, report,
  };
}

/** Mixed tonight, or not long enough ago. What then fails on every boot is told as failing. */
export function isFlaky({ flaky, change }: NightCell): boolean {
  return flaky !== null && (change === 'flaky' || change === 'same');
}

export function isWorse({ verdict }: NightRecord['pairs'][number]): boolean {
  return verdict === 'worse' || verdict === 'failed';
}

function toldOf(cell: NightCell, { blames }: NightRecord): Told {
  const { base, flavour, stack, device, pipeline, clip, why, run, firstBad, lastGood } = cell;
  const blame = blames.find((one) => one.cells.some((other) => keyOfCell(other) === keyOfCell(cell)));
  return { base, flavour, stack, device, pipeline, clip, why, run, firstBad, lastGood, changed: blame?.changed ?? [], fault: blame === undefined ? null : (blame.fault ?? blame.verdict) };
}

/** 0: nothing new, and the lab is to be believed. 1: a kernel fails that did not, or is slower. 3: the lab is not to be believed. 130: somebody ended it. */
export function exitCodeOfNight(record: NightRecord): number {
  if (record.lab === 'interrupted') return 130;
  if (record.lab !== 'ok') return 3;
  return record.cells.some((cell) => cell.change === 'new') || record.pairs.some(isWorse) ? 1 : 0;
}
