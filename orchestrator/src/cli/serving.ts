// What the server of the pages asks of the queue for those who submit and cancel over the API.
import { WANTS } from '../contract/capability.ts';
import type { RunRequest } from '../contract/job.ts';
import { readStack } from '../image/images.ts';
import type { Making } from '../lib/lab.ts';
import { NO_TRACER } from '../lib/tracing.ts';
import type { RunQueue } from '../queue/submit.ts';
import { checkOutsideJob } from '../request/outside-job.ts';
import { expandJob, withTrace } from '../request/expand-job.ts';
import { withoutFiles } from '../request/take-file.ts';
import { evidenceOf } from '../store/evidence.ts';
import { writeJob, type JobRecord } from '../store/read.ts';
import { cancelRuns, wantedRuns, type Cancelled } from './cancel.ts';
import { addSources, namesFor } from './naming.ts';
import { VERSION } from './working.ts';

/** `asked` is whatever came; `who`, the name of a token. `waits`: why its runs are not taken up now, null where a worker is there. */
export type JobsAsked = {
  submit: (asked: unknown, who: string) => Promise<{ record: JobRecord; waits: string | null }>;
  cancel: (id: string) => Promise<Cancelled[]>;
};

export function jobsAsked(queue: RunQueue, making: Making): JobsAsked {
  const { config } = making.lab;
  const evidence = evidenceOf(config);
  const tracer = making.lab.tracer ?? NO_TRACER;
  return {
    submit: (asked, who) => tracer.span('job', { 'vlab.submitter': who }, async (add) => {
      const job = withoutFiles(await addSources(checkOutsideJob(asked, await namesFor(config)), config.checkout, making));
      // Of jobs over the API, those with one title by one person follow one another, as those of one file do.
      const expanded = expandJob(job, `api: ${job.title} (${who})`, await readStack(job.stack, making.lab));
      const record = { ...expanded, runs: expanded.runs.map((one) => withTrace(one, tracer.carrier())) };
      await writeJob(config.home, record);
      await evidence.share('jobs', { id: record.job, submittedAt: record.submittedAt }, JSON.stringify(record));
      add({ 'vlab.job': record.job, 'vlab.title': record.title, 'vlab.runs': record.runs.length });
      await tracer.span('submit', { 'vlab.job': record.job }, () => queue.submit(record.runs, { submitter: `token ${who}` }));
      return { record, waits: await whatIsMissing(record.runs, queue) };
    }),
    cancel: async (id) => cancelRuns(evidence, queue, await wantedRuns(config.home, id)),
  };
}

/** Why runs will not be taken up now; null where a worker is there for each. */
async function whatIsMissing(runs: readonly RunRequest[], queue: RunQueue): Promise<string | null> {
  const workers = (await queue.workers()).filter((one) => !one.draining && one.version === VERSION);
  if (workers.length === 0) return 'no worker is there to take them: vlab worker on any host of this lab, or vlab serve --work';
  const able = new Set(workers.flatMap((one) => one.can));
  const missing = [...new Set(runs.flatMap(({ needs }) => (needs === null || able.has(needs) ? [] : [needs])))];
  return missing.length === 0 ? null : `no worker is there that has ${missing.map((needs) => WANTS[needs]).join(', or ')}`;
}
