// One night over the API: it lies in the lab's folder, whatever becomes of the database.
import { rm } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { beginNight, writeNight } from '../../orchestrator/src/store/nights.ts';
import { layout } from '../../orchestrator/src/store/layout.ts';
import { nightRecord } from '../../orchestrator/test/night-parts.ts';
import { aServer } from '../test/a-server.ts';

async function sealNight(home: string): Promise<ReturnType<typeof nightRecord>> {
  const record = nightRecord({});
  await beginNight(home, record.id, { startedAt: record.startedAt, endsBy: record.endedAt });
  await writeNight(home, record, {});
  return record;
}

test.each([['away', 'the record\'s database does not answer: it is being started'], [undefined, 'the job of its matrix is in the record no longer']] as const)('is told without its matrix, and why (database: %s)', async (database, why) => {
  const { server, home } = await aServer(database === undefined ? {} : { database });
  const { id } = await sealNight(home);
  const answer = await server.inject(`/api/nights/${id}`);
  expect([answer.statusCode, answer.json()]).toEqual([200, expect.objectContaining({ night: expect.objectContaining({ id }) as unknown, matrix: null, noMatrix: why })]);
});

test('is gone with its folder', async () => {
  const { server, home } = await aServer();
  const { id } = await sealNight(home);
  expect((await server.inject(`/api/nights/${id}`)).statusCode).toBe(200);
  await rm(layout.night(home, id), { recursive: true });
  expect((await server.inject(`/api/nights/${id}`)).statusCode).toBe(404);
  expect((await server.inject(`/api/night.json?night=${id}`)).statusCode).toBe(404);
});
