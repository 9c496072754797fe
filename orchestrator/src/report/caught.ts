// By what a run's kernel was caught, and under which names. Pure: a sealed record in, nothing else asked.
import type { Detector } from '../contract/job.ts';
import { ALL_RIGHT_BUT, type Leaks, type PipelineResult, type RunRecord } from '../contract/run.ts';

/** What one detector saw, by the names it has for it. */
export type Sighting = { by: Detector; as: string[] };
export type Seen = Pick<RunRecord, 'outcome' | 'console' | 'pipelines' | 'properties' | 'exercise'>;

/** Every detector that saw something wrong with the kernel; the one that the outcome goes by comes first. */
export function sightingsOf({ outcome, console, pipelines, properties, exercise }: Seen): Sighting[] {
  if (outcome.kind !== 'failed') return [];
  if (outcome.stage === 'kernel') return [{ by: /does not apply/.test(outcome.why) ? 'apply' : 'build', as: [] }];
  const kinds = [...new Set(console.map((finding) => finding.kind))];
  const complaints: Sighting[] = kinds.length === 0 ? [] : [{ by: 'console', as: kinds }];
  if (outcome.stage === 'guest') return [{ by: 'boot', as: kinds.length === 0 ? ['hang'] : kinds }, ...complaints];
  const wrong = pipelines.filter((one) => one.status === 'failed' && one.fault === null);
  const leaking = wrong.filter((one) => one.why.startsWith(ALL_RIGHT_BUT));
  const checks = exercise?.checks.filter((one) => one.status === 'failed').map((one) => one.check) ?? [];
  const seen: Sighting[] = [
    ...complaints,
    { by: 'frames', as: namesOf(wrong.filter((one) => !leaking.includes(one))) },
    { by: 'leaks', as: [...new Set([...leaking.flatMap((one) => leaksIn(one.leaks)), ...leaksIn(exercise?.leaks ?? null)])] },
    { by: 'properties', as: properties.filter(({ binding, holds }) => binding && holds === false).map(({ property }) => property) },
    { by: 'exercise', as: checks },
  ];
  const found = seen.filter((one) => one.as.length > 0);
  // A guest that fell silent has said nothing more: no frame came.
  return found.length > 0 ? found : [{ by: 'frames', as: ['hang'] }];
}

/** Whether what a mutant says of itself is what was seen: its detector, under its name. */
export function isNamed(sightings: readonly Sighting[], { detector, seenAs }: { detector: Detector | null; seenAs: string | null }): boolean {
  return sightings.some((one) => one.by === detector && (seenAs === null || one.as.includes(seenAs)));
}

function namesOf(wrong: readonly PipelineResult[]): string[] {
  return [...new Set(wrong.map(({ defect, why }) => defect ?? stepOf(why)))];
}

/** Of a pass that did not get as far as a wrong frame: the step in which it went wrong. */
function stepOf(why: string): string {
  const step = /^error in ([\w-]+): /.exec(why)?.[1];
  if (step !== undefined) return `${step}-error`;
  return why.startsWith('crashed') ? 'crash' : 'frames-missing';
}

function leaksIn(leaks: Leaks | null): string[] {
  const left = leaks === null ? [] : [[leaks.dmabufs, 'dmabuf'], [leaks.fds, 'file'], [leaks.hostResources, 'host-resource']] as const;
  return left.flatMap(([count, name]) => (count > 0 ? [name] : []));
}
