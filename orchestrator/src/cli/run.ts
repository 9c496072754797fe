// vlab run JOB.yaml: submits a job's runs, works on them here unless told not to, follows them to their end and reports.
import { basename, dirname, resolve } from 'node:path';
import type { RunDocument } from '../contract/documents.ts';
import { WANTS } from '../contract/capability.ts';
import type { Job, RunRequest } from '../contract/job.ts';
import type { RunRecord } from '../contract/run.ts';
import { hostCapabilities } from '../guest/capabilities.ts';
import { readStack } from '../image/images.ts';
import { LabError, messageOf } from '../lib/lab-error.ts';
import type { Making } from '../lib/lab.ts';
import { NO_TRACER, type Tracer } from '../lib/tracing.ts';
import type { RedisPlace } from '../queue/redis.ts';
import type { RunQueue } from '../queue/submit.ts';
import { Progress } from '../report/progress.ts';
import { pagesOf } from '../report/pages.ts';
import { documentOf, exitCodeOf, runTable } from '../report/run-report.ts';
import { sayFlavour } from '../report/text.ts';
import { expandJob, withTrace } from '../request/expand-job.ts';
import { readJobFile } from '../request/read-job.ts';
import { readSuite } from '../request/read-suite.ts';
import { takeFiles } from '../request/take-file.ts';
import { sourceAt } from '../series/source.ts';
import { evidenceOf, type Evidence } from '../store/evidence.ts';
import { writeJob, type JobRecord } from '../store/read.ts';
import { sealUnrun } from '../store/seal-unrun.ts';
import { answer, type Answer, type Context } from './command.ts';
import { addSources, namesFor } from './naming.ts';
import { sweep } from './sweep.ts';
import { startWorker, withQueue } from './working.ts';

export type RunOptions = { worker: boolean; detach: boolean; quiet: boolean; suite?: string; vectors?: string; pipelines: string; base: string };

export async function run(context: Context, file: string | undefined, options: RunOptions): Promise<Answer<'run' | 'run-detached'>> {
  const asked = await askedFor(context, file, options);
  const { tracer = NO_TRACER } = context.lab;
  return tracer.span('job', { 'vlab.title': asked.asked.title, 'vlab.file': asked.from }, () => submitAndFollow(context, asked, options, tracer));
}

async function submitAndFollow(context: Context, { asked, from, folder, left }: Asked, options: RunOptions, tracer: Tracer): Promise<Answer<'run' | 'run-detached'>> {
  const { lab } = context;
  const started = performance.now();
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
  const whole = await takeFiles(await addSources(asked, folder, making), lab.config.home);
  const expanded = expandJob(whole, from, await readStack(asked.stack, lab));
  const job = { ...expanded, runs: expanded.runs.map((one) => withTrace(one, tracer.carrier())) };
  for (const vector of left) progress.say(`left out: ${vector}`);
  return withQueue(making, async (queue, redis) => {
    await sweep(lab, queue);
    await writeJob(lab.config.home, job);
    await evidenceOf(lab.config).share('jobs', { id: job.job, submittedAt: job.submittedAt }, JSON.stringify(job));
    const several = job.runs.some((one) => one.device !== job.runs[0]?.device);
    for (const request of job.runs) progress.add(request.id, `${nameOf(request)}${several ? `, ${request.device}` : ''}`);
    await tracer.span('submit', { 'vlab.job': job.job, 'vlab.runs': job.runs.length }, () => queue.submit(job.runs));
    if (options.detach) {
      return answer('run-detached', { job: job.job, title: job.title, submitted: job.runs.map((one) => one.id) }, `${job.job}: ${String(job.runs.length)} runs submitted. Follow them: vlab status`);
    }
    const records = await follow({ context, job, queue, redis, progress, ownWorker: options.worker });
    progress.end();
    const document = { ...documentOf(job, records, (performance.now() - started) / 1000, lab.config.home), cost: costOf(records) };
    return answer('run', document, `\n${runTable(document)}\n\n${pagesOf(job.job)}`, context.signal.aborted ? 130 : exitCodeOf(document));
  });
}

/** `folder`: from which sources are looked for. */
type Asked = { asked: Job; from: string; folder: string; left: readonly string[] };

/** A job file, or a conformance suite with its vectors. */
async function askedFor({ lab }: Context, file: string | undefined, { suite, vectors, pipelines, base }: RunOptions): Promise<Asked> {
  if (suite !== undefined && vectors !== undefined && file === undefined) {
    const { job, left } = await readSuite(suite, vectors, { pipelines: pipelines.split(','), base });
    return { asked: job, from: basename(suite), folder: '.', left };
  }
  if (file === undefined || suite !== undefined || vectors !== undefined) {
    throw new LabError('USAGE', 'Expected a job file, or --suite SUITE.json with --vectors DIR', { blame: 'request', stage: 'request', hint: 'vlab run jobs/first-look.yaml' });
  }
  return { asked: await readJobFile(file, await namesFor(lab.config), sourceAt), from: basename(file), folder: dirname(resolve(file)), left: [] };
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
  const evidence = evidenceOf(lab.config);
  const mine = new Set<string>(job.runs.map((one) => one.id));
  const can = await hostCapabilities();
  await sealImpossible(job, queue, evidence, ownWorker ? can : undefined, progress);
  const worker = ownWorker ? startWorker({
    lab, redis, can,
    onEvent: (event) => {
      if (event.event === 'run.opened' && !mine.has(event.run)) progress.say(`${event.run}, of an earlier job, is taken up first (attempt ${String(event.attempt)})`);
    },
  }) : undefined;
  context.onInterrupt((count) => {
    progress.say(count === 1 ? 'interrupted: the run under way is brought to its end, the others are cancelled; interrupt again to stop now' : 'interrupted again: stopping now');
    cancelRuns(job, queue, evidence, count > 1).catch((error: unknown) => { progress.say(`not all of it could be cancelled: ${messageOf(error)}`); });
    if (count > 1) worker?.abortAll(new LabError('INTERRUPTED', 'interrupted', { blame: 'user', stage: 'queue' }));
  });
  try {
    return await Promise.all(job.runs.map(async (request) => {
      const settled = await queue.settled(request.id, (event) => { if (mine.has(event.run)) progress.event(event); },
        async () => (await evidence.bring(request)) !== undefined);
      const record = (await evidence.bring(request)) ??
        (await sealUnrun(evidence, request, { kind: 'broken', stage: 'queue', why: `no worker brought it to its end: ${settled.why || settled.state}` }));
      progress.set(request.id, `${record.outcome.kind}: ${record.outcome.why.split('\n')[0] ?? ''}`, true);
      return record;
    }));
  } finally {
    await worker?.close();
  }
}

/** A run that wants what neither this host nor any worker has would wait for ever; whoever only submits may wait for a worker to come. */
export async function sealImpossible(job: Pick<JobRecord, 'runs'>, queue: RunQueue, evidence: Evidence, can: readonly string[] | undefined, progress: Pick<Progress, 'say'>): Promise<void> {
  const elsewhere = new Set((await queue.workers()).flatMap((worker) => worker.can));
  for (const request of job.runs) {
    const { needs } = request;
    if (needs === null || elsewhere.has(needs) || can?.includes(needs) === true) continue;
    if (can === undefined) {
      progress.say(`${request.id} waits for a worker whose host has ${WANTS[needs]}; there is none now`);
      continue;
    }
    await sealUnrun(evidence, request, { kind: 'rejected', stage: 'queue', why: `device ${request.device} wants ${WANTS[needs]}; this host has none, and no worker that has it is there` });
    await queue.cancel(request.id);
  }
}

/** Waiting runs are sealed as cancelled at once; an active one only when told to stop now. */
export async function cancelRuns(job: Pick<JobRecord, 'runs'>, queue: RunQueue, evidence: Evidence, active: boolean): Promise<void> {
  for (const request of job.runs) {
    const state = await queue.stateOf(request.id);
    if (state === 'completed' || state === 'failed' || (state === 'active' && !active)) continue;
    if ((await evidence.bring(request)) !== undefined) continue;
    if (state !== 'active') await sealUnrun(evidence, request, { kind: 'cancelled', stage: 'queue', why: 'interrupted before it began' });
    await queue.cancel(request.id);
  }
}

function nameOf(request: RunRequest): string {
  const { base, series } = request.kernel;
  return `${request.id} ${base}${series === undefined ? '' : ` + ${series}`}${sayFlavour(request.flavour)}${request.measure === null ? '' : `, ${request.measure}`}`;
}
