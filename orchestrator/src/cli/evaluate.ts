// vlab evaluate SERIES: is it right, is it faster or slower than its base, by how much, how sure. And --recompute: the same answer again from
// what was measured.
import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { needsOf } from '../contract/capability.ts';
import type { StampedEvent } from '../contract/event.ts';
import { Device } from '../contract/device.ts';
import { EvaluationRecord, type Verdict } from '../contract/evaluation.ts';
import { BlockId, EvaluationId, JobId, RunId } from '../contract/ids.ts';
import { sayBase, type RunRequest } from '../contract/job.ts';
import { EXIT_CODE } from '../contract/outcome.ts';
import { Pipeline } from '../contract/pipeline.ts';
import { IMPORTER_DRIVER } from '../contract/property.ts';
import { overall, counterRows } from '../evaluate/verdict.ts';
import { METHOD } from '../evaluate/judge.ts';
import type { Check } from '../evaluate/narrow.ts';
import { baseOf } from '../evaluate-build.ts';
import { CHECK_PIPELINES, evaluateSeries, measurable, metricsOf, propertiesOf, QUICK_S, type Asked, type Bench, type Boot, type Evaluated } from '../evaluate-series.ts';
import { hostCapabilities } from '../guest/capabilities.ts';
import { readStack } from '../image/images.ts';
import { kernelFolder } from '../kernel/base.ts';
import { buildKernel } from '../kernel/build.ts';
import { isAdded, prefixOf, readSeries, readSeriesOf, type ReadSeries } from '../kernel/series.ts';
import { sha256OfFile } from '../lib/files.ts';
import { LabError, messageOf } from '../lib/lab-error.ts';
import type { Making } from '../lib/lab.ts';
import { NO_TRACER } from '../lib/tracing.ts';
import type { RunQueue } from '../queue/submit.ts';
import { Progress } from '../report/progress.ts';
import { evaluationText } from '../report/evaluation/terminal.ts';
import { pagesOf } from '../report/pages.ts';
import { printable } from '../report/text.ts';
import { readCatalogue } from '../request/catalogue.ts';
import { randomName, withTrace } from '../request/expand-job.ts';
import { atVersion, splitBase } from '../request/resolve.ts';
import { readAdded } from '../series/added.ts';
import { sentId } from '../series/mail.ts';
import { bootedAlike, findCounted, noteCounted } from '../store/counted.ts';
import { readEvaluation, writeEvaluation } from '../store/evaluations.ts';
import { evidenceOf } from '../store/evidence.ts';
import { readWorld, writeJob, type JobRecord } from '../store/read.ts';
import { beginEvaluation } from '../store/under-way.ts';
import { answer, type Answer, type Context } from './command.ts';
import { counting } from './counting.ts';
import { knownBase, seriesFor, sourceOf } from './series.ts';
import { sweep } from './sweep.ts';
import { startWorker, withQueue } from './working.ts';

export type EvaluateOptions = { base?: string; pipelines: string; device: string; metric: string; budget: string; stack: string; image: string; seed?: string; recompute?: string; patches?: string; perPatch?: boolean; against?: string; check?: string; narrow?: Check; debug: boolean; worker: boolean; quiet: boolean };

/** Of all looks at all primary metrics of an evaluation together. */
const ALPHA = 0.01;
const BUDGETS: Readonly<Record<string, number>> = { quick: QUICK_S, thorough: 3600 };
const LEAST_S = 60;

export async function evaluate(context: Context, words: readonly string[], options: EvaluateOptions): Promise<Answer<'evaluate'>> {
  if (options.recompute !== undefined) return recompute(context, options.recompute);
  const { lab } = context;
  const startedAt = new Date().toISOString();
  const progress = new Progress(process.stderr, options.quiet);
  let said = '';
  const making: Making = {
    lab, signal: context.signal,
    progress: (what, done, of) => {
      const text = of === null ? what : `${what} ${String(done)} of ${String(of)}`;
      if (text !== said) progress.say(text);
      said = text;
    },
  };
  const { asked, series } = await askedFor(context, words, options, making);
  return withQueue(making, async (queue, redis) => {
    await sweep(lab, queue);
    const evidence = evidenceOf(lab.config);
    await using _begun = await beginEvaluation(evidence, asked.id, startedAt);
    const worker = options.worker ? startWorker({ lab, redis, can: await hostCapabilities() }) : undefined;
    const { bench, cancel, job } = await benchOf({ asked, making, queue, progress });
    const interrupted = (): void => {
      progress.say('interrupted: what runs is ended now');
      cancel().catch((error: unknown) => { progress.say(`not all of it could be cancelled: ${messageOf(error)}`); });
    };
    context.signal.addEventListener('abort', interrupted, { once: true });
    try {
      const evaluated = await (lab.tracer ?? NO_TRACER).span('evaluation', { 'vlab.evaluation': asked.id, 'vlab.series': series.name }, () => evaluateSeries(asked, bench, making));
      const record = await recordOf({ asked, series, evaluated, startedAt, making });
      await writeEvaluation(lab.config.home, record);
      await evidence.share('jobs', { id: job.job, submittedAt: job.submittedAt }, JSON.stringify(job));
      await evidence.share('evaluations', { id: record.id, submittedAt: record.startedAt }, JSON.stringify(record));
      progress.end();
      return answer('evaluate', record, `${evaluationText(record)}\n${pagesOf(record.id)}`, context.signal.aborted ? 130 : exitCodeOf(record));
    } finally {
      context.signal.removeEventListener('abort', interrupted);
      await worker?.close(context.signal.aborted ? new LabError('INTERRUPTED', 'interrupted', { blame: 'user', stage: 'queue' }) : undefined);
    }
  });
}

const EXIT_OF: Readonly<Record<Verdict, number>> = { better: 0, equivalent: 0, failed: 1, worse: 1, inconclusive: 4 };

export function exitCodeOf({ outcome, verdict }: EvaluationRecord): number {
  return verdict === null ? EXIT_CODE[outcome.kind] : EXIT_OF[verdict];
}

async function recompute({ lab }: Context, given: string): Promise<Answer<'evaluate'>> {
  const record = await readEvaluation(lab.config.home, given);
  if (record === undefined) throw new LabError('UNKNOWN_ID', `Expected an evaluation of this lab, got "${given}"`, { blame: 'request', stage: 'request', hint: `ls ${lab.config.home}/evaluations` });
  if (record.method !== METHOD) throw new LabError('OTHER_METHOD', `Expected an evaluation by method ${String(METHOD)}, got one by ${String(record.method)}`, { blame: 'request', stage: 'request', hint: 'its verdict stands as it was given: vlab report' });
  const metrics = [...metricsOf(record.samples, record.looks, record.seed), ...counterRows(record.facts)];
  const verdict = record.verdict === null ? null : record.identical ? 'equivalent' : overall(record.correctness.failures.length === 0, metrics);
  const again = { ...record, metrics, verdict };
  const same = JSON.stringify(EvaluationRecord.parse(again)) === JSON.stringify(record);
  const text = `${evaluationText(again)}\n${same ? 'recomputed from the raw samples: the same, to the last digit' : 'recomputed from the raw samples: NOT what was recorded'}`;
  return answer('evaluate', again, text, same ? exitCodeOf(again) : EXIT_CODE.broken);
}

async function askedFor(context: Context, words: readonly string[], options: EvaluateOptions, making: Making): Promise<{ asked: Asked; series: ReadSeries }> {
  const { lab } = context;
  const catalogue = await readCatalogue(lab.config.checkout);
  const device = oneOf(Device.options, options.device, 'device');
  const pipelines = [...new Set(options.pipelines.split(',').map((name) => oneOf(Pipeline.options, name.trim(), 'pipeline')))];
  const beside = pipelines.find((name) => !measurable(name));
  if (beside !== undefined) throw refusal(`Expected pipelines that run in the guest, got ${beside}, which never sees its kernel`, '--pipelines upload,dmabuf-copy');
  const metrics = options.metric === 'none' ? [] : options.metric.split(',').map((name) => oneOf(['time', 'instructions'] as const, name.trim(), 'metric'));
  for (const [what, name, known] of [['stack', options.stack, catalogue.stacks], ['image', options.image, catalogue.images]] as const) oneOf(known, name, what);
  const budgetSeconds = secondsIn(options.budget);
  const wanted = options.base === undefined ? undefined : splitBase(options.base);
  const { series: whole, baseName } = options.against === undefined ? await seriesAsked(context, words, wanted?.base, making) : noSeries(wanted?.base, options.base);
  const unversioned = catalogue.bases[baseName];
  if (unversioned === undefined) throw refusal(`unknown base "${baseName}"; known: ${Object.keys(catalogue.bases).join(', ')}`, 'ls kernel-patches/bases.yaml');
  const base = atVersion({ base: baseName, version: wanted?.version }, unversioned);
  if (options.patches !== undefined && !/^[1-9]\d{0,3}$/.test(options.patches)) throw refusal(`Expected a number of patches, got "${options.patches}"`, '--patches 1');
  const series = prefixOf(whole, options.patches === undefined ? undefined : Number(options.patches));
  const seed = options.seed === undefined ? randomInt(2 ** 31) : Number(options.seed);
  if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 31) throw refusal(`Expected a seed from 0 to ${String(2 ** 31 - 1)}, got "${options.seed ?? ''}"`, '--seed 1');
  const id = EvaluationId.parse(`e-${randomName()}`);
  return { asked: { id, series, baseName, base, device, pipelines, metrics: (['instructions', 'time'] as const).filter((kind) => metrics.includes(kind)), flavours: options.debug ? ['perf', 'debug'] : ['perf'], ...(series.patches.length < whole.patches.length ? { ofPatches: whole.patches.length } : {}), perPatch: options.perPatch === true, image: options.image, stack: options.stack, budgetSeconds, seed, alpha: ALPHA, ...await againstOf(options.against, baseName, context), ...checkAsked(options) }, series };
}

/** What somebody looks for alone: by name, or because a bisection has seen it. */
export function checkAsked({ check, narrow }: Pick<EvaluateOptions, 'check' | 'narrow'>): { check?: Check } {
  if (narrow !== undefined) return { check: narrow };
  return check === undefined ? {} : { check: { pipelines: check.split(',').map((name) => oneOf(CHECK_PIPELINES, name.trim(), 'pipeline to check')), close: false } };
}

/** A base as it is, to be held against another. */
export function noSeries(base = '', called = base): { series: ReadSeries; baseName: string } {
  return { series: { name: 'none', title: `${called} as it is`, appliesTo: [base], expect: 'passed', unpatched: true, patches: [] }, baseName: base };
}

async function againstOf(given: string | undefined, baseName: string, { lab }: Context): Promise<Pick<Asked, 'against' | 'importer'>> {
  if (given === undefined) return {};
  const { checkout } = lab.config;
  const { bases } = await readCatalogue(checkout);
  const spec = splitBase(given);
  const name = oneOf(Object.keys(bases), spec.base, 'base');
  const base = bases[name];
  if (base === undefined) throw new Error(`${name} is a base and is not there`);
  const importer = await readSeries(checkout, `drivers/${IMPORTER_DRIVER}`);
  return { against: { name, base: atVersion(spec, base) }, importer: [name, baseName].every((one) => importer.appliesTo.includes(one)) };
}

/** The series as it was given, added where it is a source, and the base that it is for. */
export async function seriesAsked(context: Context, words: readonly string[], base: string | undefined, making: Making = counting(context)): Promise<{ series: ReadSeries; baseName: string }> {
  const { config } = context.lab;
  if (words.length === 0) throw refusal('Expected a series: a name of kernel-patches/, or a mail, mailbox, folder or repository', 'vlab series list');
  const catalogue = await readCatalogue(config.checkout);
  if (base !== undefined) knownBase(base, catalogue.bases);
  const { name } = await seriesFor({ given: sourceOf(words), base, folder: '.', evenIfNot: base !== undefined, catalogue }, making);
  const { appliesTo } = await readSeriesOf(config, name);
  const baseName = base ?? (appliesTo.includes('6.12') ? '6.12' : (appliesTo[0] ?? '6.12'));
  return { series: await readSeriesOf(config, name, baseName), baseName };
}

function secondsIn(budget: string): number {
  const named = BUDGETS[budget];
  if (named !== undefined) return named;
  const [, count, unit] = /^(\d+)(s|m|h)$/.exec(budget) ?? [];
  if (count === undefined) throw refusal(`Expected a budget such as quick, thorough, 10m or 90s, got "${budget}"`, '--budget quick');
  const seconds = Number(count) * { s: 1, m: 60, h: 3600 }[unit as 's' | 'm' | 'h'];
  if (seconds < LEAST_S) throw refusal(`a budget of ${String(seconds)} s is too small for one pair; the least that would do is ${String(LEAST_S)} s`, `--budget ${String(LEAST_S)}s`);
  return seconds;
}

function oneOf<T extends string>(known: readonly T[], given: string, what: string): T {
  const found = known.find((one) => one === given);
  if (found === undefined) throw refusal(`unknown ${what} "${given}"; known: ${known.join(', ')}`, 'vlab evaluate --help');
  return found;
}

function refusal(message: string, hint: string): LabError {
  return new LabError('USAGE', message, { blame: 'request', stage: 'request', hint });
}

type ToBench = { asked: Asked; making: Making; queue: RunQueue; progress: Progress };

/** Boots through the queue, all of them runs of one job that grows. */
export async function benchOf({ asked, making, queue, progress }: ToBench): Promise<{ bench: Bench; job: JobRecord; cancel: () => Promise<void> }> {
  const { home } = making.lab.config;
  const evidence = evidenceOf(making.lab.config);
  const hostSide = await readStack(asked.stack, making.lab);
  const job: JobRecord = { job: JobId.parse(`j-${randomName()}`), title: `evaluation ${asked.id} of ${asked.series.name}`, file: asked.id, submittedAt: new Date().toISOString(), runs: [] };
  const pending = new Set<string>();
  const titles = new Map<string, string>();
  progress.add(asked.id, `${asked.id} ${asked.series.name}`);
  // Some sixty boots: one line that changes where it can change, elsewhere only what went wrong.
  const told = (event: StampedEvent): void => {
    const name = `${event.run} ${titles.get(event.run) ?? ''}`;
    if (event.event === 'run.sealed' && event.outcome.kind !== 'passed') progress.say(printable(`${name}: ${event.outcome.kind}: ${event.outcome.why.split('\n')[0] ?? ''}`));
    else if (event.event === 'stage.started' && process.stderr.isTTY) progress.set(asked.id, `${name}: ${event.stage}`);
  };
  const submitted = async (requests: readonly RunRequest[]): Promise<void> => {
    job.runs.push(...requests);
    await writeJob(home, job);
    for (const { id, title } of requests) titles.set(id, title);
  };
  const settled = async (id: string, runs: readonly RunRequest[]): Promise<void> => {
    pending.add(id);
    await queue.settled(id, told, async () => (await Promise.all(runs.map((one) => evidence.bring(one)))).every((record) => record !== undefined));
    pending.delete(id);
  };
  const bench: Bench = {
    build: (plan, signal) => buildKernel(plan, signal === undefined ? making : { ...making, signal: AbortSignal.any([making.signal, signal]) }),
    sameBytes: async (...records) => {
      const [one, other] = await Promise.all(records.map(({ kernel }) => sha256OfFile(join(kernelFolder(making.lab, kernel), 'vmlinux'))));
      return one === other;
    },
    request: (boot, title) => withTrace(requestOf(asked, job.job, boot, title, needsOf(asked.device, hostSide)), making.lab.tracer?.carrier()),
    runs: async (requests) => {
      await submitted(requests);
      await queue.submit(requests);
      return Promise.all(requests.map(async (one) => {
        await settled(one.id, [one]);
        return evidence.bring(one);
      }));
    },
    block: async (steps, quiet) => {
      const requests = steps.flat();
      await submitted(requests);
      const block = BlockId.parse(`b-${randomName()}`);
      await queue.submitBlock({ block, steps: steps.map((step) => [...step]), quiet });
      await settled(block, requests);
      const records = await Promise.all(requests.map((one) => evidence.bring(one)));
      return { records: ofOneAttempt(records), host: await queue.hostOf(block) };
    },
    versions: (run) => readWorld(home, run),
    counted: { find: (kernel, request) => findCounted(home, kernel, request), note: (kernel, request, run) => noteCounted(home, kernel, request, run), alike: (one, other) => bootedAlike(home, one, other) },
  };
  return { bench, job, cancel: async () => { for (const id of pending) await queue.cancel(id); } };
}

/** A block that was begun again, perhaps on another host, has halves of two attempts: those of the last are pairs. */
function ofOneAttempt<T extends { attempt: number }>(records: readonly (T | undefined)[]): (T | undefined)[] {
  const last = Math.max(0, ...records.map((one) => one?.attempt ?? 0));
  return records.map((one) => (one?.attempt === last ? one : undefined));
}

function requestOf(asked: Asked, job: JobId, boot: Boot, title: string, needs: RunRequest['needs']): RunRequest {
  const { series, image, stack, device } = asked;
  const { side, flavour, measure, pipelines, clips, importer, checked, calls, patches } = boot;
  const { name, base } = baseOf(asked, side);
  return {
    id: RunId.parse(`r-${randomName()}`), job, title, kernel: { base: name, ...('version' in base && base.version !== undefined ? { version: base.version } : {}), ...(side === 'patched' && asked.against === undefined ? { series: series.name, ...(series.unpatched ? {} : { patches: patches ?? series.patches.length }) } : {}), expect: 'passed' }, flavour,
    drivers: importer ? ['vlab-importer'] : [], image, stack, device, pipelines: [...pipelines], clips: [...clips], measure, properties: propertiesOf(device, importer), faults: [],
    exercise: importer, checked, calls, needs, submittedAt: new Date().toISOString(),
  };
}

type ToRecord = { asked: Asked; series: ReadSeries; evaluated: Evaluated; startedAt: string; making: Making };

export async function recordOf({ asked, series, evaluated, startedAt, making }: ToRecord): Promise<EvaluationRecord> {
  const source = isAdded(series.name) ? (await readAdded(making.lab.config, series.name))?.source : undefined;
  const first = source?.patches[0];
  return EvaluationRecord.parse({
    version: 1, id: asked.id, series: series.name, title: series.title, base: sayBase({ name: asked.baseName, base: asked.base }), ...(asked.against === undefined ? {} : { against: sayBase(asked.against) }), ...(asked.check === undefined ? {} : { checked: [...asked.check.pipelines] }), messageId: sentId(source?.cover?.messageId ?? first?.messageId),
    subject: source?.cover?.subject ?? first?.subject ?? null, author: source?.author ?? null, patches: series.patches.map(({ file, sha256 }) => ({ file, sha256 })), ...(asked.ofPatches === undefined ? {} : { ofPatches: asked.ofPatches }), image: asked.image, stack: asked.stack, device: asked.device, pipelines: asked.pipelines,
    clip: 'h264-640x360-brief', budgetSeconds: asked.budgetSeconds, method: METHOD, seed: asked.seed, alpha: asked.alpha, startedAt, endedAt: new Date().toISOString(), ...evaluated,
  });
}
