// What has to be looked at to see one defect again: of an evaluation's checks those that showed it. Pure. A bisection boots some twenty times, and a
// boot that takes one path instead of six takes a third of the time. Of several paths that are wrong one is enough: they may be wrong for different reasons,
// and one question has one answer.
import type { Failure } from '../contract/evaluation.ts';
import type { Pipeline } from '../contract/pipeline.ts';
import type { RunRecord } from '../contract/run.ts';

/** `close`: whether the boot with debugging and the test importer is wanted, too. */
export type Check = { pipelines: readonly Pipeline[]; close: boolean };

/** Undefined where it takes everything: of what only the closest look has shown nobody knows what made it show. */
export function narrowOf(failures: readonly Failure[], runs: readonly RunRecord[], all: readonly Pipeline[]): Check | undefined {
  const plain = runs.find((run) => run.flavour === 'perf' && run.drivers.length === 0 && failures.some((one) => one.run === run.id));
  if (plain === undefined) return undefined;
  const ofPlain = failures.filter((one) => one.run === plain.id);
  if (!ofPlain.every((one) => one.detector === 'frames')) return { pipelines: all, close: false };
  const wrong = plain.pipelines.filter((row) => row.fault === null && (row.status === 'failed' || ofPlain.some((one) => one.what === `${row.pipeline} unavailable`))).map((row) => row.pipeline);
  const [first] = all.filter((one) => wrong.includes(one));
  return { pipelines: first === undefined ? all : [first], close: false };
}
