// What a night asks of the lab, by the queue: boots as runs of jobs, the evaluation of a base against last night's, and what is on disk of earlier runs.
import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { RunInputs } from '../contract/inputs.ts';
import { EvaluationId, JobId, RunId, type ContentKey } from '../contract/ids.ts';
import { calledBase, type Base, type Job, type RunRequest } from '../contract/job.ts';
import type { NightBase, NightImage, NightProfile, Pairing } from '../contract/night.ts';
import type { EvaluationRecord } from '../contract/evaluation.ts';
import type { RunRecord } from '../contract/run.ts';
import { evaluateSeries, type Asked, type Bench } from '../evaluate-series.ts';
import { readStack } from '../image/images.ts';
import { readRecord } from '../lib/files.ts';
import { messageOf } from '../lib/lab-error.ts';
import type { Making } from '../lib/lab.ts';
import type { NightBench, NightPart } from '../night/bench.ts';
import { pinnedKernel } from '../pinned.ts';
import type { RunQueue } from '../queue/submit.ts';
import type { Progress } from '../report/progress.ts';
import { printable, sayFlavour } from '../report/text.ts';
import { writeEvaluation } from '../store/evaluations.ts';
import { evidenceOf } from '../store/evidence.ts';
import { layout, RUN_FILES } from '../store/layout.ts';
import { readNight } from '../store/nights.ts';
import { readRun, readWorld, writeJob, type JobRecord } from '../store/read.ts';
import { beginEvaluation } from '../store/under-way.ts';
import { benchOf, noSeries, recordOf as evaluationRecordOf } from './evaluate.ts';
import { expandJob, randomName } from '../request/expand-job.ts';
import { takeFiles } from '../request/take-file.ts';
import { cancelRuns, sealImpossible } from './run.ts';
import { watchAll } from './night-watch.ts';

export type ToBench = { making: Making; queue: RunQueue; progress: Progress; file: string; profile: NightProfile; bases: Readonly<Record<string, Base>>; /** What this process can do itself; undefined where it does no work. */ can: readonly string[] | undefined };

export function nightBench(to: ToBench): NightBench {
  const { making: { lab }, profile, bases } = to;
  const { home } = lab.config;
  const jobs = new Map<JobId, JobRecord>();
  const parts = new Map<JobId, NightPart>();
  return {
    newJob: (part) => {
      const id = JobId.parse(`j-${randomName()}`);
      parts.set(id, part);
      return id;
    },
    newRun: () => RunId.parse(`r-${randomName()}`),
    requests: async (asked, id, images) => (await Promise.all(asked.map(async (job: Job) => expandJob(await takeFiles(job, home), to.file, await readStack(job.stack, lab))))).flatMap((one) => one.runs.map((run) => withImages({ ...run, job: id }, images))),
    runs: async (id, title, requests) => {
      const part = parts.get(id) ?? 'further boots';
      const record = jobs.get(id) ?? { job: id, title, file: part === 'matrix' ? to.file : `${to.file}: ${part}`, submittedAt: new Date().toISOString(), runs: [] };
      jobs.set(id, { ...record, runs: [...record.runs, ...requests] });
      await writeJob(home, { ...record, runs: [...record.runs, ...requests] });
      return runAll(to, requests);
    },
    record: (run) => readRun(home, run),
    inputs: (run) => readRecord(join(layout.run(home, run), RUN_FILES.inputs), RunInputs),
    world: (run) => readWorld(home, run),
    commit: (night) => readNight(home, night).then((one) => one.commit, () => ''),
    watch: (before) => watchAll(profile, bases, before, to.making),
    evaluate: (before, after, pairing) => evaluateBase(to, before, after, pairing),
  };
}

function withImages(request: RunRequest, images: readonly NightImage[]): RunRequest {
  const of = (kind: NightImage['kind'], name: string): ContentKey | undefined => images.find((one) => one.kind === kind && one.name === name)?.fresh ?? undefined;
  const [stack, guest] = [of('stack', request.stack), of('guest', request.image)];
  return stack === undefined && guest === undefined ? request : { ...request, fresh: { ...(stack === undefined ? {} : { stack }), ...(guest === undefined ? {} : { guest }) } };
}

async function runAll({ making, queue, progress, can }: ToBench, requests: readonly RunRequest[]): Promise<RunRecord[]> {
  const evidence = evidenceOf(making.lab.config);
  if (making.signal.aborted) return [];
  for (const one of requests) progress.add(one.id, nameOf(one));
  const cancel = (): void => { cancelRuns({ runs: [...requests] }, queue, evidence, true).catch((error: unknown) => { progress.say(`not all of it could be cancelled: ${messageOf(error)}`); }); };
  making.signal.addEventListener('abort', cancel, { once: true });
  try {
    await queue.submit(requests);
    await sealImpossible({ runs: [...requests] }, queue, evidence, can, progress);
    const records = await Promise.all(requests.map(async (request) => {
      await queue.settled(request.id, (event) => { progress.event(event); }, async () => (await evidence.bring(request)) !== undefined);
      const record = await evidence.bring(request);
      progress.set(request.id, record === undefined ? 'lost' : printable(`${record.outcome.kind}: ${record.outcome.why.split('\n')[0] ?? ''}`), true);
      return record;
    }));
    return records.flatMap((one) => one ?? []);
  } finally {
    making.signal.removeEventListener('abort', cancel);
  }
}

function nameOf(request: RunRequest): string {
  const { id, kernel, flavour, device, measure } = request;
  return `${id} ${calledBase(request)}${kernel.series === undefined ? '' : ` + ${kernel.series}`}${sayFlavour(flavour)}, ${device}${measure === null ? '' : `, ${measure}`}`;
}

/** Both kernels by key: neither is built anew, and nothing else differs between the halves of a pair. */
async function evaluateBase({ making, queue, progress, profile, bases }: ToBench, before: NightBase, after: NightBase, pairing: Pairing): Promise<EvaluationRecord | string> {
  const { lab } = making;
  const base = bases[after.base];
  if (base === undefined) return `there is no base ${after.base} any more`;
  try {
    await pinnedKernel(making, before.kernel, 'perf');
  } catch (error) {
    return messageOf(error);
  }
  const inputs = await readRecord(join(layout.run(lab.config.home, after.run), RUN_FILES.inputs), RunInputs);
  if (inputs === undefined) return `what run ${after.run} was made of is not kept`;
  const images = { stack: inputs.stack.key, guest: inputs.guest.key };
  const earlier = `${after.base} of the night before`;
  const { series } = noSeries(after.base);
  const asked: Asked = {
    id: EvaluationId.parse(`e-${randomName()}`), series, baseName: after.base, base, against: { name: earlier, base }, importer: false, device: pairing.device, pipelines: pairing.pipelines, metrics: pairing.metrics,
    flavours: ['perf'], perPatch: false, image: profile.image, stack: inputs.stack.name, budgetSeconds: pairing.budgetSeconds, seed: randomInt(2 ** 31), alpha: 0.01, check: { pipelines: pairing.pipelines, close: false },
  };
  const startedAt = new Date().toISOString();
  const evidence = evidenceOf(lab.config);
  await using _begun = await beginEvaluation(evidence, asked.id, startedAt);
  const { bench, cancel } = await benchOf({ asked, making, queue, progress });
  const keyed: Bench = {
    ...bench,
    build: ({ baseName }) => pinnedKernel(making, baseName === earlier ? before.kernel : after.kernel, 'perf'),
    request: (boot, title) => ({ ...bench.request(boot, title), kernel: { base: after.base, expect: 'passed' }, called: boot.side === 'base' ? earlier : after.base, pins: { ...images, kernel: boot.side === 'base' ? before.kernel : after.kernel } }),
  };
  const interrupted = (): void => { cancel().catch((error: unknown) => { progress.say(`not all of it could be cancelled: ${messageOf(error)}`); }); };
  making.signal.addEventListener('abort', interrupted, { once: true });
  try {
    const record = await evaluationRecordOf({ asked, series, evaluated: await evaluateSeries(asked, keyed, making), startedAt, making });
    await writeEvaluation(lab.config.home, record);
    await evidence.share('evaluations', { id: record.id, submittedAt: record.startedAt }, JSON.stringify(record));
    return record;
  } finally {
    making.signal.removeEventListener('abort', interrupted);
  }
}
