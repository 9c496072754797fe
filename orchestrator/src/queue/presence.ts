// Who is at work: each worker tells it in a key of its own, which goes away with it; and what it is ordered from elsewhere. Goes by no host's clock but Redis's.
import type { Redis } from 'ioredis';
import * as z from 'zod';
import { WorkerPresence } from '../contract/worker.ts';
import { ORDER_CHANNEL, orderKey, workerKey, WORKERS } from './names.ts';

/** How long a worker is taken to be there after its last word. */
export const PRESENCE_S = 15;
const DAY_S = 86_400;

/** `drain`: take nothing more; `end`: and leave when what runs has come to its end; `go`: take work again, whatever the reason was not to. */
export const Order = z.enum(['drain', 'end', 'go']);
export type Order = z.infer<typeof Order>;

export async function tellPresence(redis: Redis, presence: WorkerPresence): Promise<Order | undefined> {
  const { worker } = presence;
  const answers = await redis.pipeline().set(workerKey(worker), JSON.stringify(presence), 'EX', PRESENCE_S).sadd(WORKERS, worker).get(orderKey(worker)).exec();
  return Order.safeParse(answers?.[2]?.[1]).data;
}

/** `go` is done once; the others last. */
export async function orderDone(redis: Redis, worker: string): Promise<void> {
  await redis.del(orderKey(worker));
}

export async function forgetPresence(redis: Redis, worker: string): Promise<void> {
  await redis.pipeline().del(workerKey(worker), orderKey(worker)).srem(WORKERS, worker).exec();
}

/** Those that went without a word are taken out of the set here, by whoever looks. */
export async function listWorkers(redis: Redis): Promise<WorkerPresence[]> {
  const names = await redis.smembers(WORKERS);
  if (names.length === 0) return [];
  const told = await redis.mget(names.map(workerKey));
  const gone = names.filter((_, n) => told[n] === null);
  if (gone.length > 0) await redis.srem(WORKERS, ...gone);
  return told.flatMap((text) => presenceIn(text)).sort((a, b) => a.worker.localeCompare(b.worker));
}

function presenceIn(text: string | null): WorkerPresence[] {
  if (text === null) return [];
  try {
    const presence = WorkerPresence.safeParse(JSON.parse(text));
    return presence.success ? [presence.data] : [];
  } catch {
    return [];
  }
}

/** The order stays until there is another or the worker leaves: one that is cut off just now finds it when it is back. */
export async function giveOrder(redis: Redis, worker: string, order: Order): Promise<void> {
  await redis.set(orderKey(worker), order, 'EX', DAY_S);
  await redis.publish(ORDER_CHANNEL, worker);
}
