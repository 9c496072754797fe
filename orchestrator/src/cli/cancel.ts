// vlab cancel RUN|JOB: ends runs that wait or run, from any process. A cancelled run is sealed, with what it had seen.
import type { RunId } from '../contract/ids.ts';
import type { RunRequest } from '../contract/job.ts';
import { LabError } from '../lib/lab-error.ts';
import { pause } from '../lib/within.ts';
import type { RunQueue } from '../queue/submit.ts';
import { evidenceOf, type Evidence } from '../store/evidence.ts';
import { checkedId, jobOfRun, readJobRecord } from '../store/read.ts';
import { sealUnrun } from '../store/seal-unrun.ts';
import { answer, type Answer, type Context } from './command.ts';
import { makingOf } from './look.ts';
import { withQueue } from './working.ts';

const END_MS = 20_000;

export async function cancel(context: Context, given: string): Promise<Answer<'cancel'>> {
  const { home } = context.lab.config;
  const evidence = evidenceOf(context.lab.config);
  const wanted = await wantedRuns(home, checkedId(given));
  const cancelled = await withQueue(makingOf(context), async (queue) => {
    const all = await cancelRuns(evidence, queue, wanted);
    for (const [n, { was }] of all.entries()) if (was === 'active' && wanted[n] !== undefined) await sealedWithin(evidence, wanted[n], context);
    return all;
  });
  const text = cancelled.map(({ id: run, was }) => `${run}: ${SAID[was]}`).join('\n');
  return answer('cancel', { cancelled }, text);
}

/** All runs of a job, or the one. */
export async function wantedRuns(home: string, id: string): Promise<RunRequest[]> {
  const job = await (id.startsWith('j-') ? readJobRecord(home, id) : jobOfRun(home, id));
  if (job === undefined) throw new LabError('NO_SUCH_RUN', `there is no ${id} in this lab folder`, { blame: 'request', stage: 'request', hint: 'vlab status' });
  return job.runs.filter((run) => id.startsWith('j-') || run.id === id);
}

export type Cancelled = { id: RunId; was: 'waiting' | 'active' | 'ended' | 'unknown' };

/** What waits is sealed at once; of what runs, the worker is told, and seals it a little later. */
export async function cancelRuns(evidence: Evidence, queue: RunQueue, wanted: readonly RunRequest[]): Promise<Cancelled[]> {
  const results: Cancelled[] = [];
  for (const request of wanted) {
    const was = (await evidence.bring(request)) === undefined ? await queue.cancel(request.id) : 'ended';
    if (was === 'waiting') await sealUnrun(evidence, request, { kind: 'cancelled', stage: 'queue', why: 'somebody cancelled it before it began' });
    results.push({ id: request.id, was });
  }
  return results;
}

const SAID = {
  waiting: 'cancelled before it began', active: 'its worker was told, and ended it', ended: 'had ended before; nothing to cancel', unknown: 'not in the queue',
} as const;

async function sealedWithin(evidence: Evidence, request: RunRequest, { signal, talk }: Context): Promise<void> {
  const until = Date.now() + END_MS;
  while (Date.now() < until && !signal.aborted) {
    if ((await evidence.bring(request)) !== undefined) return;
    await pause(200, signal);
  }
  talk(`${request.id}: its worker has not ended it yet; vlab show ${request.id}`);
}
