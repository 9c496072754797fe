// The queue's Redis: yours with REDIS_URL, else the lab's own in a container on a unix socket. Same code after that.
import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { RedisOptions } from 'bullmq';
import { Redis } from 'ioredis';
import { LABELS, statusOf } from '../lib/container.ts';
import { keyOf } from '../lib/files.ts';
import { LabError, messageOf } from '../lib/lab-error.ts';
import type { Lab } from '../lib/lab.ts';
import { takeLock } from '../lib/lock.ts';
import { pause, within } from '../lib/within.ts';

export type RedisPlace = {
  options: RedisOptions;
  own: boolean;
  /** Starts the lab's own Redis again where it is gone; does nothing to yours. */
  ensure: () => Promise<void>;
  /** Ends the lab's own Redis if nobody else talks to it. */
  leave: () => Promise<void>;
};

/** `stackTag` is an image that has redis-server; asked for only when the lab's own Redis must be started. */
export async function redisPlace(lab: Lab, stackTag: () => Promise<string>): Promise<RedisPlace> {
  const url = lab.config.redisUrl;
  if (url !== undefined) {
    const options: RedisOptions = { ...fromUrl(url), ...RETRY };
    await checkAnswers(options, url);
    return { options, own: false, ensure: () => Promise.resolve(), leave: () => Promise.resolve() };
  }
  const folder = join(lab.config.home, 'redis');
  const options: RedisOptions = { path: join(folder, 'redis.sock'), ...RETRY };
  const lock = join(lab.config.home, 'locks', 'redis');
  const ensure = async (): Promise<void> => {
    await using _lock = await takeLock(lock);
    if (await answers(options)) return;
    await startOwn(lab, folder, await stackTag());
    await within({ what: 'the lab\'s Redis', ms: 20_000, blame: 'lab', hint: `docker logs; ls ${folder}` }, async (limit) => {
      while (!limit.aborted && !(await answers(options))) await pause(50, limit);
    });
  };
  await ensure();
  return {
    options, own: true, ensure,
    leave: async () => {
      await using _lock = await takeLock(lock);
      await endOwnIfIdle(options);
    },
  };
}

const RETRY = { maxRetriesPerRequest: null, retryStrategy: (times: number) => Math.min(50 * times, 1000) } as const;

function fromUrl(url: string): RedisOptions {
  const parsed = new URL(url);
  if (!['redis:', 'rediss:', 'unix:'].includes(parsed.protocol)) {
    throw new LabError('REDIS_URL', `Expected REDIS_URL to begin with redis:, rediss: or unix:, got "${parsed.protocol}"`, { blame: 'request', stage: 'queue' });
  }
  if (parsed.protocol === 'unix:') return { path: parsed.pathname };
  return {
    host: parsed.hostname, port: Number(parsed.port || 6379), db: Number(parsed.pathname.slice(1) || 0),
    ...(parsed.username === '' ? {} : { username: decodeURIComponent(parsed.username) }),
    ...(parsed.password === '' ? {} : { password: decodeURIComponent(parsed.password) }),
    ...(parsed.protocol === 'rediss:' ? { tls: {} } : {}),
  };
}

async function answers(options: RedisOptions): Promise<boolean> {
  const redis = new Redis({ ...options, lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0, connectTimeout: 2000 });
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    await redis.ping();
    return true;
  } catch {
    return false;
  } finally {
    redis.disconnect();
  }
}

async function checkAnswers(options: RedisOptions, url: string): Promise<void> {
  if (await answers(options)) return;
  const shown = url.replace(/\/\/[^@/]*@/, '//...@');
  throw new LabError('NO_REDIS', `no Redis answers at REDIS_URL=${shown}`, { blame: 'lab', stage: 'queue', hint: 'start it, or unset REDIS_URL to use the lab\'s own' });
}

function containerName(lab: Lab): string {
  return `vlab-redis-${keyOf({ home: lab.config.home })}`;
}

async function startOwn(lab: Lab, folder: string, image: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await chmod(folder, 0o777);
  // One that does not answer is in the way.
  await lab.engine.removeById(containerName(lab));
  try {
    await lab.engine.start({
      image, purpose: 'redis', name: containerName(lab), unleashed: true, network: 'none', readOnly: true, memoryMiB: 512, pids: 64,
      argv: ['start-redis'], binds: [{ from: folder, to: '/data', write: true }],
    });
  } catch (cause) {
    throw new LabError('NO_REDIS', `the lab's Redis could not be started (${LABELS.purpose}=redis, status ${String(statusOf(cause))}): ${messageOf(cause)}`, { blame: 'lab', stage: 'queue', cause });
  }
}

/** Under the lock, so that nobody can be about to connect. */
async function endOwnIfIdle(options: RedisOptions): Promise<void> {
  const redis = new Redis({ ...options, lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0 });
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    const clients = String(await redis.client('LIST')).trim().split('\n');
    if (clients.length > 1) return;
    await redis.shutdown().catch(() => undefined);
  } catch {
    // Gone already: what was wanted.
  } finally {
    redis.disconnect();
  }
}
