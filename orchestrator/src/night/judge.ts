// Whether the lab is to be believed tonight, and which bases the night had. Pure.
import { WHOLE, type CellKey, type NightBase, type NightCell, type NightRecord } from '../contract/night.ts';
import type { RunRecord } from '../contract/run.ts';
import { LabError } from '../lib/lab-error.ts';
import { keyOfCell } from './expand.ts';
import { groupsOf } from './groups.ts';

/** Each base by the first run that built it. */
export function basesOf(records: readonly RunRecord[], wanted: ReadonlyMap<string, string | null>): NightBase[] {
  const built = records.flatMap(({ id, base, flavour, series, kernel }) => (kernel === null || series !== null || flavour !== 'perf' ? [] : [{ base, wanted: wanted.get(base) ?? null, version: kernel.version, kernel: kernel.kernel, run: id }]));
  return built.filter((one, at) => built.findIndex((other) => other.base === one.base) === at);
}

export type Judged = { cells: readonly NightCell[]; wanted: readonly CellKey[]; selfTest: NightRecord['selfTest']; signal: AbortSignal };

/** The gravest first. A night of which nothing ran is no quiet night. */
export function labOf({ cells, wanted, selfTest, signal }: Judged): Pick<NightRecord, 'lab' | 'why'> {
  if (signal.aborted) {
    const reason: unknown = signal.reason;
    return { lab: reason instanceof LabError && reason.blame === 'lab' ? 'broken' : 'interrupted', why: reason instanceof Error ? reason.message : 'interrupted' };
  }
  const whole = wanted.filter((cell) => cell.pipeline === WHOLE);
  const lost = whole.filter((cell) => { const found = cells.find((one) => keyOfCell(one) === keyOfCell(cell)); return found === undefined || found.state === 'unknown'; });
  const told = cells.filter((one) => one.pipeline !== WHOLE && (one.state === 'right' || one.state === 'wrong' || one.state === 'mixed')).length;
  if (selfTest.missed.length > 0 || selfTest.total === 0) return { lab: 'failed', why: `${String(selfTest.caught)} of ${String(selfTest.total)} mutants caught; not as it should be: ${selfTest.missed.map((one) => `${one.series} (${one.why})`).join('; ')}` };
  if (lost.length > 0) return { lab: 'broken', why: `the lab lost the boots of ${lost.map(({ base, stack, device }) => `${base} on ${stack}, ${device}`).join('; ')}` };
  if (told === 0 && !cells.some((one) => one.state === 'wrong')) return { lab: 'broken', why: `of ${String(wanted.length)} cells none was right or wrong: nothing was tested` };
  return { lab: 'ok', why: `${String(selfTest.caught)} of ${String(selfTest.total)} mutants caught, nothing right blamed; ${String(told)} of ${String(wanted.length - whole.length)} cells told` };
}

/** Devices and stacks of which nothing could be told: not a failure, and not to be taken for a pass. */
export function untold(cells: readonly NightCell[]): string[] {
  const places = groupsOf(cells.filter((one) => one.pipeline !== WHOLE), ({ base, flavour, stack, device }) => `${base}${flavour === 'perf' ? '' : `, ${flavour}`} on ${stack}, ${device}`);
  return [...places].flatMap(([place, of]) => (of.every((one) => one.state === 'absent' || one.state === 'unknown') ? [`nothing was told of ${place}: ${of[0]?.why ?? ''}`] : []));
}
