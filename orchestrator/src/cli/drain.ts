// vlab drain WORKER, vlab undrain WORKER: a worker takes nothing more, and stays; with --end it leaves when what it runs has ended.
import { LabError } from '../lib/lab-error.ts';
import type { Order } from '../queue/presence.ts';
import { answer, type Answer, type Context } from './command.ts';
import { makingOf } from './look.ts';
import { withQueue } from './working.ts';

export async function drain(context: Context, worker: string, { end }: { end: boolean }): Promise<Answer<'drain'>> {
  await order(context, worker, end ? 'end' : 'drain');
  return answer('drain', { worker, order: end ? 'end' : 'drain' }, end ? `${worker} takes nothing more, and ends when what it runs has ended` : `${worker} takes nothing more; vlab undrain ${worker}`);
}

export async function undrain(context: Context, worker: string): Promise<Answer<'undrain'>> {
  await order(context, worker, 'go');
  return answer('undrain', { worker }, `${worker} takes runs again`);
}

async function order(context: Context, worker: string, what: Order): Promise<void> {
  await withQueue(makingOf(context), async (queue) => {
    const found = await queue.order(worker, what);
    if (found === 'asked') return;
    const known = (await queue.workers()).filter(({ drains }) => drains).map((one) => one.worker);
    if (found === 'unknown') throw new LabError('UNKNOWN_NAME', `unknown worker "${worker}"; at work: ${known.length === 0 ? 'none' : known.join(', ')}`, { blame: 'request', stage: 'request', hint: 'vlab status' });
    throw new LabError('NOT_A_WORKER', `${worker} works for one command only, and ends with it`, { blame: 'request', stage: 'request', hint: 'vlab cancel ends its runs' });
  });
}
