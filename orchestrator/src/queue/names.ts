// The names that are shared through Redis, once.
export const RUN_QUEUE = 'vlab-runs';
export const CANCEL_CHANNEL = 'vlab:cancel';
export const cancelKey = (run: string): string => `vlab:cancel:${run}`;
export const workerKey = (worker: string): string => `vlab:worker:${worker}`;
export const WORKER_KEYS = 'vlab:worker:*';
