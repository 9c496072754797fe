// vlab bisect SERIES: which patch of it is wrong, or slow. Every step is an evaluation of its first patches, with that evaluation's own
// confirmation; steps that were taken before an interruption are not taken again.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { EvaluationId } from '../contract/ids.ts';
import type { EvaluationRecord } from '../contract/evaluation.ts';
import { nextStep, type Next, type Step } from '../evaluate/bisect.ts';
import { keyOf, readRecord, writeWhole } from '../lib/files.ts';
import { LabError } from '../lib/lab-error.ts';
import { sentence } from '../report/evaluation/terminal.ts';
import { counted } from '../report/text.ts';
import { readEvaluation } from '../store/evaluations.ts';
import { answer, type Answer, type Context } from './command.ts';
import { evaluate, seriesAsked, type EvaluateOptions } from './evaluate.ts';

export type BisectOptions = Omit<EvaluateOptions, 'recompute' | 'patches' | 'metric'> & { on: string };

const ON = ['correctness', 'instructions', 'time'] as const;
const Taken = z.array(z.strictObject({ patches: z.int(), is: z.enum(['good', 'bad', 'skip']), evaluation: EvaluationId }));
type Taken = z.infer<typeof Taken>;

export async function bisect(context: Context, words: readonly string[], options: BisectOptions): Promise<Answer<'bisect'>> {
  const on = ON.find((one) => one === options.on);
  if (on === undefined) throw new LabError('UNKNOWN_NAME', `unknown thing to bisect on "${options.on}"; known: ${ON.join(', ')}`, { blame: 'request', stage: 'request' });
  const { series, baseName } = await seriesAsked(context, words, options.base);
  const { home } = context.lab.config;
  const key = keyOf({ on, base: baseName, device: options.device, pipelines: options.pipelines, stack: options.stack, image: options.image, debug: options.debug, patches: series.patches.map((patch) => patch.sha256) });
  const file = join(home, 'bisections', `${key}.json`);
  await mkdir(join(home, 'bisections'), { recursive: true });
  const taken = (await readRecord(file, Taken)) ?? [];
  if (taken.length > 0) context.talk(`${counted(taken.length, 'step')} of an earlier bisection of the same patches are taken as they are`);
  for (;;) {
    const next = nextStep(series.patches.length, taken);
    if (!('ask' in next)) return await told(context, { taken, next, on, series: series.name, files: series.patches.map((patch) => patch.file) });
    context.talk(`step ${String(taken.length + 1)}: the first ${counted(next.ask, 'patch').replace('patchs', 'patches')} of ${String(series.patches.length)}`);
    const { document } = await evaluate(context, [series.name], { ...options, base: baseName, patches: String(next.ask), metric: on === 'correctness' ? 'none' : on });
    if (context.signal.aborted) throw new LabError('INTERRUPTED', `interrupted; ${counted(taken.length, 'step')} are kept, and the same command goes on from there`, { blame: 'user', stage: 'queue' });
    const record = document as EvaluationRecord;
    if (record.verdict === null && record.outcome.kind === 'broken') throw new LabError('BROKEN_STEP', `a step could not be taken: ${record.why}`, { blame: 'lab', stage: 'queue', hint: 'the same command goes on from there' });
    taken.push({ patches: next.ask, is: answerOf(record, on), evaluation: record.id });
    await writeWhole(file, JSON.stringify(taken, null, 2));
    context.talk(`    ${taken.at(-1)?.is ?? ''}: ${sentence(record)}`);
  }
}

/** A prefix that does not build says nothing of what it would do. Something wrong is no answer where speed was asked for. */
function answerOf({ verdict, correctness }: EvaluationRecord, on: (typeof ON)[number]): Step['is'] {
  if (correctness.failures.some((one) => one.detector === 'build' || one.detector === 'apply')) return 'skip';
  if (on === 'correctness') return correctness.failures.length > 0 ? 'bad' : 'good';
  if (verdict === 'worse') return 'bad';
  return verdict === 'better' || verdict === 'equivalent' ? 'good' : 'skip';
}

type ToTell = { taken: Taken; next: Exclude<Next, { ask: number }>; on: (typeof ON)[number]; series: string; files: readonly string[] };

async function told({ lab }: Context, { taken, next, on, series, files }: ToTell): Promise<Answer<'bisect'>> {
  const found = 'found' in next ? files.slice(next.found.first - 1, next.found.last) : [];
  const steps = await Promise.all(taken.map(async (step) => {
    const record = await readEvaluation(lab.config.home, step.evaluation);
    const p = record?.metrics.filter((row) => row.primary && row.verdict === 'worse').flatMap((row) => row.p ?? []) ?? [];
    return { ...step, verdict: record?.verdict ?? null, p: p.length === 0 ? null : Math.min(...p) };
  }));
  const why = 'nothing' in next ? next.nothing : found.length === 1 ? `${found[0] ?? ''} is the first with which ${series} is ${on === 'correctness' ? 'wrong' : `worse in ${on}`}` : `it is one of ${found.join(', ')}: those between could not be tried`;
  const sure = on === 'correctness' ? 'every bad step was seen on two boots and not on the base; a good one rests on one boot of each kernel' : 'every step is a verdict of its own, of which at most 1 in 100 is a false alarm';
  const text = [`${series}: ${why}`, ...steps.map((step) => `    with ${String(step.patches)}: ${step.is} (${step.evaluation})`), sure].join('\n');
  return answer('bisect', { series, on, found: [...found], why, confidence: sure, steps }, text, found.length > 0 ? 1 : 0);
}
