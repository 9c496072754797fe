// The names that are shared through Redis, once.
import { Capability } from '../contract/capability.ts';
import type { LabVersion } from '../contract/worker.ts';

/** What a piece of work wants of a host: something that not every host has, or the host for itself. */
export type Wants = { needs: Capability | null; alone: boolean };

/** Few, since every one of them splits the work. */
export const ALL_WANTS: readonly Wants[] = [null, ...Capability.options].flatMap((needs) => [{ needs, alone: false }, { needs, alone: true }]);

export function queueFor(version: LabVersion, { needs, alone }: Wants): string {
  return `vlab-${version}-${alone ? 'alone' : 'runs'}${needs === null ? '' : `-${needs}`}`;
}

export const CANCEL_CHANNEL = 'vlab:cancel';
/** Says the name of a worker that should look at its order. */
export const ORDER_CHANNEL = 'vlab:order';
/** What is told of a run or a block while it is under way. */
export const toldChannel = (id: string): string => `vlab:told:${id}`;
/** How long a mark stays, in seconds. */
export const MARKED_S = 86_400;
export const cancelKey = (run: string): string => `vlab:cancel:${run}`;
export const workerKey = (worker: string): string => `vlab:worker:${worker}`;
/** While a host makes a product for all of them. */
export const makingKey = (product: string): string => `vlab:making:${product}`;
/** What a worker was told; not there for one that was told nothing. */
export const orderKey = (worker: string): string => `vlab:order:${worker}`;
/** A set: the workers that were there lately. */
export const WORKERS = 'vlab:workers';
/** A set: every version that something was submitted in. */
export const VERSIONS = 'vlab:versions';
/** A hash: the last place that each submitter has taken in a queue. */
export const placesKey = (queue: string, urgency: string): string => `vlab:places:${queue}:${urgency}`;
