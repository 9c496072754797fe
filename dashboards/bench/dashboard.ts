// npm run bench:dashboard: how fast the pages are on a large record, how each figure grows with it, and whether the largest record's are as they are wanted: ends
// with 1 where one is not. Writes bench/out/dashboard.json. The records are made up by a seeded generator and come in through the real ingest, each in a lab folder of
// its own. `-- --small` does it with a twentieth of the runs, which says nothing of the size that is wanted.
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import { postgresImage } from '../../orchestrator/src/image/images.ts';
import { configFrom } from '../../orchestrator/src/lib/config.ts';
import { Engine } from '../../orchestrator/src/lib/container.ts';
import { keyOf } from '../../orchestrator/src/lib/files.ts';
import type { Lab } from '../../orchestrator/src/lib/lab.ts';
import { ownName } from '../../orchestrator/src/lib/owner.ts';
import { openDatabase, type Database } from '../../orchestrator/src/record/database.ts';
import { KeepUp } from '../../orchestrator/src/record/keep-up.ts';
import { updateLevel, updateLevels } from '../../orchestrator/src/record/levels.ts';
import { postgresPlace } from '../../orchestrator/src/record/postgres.ts';
import { p95, sayGrowth, type Figures } from './figures.ts';
import { generate, writeOneMore, type Past } from './generator.ts';
import { judge, sayVerdict, WANTED_RUNS } from './judge.ts';
import { timeApi, timeWhileTheyCome } from './time-api.ts';
import { timePaints } from './time-paints.ts';

const CHECKOUT = fileURLToPath(new URL('../..', import.meta.url));
const LARGE = process.argv.includes('--small') ? WANTED_RUNS / 20 : WANTED_RUNS;
const LEVELS = 40;

/** `size`: the runs that were made up; `runs`: those that came in. `load`: of the machine, when the pages were about to be timed and when they had been; what others do there makes every figure worse. */
type Result = { size: number; runs: number; samples: number; evaluations: number; alerts: number; load: string[]; figures: Figures };

async function main(): Promise<void> {
  const [small, large] = [await measure(LARGE / 10), await measure(LARGE)];
  const results = [small, large];
  const verdict = judge(large);
  for (const { size: _size, load: [before, after], figures: _figures, ...counts } of results) say(`${Object.entries(counts).map(([what, count]) => `${String(count)} ${what}`).join(', ')}; load ${before ?? ''} before the pages were timed, ${after ?? ''} after`);
  for (const line of [...sayGrowth(small.figures, large.figures), '', ...sayVerdict(verdict)]) say(line);
  await mkdir(join(CHECKOUT, 'bench/out'), { recursive: true });
  await writeFile(join(CHECKOUT, 'bench/out/dashboard.json'), `${JSON.stringify({ cpus: cpus().length, verdict, results }, null, 2)}\n`);
  process.exitCode = verdict.holds ? 0 : 1;
}

async function measure(size: number): Promise<Result> {
  const real = configFrom(process.env);
  const home = await mkdtemp('/tmp/vlab-b-');
  const lab: Lab = { config: { ...real, home }, engine: new Engine(keyOf({ home }), ownName()) };
  const making = { lab, signal: new AbortController().signal, progress: () => undefined };
  try {
    for (const shared of ['images', 'locks']) await symlink(join(real.home, shared), join(home, shared));
    say(`${String(size)} runs are made up`);
    const past = { runs: size, endsAt: Date.now() };
    await generate(home, past);
    const place = await postgresPlace(lab, async () => (await postgresImage(making)).tag);
    try {
      say('they are taken in');
      const db = await openDatabase(place.options);
      const started = performance.now();
      // Levels are worked out after the runs are in; they are timed by themselves.
      const seen = await new KeepUp(db, home, { levels: false }).look();
      const ingest = seen.runs / ((performance.now() - started) / 1000);
      await sql`analyze`.execute(db);
      const [runs, samples, evaluations, levels] = [await count(db, 'runs'), await count(db, 'samples'), await count(db, 'evaluations'), await timeLevels(db)];
      say('levels are worked out');
      await updateLevels(db);
      await db.destroy();
      say('the pages are timed');
      return { size, runs, samples, evaluations, ...await timeServer(home, past, { 'ingest, runs/s': ingest, ...levels }) };
    } finally {
      await place.leave();
    }
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

async function count(db: Database, table: 'runs' | 'samples' | 'evaluations'): Promise<number> {
  return (await db.selectFrom(table).select((eb) => eb.fn.countAll<number>().as('count')).executeTakeFirstOrThrow()).count;
}

/** Change points of single series, as they are when a sample was added. */
async function timeLevels(db: Database): Promise<Figures> {
  const series = await db.selectFrom('sample_series').select('id').orderBy('id').limit(LEVELS).execute();
  const fresh: number[] = [];
  const again: number[] = [];
  for (const { id } of series) for (const into of [fresh, again]) {
    const started = performance.now();
    await updateLevel(db, id);
    into.push(performance.now() - started);
  }
  return { 'change points of a series, fresh, p95 ms': p95(fresh), 'change points of a series, gone on, p95 ms': p95(again) };
}

/** What `vlab serve` makes of it; `figures` are those that are known. */
async function timeServer(home: string, past: Past, figures: Figures): Promise<Pick<Result, 'alerts' | 'load' | 'figures'>> {
  const server = spawn(process.execPath, [join(CHECKOUT, 'orchestrator/bin/vlab.js'), 'serve', '--port', '0', '--json'], { env: { ...process.env, VLAB_HOME: home }, stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const [line] = await Promise.race([once(server.stdout), new Promise<never>((_, reject) => { server.once('exit', (code) => { reject(new Error(`vlab serve ended with ${String(code)}`)); }); })]);
    const { url } = JSON.parse(line) as { url: string };
    await settled(url);
    const { alerts } = await (await fetch(`${url}/api/alerts`)).json() as { alerts: unknown[] };
    const before = await load();
    const recorded = async (): Promise<number> => (await (await fetch(`${url}/api/health`)).json() as { record: { runs: number } }).record.runs;
    const timed = { ...figures, ...await timeApi(url, past.runs), ...await timePaints(url), ...await timeWhileTheyCome(url, (nth) => writeOneMore(home, past, nth), recorded) };
    return { alerts: alerts.length, load: [before, await load()], figures: timed };
  } finally {
    server.kill('SIGINT');
    await new Promise((resolve) => { server.once('exit', resolve); });
  }
}

/** Over one minute, and five. */
async function load(): Promise<string> {
  return (await readFile('/proc/loadavg', 'utf8')).split(' ').slice(0, 2).join(' ');
}

async function once(stream: NodeJS.ReadableStream): Promise<[string]> {
  for await (const line of createInterface({ input: stream })) return [line];
  throw new Error('vlab serve said nothing');
}

/** The server has looked at every folder. */
async function settled(url: string): Promise<void> {
  for (let quiet = 0; quiet < 3;) {
    const started = performance.now();
    const { record } = await (await fetch(`${url}/api/health`)).json() as { record: { catchingUp: unknown } };
    quiet = record.catchingUp === null && performance.now() - started < 200 ? quiet + 1 : 0;
    await new Promise((resolve) => { setTimeout(resolve, 1000); });
  }
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

await main();
