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
import { JobRecord } from '../store/read.ts';
import type { Database } from './database.ts';
import { updateLevels } from './levels.ts';
import { forgetRuns, ingestEvaluation, ingestJobs, ingestRuns, readyRun, type ReadyRun } from './ingest.ts';

/** Read and written at once. */
const BATCH = 200;
/** A folder that changed so recently may change again within one tick of its clock. */
const CLOCK_MS = 100;
const RUN = /^r-[0-9a-z]{10}$/;
const JOB = /^(j-[0-9a-z]{10})\.json$/;
const EVALUATION = /^e-[0-9a-z]{10}$/;

export type Seen = { runs: number; jobs: number; evaluations: number; forgotten: number; unreadable: number };
/** The names of run folders, and when one came or went last. */
type Listed = { changedMs: number; names: ReadonlySet<string> };
export type OnProgress = (done: number, of: number) => void;

/** One lab folder, and what of it the record has. Not for two processes' memories: each asks the database what it has. */
export class KeepUp {
  readonly #db: Database;
  readonly #home: string;
  readonly #levels: boolean;
  /** Names that are done with, so that a look costs no more than what is new. */
  readonly #done = { runs: new Set<string>(), jobs: new Set<string>(), evaluations: new Set<string>() };
  readonly #unreadable = new Set<string>();
  #known = false;
  #unsealed: readonly string[] = [];
  #listed: Listed = { changedMs: 0, names: new Set() };

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
    const { added: runs, forgotten } = await this.#lookAtRuns(onProgress);
    const evaluations = await this.#lookAtEvaluations();
    if (this.#levels) await updateLevels(this.#db);
    return { runs, jobs, evaluations, forgotten, unreadable: this.#unreadable.size };
  }

  async #readKnown(): Promise<void> {
    for (const { id } of await this.#db.selectFrom('runs').select('id').execute()) this.#done.runs.add(id);
    for (const { id } of await this.#db.selectFrom('jobs').select('id').execute()) this.#done.jobs.add(id);
    for (const { id } of await this.#db.selectFrom('evaluations').select('id').execute()) this.#done.evaluations.add(id);
    // Whatever could not be read may have been mended.
    await this.#db.deleteFrom('unreadable').execute();
    this.#known = true;
  }

  async #lookAtRuns(onProgress: OnProgress): Promise<{ added: number; forgotten: number }> {
    const listed = await this.#runNames();
    const { names } = listed;
    // A hundred thousand names are gone through only when one came or went: pages wait meanwhile.
    const changed = listed !== this.#listed;
    const gone = changed ? [...this.#done.runs].filter((id) => !names.has(id)) : [];
    for (let at = 0; at < gone.length; at += BATCH) await forgetRuns(this.#db, gone.slice(at, at + BATCH));
    for (const id of gone) this.#done.runs.delete(id);
    const waiting = (changed ? [...names] : this.#unsealed).filter((id) => !this.#done.runs.has(id) && !this.#unreadable.has(id));
    let added = 0;
    // The next are read while PostgreSQL takes those before.
    let reading = this.#read(waiting.slice(0, BATCH));
    for (let at = 0; at < waiting.length; at += BATCH) {
      const { sealed, unreadable } = await reading;
      reading = this.#read(waiting.slice(at + BATCH, at + 2 * BATCH));
      added += await ingestRuns(this.#db, sealed);
      for (const { record } of sealed) this.#done.runs.add(record.id);
      for (const { id, why } of unreadable) await this.#tellUnreadable(id, why);
      onProgress(Math.min(at + BATCH, waiting.length), waiting.length);
    }
    // Only now: where something was thrown before, all of it is looked at again.
    this.#listed = listed;
    this.#unsealed = waiting.filter((id) => !this.#done.runs.has(id) && !this.#unreadable.has(id));
    return { added, forgotten: gone.length };
  }

  async #read(ids: readonly string[]): Promise<{ sealed: ReadyRun[]; unreadable: { id: string; why: string }[] }> {
    const sealed: ReadyRun[] = [];
    const unreadable: { id: string; why: string }[] = [];
    await Promise.all(ids.map(async (id) => {
      const folder = layout.run(this.#home, id);
      const found = await readSealed(join(folder, RUN_FILES.record), RunRecord);
      if (found === undefined) return;
      if ('why' in found) unreadable.push({ id, why: found.why });
      else sealed.push(readyRun(found.record, await hostOf(folder)));
    }));
    return { sealed: sealed.sort((a, b) => (a.record.sealedAt < b.record.sealedAt ? -1 : 1)), unreadable };
  }

  /** A hundred thousand names take a tenth of a second to list: again only when one came or went. */
  async #runNames(): Promise<Listed> {
    const folder = layout.runs(this.#home);
    const changedMs = await stat(folder).then(({ mtimeMs }) => mtimeMs, () => 0);
    if (changedMs === this.#listed.changedMs && Date.now() - changedMs > CLOCK_MS) return this.#listed;
    return { changedMs, names: new Set((await namesIn(folder)).filter((name) => RUN.test(name))) };
  }

  async #lookAtJobs(): Promise<number> {
    const folder = layout.jobs(this.#home);
    const fresh = (await namesIn(folder)).flatMap((name) => {
      const id = JOB.exec(name)?.[1];
      return id === undefined || this.#done.jobs.has(id) || this.#unreadable.has(id) ? [] : [id];
    });
    const jobs: JobRecord[] = [];
    for (const id of fresh) {
      const found = await readSealed(layout.job(this.#home, id), JobRecord);
      if (found !== undefined && 'record' in found) jobs.push(found.record);
      else if (found !== undefined) await this.#tellUnreadable(id, found.why);
    }
    for (let at = 0; at < jobs.length; at += BATCH) await ingestJobs(this.#db, jobs.slice(at, at + BATCH));
    for (const { job } of jobs) this.#done.jobs.add(job);
    return jobs.length;
  }

  async #lookAtEvaluations(): Promise<number> {
    const fresh = (await namesIn(layout.evaluations(this.#home))).filter((id) => EVALUATION.test(id) && !this.#done.evaluations.has(id) && !this.#unreadable.has(id));
    let added = 0;
    for (const id of fresh) {
      const found = await readSealed(join(layout.evaluation(this.#home, id), 'evaluation.json'), EvaluationRecord);
      if (found === undefined) continue;
      if ('why' in found) {
        await this.#tellUnreadable(id, found.why);
        continue;
      }
      await ingestEvaluation(this.#db, found.record);
      this.#done.evaluations.add(id);
      added++;
    }
    return added;
  }

  async #tellUnreadable(path: string, why: string): Promise<void> {
    const row = { path, why, seen_at: new Date() };
    await this.#db.insertInto('unreadable').values(row).onConflict((oc) => oc.column('path').doUpdateSet({ why })).execute();
    this.#unreadable.add(path);
  }
}

/** Undefined while it is not there: a run that is not sealed yet is nobody's fault. */
async function readSealed<T extends z.ZodType>(path: string, schema: T): Promise<{ record: z.infer<T> } | { why: string } | undefined> {
  try {
    const text = await readIfThere(path);
    if (text === undefined) return undefined;
    const parsed = schema.safeParse(JSON.parse(text));
    if (parsed.success) return { record: parsed.data };
    const [issue] = parsed.error.issues;
    return { why: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not a record'}` };
  } catch (error) {
    return { why: messageOf(error) };
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
