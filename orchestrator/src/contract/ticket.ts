// What waits in the queue: a run or a block, and what the queue goes by. Whoever asked says who they are, and nobody takes their word for more than a share.
import * as z from 'zod';
import { Block, RunRequest } from './job.ts';

/** A person who waits goes before a night that has until the morning. */
export const Urgency = z.enum(['person', 'night']);
export type Urgency = z.infer<typeof Urgency>;

export const Submitter = z.string().min(1).max(200);

/** Who asks, and how soon it is wanted. */
export type By = { submitter: string; urgency: Urgency };

export const Ticket = z.strictObject({ version: z.string(), submitter: Submitter, urgency: Urgency, work: z.union([RunRequest, Block]) });
export type Ticket = z.infer<typeof Ticket>;

export function isBlock(work: Ticket['work']): work is Block {
  return 'block' in work;
}

/** What is measured in time wants its host for itself: another queue, from which a host takes one at a time. */
export function wantsHost(work: Ticket['work']): boolean {
  return isBlock(work) || work.measure === 'time';
}
