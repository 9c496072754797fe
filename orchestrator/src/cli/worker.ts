// vlab worker: takes runs from the queue until it is interrupted. First interrupt drains, second stops now.
import { LabError } from '../lib/lab-error.ts';
import type { Making } from '../lib/lab.ts';
import { hostCapabilities } from '../guest/capabilities.ts';
import { printable } from '../report/text.ts';
import { answer, type Answer, type Context } from './command.ts';
import { startWorker, sweep, withQueue } from './working.ts';

export async function worker(context: Context): Promise<Answer<'worker'>> {
  const { lab, talk } = context;
  const making: Making = { lab, signal: context.signal, progress: (what) => { talk(`setting up: ${what}`); } };
  return withQueue(making, async (queue, redis) => {
    await sweep(lab, queue);
    let ran = 0;
    const name = String(process.pid);
    let drain = (): void => undefined;
    const working = startWorker({
      lab, redis, can: await hostCapabilities(), onDrain: () => { drain(); },
      onEvent: (event) => {
        if (event.event === 'run.opened') talk(`${event.run} begins, attempt ${String(event.attempt)}`);
        if (event.event !== 'run.sealed') return;
        ran++;
        talk(`${event.run} ${event.outcome.kind}: ${printable(event.outcome.why.split('\n')[0] ?? '')}`);
      },
    });
    talk(`worker ${name} takes runs, ${String(lab.config.slots)} at a time; interrupt it to drain`);
    await new Promise<void>((resolve) => {
      drain = () => {
        talk(working.running.length === 0 ? 'asked to drain: ending' : 'asked to drain: what runs is brought to its end');
        void working.close().then(resolve);
      };
      context.onInterrupt((count) => {
        if (count === 1) {
          talk(working.running.length === 0 ? 'ending' : 'draining: what runs is brought to its end; interrupt again to stop now');
          void working.close().then(resolve);
        } else {
          working.abortAll(new LabError('INTERRUPTED', 'the worker was interrupted', { blame: 'user', stage: 'queue' }));
        }
      });
    });
    return answer('worker', { worker: name, ran }, `worker ${name} ended after ${String(ran)} runs`);
  });
}
