// How the record's tables came to be, step by step. A step that has been released is never changed: add another.
import { sql, type Kysely, type Migration } from 'kysely';
import { LONGEST_FACET } from './rows.ts';

export const MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0001-record': {
    up: async (db: Kysely<unknown>): Promise<void> => {
      await sql`create table jobs (id text primary key, title text not null, file text not null, submitted_at timestamptz not null, runs int not null)`.execute(db);
      await sql`create index jobs_by_file on jobs (file, submitted_at desc)`.execute(db);
      await sql`create index jobs_by_time on jobs (submitted_at desc)`.execute(db);
      await sql`create table runs (
        n int generated always as identity primary key,
        id text not null unique, job text not null, attempt int not null, title text not null,
        base text not null, version text, series text, flavour text not null, kernel text,
        image text not null, stack text not null, device text not null, measure text, accelerator text, renderer text, host text,
        outcome text not null, stage text not null, why text not null, expect text not null, as_expected boolean not null,
        frames int not null, wrong int not null, findings int not null,
        started_at timestamptz not null, sealed_at timestamptz not null, seconds double precision not null)`.execute(db);
      await sql`create index runs_by_time on runs (sealed_at desc, id desc)`.execute(db);
      // What a page filters by; each in the order in which it shows what it found.
      for (const column of ['job', 'base', 'series', 'outcome', 'device', 'stack', 'host']) await sql`create index ${sql.ref(`runs_by_${column}`)} on runs (${sql.ref(column)}, sealed_at desc, id desc)`.execute(db);
      await sql`create index runs_not_as_expected on runs (sealed_at desc, id desc) where not as_expected`.execute(db);
      await sql`create table passes (
        run int not null references runs on delete cascade, position int not null, pipeline text not null, clip text not null, fault text, status text not null, why text not null,
        frames int not null, wrong int not null, defect text, primary key (run, position))`.execute(db);
      await sql`create table sample_series (
        id int generated always as identity primary key, key text not null unique, metric text not null, subject text not null, unit text not null, better text not null,
        base text not null, series text not null, flavour text not null, device text not null, stack text not null, image text not null, clip text not null, host text not null)`.execute(db);
      // By far the most rows: they refer to runs and series without a check of each, which took as long as to write them. Who deletes a run deletes its samples.
      await sql`create table samples (series int not null, at timestamptz not null, run int not null, value double precision not null, primary key (series, at, run))`.execute(db);
      // To find what a deleted run leaves: rows come nearly in the order of time, so that a summary of each block of them is enough.
      await sql`create index samples_by_time on samples using brin (at)`.execute(db);
      await sql`create table levels (series int primary key references sample_series on delete cascade, count int not null, last timestamptz not null, state jsonb not null, points jsonb not null)`.execute(db);
      await sql`create table grown (series int primary key references sample_series on delete cascade)`.execute(db);
      await sql`create table evaluations (
        id text primary key, series text not null, title text not null, base text not null, against text, device text not null, stack text not null, verdict text, outcome text not null,
        why text not null, started_at timestamptz not null, ended_at timestamptz not null, seconds double precision not null, method int not null, hosts text[] not null, noise_pct double precision, record jsonb not null)`.execute(db);
      await sql`create index evaluations_by_time on evaluations (ended_at desc, id desc)`.execute(db);
      await sql`create index evaluations_by_series on evaluations (series, ended_at desc)`.execute(db);
      await sql`create table citations (evaluation text not null references evaluations on delete cascade, run text not null, primary key (evaluation, run))`.execute(db);
      await sql`create index citations_by_run on citations (run)`.execute(db);
      await sql`create table facets (dimension text not null, value text not null, runs int not null, primary key (dimension, value))`.execute(db);
      await sql`create table unreadable (path text primary key, why text not null, seen_at timestamptz not null)`.execute(db);
    },
  },
  '0002-properties': {
    up: async (db: Kysely<unknown>): Promise<void> => {
      await sql`create table properties (
        run int not null references runs on delete cascade, position int not null, property text not null, holds boolean, binding boolean not null, value text not null, evidence text not null, primary key (run, position))`.execute(db);
      await sql`alter table evaluations add per_patch boolean generated always as (coalesce(jsonb_array_length(record -> 'prefixes'), 0) > 0) stored`.execute(db);
      // What is in the folders already has to be read for them: the next look takes all of it in again.
      await sql`truncate jobs, runs, evaluations, sample_series, samples, facets, unreadable restart identity cascade`.execute(db);
    },
  },
  '0003-words': {
    up: async (db: Kysely<unknown>): Promise<void> => {
      // What a text is looked for in. In lower case once, not whenever somebody looks: that took ten times as long as the look itself.
      await sql`alter table runs add words text generated always as (lower(title || chr(10) || why)) stored`.execute(db);
    },
  },
  '0004-stray-samples': {
    up: async (db: Kysely<unknown>): Promise<void> => {
      // A rebuild left the samples of the record before it, under numbers that are other runs' and other series' now.
      await sql`delete from samples where not exists (select from runs where runs.n = samples.run and runs.sealed_at = samples.at)`.execute(db);
      await sql`delete from levels`.execute(db);
      await sql`insert into grown select id from sample_series on conflict do nothing`.execute(db);
    },
  },
  '0005-more-facets': {
    up: async (db: Kysely<unknown>): Promise<void> => {
      for (const name of ['version', 'accelerator', 'renderer']) {
        await sql`insert into facets (dimension, value, runs) select ${sql.lit(name)}, left(coalesce(${sql.ref(name)}, 'none'), ${sql.lit(LONGEST_FACET)}), count(*) from runs group by 2`.execute(db);
      }
      // No more than these: whatever is sealed pays for each, and the others are found soon enough without.
      await sql`create index passes_by_clip on passes (clip, run)`.execute(db);
      await sql`create index passes_by_defect on passes (defect, run) where defect is not null`.execute(db);
      for (const name of ['pipeline', 'clip', 'defect']) {
        await sql`insert into facets (dimension, value, runs) select ${sql.lit(name)}, left(${sql.ref(name)}, ${sql.lit(LONGEST_FACET)}), count(distinct run) from passes where ${sql.ref(name)} is not null group by 2`.execute(db);
      }
    },
  },
  '0006-every-facet': {
    up: async (db: Kysely<unknown>): Promise<void> => {
      for (const name of ['stage', 'expect', 'kernel']) {
        await sql`insert into facets (dimension, value, runs) select ${sql.lit(name)}, left(coalesce(${sql.ref(name)}, 'none'), ${sql.lit(LONGEST_FACET)}), count(*) from runs group by 2`.execute(db);
      }
      await sql`insert into facets (dimension, value, runs) select 'fault', left(fault, ${sql.lit(LONGEST_FACET)}), count(distinct run) from passes where fault is not null group by 2`.execute(db);
      // Few runs have any, and whoever looks for them looks through all others.
      await sql`create index passes_by_fault on passes (fault, run) where fault is not null`.execute(db);
      await sql`create index runs_with_findings on runs (sealed_at desc, id desc) where findings > 0`.execute(db);
    },
  },
  '0007-samples-by-series': {
    up: async (db: Kysely<unknown>): Promise<void> => {
      // A series' samples lie all over the table, a page for each: with the values in the index, what is drawn comes from some hundred pages instead of thousands.
      await sql`alter table samples drop constraint samples_pkey, add primary key (series, at, run) include (value)`.execute(db);
      // The index alone does only where the table is known to hold nothing that somebody cannot see yet: looked at after 2 % more, not 20 %.
      await sql`alter table samples set (autovacuum_vacuum_insert_scale_factor = 0.02)`.execute(db);
    },
  },
  '0008-series-with-samples': {
    up: async (db: Kysely<unknown>): Promise<void> => {
      // A series outlived its last run until then: pages went on to offer it.
      await sql`delete from sample_series where not exists (select from samples where samples.series = sample_series.id)`.execute(db);
    },
  },
};
