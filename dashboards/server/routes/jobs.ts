// Jobs that are asked for over the API, and their end before their time.
import * as z from 'zod';
import { JobId, RunId } from '../../../orchestrator/src/contract/ids.ts';
import { Job } from '../../../orchestrator/src/contract/job.ts';
import { LabError } from '../../../orchestrator/src/lib/lab-error.ts';
import { ingestJobs } from '../../../orchestrator/src/record/ingest.ts';
import { Cancelled, Problem, Submitted } from '../../api/shapes.ts';
import { TAKES_TOKEN, whoMay } from '../access.ts';
import type { Parts } from '../server.ts';
import type { Api } from './api.ts';

/** The largest job that anybody has a reason for is a tenth of this. */
const BODY_BYTES = 256 * 1024;
/** Of one address. */
const SUBMITS = { max: 60, timeWindow: '1 minute' };

export function jobRoutes(api: Api, { keeper, queue, home }: Parts): void {
  // A refusal of the job itself names the nearest right word, which the schema cannot: attachValidation leaves it to the handler.
  api.post('/jobs', {
    attachValidation: true, bodyLimit: BODY_BYTES, config: { rateLimit: SUBMITS },
    schema: { security: TAKES_TOKEN, summary: 'Submit a job, as a file in jobs/ has it; takes a token with the scope submit', body: Job, response: { 201: Submitted, 400: Problem, 401: Problem, 403: Problem, 503: Problem } },
  }, async (request, reply) => {
    const who = await whoMay(request, home, 'submit');
    await queueThere();
    const { record, waits } = await queue.submit(request.body, who);
    // The record would find it within a second; whoever asked for it may look before.
    await Promise.resolve().then(() => ingestJobs(keeper.db, [record])).catch(() => undefined);
    return reply.code(201).header('location', `/api/jobs/${record.job}`).send({ job: record.job, title: record.title, submitted: record.runs.map((one) => one.id), waits });
  });

  for (const [path, id, what] of [['/jobs', JobId, 'the runs of a job'], ['/runs', RunId, 'a run']] as const) {
    api.post(`${path}/:id/cancel`, {
      schema: { security: TAKES_TOKEN, summary: `End ${what}, whether it waits or runs; takes a token with the scope submit`, params: z.object({ id }), response: { 200: z.object({ cancelled: z.array(Cancelled) }), 401: Problem, 403: Problem, 404: Problem, 503: Problem } },
    }, async (request) => {
      await whoMay(request, home, 'submit');
      await queueThere();
      return { cancelled: await queue.cancel(request.params.id) };
    });
  }

  /** A Redis that is away would keep whoever asked waiting for it. */
  async function queueThere(): Promise<void> {
    if ((await queue.look()).up) return;
    throw new LabError('NO_QUEUE', 'the queue does not answer', { blame: 'lab', hint: 'vlab doctor' });
  }
}
