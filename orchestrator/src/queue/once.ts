// One host of a fleet makes a product while the others wait: a key in Redis that its holder renews, and that runs out when the holder dies.
import { randomUUID } from 'node:crypto';
import type { RedisOptions } from 'bullmq';
import { Redis } from 'ioredis';
import { atMost, pause } from '../lib/within.ts';
import { makingKey } from './names.ts';

const LEASE_MS = 30_000;
const LOOK_MS = 1000;
/** Only the holder's own key: after a pause that was too long it may be another's. */
const RENEW = 'if redis.call("get", KEYS[1]) == ARGV[1] then return redis.call("pexpire", KEYS[1], ARGV[2]) end return 0';
const RELEASE = 'if redis.call("get", KEYS[1]) == ARGV[1] then return redis.call("del", KEYS[1]) end return 0';

/** Two may hold it after all where one of them loses Redis for longer than the lease: then both make the same bytes' worth, and the first that offers it is taken. */
export function fleetLock(options: RedisOptions): (name: string, signal: AbortSignal) => Promise<AsyncDisposable> {
  return async (name, signal) => {
    const redis = new Redis(options);
    redis.on('error', () => undefined);
    const [key, token] = [makingKey(name), randomUUID()];
    try {
      while (await orAborted(redis.set(key, token, 'PX', LEASE_MS, 'NX'), signal) === null) {
        await pause(LOOK_MS, signal);
        signal.throwIfAborted();
      }
    } catch (error) {
      redis.disconnect();
      throw error;
    }
    const timer = setInterval(() => { void redis.eval(RENEW, 1, key, token, LEASE_MS).catch(() => undefined); }, LEASE_MS / 3);
    return {
      [Symbol.asyncDispose]: async () => {
        clearInterval(timer);
        // A Redis that is away keeps nobody: the lease runs out by itself.
        await atMost(LOOK_MS, redis.eval(RELEASE, 1, key, token).catch(() => undefined));
        redis.disconnect();
      },
    };
  };
}

/** Redis may be away for as long as it likes; whoever is told to stop does not wait for it. */
function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return Promise.race([work, new Promise<never>((_, reject) => {
    const stop = (): void => { reject(signal.reason as Error); };
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
  })]);
}
