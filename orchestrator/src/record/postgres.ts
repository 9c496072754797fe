// The record's PostgreSQL: yours with DATABASE_URL, else the lab's own in a container on a unix socket. Same SQL after that.
import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, type ClientConfig } from 'pg';
import { keyOf, namesIn } from '../lib/files.ts';
import { LabError, messageOf } from '../lib/lab-error.ts';
import type { Lab } from '../lib/lab.ts';
import { hintOf, isOnThisMachine } from '../lib/outside.ts';
import { useService, type InUse } from '../lib/own-service.ts';

/** One that takes longer to say that it is there is not. */
const ANSWER_MS = 2000;

export type PostgresPlace = InUse & { options: ClientConfig; own: boolean };

/** `imageTag` is an image that has PostgreSQL; asked for only when the lab's own must be started. */
export async function postgresPlace(lab: Lab, imageTag: () => Promise<string>): Promise<PostgresPlace> {
  const url = lab.config.databaseUrl;
  if (url !== undefined) {
    const options: ClientConfig = { connectionString: url };
    await checkOutside(options);
    return { options, own: false, ensure: () => Promise.resolve(), leave: () => Promise.resolve() };
  }
  const folder = join(lab.config.home, 'postgres');
  const options: ClientConfig = { host: folder, user: 'vlab', database: 'postgres' };
  const inUse = await useService(lab.config.home, {
    name: 'postgres', title: 'the lab\'s PostgreSQL', startMs: 60_000, hint: `docker logs; ls ${folder}`,
    answers: async () => (await refusalOf(options)) === undefined,
    start: async () => { await startOwn(lab, folder, await imageTag()); }, end: () => endOwn(lab),
  });
  return { options, own: true, ...inUse };
}

/** Whether there is one to ask: the lab's own is made when it is first served. */
export async function hasRecord({ config }: Lab): Promise<boolean> {
  return config.databaseUrl !== undefined || (await namesIn(join(config.home, 'postgres'))).length > 0;
}

/** Whoever can write to the record says what the pages show: beyond this machine, a PostgreSQL must ask who comes. */
async function checkOutside(options: ClientConfig): Promise<void> {
  const { host, port, database, user, ssl } = clientOf(options);
  const shown = `${host}:${String(port)}, database ${database ?? ''}`;
  const refused = await refusalOf(options);
  if (refused !== undefined) {
    throw new LabError('NO_DATABASE', `no PostgreSQL answers at DATABASE_URL (${shown}): ${messageOf(refused)}`, { blame: 'lab', stage: 'store', hint: hintOf(refused) ?? 'start it, or unset DATABASE_URL to use the lab\'s own' });
  }
  if (isOnThisMachine(host)) return;
  if ((await refusalOf({ host, port, database, user, ssl: withoutKey(ssl), password: () => '' })) !== undefined) return;
  throw new LabError('OPEN_DATABASE', `Expected the PostgreSQL at DATABASE_URL (${shown}) to want a password, since it is not on this machine, and it lets anybody in`, { blame: 'lab', stage: 'store', hint: 'scram-sha-256 in its pg_hba.conf; see docs/security.md' });
}

/** A key of one's own is a credential too. */
function withoutKey(ssl: ClientConfig['ssl']): ClientConfig['ssl'] {
  return typeof ssl === 'object' ? { ...ssl, key: undefined, cert: undefined } : ssl;
}

/** What pg makes of a URL. Its own complaint about one that it cannot read would show all of it. */
function clientOf(options: ClientConfig): Client {
  try {
    return new Client(options);
  } catch {
    throw new LabError('DATABASE_URL', 'Expected DATABASE_URL to be a URL of PostgreSQL, got something else', { blame: 'request', stage: 'store', hint: 'DATABASE_URL=postgres://USER:PASSWORD@HOST:5432/DATABASE?sslmode=verify-full vlab ...' });
  }
}

/** Why it does not answer, in its own words or the connection's. */
async function refusalOf(options: ClientConfig): Promise<Error | undefined> {
  const client = new Client({ ...options, connectionTimeoutMillis: ANSWER_MS, query_timeout: ANSWER_MS });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('select 1');
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  } finally {
    await client.end().catch(() => undefined);
  }
}

function containerName(lab: Lab): string {
  return `vlab-postgres-${keyOf({ home: lab.config.home })}`;
}

async function startOwn(lab: Lab, folder: string, image: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await chmod(folder, 0o777);
  // One that does not answer is in the way.
  await lab.engine.removeById(containerName(lab));
  try {
    await lab.engine.start({
      image, purpose: 'postgres', name: containerName(lab), unleashed: true, network: 'none', readOnly: true, memoryMiB: 1536, pids: 128,
      argv: ['start-postgres'], binds: [{ from: folder, to: '/data', write: true }],
    });
  } catch (cause) {
    throw new LabError('NO_DATABASE', `the lab's PostgreSQL could not be started: ${messageOf(cause)}`, { blame: 'lab', stage: 'store', cause });
  }
}

async function endOwn(lab: Lab): Promise<void> {
  await lab.engine.stopByName(containerName(lab), 20);
}
