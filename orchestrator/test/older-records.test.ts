// A record that an older version of the lab made is brought up to date when it is opened: its tables are those of a new one, and so is what is in them.
import { join } from 'node:path';
import { Kysely, Migrator, PostgresDialect } from 'kysely';
import { Pool, type ClientConfig } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDatabase } from '../src/record/database.ts';
import { KeepUp } from '../src/record/keep-up.ts';
import { MIGRATIONS } from '../src/record/migrations.ts';
import type { Tables } from '../src/record/tables.ts';
import { askDatabase, RecordLab, rowsIn, until } from './record-lab.ts';

const STEPS = Object.keys(MIGRATIONS).sort();
/** What nobody counted runs by before. */
const COUNTED_SINCE: Readonly<Record<string, readonly string[]>> = { '0005-more-facets': ['version', 'accelerator', 'renderer', 'pipeline', 'clip', 'defect'], '0006-every-facet': ['stage', 'expect', 'kernel', 'fault'] };

const SCHEMA = [
  'select table_name, column_name, ordinal_position, data_type, column_default, is_nullable, is_identity, generation_expression from information_schema.columns where table_schema = \'public\' order by 1, 3',
  'select indexdef from pg_indexes where schemaname = \'public\' order by 1', 'select conrelid::regclass::text, conname, pg_get_constraintdef(oid) from pg_constraint where connamespace = \'public\'::regnamespace order by 1, 2',
  'select relname, reloptions from pg_class where relnamespace = \'public\'::regnamespace and reloptions is not null order by 1', 'select name from kysely_migration order by 1',
];

let open: RecordLab;
/** As the server has it, which made a new record and followed the folders. */
let followed: Awaited<ReturnType<typeof rowsIn>>;

const schemaOf = (database: string): Promise<unknown> => Promise.all(SCHEMA.map((query) => askDatabase(open.lab, database, query)));

/** The tables as they were after `step`, with what the folders hold, as it was told then. */
async function makeOlder(options: ClientConfig, step: string): Promise<void> {
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: new Pool(options) }) });
  const { error } = await new Migrator({ db, provider: { getMigrations: () => Promise.resolve({ ...MIGRATIONS }) } }).migrateTo(step);
  expect(error).toBeUndefined();
  await new KeepUp(db, open.lab.home).look();
  const later = STEPS.filter((one) => one > step).flatMap((one) => COUNTED_SINCE[one] ?? []);
  if (later.length > 0) await db.deleteFrom('facets').where('dimension', 'in', later).execute();
  // What a rebuild left until it no longer did: a sample of a run that is not there.
  if (step < '0004') await db.insertInto('samples').values({ series: 1, at: '2020-01-01T00:00:00.000Z', run: 1_000_000, value: 1 }).execute();
  // And one whose last run is gone.
  if (step < '0008') await db.insertInto('sample_series').values({ key: 'nobody', metric: 'ready', subject: 'boot', unit: 'ms', better: 'lower', base: '5.10', series: '', flavour: 'perf', device: 'virgl', stack: 'trixie', image: 'trixie', clip: '', host: 'gone' }).execute();
  await db.destroy();
}

beforeAll(async () => {
  open = await RecordLab.open();
  followed = await until('all is in the record', async () => {
    const rows = await rowsIn(open.lab, 'postgres');
    return rows.evaluations.length === 1 && rows.jobs.length === 1 && rows.levels.length > 0 && rows.grown.length === 0 ? rows : undefined;
  });
});

afterAll(async () => { expect(await open.close()).toEqual({ exitCode: 0, left: [] }); });

test.each(STEPS.slice(0, -1))('a record as it was at %s', async (step) => {
  const database = `older_${step.slice(0, 4)}`;
  await askDatabase(open.lab, 'postgres', `create database ${database}`);
  const options = { host: join(open.lab.home, 'postgres'), user: 'vlab', database };
  await makeOlder(options, step);
  const db = await openDatabase(options);
  expect(await schemaOf(database)).toEqual(await schemaOf('postgres'));
  const { levels: _levels, grown: _grown, ...kept } = await rowsIn(open.lab, database);
  // What the folders hold already has to be read anew for the first step; later ones keep what is there.
  if (step === '0001-record') expect(Object.values(kept).flat()).toEqual([]);
  else expect({ ...followed, ...kept }).toEqual(followed);
  await new KeepUp(db, open.lab.home).look();
  expect(await rowsIn(open.lab, database)).toEqual(followed);
  await db.destroy();
});
