// vlab nightly: one night, from a plan to what is new. Interrupted, it cancels its runs and says so.
import { basename, join } from 'node:path';
import { rm } from 'node:fs/promises';
import { NightId } from '../contract/ids.ts';
import type { NightRecord } from '../contract/night.ts';
import { hostCapabilities } from '../guest/capabilities.ts';
import { runProgram } from '../lib/exec.ts';
import { writeWhole } from '../lib/files.ts';
import { LabError } from '../lib/lab-error.ts';
import type { Making } from '../lib/lab.ts';
import { notify } from '../night/notify.ts';
import { codecsOf, profileOf } from '../night/read-plan.ts';
import { documentOfNight, exitCodeOfNight } from '../night/told.ts';
import { runNight } from '../night.ts';
import type { RedisPlace } from '../queue/redis.ts';
import { askNight } from '../queue/schedule.ts';
import type { RunQueue } from '../queue/submit.ts';
import { reportsOf } from '../report/night/reports.ts';
import { nightText } from '../report/night/terminal.ts';
import { Progress } from '../report/progress.ts';
import { randomName } from '../request/expand-job.ts';
import { layout } from '../store/layout.ts';
import { beginNight, listNights, nightBefore, NIGHT_FILES, writeNight } from '../store/nights.ts';
import { answer, type Answer, type Context } from './command.ts';
import { counting } from './counting.ts';
import { nightBench } from './night-bench.ts';
import { OWN_PLAN, plannedNight, type Planned } from './planned-night.ts';
import { sweep } from './sweep.ts';
import { startWorker, withQueue } from './working.ts';

export type NightlyOptions = { plan: string; profile: string; wait: boolean; worker: boolean; notify: string[]; quiet: boolean };

export async function nightly(context: Context, options: NightlyOptions): Promise<Answer<'nightly' | 'nightly-asked'>> {
  const { lab } = context;
  if (!options.wait) return askForNight(context, options);
  const night = await plannedNight(context, options);
  const progress = new Progress(process.stderr, options.quiet);
  const making = makingOf(context, progress);
  const record = await withQueue(making, async (queue, redis) => {
    await sweep(lab, queue);
    context.signal.addEventListener('abort', () => { progress.say('interrupted: the runs of this night are cancelled'); }, { once: true });
    return wholeNight({ context, night, queue, redis, progress, work: options.worker, signal: context.signal, scheduled: false });
  }, { urgency: 'night' });
  progress.end();
  const document = documentOfNight(record, join(layout.night(lab.config.home, record.id), NIGHT_FILES.summary));
  return answer('nightly', document, nightText(record, document), exitCodeOfNight(record));
}

/** Somebody else's to begin: whoever leads, which a server or a worker does. */
async function askForNight(context: Context, options: NightlyOptions): Promise<Answer<'nightly-asked'>> {
  if (options.plan !== OWN_PLAN || options.notify.length > 0) throw new LabError('USAGE', 'Expected --wait with --plan or --notify: whoever begins a night for others goes by its own checkout', { blame: 'request', stage: 'request', hint: 'vlab nightly --wait --plan FILE' });
  await plannedNight(context, options);
  return withQueue(counting(context), async (_queue, redis) => {
    const { leader } = await askNight(redis.options, { profile: options.profile, scheduled: false });
    return answer('nightly-asked', { profile: options.profile, leader }, leader === null ? 'asked for; nobody is there to begin it: vlab serve, or vlab worker' : `asked for; ${leader} begins it. Look: vlab nightly list`);
  });
}

function makingOf({ lab, signal }: Context, progress: Progress): Making {
  let said = '';
  return {
    lab, signal,
    progress: (what, done, of) => {
      const text = of === null ? what : `${what}, step ${String(done)} of ${String(of)}`;
      if (text !== said) progress.say(`setting up: ${text}`);
      said = text;
    },
  };
}

export type WholeNight = { context: Pick<Context, 'lab' | 'talk'>; night: Planned; queue: RunQueue; redis: RedisPlace; progress: Progress; /** Whether this process brings runs to their end too. */ work: boolean; signal: AbortSignal; scheduled: boolean };

/** Boots, judges, writes and tells: the same for whoever asked and for the schedule. */
export async function wholeNight({ context: { lab, talk }, night, queue, redis, progress, work, signal: asked, scheduled }: WholeNight): Promise<NightRecord> {
  const { file, plan, profileName, catalogue, targets, selfTest } = night;
  const { home, checkout, webhookSecret } = lab.config;
  const profile = profileOf(plan, profileName);
  const limit = new AbortController();
  const timer = setTimeout(() => { limit.abort(new LabError('LONG_NIGHT', `the night took longer than the ${String(profile.limitMinutes)} minutes of profile ${profileName}`, { blame: 'lab', stage: 'queue' })); }, profile.limitMinutes * 60_000);
  const signal = AbortSignal.any([asked, limit.signal]);
  const making: Making = { lab, signal, progress: (what) => { progress.say(`setting up: ${what}`); } };
  const id = NightId.parse(`n-${randomName()}`);
  const planName = basename(file);
  const startedAt = new Date().toISOString();
  await beginNight(home, id, { startedAt, endsBy: new Date(Date.parse(startedAt) + profile.limitMinutes * 60_000).toISOString() });
  const worker = work ? startWorker({ lab, redis, can: await hostCapabilities() }) : undefined;
  try {
    const bench = nightBench({ making, queue, progress, file: `${planName} ${profileName}`, profile, bases: catalogue.bases, can: work ? await hostCapabilities() : undefined });
    const record = await runNight({
      id, planName, profileName, plan, profile, codecs: codecsOf(profile.clips, catalogue), selfTest, before: nightBefore(await listNights(home), planName, profileName), commit: await commitOf(checkout), scheduled, startedAt,
    }, bench, signal);
    const document = documentOfNight(record, join(layout.night(home, id), NIGHT_FILES.summary));
    const folder = await writeNight(home, record, await reportsOf(record, document));
    if (webhookSecret !== undefined) await tellOthers(folder, targets, document, webhookSecret, talk);
    return record;
  } catch (error) {
    // Where nothing was asked for there is nothing to keep; else its beginning stays, and that it has no end is told.
    if (queue.submitted === 0) await rm(layout.night(home, id), { recursive: true, force: true });
    throw error;
  } finally {
    clearTimeout(timer);
    await worker?.close(signal.aborted ? new LabError('INTERRUPTED', 'interrupted', { blame: 'user', stage: 'queue' }) : undefined);
  }
}

/** A night is not worse for a listener that is away; that it was not told is said and kept. */
async function tellOthers(folder: string, targets: readonly string[], document: unknown, secret: string, talk: Context['talk']): Promise<void> {
  if (targets.length === 0) return;
  const told = await notify(targets, document, secret);
  await writeWhole(join(folder, 'notified.json'), JSON.stringify(told.map((one) => ({ ...one, url: new URL(one.url).host })), null, 2));
  for (const one of told) if (!one.delivered) talk(`${new URL(one.url).host} was not told of the night: ${one.why}, after ${String(one.tries)} tries`);
}

/** The lab's own version: what of it is not committed makes it another one. */
async function commitOf(checkout: string): Promise<string> {
  const head = await runProgram('git', ['-C', checkout, 'rev-parse', '--short=12', 'HEAD']);
  if (!head.ok) return 'not in git';
  const changed = await runProgram('git', ['-C', checkout, 'status', '--porcelain', '--untracked-files=no']);
  return `${head.stdout.trim()}${changed.stdout.trim() === '' ? '' : ', changed'}`;
}
