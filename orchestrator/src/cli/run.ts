// vlab run JOB.yaml: submits a job's runs, works on them here unless told not to, follows them to their end and reports.
import { randomInt } from 'node:crypto';
import { basename } from 'node:path';
import type { RunDocument } from '../contract/documents.ts';
import { JobId, RunId } from '../contract/ids.ts';
import type { Job, RunRequest } from '../contract/job.ts';
import type { RunRecord } from '../contract/run.ts';
import { LabError } from '../lib/lab-error.ts';
import type { Making } from '../lib/lab.ts';
import type { RedisPlace } from '../queue/redis.ts';
import type { RunQueue } from '../queue/submit.ts';
import { Progress } from '../report/progress.ts';
import { documentOf, exitCodeOf, runTable } from '../report/run-report.ts';
import { readCatalogue } from '../request/catalogue.ts';
import { readJobFile } from '../request/read-job.ts';
import { readRun, writeJob, type JobRecord } from '../store/read.ts';
import { sealUnrun } from '../store/seal-unrun.ts';
import { answer, type Answer, type Context } from './command.ts';
import { startWorker, sweep, withQueue } from './working.ts';

export type RunOptions = { worker: boolean; detach: boolean; quiet: boolean };

export async function run(context: Context, file: string, options: RunOptions): Promise<Answer<'run' | 'run-detached'>> {
  const { lab } = context;
  const started = performance.now();
  const job = recordOf(await readJobFile(file, await readCatalogue(lab.config.checkout)), basename(file));
  const progress = new Progress(process.stderr, options.quiet);
  let before = '';
  const making: Making = {
    lab, signal: context.signal,
    progress: (what, done, of) => {
      const text = of === null ? what : `${what}, step ${String(done)} of ${String(of)}`;
      if (text !== before) progress.say(`setting up: ${text}`);
      before = text;
    },
  };
  return withQueue(making, async (queue, redis) => {
    await sweep(lab, queue);
    await writeJob(lab.config.home, job);
    for (const request of job.runs) progress.add(request.id, nameOf(request));
    await queue.submit(job.runs);
    if (options.detach) {
      return answer('run-detached', { job: job.job, title: job.title, submitted: job.runs.map((one) => one.id) }, `${job.job}: ${String(job.runs.length)} runs submitted. Follow them: vlab status`);
    }
    const records = await follow({ context, job, queue, redis, progress, ownWorker: options.worker });
    progress.end();
    const document = { ...documentOf(job, records, (performance.now() - started) / 1000, lab.config.home), cost: costOf(records) };
    return answer('run', document, `\n${runTable(document)}`, context.signal.aborted ? 130 : exitCodeOf(document));
  });
}

function costOf(records: readonly RunRecord[]): RunDocument['cost'] {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  return {
    labCpuSeconds: (userCPUTime + systemCPUTime) / 1e6, labMaxRssMiB: Math.round(maxRSS / 1024),
    guestCpuSeconds: records.reduce((sum, record) => sum + (record.guestCpuSeconds ?? 0), 0),
  };
}

type Follow = { context: Context; job: JobRecord; queue: RunQueue; redis: RedisPlace; progress: Progress; ownWorker: boolean };

async function follow({ context, job, queue, redis, progress, ownWorker }: Follow): Promise<RunRecord[]> {
  const { lab } = context;
  const mine = new Set<string>(job.runs.map((one) => one.id));
  const worker = ownWorker ? startWorker({
    lab, redis,
    onEvent: (event) => {
      if (event.event === 'run.opened' && !mine.has(event.run)) progress.say(`${event.run}, of an earlier job, is taken up first (attempt ${String(event.attempt)})`);
    },
  }) : undefined;
  context.onInterrupt((count) => {
    progress.say(count === 1 ? 'interrupted: the run under way is brought to its end, the others are cancelled; interrupt again to stop now' : 'interrupted again: stopping now');
    void cancelRuns(job, queue, lab.config.home, count > 1);
    if (count > 1) worker?.abortAll(new LabError('INTERRUPTED', 'interrupted', { blame: 'user', stage: 'queue' }));
  });
  try {
    return await Promise.all(job.runs.map(async (request) => {
      const settled = await queue.settled(request.id, (event) => { if (mine.has(event.run)) progress.event(event); });
      const record = (await readRun(lab.config.home, request.id)) ??
        (await sealUnrun(lab.config.home, request, { kind: 'broken', stage: 'queue', why: `no worker brought it to its end: ${settled.why || settled.state}` }));
      progress.set(request.id, `${record.outcome.kind}: ${record.outcome.why.split('\n')[0] ?? ''}`, true);
      return record;
    }));
  } finally {
    await worker?.close();
  }
}

/** Waiting runs are sealed as cancelled at once; an active one only when told to stop now. */
async function cancelRuns(job: JobRecord, queue: RunQueue, home: string, active: boolean): Promise<void> {
  for (const request of job.runs) {
    const state = await queue.stateOf(request.id);
    if (state === 'completed' || state === 'failed' || (state === 'active' && !active)) continue;
    if ((await readRun(home, request.id)) !== undefined) continue;
    if (state !== 'active') await sealUnrun(home, request, { kind: 'cancelled', stage: 'queue', why: 'interrupted before it began' });
    await queue.cancel(request.id);
  }
}

function recordOf(job: Job, file: string): JobRecord {
  const id = JobId.parse(`j-${randomName()}`);
  const submittedAt = new Date().toISOString();
  const runs: RunRequest[] = job.kernels.map((kernel) => ({
    id: RunId.parse(`r-${randomName()}`), job: id, title: job.title, kernel, flavour: job.flavour, image: job.image, stack: job.stack,
    device: job.device, pipelines: job.pipelines, clip: job.clip, submittedAt,
  }));
  return { job: id, title: job.title, file, submittedAt, runs };
}

function nameOf(request: RunRequest): string {
  const { base, series } = request.kernel;
  return `${request.id} ${base}${series === undefined ? '' : ` + ${series}`}`;
}

function randomName(): string {
  return Array.from({ length: 10 }, () => randomInt(36).toString(36)).join('');
}
