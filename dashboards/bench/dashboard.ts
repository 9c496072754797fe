// npm run bench:dashboard: how fast the pages are on a large record, and how each figure grows with it. Writes bench/out/dashboard.json. The record is made
// up by a seeded generator and comes in through the real ingest, in a lab folder of its own.
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import { chromium } from 'playwright-core';
import { quantileSorted } from 'simple-statistics';
import { postgresImage } from '../../orchestrator/src/image/images.ts';
import { configFrom } from '../../orchestrator/src/lib/config.ts';
import { Engine } from '../../orchestrator/src/lib/container.ts';
import { keyOf } from '../../orchestrator/src/lib/files.ts';
import type { Lab } from '../../orchestrator/src/lib/lab.ts';
import { ownName } from '../../orchestrator/src/lib/owner.ts';
import { openDatabase, type Database } from '../../orchestrator/src/record/database.ts';
import { KeepUp } from '../../orchestrator/src/record/keep-up.ts';
import { updateLevel } from '../../orchestrator/src/record/levels.ts';
import { postgresPlace } from '../../orchestrator/src/record/postgres.ts';
import { evaluationId, RUNS_PER_EVALUATION } from './evaluations.ts';
import { generate, runId } from './generator.ts';

const CHECKOUT = fileURLToPath(new URL('../..', import.meta.url));
const SIZES = process.argv.includes('--small') ? [500, 5000] : [10_000, 100_000];
const REQUESTS = 60;
const PAINTS = 5;
const LEVELS = 40;

type Figures = Record<string, number>;

async function main(): Promise<void> {
  const real = configFrom(process.env);
  const home = await mkdtemp('/tmp/vlab-b-');
  for (const shared of ['images', 'locks']) await symlink(join(real.home, shared), join(home, shared));
  const lab: Lab = { config: { ...real, home }, engine: new Engine(keyOf({ home }), ownName()) };
  const making = { lab, signal: new AbortController().signal, progress: () => undefined };
  const results: { runs: number; samples: number; evaluations: number; figures: Figures }[] = [];
  try {
    const place = await postgresPlace(lab, async () => (await postgresImage(making)).tag);
    const db = await openDatabase(place.options);
    let done = 0;
    for (const size of SIZES) {
      say(`${String(size)} runs`);
      await generate(home, done, size - done);
      // It has ended by itself meanwhile, since nobody asked it anything.
      await place.ensure();
      const started = performance.now();
      // Levels are worked out after the runs are in; they are timed by themselves.
      const seen = await new KeepUp(db, home, { levels: false }).look();
      const ingest = seen.runs / ((performance.now() - started) / 1000);
      done = size;
      await sql`analyze`.execute(db);
      const samples = await db.selectFrom('samples').select((eb) => eb.fn.countAll<number>().as('count')).executeTakeFirstOrThrow();
      const evaluations = await db.selectFrom('evaluations').select((eb) => eb.fn.countAll<number>().as('count')).executeTakeFirstOrThrow();
      const figures: Figures = { 'ingest, runs/s': ingest, ...await timeLevels(db), ...await timePages(home, size) };
      results.push({ runs: size, samples: samples.count, evaluations: evaluations.count, figures });
    }
    await db.destroy();
    await place.leave();
    await tell(results);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
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

async function timePages(home: string, runs: number): Promise<Figures> {
  const server = spawn(process.execPath, [join(CHECKOUT, 'orchestrator/bin/vlab.js'), 'serve', '--port', '0', '--json'], { env: { ...process.env, VLAB_HOME: home }, stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const [line] = await Promise.race([once(server.stdout), new Promise<never>((_, reject) => { server.once('exit', (code) => { reject(new Error(`vlab serve ended with ${String(code)}`)); }); })]);
    const { url } = JSON.parse(line) as { url: string };
    await settled(url);
    return { ...await timeApi(url, runs), ...await timePaint(url) };
  } finally {
    server.kill('SIGINT');
    await new Promise((resolve) => { server.once('exit', resolve); });
  }
}

async function once(stream: NodeJS.ReadableStream): Promise<[string]> {
  for await (const line of createInterface({ input: stream })) return [line];
  throw new Error('vlab serve said nothing');
}

/** The server has looked at every folder and worked out every level. */
async function settled(url: string): Promise<void> {
  for (let quiet = 0; quiet < 3;) {
    const started = performance.now();
    const { record } = await (await fetch(`${url}/api/health`)).json() as { record: { catchingUp: unknown } };
    quiet = record.catchingUp === null && performance.now() - started < 200 ? quiet + 1 : 0;
    await new Promise((resolve) => { setTimeout(resolve, 1000); });
  }
}

const PAGES: Readonly<Record<string, (n: number, runs: number) => string>> = {
  'home': () => '/api/home',
  'runs': () => '/api/runs',
  'runs, filtered': (n) => `/api/runs?base=${['6.1', '6.12', '7.2'][n % 3] ?? ''}&device=virgl&outcome=${n % 2 === 0 ? 'failed' : 'passed'}&pipeline=upload`,
  'runs, by text': (n) => `/api/runs?text=${encodeURIComponent(`night ${String(n)}`)}`,
  'run': (n) => `/api/runs/${runId(n * 7)}`,
  'job': (n) => `/api/jobs/j-${(n % 5).toString(36).padStart(10, '0')}`,
  'evaluations': () => '/api/evaluations',
  'evaluations, filtered': (n) => `/api/evaluations?verdict=${n % 2 === 0 ? 'worse' : 'failed,better'}&base=6.12`,
  'evaluation': (n, runs) => `/api/evaluations/${evaluationId(n % (runs / RUNS_PER_EVALUATION))}`,
  'series': () => '/api/series',
  'one series': (n) => `/api/series/view?name=${['designs/upcast-resource-id', 'mutants/short-transfer', 'harmless/refactor'][n % 3] ?? ''}`,
  'designs': () => '/api/series/designs',
  'trends': (n) => `/api/trends?metric=${encodeURIComponent(['frames per second', 'frame time p95', 'guest CPU'][n % 3] ?? '')}`,
  'alerts': () => '/api/alerts',
  'queue': () => '/api/queue',
};

async function timeApi(url: string, runs: number): Promise<Figures> {
  const figures: Figures = {};
  for (const [page, path] of Object.entries(PAGES)) {
    const took: number[] = [];
    for (let n = 0; n < REQUESTS; n++) {
      const started = performance.now();
      const response = await fetch(`${url}${path(n, runs)}`);
      await response.arrayBuffer();
      if (!response.ok) throw new Error(`${path(n, runs)}: ${String(response.status)}`);
      took.push(performance.now() - started);
    }
    figures[`${page}, p95 ms`] = p95(took);
  }
  return figures;
}

async function timePaint(url: string): Promise<Figures> {
  const browser = await chromium.launch({ executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
  const paints: number[] = [];
  let bytes = 0;
  try {
    for (let n = 0; n < PAINTS; n++) {
      const context = await browser.newContext();
      const page = await context.newPage();
      await page.goto(`${url}/`, { waitUntil: 'networkidle' }).catch(() => undefined);
      // As text: it runs in the browser, whose types are not Node's.
      const seen = await page.evaluate<{ paint: number; bytes: number }>(`({
        paint: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN,
        bytes: [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')].reduce((sum, one) => sum + (one.transferSize || 0), 0),
      })`);
      paints.push(seen.paint);
      bytes = Math.max(bytes, seen.bytes);
      await context.close();
    }
  } finally {
    await browser.close();
  }
  return { 'first paint, worst ms': Math.max(...paints), 'home, kB over the wire': bytes / 1000 };
}

function p95(values: readonly number[]): number {
  return quantileSorted([...values].sort((a, b) => a - b), 0.95);
}

async function tell(results: readonly { runs: number; samples: number; figures: Figures }[]): Promise<void> {
  const [small, large] = [results[0], results.at(-1)];
  for (const name of Object.keys(small?.figures ?? {})) {
    const [a, b] = [small?.figures[name] ?? NaN, large?.figures[name] ?? NaN];
    say(`${name.padEnd(48)} ${a.toFixed(1).padStart(9)} ${b.toFixed(1).padStart(9)}   x${(b / a).toFixed(2)}`);
  }
  await mkdir(join(CHECKOUT, 'bench/out'), { recursive: true });
  await writeFile(join(CHECKOUT, 'bench/out/dashboard.json'), `${JSON.stringify({ cpus: cpus().length, results }, null, 2)}\n`);
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

await main();
