// Series: those of the checkout and those that were added, with what the record has of them.
import { sql } from 'kysely';
import type { EvaluationId } from '../../../orchestrator/src/contract/ids.ts';
import { readSeriesOf } from '../../../orchestrator/src/kernel/series.ts';
import { LabError } from '../../../orchestrator/src/lib/lab-error.ts';
import type { Database } from '../../../orchestrator/src/record/database.ts';
import { readCatalogue } from '../../../orchestrator/src/request/catalogue.ts';
import { addedNames, readAdded } from '../../../orchestrator/src/series/added.ts';
import type { SeriesDetail, SeriesRow } from '../../api/shapes.ts';
import { findEvaluations } from './evaluations.ts';
import { findRuns } from './runs.ts';

type Places = { home: string; checkout: string };
type Seen = { runs: number; lastRun: Date | null; evaluations: number; verdict: string | null; outcome: string | null; evaluated: string | null };

const NOTHING: Seen = { runs: 0, lastRun: null, evaluations: 0, verdict: null, outcome: null, evaluated: null };
const SHOWN = 50;

/** Those that there are, and those that only the record remembers; what was run last stands first. */
export async function listSeries(db: Database, places: Places): Promise<SeriesRow[]> {
  const [names, seen] = await Promise.all([namesOf(places), seenSeries(db)]);
  const all = [...new Set([...names, ...seen.keys()])];
  const rows = await Promise.all(all.map(async (name) => rowOf(name, await titleOf(places, name), seen.get(name) ?? NOTHING)));
  return rows.sort((a, b) => (b.lastRun ?? '').localeCompare(a.lastRun ?? '') || a.name.localeCompare(b.name));
}

export async function seriesDetail(db: Database, places: Places, name: string): Promise<SeriesDetail> {
  const seen = await seenSeries(db);
  const known = (await namesOf(places)).includes(name);
  if (!known && !seen.has(name)) throw new LabError('UNKNOWN_NAME', `neither the checkout nor the record has a series "${name}"`, { blame: 'request', hint: 'vlab series list' });
  const series = known ? await readSeriesOf(places, name) : undefined;
  const source = known ? (await readAdded(configOf(places), name))?.source : undefined;
  const [{ evaluations: history }, { runs: runsOf }, perPatch] = await Promise.all([findEvaluations(db, { series: name, limit: SHOWN }), findRuns(db, { series: [name], limit: SHOWN }), newestPerPatch(db, name)]);
  const subjects = new Map(source?.patches.map((one) => [one.file, one.subject]));
  return {
    ...rowOf(name, series?.title ?? '', seen.get(name) ?? NOTHING), summary: series?.summary ?? null, appliesTo: series?.appliesTo ?? [],
    patches: (series?.patches ?? []).map(({ file, text }) => ({ file, subject: subjects.get(file) ?? subjectIn(text) })),
    versions: versionsOf(name, [...new Set([...await namesOf(places), ...seen.keys()])], seen), source: source?.from ?? null, perPatch, history, runsOf,
  };
}

async function newestPerPatch(db: Database, name: string): Promise<SeriesDetail['perPatch']> {
  const { rows: [found] } = await sql<NonNullable<SeriesDetail['perPatch']>>`
    select id as evaluation, record -> 'prefixes' as prefixes from evaluations where series = ${name} and per_patch order by ended_at desc limit 1`.execute(db);
  return found ?? null;
}

async function namesOf(places: Places): Promise<string[]> {
  return [...(await readCatalogue(places.checkout)).series, ...await addedNames(configOf(places))];
}

function configOf({ home, checkout }: Places): Parameters<typeof addedNames>[0] {
  return { home, checkout, slots: 1, lockMs: 1000, slowness: 1 };
}

async function titleOf(places: Places, name: string): Promise<string> {
  return readSeriesOf(places, name).then(({ title }) => title, () => 'no longer there');
}

function rowOf(name: string, title: string, seen: Seen): SeriesRow {
  return { name, title, kind: name.split('/')[0] ?? '', runs: seen.runs, lastRun: seen.lastRun?.toISOString() ?? null, evaluations: seen.evaluations, verdict: seen.verdict as SeriesRow['verdict'], outcome: seen.outcome as SeriesRow['outcome'], evaluated: seen.evaluated as EvaluationId | null };
}

async function seenSeries(db: Database): Promise<Map<string, Seen>> {
  const { rows } = await sql<{ name: string } & Seen>`
    with counted as (select value as name, runs from facets where dimension = 'series' and value <> 'none'),
    judged as (select series, count(*)::int as evaluations, (array_agg(verdict order by ended_at desc))[1] as verdict, (array_agg(outcome order by ended_at desc))[1] as outcome, (array_agg(id order by ended_at desc))[1] as evaluated from evaluations group by series)
    select coalesce(c.name, j.series) as name, coalesce(c.runs, 0)::int as runs, (select sealed_at from runs r where r.series = c.name order by sealed_at desc limit 1) as "lastRun",
      coalesce(j.evaluations, 0)::int as evaluations, j.verdict, j.outcome, j.evaluated
    from counted c full join judged j on j.series = c.name`.execute(db);
  return new Map(rows.map(({ name, ...seen }) => [name, seen]));
}

/** `added/foo-v2` is a version of `added/foo`, as series/add.ts names them. */
function versionsOf(name: string, all: readonly string[], seen: ReadonlyMap<string, Seen>): SeriesDetail['versions'] {
  const parts = (one: string): { stem: string; version: number } => {
    const match = /^(.*)-v(\d+)$/.exec(one);
    return { stem: match?.[1] ?? one, version: Number(match?.[2] ?? 1) };
  };
  const { stem } = parts(name);
  const same = all.filter((one) => parts(one).stem === stem);
  if (same.length < 2) return [];
  return same.map((one) => ({ name: one, version: parts(one).version, verdict: (seen.get(one)?.verdict ?? null) as SeriesRow['verdict'], outcome: (seen.get(one)?.outcome ?? null) as SeriesRow['outcome'], evaluated: (seen.get(one)?.evaluated ?? null) as EvaluationId | null })).sort((a, b) => a.version - b.version);
}

/** A header may go on in the next line, which then begins with a blank. */
function subjectIn(patch: string): string {
  const match = /^Subject: (.*(?:\n[ \t].*)*)/m.exec(patch);
  return (match?.[1] ?? '').replace(/\n[ \t]+/g, ' ').replace(/^\[[^\]]*\] /, '');
}
