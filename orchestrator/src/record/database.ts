// The open record: a pool of connections with every migration done.
import { Socket } from 'node:net';
import { Kysely, Migrator, PostgresDialect, sql } from 'kysely';
import { DatabaseError, Pool, types, type ClientConfig } from 'pg';
import { codeOf, LabError, messageOf } from '../lib/lab-error.ts';
import { MIGRATIONS } from './migrations.ts';
import type { Tables } from './tables.ts';
import { watchDatabase } from './watch.ts';

export type Database = Kysely<Tables>;

/** Connections of one process. The pages are many small queries, and PostgreSQL has two cores like everybody. */
const CONNECTIONS = 8;
/** A page that takes longer than this is not worth waiting for; a reindex takes many small steps. */
const STATEMENT_MS = 30_000;
const CONNECT_MS = 5000;
/** A connection that was just made knows no table yet: a page that nobody had looked at for a while took three times as long. */
const IDLE_MS = 3_600_000;
/** Of a database on another host: what is between them forgets a connection that says nothing, and tells neither. */
const KEEP_ALIVE_MS = 60_000;

/** Counts fit a JavaScript number. */
types.setTypeParser(types.builtins.INT8, Number);

/** Brings the tables up to date first. `onLost` is told when a connection breaks that nobody was using, and when the database falls silent: whoever waits for it then is told too. */
export async function openDatabase(options: ClientConfig, onLost: (why: string) => void = () => undefined): Promise<Database> {
  await migrate(options);
  const sockets = new Set<Socket>();
  const stream = (): Socket => {
    const socket = new Socket();
    sockets.add(socket);
    return socket.on('close', () => { sockets.delete(socket); });
  };
  const pool = new Pool({ ...options, stream, max: CONNECTIONS, statement_timeout: STATEMENT_MS, connectionTimeoutMillis: CONNECT_MS, idleTimeoutMillis: IDLE_MS, keepAlive: true, keepAliveInitialDelayMillis: KEEP_ALIVE_MS, application_name: 'vlab' });
  // Without a listener the loss of an idle connection would end the process.
  pool.on('error', (error) => { onLost(messageOf(error)); });
  // And so would that of one in use, between two statements of a transaction: whoever uses it is told by the next one.
  pool.on('connect', (client) => { client.on('error', () => undefined); });
  const cut = (why?: Error): void => { for (const socket of sockets) socket.destroy(why); };
  const stopWatching = watchDatabase({ ...options, stream }, (why) => {
    onLost(why.message);
    cut(why);
  });
  // Watched to its end: of a database that falls silent a connection could not take its leave.
  const end = async (): Promise<void> => {
    await pool.end();
    stopWatching();
    cut();
  };
  return new Kysely<Tables>({ dialect: new PostgresDialect({ pool: { connect: () => pool.connect(), end } }) });
}

/** On a connection of its own: a step may take as long as it needs, and so may whoever waits for another process that makes it. */
async function migrate(options: ClientConfig): Promise<void> {
  const pool = new Pool({ ...options, max: 1, connectionTimeoutMillis: CONNECT_MS, application_name: 'vlab migrations' });
  // Whoever uses it is told.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => { client.on('error', () => undefined); });
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  const migrator = new Migrator({ db, provider: { getMigrations: () => Promise.resolve({ ...MIGRATIONS }) } });
  // A database that cannot be reached has nothing to do with its tables.
  const { error } = await sql`select 1`.execute(db).then(() => migrator.migrateToLatest()).finally(() => db.destroy());
  if (/^E[A-Z]+$/.test(codeOf(error) ?? '')) throw error;
  if (error !== undefined) throw new LabError('MIGRATION', `the record's tables could not be brought up to date: ${messageOf(error)}`, { blame: 'lab', stage: 'store', hint: 'where the record is the lab\'s own: remove its folder (postgres, in the lab\'s), and vlab reindex makes it anew', cause: error });
}

/** Of SQLSTATE: what is in a value, and what of it is too much. All else is of the connection, the server or another who writes, and passes. */
const OF_DATA = /^(22|54)/;

/** What PostgreSQL has against the values that it was given; undefined where it is anything else that went wrong. */
export function refusalOfData(error: unknown): string | undefined {
  return error instanceof DatabaseError && OF_DATA.test(error.code ?? '') ? `${error.message} (SQLSTATE ${error.code ?? ''})` : undefined;
}

/** Another process was in the way: serialization failure, deadlock, what was referred to went meanwhile. The next look does it. */
const IN_THE_WAY: ReadonlySet<string> = new Set(['40001', '40P01', '23503']);

export function wasInTheWay(error: unknown): boolean {
  return error instanceof DatabaseError && IN_THE_WAY.has(error.code ?? '');
}

/** Empties every table, for a rebuild. */
export async function emptyRecord(db: Database): Promise<void> {
  // No other table refers to samples, so that nothing takes them along.
  const tables = ['jobs', 'runs', 'evaluations', 'sample_series', 'samples', 'facets', 'unreadable'] as const satisfies readonly (keyof Tables)[];
  await sql`truncate ${sql.join(tables.map((name) => sql.table(name)))} restart identity cascade`.execute(db);
}
