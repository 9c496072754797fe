// What a boot says of the cells of a night. Pure: sealed records in, nothing else asked.
import { WHOLE, type CellKey, type CellState } from '../contract/night.ts';
import type { RunId } from '../contract/ids.ts';
import { NO_CLIP } from '../contract/pipeline.ts';
import type { PipelineResult, RunRecord } from '../contract/run.ts';
import { keyOfCell } from './expand.ts';

/** One cell by one boot, or by several. */
export type Observed = { key: CellKey; state: CellState; why: string; run: RunId };

export function observe(record: RunRecord): Observed[] {
  const { base, flavour, stack, device, outcome, id } = record;
  const place = { base, flavour, stack, device };
  const passes = record.pipelines.filter((row) => row.fault === null).map((row): Observed => ({ key: { ...place, pipeline: row.pipeline, clip: row.clip }, ...ofPass(row, record), run: id }));
  return [...passes, { key: { ...place, pipeline: WHOLE, clip: NO_CLIP }, ...ofWhole(record), why: outcome.why, run: id }];
}

const STATE_OF: Readonly<Record<PipelineResult['status'], CellState>> = { 'passed': 'right', 'failed': 'wrong', 'unavailable': 'absent', 'not-run': 'unknown' };

/** Of a run that the lab lost or somebody ended, no pass counts: what ended it may have made it what it is. */
function ofPass({ status, why }: PipelineResult, { outcome }: RunRecord): Pick<Observed, 'state' | 'why'> {
  return outcome.kind === 'passed' || outcome.kind === 'failed' ? { state: STATE_OF[status], why } : { state: 'unknown', why: outcome.why };
}

function ofWhole({ outcome, pipelines, console, properties, exercise }: RunRecord): Pick<Observed, 'state'> {
  if (outcome.kind === 'broken' || outcome.kind === 'cancelled') return { state: 'unknown' };
  if (outcome.kind === 'rejected') return { state: 'absent' };
  const besidesPasses = console.length > 0 || exercise?.status === 'failed' || properties.some((one) => one.binding && one.holds === false);
  const failed = outcome.kind === 'failed' && (besidesPasses || pipelines.every((row) => row.status !== 'failed'));
  return { state: failed ? 'wrong' : 'right' };
}

/** The worst first; what is known goes before what is not. */
const WORST: readonly CellState[] = ['wrong', 'mixed', 'right', 'absent', 'unknown'];

/** Several boots of one night that were asked for at once, with one measure or another: a cell is as bad as its worst. */
export function worstOf(seen: readonly Observed[]): Map<string, Observed> {
  const worst = new Map<string, Observed>();
  for (const one of seen) {
    const key = keyOfCell(one.key);
    const old = worst.get(key);
    if (old === undefined || WORST.indexOf(one.state) < WORST.indexOf(old.state)) worst.set(key, one);
  }
  return worst;
}

/** A cell after its further boots: wrong only where none of them is right. */
export function together(first: Observed, again: readonly Observed[]): Observed {
  const told = [first, ...again].filter((one) => one.state !== 'unknown');
  const bad = told.filter((one) => one.state !== 'right');
  if (bad.length === 0 || bad.length === told.length) return first;
  return { ...first, state: 'mixed', why: `wrong on ${String(bad.length)} of ${String(told.length)} boots: ${first.why}` };
}
