// What a worker can be told by whoever may: to take nothing more, to go on again, to leave.
import * as z from 'zod';
import { LabError } from '../../../orchestrator/src/lib/lab-error.ts';
import { Problem } from '../../api/shapes.ts';
import { TAKES_TOKEN, whoMay } from '../access.ts';
import type { Parts } from '../server.ts';
import type { Api } from './api.ts';

const ANSWERS = { 202: z.object({ worker: z.string() }), 401: Problem, 403: Problem, 404: Problem, 409: Problem };
const params = z.object({ worker: z.string().max(200) });

/** `told`: open pages look again. */
export function workerRoutes(api: Api, { queue, home }: Parts, told: () => void): void {
  api.post('/workers/:worker/drain', {
    schema: {
      security: TAKES_TOKEN, summary: 'Tell a worker to take nothing more; takes a token with the scope admin', params, response: ANSWERS,
      querystring: z.object({ end: z.enum(['true', 'false']).default('false').describe('whether it also ends when what it runs has ended') }),
    },
  }, async (request, reply) => {
    await whoMay(request, home, 'admin');
    return reply.code(202).send(await order(request.params.worker, request.query.end === 'true' ? 'end' : 'drain'));
  });

  api.post('/workers/:worker/undrain', {
    schema: { security: TAKES_TOKEN, summary: 'Tell a worker that was drained, or took itself out, to go on; takes a token with the scope admin', params, response: ANSWERS },
  }, async (request, reply) => {
    await whoMay(request, home, 'admin');
    return reply.code(202).send(await order(request.params.worker, 'go'));
  });

  async function order(worker: string, what: 'drain' | 'end' | 'go'): Promise<{ worker: string }> {
    const answer = await queue.order(worker, what);
    if (answer === 'unknown') throw new LabError('UNKNOWN_ID', `there is no worker ${worker}`, { blame: 'request', hint: 'GET /api/queue' });
    if (answer === 'cannot') throw new LabError('NOT_A_WORKER', `${worker} works for one command only, and ends with it`, { blame: 'request', hint: 'vlab cancel ends its runs' });
    told();
    return { worker };
  }
}
