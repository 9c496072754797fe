// A queue and a worker at work in this process: what every command that asks for runs, or makes them, shares.
import { cpus, hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import manifest from '../../package.json' with { type: 'json' };
import type { Capability } from '../contract/capability.ts';
import type { StampedEvent } from '../contract/event.ts';
import { calledBase, type RunRequest } from '../contract/job.ts';
import { Submitter, type By } from '../contract/ticket.ts';
import { labVersion } from '../contract/worker.ts';
import { hostFacts } from '../guest/capabilities.ts';
import { pinnedTo } from '../guest/pinning.ts';
import { stackImage } from '../image/images.ts';
import { exists } from '../lib/files.ts';
import { HostTurn } from '../lib/host-turn.ts';
import { LabError } from '../lib/lab-error.ts';
import type { Lab, Making } from '../lib/lab.ts';
import { ownName } from '../lib/owner.ts';
import { NO_TRACER, type Attributes } from '../lib/tracing.ts';
import { fleetLock } from '../queue/once.ts';
import { redisPlace, type RedisPlace } from '../queue/redis.ts';
import { RunQueue } from '../queue/submit.ts';
import { RunWorker, type Standing, type Work } from '../queue/worker.ts';
import { runJob } from '../run-job.ts';
import { Run } from '../run.ts';
import { StageLimits } from '../stage-limits.ts';
import { evidenceOf } from '../store/evidence.ts';
import { sharedProducts } from '../store/products.ts';
import { RunFolder } from '../store/run-folder.ts';
import { shareThrough } from './share-through.ts';

/** The stack that carries redis-server. */
const REDIS_STACK = 'trixie';

/** That asks and that works: the same, or neither hears of the other. */
export const VERSION = labVersion(manifest.version);

export async function openRedis(making: Making): Promise<RedisPlace> {
  await making.lab.engine.version();
  return redisPlace(making.lab, async () => (await stackImage(REDIS_STACK, making)).tag);
}

/** Opens the queue, hands it over, and closes it, whatever happens in between. `by`: who asks, where it is not whoever runs this, and how soon. */
export async function withQueue<T>(making: Making, use: (queue: RunQueue, redis: RedisPlace) => Promise<T>, by: Partial<By> = {}): Promise<T> {
  const redis = await openRedis(making);
  const asker = { submitter: ownSubmitter(), urgency: 'person' as const, ...by, version: VERSION };
  const queue = new RunQueue(redis.options, asker, shareThrough({ ...making, lab: sharingOf(making.lab, redis) }));
  try {
    return await use(queue, redis);
  } finally {
    await queue.close();
    await redis.leave();
  }
}

/** Somebody's word, for shares of a queue; a user without a name is known by number. */
function ownSubmitter(): string {
  let user = String(process.getuid?.() ?? '?');
  try {
    user = userInfo().username;
  } catch {
    // A container's user may have no entry in passwd.
  }
  return Submitter.parse(`${user}@${hostname()}`.slice(0, 200));
}

/** What can be seen of a queue without working on it. */
export type QueueView = Pick<RunQueue, 'counts' | 'workers' | 'stateOf' | 'otherVersions'>;

const EMPTY: QueueView = { counts: () => Promise.resolve({}), workers: () => Promise.resolve([]), stateOf: () => Promise.resolve('unknown'), otherVersions: () => Promise.resolve([]) };

/** Looking must not set a machine up: where the lab's own Redis never ran, the queue is empty. */
export async function withQueueView<T>(making: Making, use: (queue: QueueView) => Promise<T>): Promise<T> {
  const { home, redisUrl } = making.lab.config;
  if (redisUrl === undefined && !(await exists(join(home, 'redis')))) return use(EMPTY);
  return withQueue(making, use);
}

export type WorkerPlan = { lab: Lab; redis: RedisPlace; can: readonly Capability[]; onEvent?: (event: StampedEvent) => void; standing?: Standing };

export function workerName(): string {
  return `${hostname()}-${String(process.pid)}`;
}

export function startWorker({ lab, redis, can, onEvent, standing }: WorkerPlan): RunWorker {
  const { slots, lockMs, home } = lab.config;
  return new RunWorker({
    redis: redis.options, version: VERSION, name: workerName(), host: hostname(), lockMs, work: workIn(lab, redis, onEvent),
    onGone: () => { void redis.ensure().catch(() => undefined); },
    slots, turn: new HostTurn(home), besideTiming: pinnedTo(cpus().length) !== undefined,
    can, facts: () => hostFacts(lab, can), standing,
  });
}

/** Where hosts share a store, with what they make. */
function sharingOf(lab: Lab, redis: RedisPlace): Lab {
  const evidence = evidenceOf(lab.config);
  return evidence.shared ? { ...lab, products: sharedProducts(evidence, lab.engine, fleetLock(redis.options)) } : lab;
}

/** What a run is found by among traces. */
function spanOf(request: RunRequest, attempt: number): Attributes {
  const { id, job, kernel, flavour, device, stack, measure } = request;
  return { 'vlab.run': id, 'vlab.job': job, 'vlab.base': calledBase(request), 'vlab.series': kernel.series ?? 'none', 'vlab.flavour': flavour, 'vlab.device': device, 'vlab.stack': stack, 'vlab.measure': measure ?? 'none', 'vlab.attempt': attempt };
}

function workIn(lab: Lab, redis: RedisPlace, onEvent: ((event: StampedEvent) => void) | undefined): Work {
  const owner = ownName();
  const tracer = lab.tracer ?? NO_TRACER;
  const evidence = evidenceOf(lab.config);
  const sharing = sharingOf(lab, redis);
  return async (request, attempt, signal, tell) => {
    // At-least-once: an attempt that was sealed just before its worker died is the result.
    const sealed = await evidence.bring(request);
    if (sealed !== undefined) return sealed.outcome;
    const folder = await RunFolder.open(lab.config.home, request.id, attempt, owner, (path, record) => evidence.keepRun(request, path, record));
    using limits = new StageLimits(lab.config.slowness);
    try {
      const run = new Run(request, attempt, folder, (event) => {
        limits.hear(event);
        tell(event);
        onEvent?.(event);
      }, tracer);
      run.tell({ event: 'run.opened', attempt, worker: `${hostname()}/${owner}` });
      return (await tracer.span('run', spanOf(request, attempt), async (add) => {
        const record = await runJob(run, sharing, AbortSignal.any([signal, limits.signal]));
        add({ 'vlab.outcome': record.outcome.kind, 'vlab.outcome.stage': record.outcome.stage, 'vlab.kernel': record.kernel?.kernel ?? 'none' });
        return record;
      }, request.trace)).outcome;
    } catch (error) {
      // Another attempt was sealed first: that is the result, and this one is nobody's.
      const other = error instanceof LabError && error.code === 'LATE_ATTEMPT' ? await evidence.bringInstead(request, attempt) : undefined;
      if (other === undefined) throw error;
      return other.outcome;
    } finally {
      await folder.close();
    }
  };
}
