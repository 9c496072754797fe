// vlab cancel RUN|JOB: ends runs that wait or run, from any process. A cancelled run is sealed, with what it had seen.
import { RunId } from '../contract/ids.ts';
import type { RunRequest } from '../contract/job.ts';
import { LabError } from '../lib/lab-error.ts';
import { pause } from '../lib/within.ts';
import { evidenceOf, type Evidence } from '../store/evidence.ts';
import { checkedId, listJobs, readJobRecord } from '../store/read.ts';
import { sealUnrun } from '../store/seal-unrun.ts';
import { answer, type Answer, type Context } from './command.ts';
import { makingOf } from './look.ts';
import { withQueue } from './working.ts';

const END_MS = 20_000;

export async function cancel(context: Context, given: string): Promise<Answer<'cancel'>> {
  const { home } = context.lab.config;
  const evidence = evidenceOf(context.lab.config);
  const id = checkedId(given);
  const job = id.startsWith('j-') ? await readJobRecord(home, id) : (await listJobs(home, Infinity)).find((one) => one.runs.some((run) => run.id === id));
  if (job === undefined) throw new LabError('NO_SUCH_RUN', `there is no ${id} in this lab folder`, { blame: 'request', stage: 'request', hint: 'vlab status' });
  const wanted = job.runs.filter((run) => id.startsWith('j-') || run.id === id);
  const cancelled = await withQueue(makingOf(context), async (queue) => {
    const results = [];
    for (const request of wanted) {
      if ((await evidence.bring(request)) !== undefined) {
        results.push({ id: RunId.parse(request.id), was: 'ended' as const });
        continue;
      }
      const was = await queue.cancel(request.id);
      if (was === 'waiting') await sealUnrun(evidence, request, { kind: 'cancelled', stage: 'queue', why: 'somebody cancelled it before it began' });
      else if (was === 'active') await sealedWithin(evidence, request, context);
      results.push({ id: RunId.parse(request.id), was });
    }
    return results;
  });
  const text = cancelled.map(({ id: run, was }) => `${run}: ${SAID[was]}`).join('\n');
  return answer('cancel', { cancelled }, text);
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
