// vlab worker: takes runs from the queue until it is interrupted or told to end. First interrupt ends it when what runs has ended, second stops now.
import { join } from 'node:path';
import { DEFAULT_STACK, KernelRecord } from '../contract/job.ts';
import { hostCapabilities, hostFacts } from '../guest/capabilities.ts';
import { hostAbilities } from '../guest/host.ts';
import { stackImage } from '../image/images.ts';
import { namesIn, readRecord } from '../lib/files.ts';
import { LabError } from '../lib/lab-error.ts';
import type { Making } from '../lib/lab.ts';
import { printable } from '../report/text.ts';
import { sayFacts } from '../report/worker-report.ts';
import { answer, type Answer, type Context } from './command.ts';
import { startNightClock } from './night-clock.ts';
import { sweep } from './sweep.ts';
import { startWorker, VERSION, withQueue, workerName } from './working.ts';

export type WorkerOptions = { redis?: string; store?: string; slots?: string };

export async function worker(context: Context): Promise<Answer<'worker'>> {
  const { lab, talk } = context;
  const making: Making = { lab, signal: context.signal, progress: (what) => { talk(`setting up: ${what}`); } };
  return withQueue(making, async (queue, redis) => {
    await sweep(lab, queue);
    await tryHost(making);
    const can = await hostCapabilities();
    const name = workerName();
    let ran = 0;
    let end = (_said: string): void => undefined;
    const working = startWorker({
      lab, redis, can,
      standing: {
        onChange: (why) => { talk(why === null ? `worker ${name} takes runs again` : `worker ${name} takes nothing: ${printable(why)}; vlab undrain ${name}`); },
        onEnd: () => { end('told to end'); },
      },
      onEvent: (event) => {
        if (event.event === 'run.opened') talk(`${event.run} begins, attempt ${String(event.attempt)}`);
        if (event.event !== 'run.sealed') return;
        ran++;
        talk(`${event.run} ${event.outcome.kind}: ${printable(event.outcome.why.split('\n')[0] ?? '')}`);
      },
    });
    // In a fleet the server keeps the clock: nights and their schedule lie in its folder.
    const nights = lab.config.redisUrl === undefined ? startNightClock(context, redis) : undefined;
    talk(`worker ${name}, lab ${VERSION}: ${sayFacts(await hostFacts(lab, can))}`);
    talk(`worker ${name} takes runs, ${String(lab.config.slots)} at a time; interrupt it to end it`);
    await new Promise<void>((resolve) => {
      end = (said) => {
        talk(working.running.length === 0 ? said : `${said}: what runs is brought to its end; interrupt again to stop now`);
        void working.close().then(resolve);
      };
      context.onInterrupt((count) => {
        if (count === 1) end('ending');
        else working.abortAll(new LabError('INTERRUPTED', 'the worker was interrupted', { blame: 'user', stage: 'queue' }));
      });
    });
    await nights?.close();
    return answer('worker', { worker: name, ran }, `worker ${name} ended after ${String(ran)} runs`);
  });
}

/** By booting, as soon as there is a kernel to boot; on a host that has none yet, the first run does it. */
async function tryHost(making: Making): Promise<void> {
  const { home } = making.lab.config;
  for (const key of await namesIn(join(home, 'kernels'))) {
    const kernel = await readRecord(join(home, 'kernels', key, 'kernel.json'), KernelRecord);
    if (kernel?.series !== null) continue;
    await hostAbilities({ stack: await stackImage(DEFAULT_STACK, making), vmlinux: join(home, 'kernels', key, 'vmlinux') }, making);
    return;
  }
}
