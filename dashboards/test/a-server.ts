// A server of the pages in the process of a test, on a folder of its own: what needs neither a queue nor a guest, nor a PostgreSQL, is asked of it.
import { mkdir } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { DummyDriver, Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler } from 'kysely';
import { onTestFinished } from 'vitest';
import { configFrom } from '../../orchestrator/src/lib/config.ts';
import { Keeper } from '../../orchestrator/src/record/keeper.ts';
import type { Database } from '../../orchestrator/src/record/database.ts';
import { addToken, type Scope } from '../../orchestrator/src/store/tokens.ts';
import { CHECKOUT, emptyFolder } from '../../orchestrator/test/parts.ts';
import type { LiveEvent } from '../api/shapes.ts';
import { makeServer, type QueueSource } from '../server/server.ts';

/** One that was never opened: whoever asks it for its database is told NO_DATABASE. */
class Record extends Keeper {
  readonly #database: Database | undefined;

  constructor(home: string, database: Database | undefined) {
    super({ config: configFrom({ VLAB_HOME: home }), engine: undefined as never }, () => Promise.reject(new Error('nobody starts a database here')));
    this.#database = database;
  }

  override get db(): Database { return this.#database ?? super.db; }
}

/** Every question to it is answered with no rows. */
export const NOTHING_IN_IT: Database = new Kysely({
  dialect: { createAdapter: () => new PostgresAdapter(), createDriver: () => new DummyDriver(), createIntrospector: (db) => new PostgresIntrospector(db), createQueryCompiler: () => new PostgresQueryCompiler() },
});

const NO_QUEUE: QueueSource = {
  submit: () => Promise.reject(new Error('nobody submits here')), cancel: () => Promise.resolve([]), order: () => Promise.resolve('unknown'),
  look: () => Promise.resolve({ up: false, version: '0.1.0-p0', counts: {}, workers: [] }),
};

export type Own = { server: FastifyInstance; keeper: Keeper; home: string; token: (scope: Scope) => Promise<string> };

/** Ends with the test. */
export async function aServer({ database = NOTHING_IN_IT, queue = {} }: { database?: Database | 'away'; queue?: Partial<QueueSource> } = {}): Promise<Own> {
  const home = await emptyFolder();
  await mkdir(join(home, 'runs'));
  const keeper = new Record(home, database === 'away' ? undefined : database);
  const { server, live } = await makeServer({
    home, checkout: CHECKOUT, keeper, queue: { ...NO_QUEUE, ...queue }, version: '0.1.0', pages: home, hosts: [],
    board: (_instance, _options, done) => { done(); }, store: () => null,
  });
  onTestFinished(async () => {
    live.close();
    await server.close();
  });
  await server.ready();
  return { server, keeper, home, token: (scope) => addToken(home, scope, scope) };
}

/** Listens as an open page does, to the end of the test. Returns how often it was told to look at `what` again, until now. */
export async function listening(server: FastifyInstance): Promise<(what: LiveEvent['what']) => number> {
  const leaving = new AbortController();
  onTestFinished(() => { leaving.abort(); });
  if (!server.server.listening) await server.listen({ port: 0, host: '127.0.0.1' });
  const stream = await fetch(`http://127.0.0.1:${String((server.server.address() as AddressInfo).port)}/api/live`, { signal: leaving.signal });
  let heard = '';
  void (async (): Promise<void> => { for await (const chunk of stream.body ?? []) heard += new TextDecoder().decode(chunk as Uint8Array); })().catch(() => undefined);
  return (what) => heard.split(`"what":"${what}"`).length - 1;
}
