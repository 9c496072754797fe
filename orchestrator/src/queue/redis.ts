// The queue's Redis: yours with REDIS_URL, else the lab's own in a container on a unix socket. Same code after that.
import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { RedisOptions } from 'bullmq';
import { Redis } from 'ioredis';
import { LABELS, statusOf } from '../lib/container.ts';
import { keyOf } from '../lib/files.ts';
import { LabError, messageOf } from '../lib/lab-error.ts';
import type { Lab } from '../lib/lab.ts';
import { hintOf, isOnThisMachine, shownUrl } from '../lib/outside.ts';
import { useService, type InUse } from '../lib/own-service.ts';

export type RedisPlace = InUse & { options: RedisOptions; own: boolean };

/** `stackTag` is an image that has redis-server; asked for only when the lab's own Redis must be started. */
export async function redisPlace(lab: Lab, stackTag: () => Promise<string>): Promise<RedisPlace> {
  const url = lab.config.redisUrl;
  if (url !== undefined) {
    const options: Outside & RedisOptions = { ...fromUrl(url), ...RETRY };
    await checkOutside(options, shownUrl(url));
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

type Outside = { path?: string; host?: string; port?: number; db?: number; username?: string; password?: string; tls?: object };

/** What an outside Redis is reached by. The password is in the environment alone, never on a command line, which everybody on the host can read. */
export function fromUrl(url: string): Outside {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !['redis:', 'rediss:', 'unix:'].includes(parsed.protocol)) {
    const got = parsed === undefined ? 'something that is no URL' : `"${parsed.protocol}"`;
    throw badUrl(`to begin with redis:, rediss: or unix:, got ${got}`);
  }
  if (parsed.search !== '') throw badUrl('to have no parameters, got some');
  if (parsed.protocol === 'unix:') return { path: parsed.pathname };
  const db = Number(parsed.pathname.slice(1) || 0);
  if (!Number.isInteger(db)) throw badUrl('to end in the number of a database, got something else');
  return {
    host: parsed.hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(parsed.port || 6379), db,
    ...(parsed.username === '' ? {} : { username: decoded(parsed.username) }),
    ...(parsed.password === '' ? {} : { password: decoded(parsed.password) }),
    ...(parsed.protocol === 'rediss:' ? { tls: {} } : {}),
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw badUrl('to have its user and password percent-encoded, got a % that begins no character');
  }
}

function badUrl(wanted: string): LabError {
  return new LabError('REDIS_URL', `Expected REDIS_URL ${wanted}`, { blame: 'request', stage: 'queue', hint: 'REDIS_URL=rediss://USER:PASSWORD@HOST:6379 vlab ...' });
}

/** Whoever can write to the queue has workers run what they like: beyond this machine, a Redis must ask who comes. */
async function checkOutside(options: Outside, shown: string): Promise<void> {
  const refused = await refusalOf(options);
  if (refused !== undefined) {
    throw new LabError('NO_REDIS', `no Redis answers at REDIS_URL=${shown}: ${messageOf(refused)}`, { blame: 'lab', stage: 'queue', hint: hintOf(refused) ?? 'start it, or unset REDIS_URL to use the lab\'s own' });
  }
  if (isOnThisMachine(options.path ?? options.host ?? '')) return;
  const { username: _user, password: _password, ...nobody } = options;
  if ((await refusalOf(nobody)) !== undefined) return;
  throw new LabError('OPEN_REDIS', `Expected the Redis at REDIS_URL=${shown} to want a password, since it is not on this machine, and it lets anybody in`, { blame: 'lab', stage: 'queue', hint: 'redis-cli CONFIG SET requirepass ...; see docs/security.md' });
}

async function answers(options: RedisOptions): Promise<boolean> {
  return (await refusalOf(options)) === undefined;
}

/** Why it does not answer, in its own words or the connection's. */
async function refusalOf(options: RedisOptions): Promise<Error | undefined> {
  const redis = new Redis({ ...options, lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0, connectTimeout: 2000 });
  // connect() itself only says that the connection is closed.
  let reason: Error | undefined;
  redis.on('error', (error: Error) => { reason ??= error; });
  try {
    await redis.connect();
    await redis.ping();
    return reason;
  } catch (error) {
    return reason ?? (error instanceof Error ? error : new Error(String(error)));
  } finally {
    hangUp(redis);
  }
}

/** A connection that has ended already would keep the process for two seconds, in wait for its end. */
function hangUp(redis: Redis): void {
  if (redis.status !== 'end') redis.disconnect();
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
    hangUp(redis);
  }
}
