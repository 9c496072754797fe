// The names that are shared through Redis, once.
import { Capability } from '../contract/capability.ts';

/** One queue for what every worker can do, and one for each thing that not every host has. */
export const queueFor = (needs: Capability | null): string => (needs === null ? 'vlab-runs' : `vlab-runs-${needs}`);
export const ALL_NEEDS: readonly (Capability | null)[] = [null, ...Capability.options];
export const CANCEL_CHANNEL = 'vlab:cancel';
export const DRAIN_CHANNEL = 'vlab:drain';
export const cancelKey = (run: string): string => `vlab:cancel:${run}`;
export const workerKey = (worker: string): string => `vlab:worker:${worker}`;
/** While a host makes a product for all of them. */
export const makingKey = (product: string): string => `vlab:making:${product}`;
export const WORKER_KEYS = 'vlab:worker:*';
