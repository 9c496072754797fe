// The record's PostgreSQL: yours with DATABASE_URL, else the lab's own in a container on a unix socket. Same SQL after that.
import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, type ClientConfig } from 'pg';
import { keyOf } from '../lib/files.ts';
import { LabError, messageOf } from '../lib/lab-error.ts';
import type { Lab } from '../lib/lab.ts';
import { useService, type InUse } from '../lib/own-service.ts';

export type PostgresPlace = InUse & { options: ClientConfig; own: boolean };

/** `imageTag` is an image that has PostgreSQL; asked for only when the lab's own must be started. */
export async function postgresPlace(lab: Lab, imageTag: () => Promise<string>): Promise<PostgresPlace> {
  const url = lab.config.databaseUrl;
  if (url !== undefined) {
    const options: ClientConfig = { connectionString: url };
    const problem = await problemWith(options);
    if (problem !== undefined) throw new LabError('NO_DATABASE', `no PostgreSQL answers at DATABASE_URL=${withoutSecret(url)}: ${problem}`, { blame: 'lab', stage: 'store', hint: 'start it, or unset DATABASE_URL to use the lab\'s own' });
    return { options, own: false, ensure: () => Promise.resolve(), leave: () => Promise.resolve() };
  }
  const folder = join(lab.config.home, 'postgres');
  const options: ClientConfig = { host: folder, user: 'vlab', database: 'postgres' };
  const inUse = await useService(lab.config.home, {
    name: 'postgres', title: 'the lab\'s PostgreSQL', startMs: 60_000, hint: `docker logs; ls ${folder}`,
    answers: async () => (await problemWith(options)) === undefined,
    start: async () => { await startOwn(lab, folder, await imageTag()); }, end: () => endOwn(lab),
  });
  return { options, own: true, ...inUse };
}

/** A URL as it may be shown. */
function withoutSecret(url: string): string {
  return url.replace(/\/\/[^@/]*@/, '//...@').replace(/(password=)[^&]*/g, '$1...');
}

async function problemWith(options: ClientConfig): Promise<string | undefined> {
  const client = new Client({ ...options, connectionTimeoutMillis: 2000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('select 1');
    return undefined;
  } catch (error) {
    return messageOf(error);
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
