// vlab serve: the pages and their API, until it is interrupted.
import { join } from 'node:path';
import { isLoopback } from '../../../dashboards/server/hosts.ts';
import { buildPages } from '../../../dashboards/server/build-pages.ts';
import { makeServer, QUEUES, type QueueSource } from '../../../dashboards/server/server.ts';
import manifest from '../../package.json' with { type: 'json' };
import { hostCapabilities } from '../guest/capabilities.ts';
import { postgresImage } from '../image/images.ts';
import { LabError, messageOf } from '../lib/lab-error.ts';
import { within } from '../lib/within.ts';
import { openBoard } from '../queue/board.ts';
import type { RedisPlace } from '../queue/redis.ts';
import type { RunQueue } from '../queue/submit.ts';
import type { RunWorker } from '../queue/worker.ts';
import { Keeper } from '../record/keeper.ts';
import { evidenceOf } from '../store/evidence.ts';
import { Mirror } from '../store/mirror.ts';
import { readTokens } from '../store/tokens.ts';
import { counting } from './counting.ts';
import { startNightClock } from './night-clock.ts';
import { answer, type Answer, type Context } from './command.ts';
import { jobsAsked, type JobsAsked } from './serving.ts';
import { sweep } from './sweep.ts';
import { startWorker, VERSION, withQueue } from './working.ts';

export type ServeOptions = { port: string; host: string; name: string[]; work: boolean };

/** Pages ask often: one look at the queue does for all of them. */
const QUEUE_FRESH_MS = 1000;
const QUEUE_ANSWERS_MS = 1500;

export async function serve(context: Context, { port, host, name, work }: ServeOptions): Promise<Answer<'serve'>> {
  const { lab, talk, json } = context;
  const making = counting(context);
  const at = portOf(port);
  await someoneMayLook(host, lab.config.home);
  const pages = await buildPages(join(lab.config.checkout, 'dashboards'), talk);
  return withQueue(making, async (queue, redis) => {
    const keeper = new Keeper(lab, async () => (await postgresImage(making)).tag);
    await keeper.open();
    const board = openBoard(redis.options, VERSION, QUEUES);
    const nights = startNightClock(context, redis);
    const evidence = evidenceOf(lab.config);
    const mirror = evidence.shared ? new Mirror(evidence) : undefined;
    try {
      const { server, live } = await makeServer({ home: lab.config.home, checkout: lab.config.checkout, keeper, queue: { ...sourceOf(queue, redis), ...jobsAsked(queue, making) }, version: manifest.version, pages, hosts: name, board: board.plugin, tracer: lab.tracer, store: () => mirror?.state ?? null });
      const url = await server.listen({ port: at, host }).catch((cause: unknown) => {
        throw new LabError('NO_PORT', `Expected to listen on ${host}, port ${String(at)}: ${messageOf(cause)}`, { blame: 'request', stage: 'request', hint: 'vlab serve --port 0 takes a free one', cause });
      });
      const ready = answer('serve', { url }, `the pages are at ${url}; interrupt this to end`);
      // At once, not at the end: whoever asked waits for the address. In one line, since more may never come.
      process.stdout.write(`${json ? JSON.stringify(ready.document) : ready.text}\n`);
      const working = work ? await startWork({ lab, redis, queue, talk }) : undefined;
      await interrupted(context, working);
      live.close();
      await server.close();
      return { ...ready, said: true };
    } finally {
      await nights.close();
      await board.close();
      await mirror?.close();
      await keeper.close();
    }
  });
}

/** As `vlab worker` does, in the process that serves. */
async function startWork({ lab, redis, queue, talk }: Pick<Context, 'lab' | 'talk'> & { redis: RedisPlace; queue: RunQueue }): Promise<RunWorker> {
  await sweep(lab, queue);
  talk(`takes runs too, ${String(lab.config.slots)} at a time`);
  return startWorker({ lab, redis, can: await hostCapabilities() });
}

/** The pages stay while what runs is brought to its end; a second interrupt stops it. */
async function interrupted({ onInterrupt, talk }: Context, working: RunWorker | undefined): Promise<void> {
  await new Promise<void>((resolve) => {
    onInterrupt((count) => {
      if (count > 1) working?.abortAll(new LabError('INTERRUPTED', 'the worker was interrupted', { blame: 'user', stage: 'queue' }));
      else if (working === undefined) resolve();
      else {
        if (working.running.length > 0) talk('what runs is brought to its end; interrupt again to stop now');
        void working.close().then(resolve);
      }
    });
  });
}

/** From elsewhere, whoever looks shows a token: without one nobody could, and nobody should be let in by mistake. */
async function someoneMayLook(host: string, home: string): Promise<void> {
  if (isLoopback(host) || (await readTokens(home)).length > 0) return;
  throw new LabError('NO_TOKEN', `Expected a token before anybody may look from other machines (--host ${host}), found none`, { blame: 'request', stage: 'request', hint: 'vlab token add YOUR-NAME --scope read' });
}

function portOf(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65535) throw new LabError('USAGE', `Expected --port to be a number to 65535, got "${text}"`, { blame: 'request', stage: 'request', hint: 'vlab serve --port 0 takes a free one' });
  return port;
}

/** What the queue holds, as it was a second ago at most. A Redis that is gone is started again where it is the lab's own. */
function sourceOf(queue: RunQueue, redis: RedisPlace): Omit<QueueSource, keyof JobsAsked> {
  let last: { atMs: number; view: ReturnType<QueueSource['look']> } | undefined;
  const look = async (): ReturnType<QueueSource['look']> => {
    try {
      const [counts, workers] = await within({ what: 'a look at the queue', ms: QUEUE_ANSWERS_MS, blame: 'lab' }, () => Promise.all([queue.counts(), queue.workers()]));
      return { up: true, version: VERSION, counts, workers };
    } catch {
      void redis.ensure().catch(() => undefined);
      return { up: false, version: VERSION, counts: {}, workers: [] };
    }
  };
  return {
    order: (worker, order) => queue.order(worker, order),
    look: () => {
      if (last === undefined || Date.now() - last.atMs > QUEUE_FRESH_MS) last = { atMs: Date.now(), view: look() };
      return last.view;
    },
  };
}
