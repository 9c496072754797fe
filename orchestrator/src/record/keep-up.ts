// Follows the lab's folders: what is sealed goes into the record, what was deleted leaves it. The folders are the truth; after a loss of the database, or of
// this process, the next look finds what is missing.
import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type * as z from 'zod';
import { EvaluationRecord } from '../contract/evaluation.ts';
import { StampedEvent } from '../contract/event.ts';
import { RunRecord } from '../contract/run.ts';
import { namesIn, readIfThere } from '../lib/files.ts';
import { messageOf } from '../lib/lab-error.ts';
import { layout, RUN_FILES } from '../store/layout.ts';
import { EVALUATION_FILE } from '../store/evaluations.ts';
import { JobRecord } from '../store/read.ts';
import { refusalOfData, type Database } from './database.ts';
import { updateLevels } from './levels.ts';
import { forgetEvaluations, forgetJobs, forgetRuns, ingestEvaluation, ingestJobs, ingestRuns, readyRun, type ReadyRun } from './ingest.ts';
import { text } from './rows.ts';

/** Read and written at once. */
const BATCH = 200;
/** A folder that changed so recently may change again within one tick of its clock. */
const CLOCK_MS = 100;
const NAMES = { runs: /^(r-[0-9a-z]{10})$/, jobs: /^(j-[0-9a-z]{10})\.json$/, evaluations: /^(e-[0-9a-z]{10})$/ } as const;

export type Seen = { runs: number; jobs: number; evaluations: number; forgotten: number; unreadable: number };
export type OnProgress = (done: number, of: number) => void;

type Kind = 'runs' | 'jobs' | 'evaluations';
/** The ids that a folder holds, and when one came or went last. */
type Listed = { changedMs: number; ids: ReadonlySet<string> };
/** `stamp`: of the file that is no record; undefined where it could not even be read, which has nothing to do with what is in it. */
type Unreadable = { id: string; why: string; stamp: string | undefined };
type Found<T> = { record: T; stamp: string } | Omit<Unreadable, 'id'>;

const NOTHING: Listed = { changedMs: 0, ids: new Set() };

/** One lab folder, and what of it the record has. Not for two processes' memories: each asks the database what it has. */
export class KeepUp {
  readonly #db: Database;
  readonly #home: string;
  readonly #levels: boolean;
  /** Ids that are done with, so that a look costs no more than what is new. */
  readonly #done: Readonly<Record<Kind, Set<string>>> = { runs: new Set(), jobs: new Set(), evaluations: new Set() };
  readonly #unreadable: Readonly<Record<Kind, Map<string, string | undefined>>> = { runs: new Map(), jobs: new Map(), evaluations: new Map() };
  readonly #listed: Record<Kind, Listed> = { runs: NOTHING, jobs: NOTHING, evaluations: NOTHING };
  #known = false;
  #unsealed: readonly string[] = [];

  /** `levels`: whether change points are worked out after what came in. */
  constructor(db: Database, home: string, { levels = true } = {}) {
    this.#db = db;
    this.#levels = levels;
    this.#home = home;
  }

  /** Run folders that held no record at the last look. */
  get unsealed(): readonly string[] { return this.#unsealed; }

  /** Brings the record up to what the folders hold now. Throws where the database does; then nothing is taken for done that is not. */
  async look(onProgress: OnProgress = () => undefined): Promise<Seen> {
    if (!this.#known) await this.#readKnown();
    const jobs = await this.#lookAtJobs();
    const runs = await this.#lookAtRuns(onProgress);
    const evaluations = await this.#lookAtEvaluations();
    if (this.#levels) await updateLevels(this.#db);
    const unreadable = Object.values(this.#unreadable).reduce((sum, { size }) => sum + size, 0);
    return { runs: runs.added, jobs: jobs.added, evaluations: evaluations.added, forgotten: jobs.forgotten + runs.forgotten + evaluations.forgotten, unreadable };
  }

  async #readKnown(): Promise<void> {
    for (const kind of ['runs', 'jobs', 'evaluations'] as const) for (const { id } of await this.#db.selectFrom(kind).select('id').execute()) this.#done[kind].add(id);
    // Whatever could not be read may have been mended.
    await this.#db.deleteFrom('unreadable').execute();
    this.#known = true;
  }

  async #lookAtRuns(onProgress: OnProgress): Promise<{ added: number; forgotten: number }> {
    const { listed, changed, forgotten } = await this.#lookFor('runs', forgetRuns);
    const { waiting, again } = await this.#waiting('runs', changed ? [...listed.ids] : this.#unsealed, listed);
    let added = 0;
    // The next are read while PostgreSQL takes those before.
    let reading = this.#read(waiting.slice(0, BATCH));
    for (let at = 0; at < waiting.length; at += BATCH) {
      const { sealed, unreadable } = await reading;
      reading = this.#read(waiting.slice(at + BATCH, at + 2 * BATCH));
      added += await this.#take('runs', sealed.map((one) => ({ ...one, id: one.ready.record.id })), (some) => ingestRuns(this.#db, some.map(({ ready }) => ready)));
      for (const one of unreadable) await this.#tellUnreadable('runs', one);
      onProgress(Math.min(at + BATCH, waiting.length), waiting.length);
    }
    await this.#mended('runs', again);
    // Only now: where something was thrown before, all of it is looked at again.
    this.#listed.runs = listed;
    this.#unsealed = waiting.filter((id) => !this.#done.runs.has(id) && !this.#unreadable.runs.has(id));
    return { added, forgotten };
  }

  async #read(ids: readonly string[]): Promise<{ sealed: { ready: ReadyRun; stamp: string }[]; unreadable: Unreadable[] }> {
    const sealed: { ready: ReadyRun; stamp: string }[] = [];
    const unreadable: Unreadable[] = [];
    await Promise.all(ids.map(async (id) => {
      const found = await readSealed(pathOf(this.#home, 'runs', id), RunRecord);
      if (found === undefined) return;
      if ('why' in found) unreadable.push({ id, ...found });
      else sealed.push({ ready: readyRun(found.record, await hostOf(layout.run(this.#home, id))), stamp: found.stamp });
    }));
    // Of one moment by their ids: whatever was read first, a rebuild numbers them alike.
    const order = ({ ready: { record } }: { ready: ReadyRun }): string => `${record.sealedAt} ${record.id}`;
    return { sealed: sealed.sort((a, b) => (order(a) < order(b) ? -1 : 1)), unreadable };
  }

  async #lookAtJobs(): Promise<{ added: number; forgotten: number }> {
    const { listed, forgotten } = await this.#lookFor('jobs', forgetJobs);
    const jobs: { id: string; record: JobRecord; stamp: string }[] = [];
    const { waiting, again } = await this.#waiting('jobs', [...listed.ids], listed);
    for (const id of waiting) {
      const found = await readSealed(pathOf(this.#home, 'jobs', id), JobRecord);
      if (found !== undefined && 'record' in found) jobs.push({ id, ...found });
      else if (found !== undefined) await this.#tellUnreadable('jobs', { id, ...found });
    }
    let added = 0;
    for (let at = 0; at < jobs.length; at += BATCH) added += await this.#take('jobs', jobs.slice(at, at + BATCH), (some) => ingestJobs(this.#db, some.map(({ record }) => record)));
    await this.#mended('jobs', again);
    this.#listed.jobs = listed;
    return { added, forgotten };
  }

  async #lookAtEvaluations(): Promise<{ added: number; forgotten: number }> {
    const { listed, forgotten } = await this.#lookFor('evaluations', forgetEvaluations);
    let added = 0;
    const { waiting, again } = await this.#waiting('evaluations', [...listed.ids], listed);
    for (const id of waiting) {
      const found = await readSealed(pathOf(this.#home, 'evaluations', id), EvaluationRecord);
      if (found !== undefined && 'record' in found) added += await this.#take('evaluations', [{ id, ...found }], async ([one]) => (one === undefined ? 0 : ingestEvaluation(this.#db, one.record)));
      else if (found !== undefined) await this.#tellUnreadable('evaluations', { id, ...found });
    }
    await this.#mended('evaluations', again);
    this.#listed.evaluations = listed;
    return { added, forgotten };
  }

  /** What is there now; what is no longer there leaves the record. A hundred thousand names are gone through only when one came or went: pages wait meanwhile. */
  async #lookFor(kind: Kind, forget: (db: Database, ids: readonly string[]) => Promise<void>): Promise<{ listed: Listed; changed: boolean; forgotten: number }> {
    const listed = await this.#list(kind);
    const changed = listed !== this.#listed[kind];
    const gone = changed ? [...this.#done[kind]].filter((id) => !listed.ids.has(id)) : [];
    for (let at = 0; at < gone.length; at += BATCH) await forget(this.#db, gone.slice(at, at + BATCH));
    for (const id of gone) this.#done[kind].delete(id);
    return { listed, changed, forgotten: gone.length };
  }

  /** A hundred thousand names take a tenth of a second to list: again only when one came or went. */
  async #list(kind: Kind): Promise<Listed> {
    const folder = layout[kind](this.#home);
    const changedMs = await stat(folder).then(({ mtimeMs }) => mtimeMs, () => 0);
    if (changedMs === this.#listed[kind].changedMs) return this.#listed[kind];
    // A change within the same tick of the clock as this listing leaves no trace: so young a listing is made again.
    const settled = Date.now() - changedMs > CLOCK_MS;
    return { changedMs: settled ? changedMs : NaN, ids: new Set((await namesIn(folder)).flatMap((name) => NAMES[kind].exec(name)?.[1] ?? [])) };
  }

  /** Those that are to be read. `again`: could not be taken before, and are no longer as they were. */
  async #waiting(kind: Kind, ids: readonly string[], { ids: there }: Listed): Promise<{ waiting: string[]; again: string[] }> {
    const unreadable = this.#unreadable[kind];
    const waiting = ids.filter((id) => !this.#done[kind].has(id) && !unreadable.has(id));
    const again: string[] = [];
    for (const [id, stamp] of unreadable) {
      const now = await stampOf(pathOf(this.#home, kind, id));
      if (now === undefined || now !== stamp) again.push(id);
    }
    for (const id of again) unreadable.delete(id);
    return { waiting: [...waiting, ...again.filter((id) => there.has(id))], again };
  }

  /** Of what could not be taken before, whatever has not been told of again. */
  async #mended(kind: Kind, again: readonly string[]): Promise<void> {
    const mended = again.filter((id) => !this.#unreadable[kind].has(id));
    if (mended.length > 0) await this.#db.deleteFrom('unreadable').where('path', 'in', mended).execute();
  }

  /** All at once; where PostgreSQL has something against what is in one of them, one by one, so that it keeps no other back. Returns how many were new. */
  async #take<T extends { id: string; stamp: string }>(kind: Kind, records: readonly T[], ingest: (some: readonly T[]) => Promise<number>): Promise<number> {
    try {
      const added = await ingest(records);
      for (const { id } of records) this.#done[kind].add(id);
      return added;
    } catch (error) {
      const refused = refusalOfData(error);
      if (refused === undefined) throw error;
      const [only, ...others] = records;
      if (only !== undefined && others.length === 0) {
        await this.#tellUnreadable(kind, { id: only.id, why: `PostgreSQL does not take it: ${refused}`, stamp: only.stamp });
        return 0;
      }
      let added = 0;
      for (const one of records) added += await this.#take(kind, [one], ingest);
      return added;
    }
  }

  async #tellUnreadable(kind: Kind, { id, why, stamp }: Unreadable): Promise<void> {
    const row = { path: id, why: text(why), seen_at: new Date() };
    await this.#db.insertInto('unreadable').values(row).onConflict((oc) => oc.column('path').doUpdateSet({ why: row.why })).execute();
    this.#unreadable[kind].set(id, stamp);
  }
}

function pathOf(home: string, kind: Kind, id: string): string {
  return { runs: join(layout.run(home, id), RUN_FILES.record), jobs: layout.job(home, id), evaluations: join(layout.evaluation(home, id), EVALUATION_FILE) }[kind];
}

/** Another one whenever the file is written, replaced, or made readable; undefined where it is gone. */
async function stampOf(path: string): Promise<string | undefined> {
  return stat(path).then(({ ino, size, ctimeMs }) => [ino, size, ctimeMs].join(' '), () => undefined);
}

/** Undefined while it is not there: a run that is not sealed yet is nobody's fault. */
async function readSealed<T extends z.ZodType>(path: string, schema: T): Promise<Found<z.infer<T>> | undefined> {
  // Before it is read: what is written meanwhile makes it another one.
  const stamp = await stampOf(path);
  let content: string | undefined;
  try {
    content = await readIfThere(path);
  } catch (error) {
    return { why: messageOf(error), stamp: undefined };
  }
  if (content === undefined || stamp === undefined) return undefined;
  try {
    const parsed = schema.safeParse(JSON.parse(content));
    if (parsed.success) return { record: parsed.data, stamp };
    const [issue] = parsed.error.issues;
    return { why: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not a record'}`, stamp };
  } catch (error) {
    return { why: messageOf(error), stamp };
  }
}

/** The first line of events.ndjson: a run is opened by "<host>/<process>". */
const HEAD_BYTES = 1024;

async function hostOf(folder: string): Promise<string | null> {
  try {
    await using file = await open(join(folder, RUN_FILES.events), 'r');
    const { bytesRead, buffer } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    const event = StampedEvent.safeParse(JSON.parse(buffer.subarray(0, bytesRead).toString('utf8').split('\n')[0] ?? ''));
    return event.success && event.data.event === 'run.opened' ? (event.data.worker.split('/')[0] ?? null) : null;
  } catch {
    return null;
  }
}
