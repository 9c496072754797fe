// A job as a matrix: what each pipeline came to under each kernel, device and stack, and what changed since the job before.
import { calledBase } from '../../../orchestrator/src/contract/job.ts';
import type { Database } from '../../../orchestrator/src/record/database.ts';
import { readJobRecord, type JobRecord } from '../../../orchestrator/src/store/read.ts';
import type { Cell, Change, JobSummary, Matrix } from '../../api/shapes.ts';

/** One run of a job, and one of its passes where it had any. */
export type Outcome = {
  id: string; base: string; series: string | null; flavour: string; device: string; stack: string; outcome: string; why: string; expect: string; asExpected: boolean;
  passes: readonly { pipeline: string; clip: string; status: string; why: string }[];
};

/** The worst first: of several boots or clips in one cell, this is what it shows. */
const WORST = ['broken', 'failed', 'rejected', 'cancelled', 'unavailable', 'waiting', 'not-run', 'passed'] as const satisfies readonly Cell['status'][];
const CHANGES_SHOWN = 200;

export async function jobSummaries(db: Database, limit: number): Promise<JobSummary[]> {
  const jobs = await db.selectFrom('jobs').selectAll().orderBy('submitted_at', 'desc').limit(limit).execute();
  return summarize(db, jobs);
}

export async function jobSummary(db: Database, id: string): Promise<JobSummary | undefined> {
  const [found] = await summarize(db, await db.selectFrom('jobs').selectAll().where('id', '=', id).execute());
  return found;
}

async function summarize(db: Database, jobs: readonly { id: string; title: string; file: string; submitted_at: Date; runs: number }[]): Promise<JobSummary[]> {
  if (jobs.length === 0) return [];
  const counts = await db.selectFrom('runs').select((eb) => ['job', 'outcome', 'as_expected', eb.fn.countAll<number>().as('count')]).where('job', 'in', jobs.map((one) => one.id)).groupBy(['job', 'outcome', 'as_expected']).execute();
  return jobs.map((job) => {
    const own = counts.filter((one) => one.job === job.id);
    const sum = (rows: typeof own): number => rows.reduce((total, one) => total + one.count, 0);
    const outcomes: Record<string, number> = {};
    for (const { outcome, count } of own) outcomes[outcome] = (outcomes[outcome] ?? 0) + count;
    return {
      id: job.id as JobSummary['id'], title: job.title, file: job.file, submittedAt: job.submitted_at.toISOString(), runs: job.runs, sealed: sum(own), asExpected: sum(own.filter((one) => one.as_expected)), outcomes,
    };
  });
}

/** The newest job of a file with this name, else the newest of all that has more than one run, else the newest; never an evaluation's. */
export async function shownJob(db: Database, file: string): Promise<string | undefined> {
  const named = await db.selectFrom('jobs').select('id').where('file', 'like', `%${file}`).orderBy('submitted_at', 'desc').limit(1).executeTakeFirst();
  if (named !== undefined) return named.id;
  // The boots of an evaluation are a job too, and have a page of their own.
  const others = db.selectFrom('jobs').select('id').where('file', 'not like', 'e-%').orderBy('submitted_at', 'desc').limit(1);
  return ((await others.where('runs', '>', 1).executeTakeFirst()) ?? (await others.executeTakeFirst()))?.id;
}

export async function matrixOf(db: Database, home: string, id: string): Promise<{ matrix: Matrix; changes: Change[] } | undefined> {
  const job = await jobSummary(db, id);
  if (job === undefined) return undefined;
  const before = await db.selectFrom('jobs').select('id').where('file', '=', job.file).where('submitted_at', '<', new Date(job.submittedAt)).orderBy('submitted_at', 'desc').limit(1).executeTakeFirst();
  const [now, then, asked] = await Promise.all([outcomesOf(db, id), before === undefined ? [] : outcomesOf(db, before.id), readJobRecord(home, id)]);
  const rows = rowsOf([...now, ...waiting(asked, new Set(now.map((one) => one.id)))], then);
  return { matrix: { job, before: (before?.id ?? null) as Matrix['before'], rows }, changes: before === undefined ? [] : changesIn(rows) };
}

async function outcomesOf(db: Database, job: string): Promise<Outcome[]> {
  const runs = await db.selectFrom('runs').select(['n', 'id', 'base', 'series', 'flavour', 'device', 'stack', 'outcome', 'why', 'expect', 'as_expected']).where('job', '=', job).orderBy('n').execute();
  if (runs.length === 0) return [];
  const passes = await db.selectFrom('passes').select(['run', 'pipeline', 'clip', 'status', 'why']).where('run', 'in', runs.map((one) => one.n)).where('fault', 'is', null).orderBy('run').orderBy('position').execute();
  const passesOf = new Map<number, typeof passes>();
  for (const pass of passes) passesOf.set(pass.run, [...(passesOf.get(pass.run) ?? []), pass]);
  return runs.map(({ n, as_expected: asExpected, ...run }) => ({ ...run, asExpected, passes: passesOf.get(n) ?? [] }));
}

/** What the job asked for and nothing has come of yet. */
function waiting(asked: JobRecord | undefined, sealed: ReadonlySet<string>): Outcome[] {
  return (asked?.runs ?? []).filter((run) => !sealed.has(run.id)).map((run) => ({
    id: run.id, base: calledBase(run), series: run.kernel.series ?? null, flavour: run.flavour, device: run.device, stack: run.stack, outcome: 'waiting', why: 'not sealed yet', expect: run.kernel.expect, asExpected: true,
    passes: run.pipelines.map((pipeline) => ({ pipeline, clip: '', status: 'waiting', why: '' })),
  }));
}

/** Pure: the rows of the matrix, in the order in which the job has its kernels. */
export function rowsOf(now: readonly Outcome[], then: readonly Outcome[]): Matrix['rows'] {
  const earlier = new Map(cellsOf(then).map(({ key, cell }) => [key, cell]));
  const rows = new Map<string, Matrix['rows'][number]>();
  for (const { key, run, cell } of cellsOf(now)) {
    const name = kernelKey(run);
    const row = rows.get(name) ?? { base: run.base, series: run.series, flavour: run.flavour, expect: run.expect as Matrix['rows'][number]['expect'], cells: [] };
    const before = earlier.get(key);
    row.cells.push({ ...cell, before: before?.status ?? null, beforeAsExpected: before?.asExpected ?? null });
    rows.set(name, row);
  }
  return [...rows.values()];
}

function kernelKey({ base, series, flavour }: Pick<Outcome, 'base' | 'series' | 'flavour'>): string {
  return JSON.stringify([base, series, flavour]);
}

/** One cell for each pipeline, device and stack of a kernel: the worst of its boots and clips. */
function cellsOf(runs: readonly Outcome[]): { key: string; run: Outcome; cell: Omit<Cell, 'before' | 'beforeAsExpected'> }[] {
  const cells = new Map<string, { key: string; run: Outcome; cell: Omit<Cell, 'before' | 'beforeAsExpected'> }>();
  for (const run of runs) {
    const blamed = run.passes.some((one) => one.status === 'failed');
    for (const pass of run.passes) {
      // What no pass shows, such as a splat on the console, is said of all of them.
      const whole = run.outcome !== 'passed' && pass.status !== 'failed' && (!blamed || pass.status === 'not-run');
      const status = (whole ? run.outcome : pass.status) as Cell['status'];
      const key = JSON.stringify([kernelKey(run), pass.pipeline, run.device, run.stack]);
      const old = cells.get(key);
      if (old !== undefined && WORST.indexOf(old.cell.status) <= WORST.indexOf(status)) continue;
      cells.set(key, { key, run, cell: { pipeline: pass.pipeline, device: run.device, stack: run.stack, clip: pass.clip, status, asExpected: run.asExpected || isRight(status, run.expect), why: whole || pass.why === '' ? run.why : pass.why, run: run.id as Cell['run'] } });
    }
  }
  return [...cells.values()];
}

/** Another pipeline of the same run may have failed: this one did what it should. Where a kernel is meant to fail, one that passed did not: nothing caught it. */
function isRight(status: Cell['status'], wanted: string): boolean {
  return wanted === 'passed' && (status === 'passed' || status === 'unavailable');
}

function isGood(status: string, asExpected: boolean): boolean {
  return asExpected && ['passed', 'failed', 'rejected'].includes(status);
}

function changesIn(rows: Matrix['rows']): Change[] {
  const found = rows.flatMap((row) => row.cells.flatMap((cell): Change[] => {
    if (cell.before === null || cell.status === 'waiting') return [];
    const was = isGood(cell.before, cell.beforeAsExpected === true);
    const is = isGood(cell.status, cell.asExpected);
    const kind = was ? (is ? undefined : 'new') : is ? 'fixed' : 'still';
    return kind === undefined ? [] : [{ kind, kernel: `${row.base}${row.series === null ? '' : ` + ${row.series}`}${row.flavour === 'perf' ? '' : `, ${row.flavour}`}`, cell }];
  }));
  return found.slice(0, CHANGES_SHOWN);
}
