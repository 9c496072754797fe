// The queues as bull-board shows them, to look at only.
import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { FastifyAdapter } from '@bull-board/fastify';
import { Queue, type RedisOptions } from 'bullmq';
import type { LabVersion } from '../contract/worker.ts';
import { ALL_WANTS, queueFor } from './names.ts';

export type Board = { plugin: ReturnType<FastifyAdapter['registerPlugin']>; close: () => Promise<void> };

/** `path`: where it is mounted. */
export function openBoard(options: RedisOptions, version: LabVersion, path: string): Board {
  const queues = ALL_WANTS.map((wants) => new Queue(queueFor(version, wants), { connection: options }));
  for (const queue of queues) queue.on('error', () => undefined);
  const serverAdapter = new FastifyAdapter();
  serverAdapter.setBasePath(path);
  createBullBoard({ queues: queues.map((queue) => new BullMQAdapter(queue, { readOnlyMode: true })), serverAdapter, options: { uiConfig: { boardTitle: 'Virgil Lab' } } });
  return { plugin: serverAdapter.registerPlugin(), close: async () => { await Promise.all(queues.map((queue) => queue.close().catch(() => undefined))); } };
}
