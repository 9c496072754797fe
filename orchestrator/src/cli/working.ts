// A queue and a worker at work in this process: what `vlab run` and `vlab worker` share.
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Capability } from '../contract/capability.ts';
import { RunRequest } from '../contract/job.ts';
import type { StampedEvent } from '../contract/event.ts';
import { stackImage } from '../image/images.ts';
import { exists } from '../lib/files.ts';
import { LabError } from '../lib/lab-error.ts';
import { ownerLives, ownName } from '../lib/owner.ts';
import type { Lab, Making } from '../lib/lab.ts';
import { fleetLock } from '../queue/once.ts';
import { redisPlace, type RedisPlace } from '../queue/redis.ts';
import { RunQueue } from '../queue/submit.ts';
import { RunWorker, type Work } from '../queue/worker.ts';
import { runJob } from '../run-job.ts';
import { Run } from '../run.ts';
import { evidenceOf } from '../store/evidence.ts';
import { sharedProducts } from '../store/products.ts';
import { RunFolder } from '../store/run-folder.ts';
import { sealUnrun } from '../store/seal-unrun.ts';

/** The stack that carries redis-server. */
const REDIS_STACK = 'trixie';

export async function openRedis(making: Making): Promise<RedisPlace> {
  await making.lab.engine.version();
  return redisPlace(making.lab, async () => (await stackImage(REDIS_STACK, making)).tag);
}

/** Opens the queue, hands it over, and closes it, whatever happens in between. */
export async function withQueue<T>(making: Making, use: (queue: RunQueue, redis: RedisPlace) => Promise<T>): Promise<T> {
  const redis = await openRedis(making);
  const queue = new RunQueue(redis.options);
  try {
    return await use(queue, redis);
  } finally {
    await queue.close();
    await redis.leave();
  }
}

/** What can be seen of a queue without working on it. */
export type QueueView = Pick<RunQueue, 'counts' | 'workers' | 'stateOf'>;

const EMPTY: QueueView = { counts: () => Promise.resolve({}), workers: () => Promise.resolve([]), stateOf: () => Promise.resolve('unknown') };

/** Looking must not set a machine up: where the lab's own Redis never ran, the queue is empty. */
export async function withQueueView<T>(making: Making, use: (queue: QueueView) => Promise<T>): Promise<T> {
  const { home, redisUrl } = making.lab.config;
  if (redisUrl === undefined && !(await exists(join(home, 'redis')))) return use(EMPTY);
  return withQueue(making, use);
}

export type WorkerPlan = { lab: Lab; redis: RedisPlace; can: readonly Capability[]; onEvent?: (event: StampedEvent) => void; onDrain?: () => void };

export function startWorker({ lab, redis, can, onEvent, onDrain }: WorkerPlan): RunWorker {
  const owner = ownName();
  const evidence = evidenceOf(lab.config);
  const sharing: Lab = evidence.shared ? { ...lab, products: sharedProducts(evidence, lab.engine, fleetLock(redis.options)) } : lab;
  const work: Work = async (request, attempt, signal, tell) => {
    // At-least-once: an attempt that was sealed just before its worker died is the result.
    const sealed = await evidence.bring(request);
    if (sealed !== undefined) return sealed.outcome;
    const folder = await RunFolder.open(lab.config.home, request.id, attempt, owner, (path, record) => evidence.keepRun(request, path, record));
    try {
      const run = new Run(request, attempt, folder, (event) => {
        tell(event);
        onEvent?.(event);
      });
      run.tell({ event: 'run.opened', attempt, worker: `${hostname()}/${owner}` });
      return (await runJob(run, sharing, signal)).outcome;
    } catch (error) {
      // Another attempt was sealed first: that is the result, and this one is nobody's.
      const other = error instanceof LabError && error.code === 'LATE_ATTEMPT' ? await evidence.bringInstead(request) : undefined;
      if (other === undefined) throw error;
      return other.outcome;
    } finally {
      await folder.close();
    }
  };
  return new RunWorker({
    redis: redis.options, slots: lab.config.slots, can, lockMs: lab.config.lockMs, name: `${hostname()}-${String(process.pid)}`, work,
    onDrain,
    onGone: () => { void redis.ensure().catch(() => undefined); },
  });
}

/** Removes what dead processes of this lab left behind, and tells the runs that the queue gave up as broken. */
export async function sweep(lab: Lab, queue: RunQueue): Promise<void> {
  for (const container of await lab.engine.list()) {
    if (container.purpose !== 'redis' && !ownerLives(container.owner)) await lab.engine.removeById(container.id);
  }
  await sealGivenUp(lab, queue);
}

export async function sealGivenUp(lab: Lab, queue: RunQueue): Promise<void> {
  for (const { request, why } of await queue.givenUp()) {
    const parsed = RunRequest.safeParse(request);
    if (parsed.success) await sealUnrun(evidenceOf(lab.config), parsed.data, { kind: 'broken', stage: 'queue', why: `the queue gave it up: ${why}` });
  }
}
