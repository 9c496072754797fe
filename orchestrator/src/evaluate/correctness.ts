// Whether a series does something wrong that its base does not: what was seen on its first boot, what a second boot confirmed, what the base has
// too. Pure.
import { ENDS_A_GUEST } from '../contract/ends-a-guest.ts';
import type { Correctness, CounterFact, Failure } from '../contract/evaluation.ts';
import type { Pipeline } from '../contract/pipeline.ts';
import { CallName, type ConsoleFinding, type PipelineResult, type RunRecord } from '../contract/run.ts';
import { sightingsOf } from '../report/caught.ts';
import { CALL_COUNTERS, COUNTERS } from './metrics.ts';

/** Everything wrong with the kernel of one run, one entry for each thing that a detector named. */
export function failuresOf(record: RunRecord): Failure[] {
  const { id, flavour, outcome } = record;
  return sightingsOf(record).flatMap(({ by, as }) => (as.length === 0 ? [''] : as).map((what) => ({ detector: by, what, why: whyOf(record, by, what), flavour, run: id, again: null }))).concat(
    outcome.kind === 'rejected' ? [{ detector: 'frames', what: 'unavailable', why: outcome.why, flavour, run: id, again: null }] : [],
  );
}

function whyOf({ console, pipelines, properties, exercise, outcome }: RunRecord, by: string, what: string): string {
  switch (by) {
    case 'console': return console.find((finding) => finding.kind === what)?.text ?? outcome.why;
    case 'frames': case 'leaks': {
      const wrong = pipelines.find((one) => one.status === 'failed' && one.fault === null && (one.defect === what || one.defect === null)) ?? pipelines.find((one) => one.status === 'failed' && one.fault === null);
      return wrong === undefined ? outcome.why : `${wrong.pipeline}: ${wrong.why}`;
    }
    case 'properties': {
      const broken = properties.find((one) => one.property === what);
      return broken === undefined ? outcome.why : `${broken.property}: ${broken.value}; ${broken.evidence}`;
    }
    case 'exercise': return exercise?.checks.find((one) => one.check === what)?.why ?? outcome.why;
    default: return outcome.why;
  }
}

/** What the base can and the patched kernel cannot: nothing is wrong with a frame, since none came. */
export function lostPipelines(base: RunRecord, patched: RunRecord): Failure[] {
  const passed = new Set(base.pipelines.filter((row) => row.status === 'passed').map(keyOfRow));
  return patched.pipelines.filter((row) => row.status === 'unavailable' && passed.has(keyOfRow(row)))
    .map((row) => ({ detector: 'frames', what: `${row.pipeline} unavailable`, why: `${row.pipeline} is not available any more: ${row.why}`, flavour: patched.flavour, run: patched.id, again: null }));
}

const keyOfRow = ({ pipeline, clip }: PipelineResult): string => `${pipeline} ${clip}`;
const keyOf = ({ detector, what }: Failure): string => `${detector} ${what}`;
const inFlavour = (failure: Failure): string => `${keyOf(failure)} ${failure.flavour}`;

/** Whether another of the first boots shows the very same, in whatever flavour. */
export function isShared(failure: Failure, first: readonly Failure[]): boolean {
  return first.some((other) => other.run !== failure.run && keyOf(other) === keyOf(failure));
}

/** Pipelines that a boot of the base has to take to show the same; all of them where something else than wrong frames was seen. */
export function pipelinesThatFailed(failures: readonly Failure[], { id, pipelines }: RunRecord, all: readonly Pipeline[]): readonly Pipeline[] {
  const ofRun = failures.filter((one) => one.run === id);
  const wrong = new Set(pipelines.filter((row) => row.fault === null && row.status === 'failed').map((row) => row.pipeline));
  return ofRun.every((one) => one.detector === 'frames' && !one.what.endsWith('unavailable')) && wrong.size > 0 ? all.filter((one) => wrong.has(one)) : all;
}

export type Boots = { first: readonly Failure[]; again: readonly Failure[]; base: readonly Failure[] };

/**
 * A failure counts when another boot is wrong too: in the very same, of whatever flavour; or, in the same flavour, by the same detector, since a race does
 * not tear twice alike; or where one of the two ended the guest, which shows nothing more after that. The base has to show the very same thing in the same
 * flavour to excuse it: a warning that only debugging finds in it says nothing of one without.
 */
export function compare({ first, again, base }: Boots): Pick<Correctness, 'failures' | 'known' | 'unconfirmed'> {
  const ofBase = new Set(base.map(inFlavour));
  const result: Pick<Correctness, 'failures' | 'known' | 'unconfirmed'> = { failures: [], known: [], unconfirmed: [] };
  for (const failure of first) {
    if (first.find((one) => inFlavour(one) === inFlavour(failure)) !== failure) continue;
    const others = [...again, ...first].filter((one) => one.run !== failure.run);
    const alike = again.filter((one) => one.run !== failure.run && one.flavour === failure.flavour && !ofBase.has(inFlavour(one)));
    const second = others.find((one) => keyOf(one) === keyOf(failure)) ?? alike.find((one) => one.detector === failure.detector || endsGuest(one) || endsGuest(failure));
    const seen = { ...failure, again: second?.run ?? null };
    if (ofBase.has(inFlavour(failure))) result.known.push(seen);
    else if (second === undefined) result.unconfirmed.push(seen);
    else result.failures.push(seen);
  }
  return result;
}

function endsGuest({ detector, what }: Failure): boolean {
  return detector === 'boot' || what === 'hang' || (detector === 'console' && ENDS_A_GUEST.has(what as ConsoleFinding['kind']));
}

/** Counters of one boot of each kernel that differ: per frame of a pipeline, and per call. */
export function changedCounters(base: RunRecord, patched: RunRecord): CounterFact[] {
  const runs = { base: base.id, patched: patched.id };
  return [...countersPerFrame(base, patched, runs), ...countersPerCall(base, patched, runs)];
}

/** What the kernel does beside the call costs a page now and then: a patch that does something more per call does it every time, or every other. */
const OF_THE_CALL = 0.5;

function countersPerCall(base: RunRecord, patched: RunRecord, runs: CounterFact['runs']): CounterFact[] {
  return base.calls.flatMap(({ call, counters: before }) => {
    const after = patched.calls.find((other) => other.call === call)?.counters ?? null;
    if (before === null || after === null) return [];
    return CALL_COUNTERS.filter((counter) => Math.abs(after[counter] - before[counter]) >= OF_THE_CALL)
      .map((counter) => ({ pipeline: call, counter, base: before[counter], patched: after[counter], boots: 1, runs }));
  });
}

function countersPerFrame(base: RunRecord, patched: RunRecord, runs: CounterFact['runs']): CounterFact[] {
  return base.pipelines.flatMap((row) => {
    const other = patched.pipelines.find((one) => keyOfRow(one) === keyOfRow(row) && one.fault === null);
    if (row.fault !== null || row.counters === null || !other?.counters) return [];
    const [before, after] = [row.counters, other.counters];
    return COUNTERS.filter((counter) => before[counter] !== after[counter])
      .map((counter) => ({ pipeline: row.pipeline, counter, base: before[counter], patched: after[counter], boots: 1, runs }));
  });
}

/** Facts are what two boots of each kernel agree on, per frame to the last digit; what wavers from boot to boot is none. */
export function confirmedCounters(facts: readonly CounterFact[], again: { base: RunRecord; patched: RunRecord }): { facts: CounterFact[]; wavering: CounterFact[] } {
  const seen = new Set(changedCounters(again.base, again.patched).map(keyOfFact));
  const same = (fact: CounterFact): boolean => seen.has(keyOfFact(fact));
  return { facts: facts.filter(same).map((fact) => ({ ...fact, boots: 2 })), wavering: facts.filter((fact) => !same(fact)) };
}

function keyOfFact({ pipeline, counter, base, patched }: CounterFact): string {
  const seen = CallName.safeParse(pipeline).success ? [patched > base ? 'more' : 'fewer'] : [base, patched];
  return [pipeline, counter, ...seen].join(' ');
}
