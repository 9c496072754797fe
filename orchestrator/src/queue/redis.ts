// The queue's Redis: yours with REDIS_URL, else the lab's own in a container on a unix socket. Same code after that.
import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { RedisOptions } from 'bullmq';
import { Redis } from 'ioredis';
import { LABELS, statusOf } from '../lib/container.ts';
import { keyOf } from '../lib/files.ts';
import { LabError, messageOf } from '../lib/lab-error.ts';
import type { Lab } from '../lib/lab.ts';
import { useService, type InUse } from '../lib/own-service.ts';

export type RedisPlace = InUse & { options: RedisOptions; own: boolean };

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
  const inUse = await useService(lab.config.home, {
    name: 'redis', title: 'the lab\'s Redis', startMs: 20_000, hint: `docker logs; ls ${folder}`,
    answers: () => answers(options), start: async () => { await startOwn(lab, folder, await stackTag()); }, end: () => endOwn(options),
  });
  return { options, own: true, ...inUse };
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

async function startOwn(lab: Lab, folder: string, image: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await chmod(folder, 0o777);
  const name = `vlab-redis-${keyOf({ home: lab.config.home })}`;
  // One that does not answer is in the way.
  await lab.engine.removeById(name);
  try {
    await lab.engine.start({
      image, purpose: 'redis', name, unleashed: true, network: 'none', readOnly: true, memoryMiB: 512, pids: 64,
      argv: ['start-redis'], binds: [{ from: folder, to: '/data', write: true }],
    });
  } catch (cause) {
    throw new LabError('NO_REDIS', `the lab's Redis could not be started (${LABELS.purpose}=redis, status ${String(statusOf(cause))}): ${messageOf(cause)}`, { blame: 'lab', stage: 'queue', cause });
  }
}

async function endOwn(options: RedisOptions): Promise<void> {
  const redis = new Redis({ ...options, lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0 });
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    await redis.shutdown().catch(() => undefined);
  } catch {
    // Gone already: what was wanted.
  } finally {
    redis.disconnect();
  }
}
