// vlab bisect: which patch of a series, which commit of a git range, or which version of Debian's kernel is wrong, or slow. Every look at a kernel is
// an evaluation against the good one, with that evaluation's own second boots; looks that were taken before an interruption are not taken again.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { SAW } from '../contract/bisection.ts';
import type { EvaluationRecord } from '../contract/evaluation.ts';
import { EvaluationId } from '../contract/ids.ts';
import { Ancestry } from '../evaluate/ancestry.ts';
import { nextLook, type Asked, type Look, type Next } from '../evaluate/bisect.ts';
import { answerOf, sayLook, sayQuestion, type Told } from '../evaluate/bisect-report.ts';
import { METHOD } from '../evaluate/judge.ts';
import { lookOf, type On } from '../evaluate/look-of.ts';
import { narrowOf, type Check } from '../evaluate/narrow.ts';
import { CHECK_PIPELINES } from '../evaluate-series.ts';
import { keyOf, readRecord, writeWhole } from '../lib/files.ts';
import { LabError } from '../lib/lab-error.ts';
import { sentence } from '../report/evaluation/terminal.ts';
import { counted } from '../report/text.ts';
import { readEvaluation } from '../store/evaluations.ts';
import { readRun } from '../store/read.ts';
import { debianHunt } from './bisect-debian.ts';
import { gitHunt } from './bisect-git.ts';
import { seriesHunt } from './bisect-series.ts';
import { answer, type Answer, type Context } from './command.ts';
import { counting } from './counting.ts';
import { checkAsked, type EvaluateOptions } from './evaluate.ts';
import type { Hunt } from './hunt.ts';
import { withQueue } from './working.ts';

export type BisectOptions = Omit<EvaluateOptions, 'recompute' | 'patches' | 'metric' | 'perPatch' | 'against' | 'narrow'> & { on: string; path: string[]; debian?: string; sure: string; most: string };

const ON = ['correctness', 'instructions', 'time'] as const;

const Taken = z.array(z.strictObject({ at: z.string(), saw: SAW, detectors: z.array(z.string()), narrow: z.boolean(), evaluation: EvaluationId.nullable(), why: z.string() }));
type Taken = z.infer<typeof Taken>;

/**
 * Of a metric: an evaluation's false alarms are 1 in 100, half of them as worse. Not worse is said where the whole of a 95 % interval is below what
 * matters, which a change that matters comes to in 25 of 1000 cases at most.
 */
const VERDICTS: Asked['model'] = { kind: 'verdict', alarm: 0.005, miss: 0.025 };

export async function bisect(context: Context, words: readonly string[], options: BisectOptions): Promise<Answer<'bisect'>> {
  const on = ON.find((one) => one === options.on);
  if (on === undefined) throw refusal('UNKNOWN_NAME', `unknown thing to bisect on "${options.on}"; known: ${ON.join(', ')}`);
  const asked: Asked = { model: on === 'correctness' ? { kind: 'boots' } : VERDICTS, sure: sureOf(options.sure), most: mostOf(options.most) };
  const hunt = await huntFor(context, words, options);
  const { home } = context.lab.config;
  const key = keyOf({ version: 3, on, base: hunt.base, device: options.device, pipelines: options.pipelines, stack: options.stack, image: options.image, debug: options.debug, ...(options.check === undefined ? {} : { check: options.check }), ...(on === 'correctness' ? {} : { budget: options.budget, method: METHOD }), ...hunt.identity });
  await mkdir(join(home, 'bisections'), { recursive: true });
  const search: Search = { context, hunt, on, asked, given: checkAsked(options).check, file: join(home, 'bisections', `${key}.json`) };
  const told = await toldOf(search, await looksUntilFound(search));
  const { document, text } = answerOf(told);
  return answer('bisect', document, text, document.found.length > 0 ? 1 : 0);
}

async function huntFor(context: Context, words: readonly string[], options: BisectOptions): Promise<Hunt> {
  if (options.debian !== undefined) {
    if (words.length > 0) throw refusal('USAGE', `Expected --debian without a series, got "${words[0] ?? ''}"`);
    return debianHunt(context, options.debian, options);
  }
  if (words[0]?.startsWith('git:') === true) return gitHunt(context, words, options);
  if (options.path.length > 0) throw refusal('USAGE', 'Expected --path with a git range, got it with a series');
  return seriesHunt(context, words, options);
}

/** `given`: what whoever asks looks for alone. */
type Search = { context: Context; hunt: Hunt; on: On; asked: Asked; given: Check | undefined; file: string };
type Ended = Exclude<Next, { ask: string }>;

type Searched = { taken: Taken; /** Those of them that the answer rests on. */ used: Taken; check: Check | undefined; next: Ended };

async function looksUntilFound(search: Search): Promise<Searched> {
  const { context, hunt, file } = search;
  const history = new Ancestry(hunt.places);
  // Between two bisections Debian may have released another version: what was seen of those that are still there holds.
  const all = (await readRecord(file, Taken)) ?? [];
  const taken = all.filter((one) => hunt.places.some(({ id }) => id === one.at));
  const others = all.filter((one) => !taken.includes(one));
  if (taken.length > 0) context.talk(`${counted(taken.length, 'look')} of an earlier bisection of the same kernels ${taken.length === 1 ? 'is' : 'are'} taken as they are`);
  const kept = searchedBy(taken, await nextOf(search, history, taken));
  if (kept !== undefined) return kept;
  // One Redis for all looks: each would else end the one that the next is about to begin.
  return withQueue(counting(context), async () => {
    for (;;) {
      const now = await nextOf(search, history, taken);
      const ended = searchedBy(taken, now);
      if (ended !== undefined) return ended;
      await takeLook(search, { taken, others }, now);
    }
  });
}

type Now = { next: Next; check: Check | undefined };

function searchedBy(taken: Taken, { next, check }: Now): Searched | undefined {
  return 'ask' in next ? undefined : { taken, used: taken.filter((one) => one.narrow === (check !== undefined)), check, next };
}

async function takeLook({ context, hunt, on, given, file }: Search, { taken, others }: { taken: Taken; others: Taken }, { next, check }: Now): Promise<void> {
  if (!('ask' in next)) return;
  context.talk(sayQuestion({ number: taken.length + 1, next, name: hunt.called(next.ask), places: hunt.places.length, unit: hunt.unit, check, found: given === undefined }));
  const seen = await hunt.evaluate(next.ask, on === 'correctness' ? 'none' : on, check);
  if (context.signal.aborted) throw new LabError('INTERRUPTED', `interrupted; ${counted(taken.length, 'look')} are kept, and the same command goes on from there`, { blame: 'user', stage: 'queue' });
  const look = 'saw' in seen ? { at: next.ask, saw: seen.saw, detectors: [], narrow: check !== undefined, evaluation: null, why: seen.why } : ofRecord(seen, next.ask, on, check !== undefined);
  taken.push(look);
  await writeWhole(file, JSON.stringify([...others, ...taken], null, 2));
  context.talk(`    ${sayLook(look, on)}`);
}

/**
 * First everything is checked, until the newest kernel has shown something twice. From then on only what showed it, beginning with the newest kernel
 * again: how often it shows is a matter of what is looked at. Where that does not show it, everything is checked to the end.
 */
async function nextOf({ context, hunt, on, asked, given }: Search, history: Ancestry, taken: Taken): Promise<Now> {
  if (given !== undefined) return { next: nextLook(history, taken, asked), check: given };
  const whole = nextLook(history, taken.filter((one) => !one.narrow), asked);
  const [head] = history.heads;
  if (on !== 'correctness' || 'nothing' in whole || ('ask' in whole && whole.why === 'newest')) return { next: whole, check: undefined };
  const shown = taken.findLast((one) => one.at === head && !one.narrow && (one.saw === 'wrong' || one.saw === 'once'));
  const check = shown?.evaluation == null ? undefined : await narrowFor(context, shown.evaluation);
  if (check === undefined || hunt.places.length === 1) return { next: whole, check: undefined };
  const narrow = nextLook(history, taken.filter((one) => one.narrow), asked);
  return 'nothing' in narrow ? { next: whole, check: undefined } : { next: narrow, check };
}

async function narrowFor({ lab }: Context, evaluation: string): Promise<Check | undefined> {
  const { home } = lab.config;
  const record = await readEvaluation(home, evaluation);
  if (record === undefined) return undefined;
  const { failures, unconfirmed } = record.correctness;
  const seen = failures.length > 0 ? failures : unconfirmed;
  const runs = await Promise.all([...new Set(seen.flatMap((one) => one.run ?? []))].map((run) => readRun(home, run)));
  return narrowOf(seen, runs.flatMap((run) => run ?? []), CHECK_PIPELINES);
}

function ofRecord(record: EvaluationRecord, at: string, on: On, narrow: boolean): Taken[number] {
  if (record.verdict === null && record.outcome.kind !== 'failed') {
    throw new LabError('BROKEN_STEP', `a look could not be taken: ${record.why}`, { blame: record.outcome.kind === 'rejected' ? 'request' : 'lab', stage: 'queue', hint: 'the same command goes on from there' });
  }
  const look: Look = lookOf(record, at, on);
  return { at, saw: look.saw, detectors: [...look.detectors], narrow, evaluation: record.id, why: sentence(record) };
}

async function toldOf({ context, hunt, on, asked }: Search, { taken, used, check, next }: Searched): Promise<Told> {
  const steps = await Promise.all(taken.map(async (look) => {
    const record = look.evaluation === null ? undefined : await readEvaluation(context.lab.config.home, look.evaluation);
    const p = record?.metrics.filter((row) => row.primary && row.verdict === 'worse').flatMap((row) => row.p ?? []) ?? [];
    return { ...look, subject: hunt.described(look.at).subject, verdict: record?.verdict ?? null, p: p.length === 0 ? null : Math.min(...p) };
  }));
  return { what: hunt.what, of: hunt.of, base: hunt.base, on, asked, next, steps, used, check, described: hunt.described, called: hunt.called, history: new Ancestry(hunt.places) };
}

function sureOf(given: string): number {
  const percent = Number(given);
  if (!/^\d+(\.\d+)?$/.test(given) || percent < 50 || percent >= 100) throw refusal('USAGE', `Expected --sure to be a percentage from 50 to below 100, got "${given}"`);
  return percent / 100;
}

function mostOf(given: string): number {
  const most = Number(given);
  if (!/^\d+$/.test(given) || most < 1 || most > 1000) throw refusal('USAGE', `Expected --most to be a number of looks from 1 to 1000, got "${given}"`);
  return most;
}

function refusal(code: string, message: string): LabError {
  return new LabError(code, message, { blame: 'request', stage: 'request', hint: 'vlab bisect --help' });
}
