// Everything that can be set, with its default; read once, in main.ts.
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { LabError } from './lab-error.ts';

export const Config = z.strictObject({
  /** The lab's data: images, kernels, clips, runs, Redis. */
  home: z.string(),
  /** The checkout: jobs/, kernel-patches/, guest-images/. */
  checkout: z.string(),
  /** An outside Redis; without it the lab runs its own. */
  redisUrl: z.string().optional(),
  /** An outside PostgreSQL; without it the lab runs its own. */
  databaseUrl: z.string().optional(),
  /** Where evidence and products are shared with other hosts; without it they stay in the lab's folder. */
  storeUrl: z.string().optional(),
  /** How many guests this process may run at once. */
  slots: z.coerce.number().int().min(1).max(64).default(1),
  /** How long a worker's hold on a run lasts without renewal; it is renewed at half of it. */
  lockMs: z.coerce.number().int().min(1000).default(30_000),
  /** Multiplies every limit that depends on the host's speed. */
  slowness: z.coerce.number().min(0.1).max(100).default(1),
  /** What is sent to others is signed with it. */
  webhookSecret: z.string().optional(),
  /** Forces an accelerator instead of probing for one. */
  accelerator: z.enum(['kvm', 'tcg']).optional(),
});
export type Config = z.infer<typeof Config>;

/** The variable behind each setting. */
const VARIABLES = {
  home: 'VLAB_HOME', checkout: 'VLAB_CHECKOUT', redisUrl: 'REDIS_URL', databaseUrl: 'DATABASE_URL', storeUrl: 'VLAB_STORE', slots: 'VLAB_SLOTS', lockMs: 'VLAB_LOCK_MS', slowness: 'VLAB_SLOWNESS',
  accelerator: 'VLAB_ACCELERATOR', webhookSecret: 'VLAB_WEBHOOK_SECRET',
} as const satisfies Record<keyof Config, string>;

/** A variable that is set to nothing counts as not set. */
export function configFrom(env: NodeJS.ProcessEnv): Config {
  const given = (name: string): string | undefined => (env[name] === '' ? undefined : env[name]);
  const cache = given('XDG_CACHE_HOME') ?? join(homedir(), '.cache');
  const parsed = Config.safeParse({
    home: resolve(given(VARIABLES.home) ?? join(cache, 'vlab')),
    checkout: resolve(given(VARIABLES.checkout) ?? fileURLToPath(new URL('../../..', import.meta.url))),
    redisUrl: given(VARIABLES.redisUrl),
    databaseUrl: given(VARIABLES.databaseUrl),
    storeUrl: given(VARIABLES.storeUrl),
    slots: given(VARIABLES.slots),
    lockMs: given(VARIABLES.lockMs),
    slowness: given(VARIABLES.slowness),
    accelerator: given(VARIABLES.accelerator),
    webhookSecret: given(VARIABLES.webhookSecret),
  });
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const name = VARIABLES[issue?.path[0] as keyof Config];
  throw new LabError('BAD_SETTING', `${name}=${given(name) ?? ''}: ${issue?.message ?? 'not a value'}`, { blame: 'request', stage: 'request' });
}
