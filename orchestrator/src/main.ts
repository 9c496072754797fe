// argv to command to exit code. Sole reader of argv and environment, sole caller of process.exit.
import { mkdir } from 'node:fs/promises';
import { Command, CommanderError } from 'commander';
import manifest from '../package.json' with { type: 'json' };
import { b4Check } from './cli/b4-check.ts';
import { bisect, type BisectOptions } from './cli/bisect.ts';
import { cancel } from './cli/cancel.ts';
import { printAnswer, printError, type Answer, type Context } from './cli/command.ts';
import { completion } from './cli/completion.ts';
import { doctor } from './cli/doctor.ts';
import { drain, undrain } from './cli/drain.ts';
import { evaluate, type EvaluateOptions } from './cli/evaluate.ts';
import { gc, type GcOptions } from './cli/gc.ts';
import { logs, show, status } from './cli/look.ts';
import { imageBuild, imageList, kernelBuild, kernelList } from './cli/products.ts';
import { nightlyWatch } from './cli/night-watch.ts';
import { nightly, type NightlyOptions } from './cli/nightly.ts';
import { nightlySchedule, nightlyUnschedule, type ScheduleOptions } from './cli/night-schedule.ts';
import { nightlyList, nightlyShow } from './cli/nights.ts';
import { OWN_PLAN } from './cli/planned-night.ts';
import { report } from './cli/report.ts';
import { reproduce } from './cli/reproduce.ts';
import { run, type RunOptions } from './cli/run.ts';
import type { ServeOptions } from './cli/serve.ts';
import { seriesAdd, seriesList, seriesRemove, seriesShow, type SeriesAddOptions } from './cli/series.ts';
import { tokenAdd, tokenList, tokenRemove } from './cli/token.ts';
import { worker, type WorkerOptions } from './cli/worker.ts';
import type { DOCUMENTS } from './contract/documents.ts';
import { configFrom } from './lib/config.ts';
import { Engine } from './lib/container.ts';
import { keyOf } from './lib/files.ts';
import { LabError, messageOf } from './lib/lab-error.ts';
import { ownName } from './lib/owner.ts';
import { openTracer, tracesWanted } from './lib/tracing.ts';
import { FORMAT_NAMES } from './report/evaluation/formats.ts';
import { PAGES_PORT } from './report/pages.ts';
import { FORMS } from './series/source.ts';

type AnyAnswer = Answer<keyof typeof DOCUMENTS>;
/** `options` stand for variables of the environment. */
type Act = (command: (context: Context) => Promise<AnyAnswer>, options?: Record<string, string | undefined>) => Promise<void>;

/** A command that has given its answer is over: a connection that does not close, to an engine or a Redis that is gone, must not keep it. */
const LINGER_MS = 5000;

void main(process.argv).then((exitCode) => {
  process.exitCode = exitCode;
  setTimeout(() => { process.exit(); }, LINGER_MS).unref();
});

async function main(argv: readonly string[]): Promise<number> {
  // Everybody on a host can read a command line; a title takes its place.
  if (argv.some((word) => /:\/\/[^/]*@/.test(word))) process.title = 'vlab';
  const json = argv.includes('--json');
  let exitCode = 0;
  const program = programOf(async (command, options = {}) => {
    const context = await contextOf(json, options);
    try {
      const given = await command(context);
      printAnswer(given, json);
      exitCode = given.exitCode;
    } finally {
      await context.lab.tracer?.close();
    }
  });
  try {
    await program.parseAsync([...argv]);
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return 0;
      return printError(new LabError('USAGE', error.message.replace(/^error: /, ''), { blame: 'request', stage: 'request', hint: 'vlab help' }), json);
    }
    return printError(error, json);
  }
}

function programOf(act: Act): Command {
  const program = new Command('vlab')
    .description('Virgil Lab: a test lab for virtio-gpu kernels')
    .version(manifest.version)
    // --version behind a verb is the verb's own.
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ outputError: () => undefined })
    .showHelpAfterError(false);
  const add = (name: string, description: string, parent: Command = program): Command =>
    parent.command(name).description(description).option('--json', 'one JSON document on standard output').exitOverride().configureOutput({ outputError: () => undefined });

  add('run [job.yaml]', 'run a job to its end and report; exit code 0 when every run ended as the job file expects')
    .option('--suite <suite.json>', 'instead of a job file: a conformance suite as fluster has them').option('--vectors <dir>', 'the folder with the suite\'s vectors')
    .option('--pipelines <names>', 'of a suite: which, with commas', 'upload,dmabuf-copy').option('--base <name>', 'of a suite: a key of kernel-patches/bases.yaml', '6.12')
    .option('--no-worker', 'only submit and follow; a vlab worker elsewhere does the work')
    .option('--detach', 'only submit', false).option('--quiet', 'no progress', false)
    .action((file: string | undefined, options: RunOptions) => act((context) => run(context, file, options)));
  evaluateOptions(add('evaluate [series...]', 'a series against its base: is it right, is it faster or slower, how sure; exit code 0 better or equivalent, 1 failed or worse, 4 inconclusive'), ', or one of its Debian versions, such as 6.12@6.12.115-2')
    .option('--metric <names>', 'time, instructions, both, or none; counters are always told', 'time,instructions').option('--patches <number>', 'only the first so many patches')
    .option('--per-patch', 'also build every prefix of the series, and boot each once: with which patch a cost comes in', false)
    .option('--recompute <evaluation>', 'the verdict of an earlier evaluation again, from its raw samples')
    .action((series: string[], options: EvaluateOptions) => act((context) => evaluate(context, series, options)));
  evaluateOptions(add('bisect [series...]', 'which patch of a series, commit of "git:DIR GOOD..BAD", or version of Debian\'s kernel is wrong, or slow; interrupted, the same command goes on; exit code 1 where one is found'))
    .option('--on <what>', 'correctness, instructions or time', 'correctness').option('--path <path...>', 'of a git range: only what is below it counts', [])
    .option('--debian <from..to>', 'instead of a series: between two bases, such as 6.12..7.3, or between two Debian versions of one, such as 6.12.107-1..6.12.117-1')
    .option('--sure <percent>', 'how sure the answer has to be', '95').option('--most <looks>', 'at one kernel, where a defect shows on some boots only', '10')
    .action((series: string[], options: BisectOptions) => act((context) => bisect(context, series, options)));
  add('report <evaluation>', 'a verdict as others read it; a mail is a draft, and nothing is sent').option('--format <name>', FORMAT_NAMES.join(', '), 'terminal').option('--output <file>', 'instead of standard output')
    .action((id: string, options: { format: string; output?: string }) => act((context) => report(context, id, options)));
  add('reproduce <run>', 'one archive that boots the run\'s guest again on a machine with only Docker, and tells what differs there').option('--output <file>', 'instead of reproduce-r-....tar here')
    .action((id: string, options: { output?: string }) => act((context) => reproduce(context, id, options)));
  // Read only when they are asked for: what serves pages is as much again as all the rest.
  add('serve', 'the pages and their API, until it is interrupted').option('--port <number>', '0 takes a free one', String(PAGES_PORT)).option('--host <address>', 'of this machine, to listen on; one that others reach takes tokens', '127.0.0.1')
    .option('--name <name...>', 'what else browsers may call this server, behind a proxy', []).option('--work', 'take runs from the queue too, as vlab worker does', false)
    .action((options: ServeOptions) => act(async (context) => (await import('./cli/serve.ts')).serve(context, options)));
  const exporting = program.command('export').description('what the lab has, for whoever has no lab');
  add('site <dir>', 'the pages of a job as plain files, for a CI\'s artifact: open index.html, or serve them below any address', exporting).option('--job <id>', 'by default the newest')
    .action((dir: string, options: { job?: string }) => act(async (context) => (await import('./cli/export.ts')).exportSite(context, dir, options)));
  add('reindex', 'the record anew from the run folders').action(() => act(async (context) => (await import('./cli/reindex.ts')).reindex(context)));
  add('b4-check', 'for b4.review-series-check-cmd: what is known of the patch whose mail is on standard input').action(() => act(b4Check));
  add('show <run|job>', 'what a run or a job came to, with the evidence').action((id: string) => act((context) => show(context, id)));
  add('logs <run>', 'events, console and QEMU\'s own words').option('-f, --follow', 'until the run is sealed', false)
    .action((id: string, options: { follow: boolean }) => act((context) => logs(context, id, options.follow)));
  add('status', 'the queue, the workers, the newest jobs').action(() => act(status));
  add('cancel <run|job>', 'end runs that wait or run').action((id: string) => act((context) => cancel(context, id)));

  addNightCommands(add, program, act);
  const kernel = program.command('kernel').description('build kernels, list those that are built');
  add('build [series...]', 'build a base, or on top of it a series: by name, or whatever vlab series add takes', kernel)
    .option('--base <name>', 'a key of kernel-patches/bases.yaml; by default 6.12, or the first that the series is for').option('--flavour <name>', 'perf or debug', 'perf')
    .option('--driver <name...>', 'folders of kernel-patches/drivers/, built in', [])
    .action((series: string[], options: { base?: string; flavour: string; driver: string[] }) => act((context) => kernelBuild(context, series, options)));
  add('list', 'kernels that are built', kernel).action(() => act(kernelList));
  addSeriesCommands(add, program, act);
  const token = program.command('token').description('who may change something over the API of vlab serve');
  add('add <name>', 'make a token; it is shown this once', token).option('--scope <scope>', 'read, submit or admin', 'submit').action((name: string, options: { scope: string }) => act((context) => tokenAdd(context, name, options)));
  add('list', 'whose tokens there are', token).action(() => act(tokenList));
  add('remove <name>', 'make a token worth nothing', token).action((name: string) => act((context) => tokenRemove(context, name)));
  const image = program.command('image').description('build images, list those that are built');
  add('build <builder|workshop|postgres|store|lab|stack|guest> [name]', 'build an image of guest-images/', image)
    .action((kind: string, name: string | undefined) => act((context) => imageBuild(context, kind, name ?? 'trixie')));
  add('list', 'images that are built, with their main versions', image).action(() => act(imageList));

  add('gc', 'remove what has long been unused').option('--older-than <days>', 'of kernels, images and clips', '30d')
    .option('--max-size <size>', 'that kernels, images and clips may have together', '40GB')
    .option('--runs-older-than <days>', 'remove runs too, failures when four times as old, and none that a verdict, a night or an alert points at').option('--runs-max-size <size>', 'that runs may have together; without this and the one before, no run is removed')
    .option('--shared', 'remove them from the store of VLAB_STORE too, not only from this host', false).option('--dry-run', 'only say what would go', false)
    .action((options: Omit<GcOptions, 'runsOlderThan' | 'runsMaxSize'> & { runsOlderThan?: string; runsMaxSize?: string }) => act((context) => gc(context, { ...options, runsOlderThan: options.runsOlderThan, runsMaxSize: options.runsMaxSize })));
  add('worker', 'take runs from the queue until interrupted').option('--redis <url>', 'the fleet\'s queue, instead of REDIS_URL').option('--store <url>', 'the fleet\'s evidence, instead of VLAB_STORE').option('--slots <number>', 'guests at once, instead of VLAB_SLOTS')
    .action((options: WorkerOptions) => act(worker, { REDIS_URL: options.redis, VLAB_STORE: options.store, VLAB_SLOTS: options.slots }));
  add('drain <worker>', 'a worker takes nothing more, and stays').option('--end', 'and ends when what it runs has ended', false)
    .action((name: string, options: { end: boolean }) => act((context) => drain(context, name, options)));
  add('undrain <worker>', 'a worker that was drained, or took itself out, takes runs again').action((name: string) => act((context) => undrain(context, name)));
  add('doctor', 'each need of the lab: found, version, or what to type').action(() => act(doctor));
  add('completion [shell]', 'a completion script for bash').action((shell: string | undefined) => act(() => Promise.resolve(completion(program, shell ?? 'bash'))));
  return program;
}

function evaluateOptions(command: Command, orVersion = ''): Command {
  return command
    .option('--base <name>', `a key of kernel-patches/bases.yaml${orVersion}; by default 6.12, or the first that the series is for`).option('--pipelines <names>', 'to measure, with commas; all are checked', 'upload,dmabuf-copy')
    .option('--check <names>', 'of the pipelines check only these, for whoever knows what is wrong; without debugging and without the test importer')
    .option('--device <name>', 'how the guest sees the GPU', 'virgl').option('--budget <time>', 'quick (10m), thorough (1h), or a time such as 90s or 20m', 'quick')
    .option('--stack <name>', 'a folder of guest-images/stacks/', 'trixie').option('--image <name>', 'a guest image', 'trixie')
    .option('--seed <number>', 'for the order of boots and the intervals; by default a random one, which is recorded')
    .option('--no-debug', 'leave out the flavour debug, which takes a quarter of an hour to build for the first time')
    .option('--no-worker', 'only submit and follow; a vlab worker elsewhere does the work').option('--quiet', 'no progress', false);
}

type Add = (name: string, description: string, parent?: Command) => Command;

function addSeriesCommands(add: Add, program: Command, act: Act): void {
  const series = program.command('series').description('add a series from a mail, a mailbox, a folder or a repository; list, show and remove');
  add('add <source...>', `${FORMS}; git splits and reads the mails, in a container`, series)
    .option('--name <name>', 'instead of one made of its subject').option('--version <number>', 'of a thread: this one, instead of the newest whole one')
    .option('--base <name>', 'it must apply to this key of kernel-patches/bases.yaml; by default they are tried in order')
    .action((source: string[], options: SeriesAddOptions) => act((context) => seriesAdd(context, source, options)));
  add('list', 'series of kernel-patches/, and those that were added', series).action(() => act(seriesList));
  add('show <name>', 'its patches; of an added one, where it came from and what was said of it', series).action((name: string) => act((context) => seriesShow(context, name)));
  add('remove <name>', 'forget a series that was added', series).action((name: string) => act((context) => seriesRemove(context, name)));
}

function addNightCommands(add: Add, program: Command, act: (command: (context: Context) => Promise<AnyAnswer>) => Promise<void>): void {
  const nights = add('nightly', 'a night: what a plan asks for, against the night before; exit code 0 nothing new, 1 a kernel fails that did not, 3 the lab is not to be believed')
    .option('--plan <file>', 'which bases, stacks, devices, pipelines and clips', OWN_PLAN).option('--profile <name>', 'of the plan', 'full')
    .option('--wait', 'begin now, and stay until it is over', false).option('--notify <url...>', 'tell this address when it is over', [])
    .option('--no-worker', 'only submit and follow; a vlab worker elsewhere does the work').option('--quiet', 'no progress', false)
    .action((options: NightlyOptions) => act((context) => nightly(context, options)));
  add('list', 'the newest nights', nights).action(() => act(nightlyList));
  add('schedule', 'begin nights by themselves; without --at: say when they do', nights).option('--at <cron>', 'such as "0 2 * * *"').option('--tz <zone>', 'such as Europe/Berlin; by default this machine\'s')
    .option('--plan <file>', 'as above', OWN_PLAN).option('--profile <name>', 'of the plan', 'full').action((options: ScheduleOptions) => act((context) => nightlySchedule(context, options)));
  add('watch', 'new kernels of the bases, against what the newest night had; every night looks by itself', nights).option('--plan <file>', 'as above', OWN_PLAN).option('--profile <name>', 'of the plan', 'full')
    .action((options: { plan: string; profile: string }) => act((context) => nightlyWatch(context, options)));
  add('unschedule', 'begin none by themselves', nights).action(() => act(nightlyUnschedule));
  add('show <night>', 'what a night came to', nights).action((id: string) => act((context) => nightlyShow(context, id)));
}

async function contextOf(json: boolean, options: Record<string, string | undefined>): Promise<Context> {
  // package.json says which Node the lab wants; a client of it has no need to.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
  const config = configFrom({ ...process.env, ...Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) });
  await mkdir(config.home, { recursive: true, mode: 0o700 }).catch((cause: unknown) => {
    throw new LabError('NO_HOME', `Expected a folder for the lab at ${config.home}: ${messageOf(cause)}`, { blame: 'request', stage: 'request', hint: 'VLAB_HOME=~/.cache/vlab vlab ...', cause });
  });
  const talk = (line: string): void => { process.stderr.write(`${line}\n`); };
  const interrupted = new AbortController();
  let handler = (_count: number): void => {
    interrupted.abort(new LabError('INTERRUPTED', 'interrupted', { blame: 'user' }));
  };
  let count = 0;
  const onSignal = (): void => { handler(++count); };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return {
    lab: { config, engine: new Engine(keyOf({ home: config.home }), ownName()), ...(tracesWanted(process.env) ? { tracer: await openTracer(manifest.version, talk) } : {}) },
    json,
    signal: interrupted.signal,
    talk,
    onInterrupt: (next) => { handler = next; },
  };
}
