// The lab's own test: what of a job with mutants is run, and whether every mutant was caught and nothing right was blamed. Pure.
import type { JobId } from '../contract/ids.ts';
import type { Job, RunRequest } from '../contract/job.ts';
import type { NightSelfTest, SelfTest } from '../contract/night.ts';
import type { RunRecord } from '../contract/run.ts';
import { LabError } from '../lib/lab-error.ts';
import { mutantsOf } from '../report/mutants.ts';

export function selfTestJob(job: Job, { job: file, flavours, leaveOut }: SelfTest): Job {
  const stray = leaveOut.find((series) => !job.kernels.some((kernel) => kernel.series === series));
  if (stray !== undefined) throw new LabError('BAD_PLAN', `Expected leaveOut to name series of ${file}, got ${stray}`, { blame: 'request', stage: 'request', hint: 'docs/nights.md' });
  const kernels = job.kernels.filter((kernel) => flavours.includes(kernel.flavour ?? job.flavour) && (kernel.series === undefined || !leaveOut.includes(kernel.series)));
  if (!kernels.some((kernel) => kernel.expect === 'failed')) throw new LabError('NO_MUTANTS', `Expected mutants in what is left of ${file}, got none`, { blame: 'request', stage: 'request', hint: 'docs/nights.md' });
  return { ...job, kernels };
}

/** Every run that was asked for counts, also one that the lab lost: a test of which nothing ran is not passed. */
export function judgeSelfTest(job: JobId, asked: readonly RunRequest[], records: readonly RunRecord[]): NightSelfTest {
  const { mutants = [] } = mutantsOf(records);
  const wrong = asked.filter((one) => one.kernel.expect === 'failed');
  const caught = (request: RunRequest): boolean => mutants.some((row) => row.series === request.kernel.series && row.flavour === request.flavour && row.caughtBy !== null);
  const missed = asked.flatMap((request) => {
    const record = records.find((one) => one.id === request.id);
    if (request.kernel.expect === 'failed' ? caught(request) : record?.outcome.kind === 'passed') return [];
    const why = record === undefined ? 'no worker brought it to its end' : `${record.outcome.kind}: ${record.outcome.why.split('\n')[0] ?? ''}`;
    return [{ series: request.kernel.series ?? `${request.kernel.base} itself`, flavour: request.flavour, run: record?.id ?? null, why }];
  });
  const blamed = records.filter((one) => one.expect !== 'failed' && one.outcome.kind === 'failed').length;
  return { job, caught: wrong.filter(caught).length, total: wrong.length, falseAlarms: blamed, missed };
}
