// A job's pages as plain files: one line per kind of page, each answer taken from the server itself.
import { cp, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { filesBelow, readRecord } from '../../orchestrator/src/lib/files.ts';
import { LabError } from '../../orchestrator/src/lib/lab-error.ts';
import { MOST_ROWS, type EvaluationDetail, type RunDetail, type RunRow, type Runs, type SeriesRow } from '../api/shapes.ts';
import { copiedTable, INDEX_PIECE } from '../api/site-paths.ts';
import { SiteIndex, SiteMark } from '../api/site.ts';
import { askDesigns, askEvaluation, askJob, askRuns, askSeries, type JobDetail } from '../pages/app/endpoints.ts';
import { exportUrl, reportUrl } from '../pages/app/files.ts';
import { Asked } from './export-ask.ts';
import { SiteFolder } from './export-folder.ts';
import { exportRun } from './export-run.ts';
import { evaluationsCiting } from './queries/evaluations.ts';
import type { Parts, Server } from './server.ts';

export const MARK = 'vlab-site.json';
const TOLD_EVERY = 25;

export type SiteWanted = { job: string; /** An empty folder. */ folder: string; built: string; signal: AbortSignal; talk: (line: string) => void };

export async function exportSite(server: Server, { keeper, version }: Pick<Parts, 'keeper' | 'version'>, { job, folder, built, signal, talk }: SiteWanted): Promise<SiteMark> {
  const copy = new Copy(new Asked(server), new SiteFolder(folder), signal);
  const madeAt = new Date().toISOString();
  const { matrix } = await copy.job(job);
  const runs = await copy.rows(job);
  const asked = [...new Set([...runs.map(({ id }) => id), ...matrix.rows.flatMap(({ cells }) => cells.map(({ run }) => run))])];
  await copy.runs(asked, talk);
  const evaluations = await evaluationsCiting(keeper.db, job);
  for (const { id } of evaluations) await copy.evaluation(id);
  const series = await copy.series(new Set([...runs.flatMap((run) => run.series ?? []), ...matrix.rows.flatMap((row) => row.series ?? []), ...evaluations.map((one) => one.series)]));
  await copy.index({ version, job: matrix.job.id, title: matrix.job.title, madeAt, runs, evaluations, series });
  await copy.pages(built);
  return copy.mark({ version, job: matrix.job.id, madeAt });
}

/** Whether a folder was written by this before. */
export async function isSite(folder: string): Promise<boolean> {
  return (await readRecord(join(folder, MARK), SiteMark)) !== undefined;
}

/** What is in the copy so far. */
class Copy {
  readonly #asked: Asked;
  readonly #into: SiteFolder;
  readonly #signal: AbortSignal;
  readonly #found: Pick<SiteIndex, 'answers' | 'logs' | 'reports'> = { answers: {}, logs: {}, reports: {} };
  /** The three lists are there whatever is in them. */
  #pages = 3;

  constructor(asked: Asked, into: SiteFolder, signal: AbortSignal) {
    this.#asked = asked;
    this.#into = into;
    this.#signal = signal;
  }

  async job(id: string): Promise<JobDetail> {
    const found = await this.#keep<JobDetail>(askJob(id).url);
    if (found === undefined) throw new LabError('UNKNOWN_ID', `the record has no job ${id}`, { blame: 'request', stage: 'request', hint: 'vlab status has the newest' });
    for (const format of ['csv', 'json'] as const) await this.#table('cells', format, `job=${id}`);
    return found;
  }

  async rows(job: string): Promise<RunRow[]> {
    const query = `job=${job}`;
    for (const format of ['csv', 'json'] as const) await this.#table('runs', format, query);
    const rows: RunRow[] = [];
    let after = '';
    do {
      const answer = await this.#asked.text(askRuns(`${query}&limit=${String(MOST_ROWS)}${after}`).url);
      if (answer === undefined) throw new LabError('EXPORT', `the server does not list the runs of job ${job}`, { blame: 'lab', stage: 'store', hint: 'vlab reindex' });
      const page = JSON.parse(answer.text) as Pick<Runs, 'runs' | 'next'>;
      rows.push(...page.runs);
      after = page.next === null ? '' : `&after=${encodeURIComponent(page.next)}`;
    } while (after !== '');
    return rows;
  }

  async runs(ids: readonly string[], talk: (line: string) => void): Promise<void> {
    for (const [n, id] of ids.entries()) {
      this.#signal.throwIfAborted();
      if (n > 0 && n % TOLD_EVERY === 0) talk(`${String(n)} of ${String(ids.length)} runs`);
      const run = await exportRun(id, this.#asked, this.#into, this.#found);
      this.#pages += run === undefined ? 0 : hasPictures(run) ? 2 : 1;
    }
  }

  async evaluation(id: SiteIndex['evaluations'][number]['id']): Promise<void> {
    this.#signal.throwIfAborted();
    const found = await this.#keep<EvaluationDetail>(askEvaluation(id).url);
    const reports: Record<string, string> = {};
    for (const format of found?.formats ?? []) {
      const report = await this.#asked.text(reportUrl(id, format) ?? '');
      if (report?.name === undefined) continue;
      reports[format] = `reports/${report.name}`;
      await this.#into.write(reports[format], report.text);
    }
    this.#found.reports[id] = reports;
  }

  /** Those that the checkout or the record still has. */
  async series(names: ReadonlySet<string>): Promise<SeriesRow[]> {
    if ([...names].some((name) => name.startsWith('designs/'))) await this.#keep(askDesigns().url, 0);
    const rows: SeriesRow[] = [];
    for (const name of [...names].sort()) {
      const found = await this.#keep<SeriesRow>(askSeries(name).url);
      if (found !== undefined) rows.push(found);
    }
    return rows;
  }

  async index(rest: Omit<SiteIndex, 'answers' | 'logs' | 'reports'>): Promise<void> {
    await this.#into.piece(JSON.stringify(SiteIndex.parse({ ...rest, ...this.#found })), INDEX_PIECE);
  }

  /** The documents and scripts themselves. */
  async pages(built: string): Promise<void> {
    for (const name of await filesBelow(built)) {
      await cp(join(built, name), join(this.#into.root, name));
      this.#into.count((await stat(join(built, name))).size);
    }
  }

  async mark(of: Pick<SiteMark, 'version' | 'job' | 'madeAt'>): Promise<SiteMark> {
    const mark = SiteMark.parse({ writtenBy: 'vlab export site', ...of, pages: this.#pages, files: this.#into.files + 1, bytes: this.#into.bytes });
    await this.#into.write(MARK, `${JSON.stringify(mark, null, 2)}\n`);
    return mark;
  }

  async #keep<Answer>(url: string, pages = 1): Promise<Answer | undefined> {
    const answer = await this.#asked.text(url);
    if (answer === undefined) return undefined;
    this.#pages += pages;
    this.#found.answers[url] = await this.#into.piece(answer.text);
    return JSON.parse(answer.text) as Answer;
  }

  async #table(table: 'runs' | 'cells', format: 'csv' | 'json', query: string): Promise<void> {
    await this.#into.write(copiedTable(table, format), (await this.#asked.text(exportUrl(table, format, query) ?? ''))?.text ?? '');
  }
}

function hasPictures({ record }: RunDetail): boolean {
  return (record?.pipelines ?? []).some(({ kept }) => kept.length > 0);
}
