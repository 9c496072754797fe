// A fleet on one machine: workers on hosts of their own, in network namespaces, with real guests, a Redis with a password and a store that speaks S3. What can
// happen to such a fleet happens to it here; afterwards every run has exactly one result, and nothing is left.
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RunDocument } from '../src/contract/documents.ts';
import { EvaluationRecord } from '../src/contract/evaluation.ts';
import { Manifest } from '../src/contract/manifest.ts';
import { RunRecord } from '../src/contract/run.ts';
import { Engine } from '../src/lib/container.ts';
import { keyOf, namesIn, readIfThere, sha256OfFile } from '../src/lib/files.ts';
import { ownName } from '../src/lib/owner.ts';
import { pause } from '../src/lib/within.ts';
import { FIVE_MINUTES_AHEAD } from './fleet/five-minutes-ahead.ts';
import { Fleet, type Ended, type Member, type Running } from './fleet/fleet.ts';
import { CHECKOUT } from './lab.ts';

let fleet: Fleet;
let asker: Member;
const workers: Member[] = [];

beforeAll(async () => {
  fleet = await Fleet.open();
  asker = await fleet.member('asker');
  for (const name of ['w1', 'w2', 'w3', 'w4']) workers.push(await fleet.member(name));
}, 300_000);

afterAll(async () => {
  await fleet[Symbol.asyncDispose]();
});

async function jobFile(job: Record<string, unknown>): Promise<string> {
  const path = join(fleet.home, `${String(Date.now())}.yaml`);
  await writeFile(path, JSON.stringify({ title: 'a fleet', pipelines: ['dmabuf-copy'], clip: 'h264-640x360', ...job }));
  return path;
}

/** Minutes each: with `npm run test:fleet`, and not in every run of all tests. */
const long = test.skipIf(process.env['VLAB_FLEET'] !== '1');

const KERNELS = [{ base: '6.12' }, { base: '6.12', series: 'designs/upcast-resource-id' }, { base: '6.12', series: 'mutants/short-transfer', expect: 'failed' }];

function documentOf({ exitCode, stdout, stderr }: Ended): RunDocument {
  try {
    return RunDocument.parse(JSON.parse(stdout));
  } catch {
    throw new Error(`no document, exit code ${String(exitCode)}: ${stdout}\n${stderr}`);
  }
}

/** A worker with a guest that has begun to decode. */
async function busyOne(among: readonly Member[]): Promise<Member> {
  for (;;) {
    for (const member of among) {
      for (const run of await namesIn(join(member.home, 'runs'))) {
        const events = (await readIfThere(join(member.home, 'runs', run, 'events.ndjson'))) ?? '';
        if (events.includes('"guest.ready"') && !events.includes('"run.sealed"')) return member;
      }
    }
    await pause(100);
  }
}

/** In the store, which is where it counts: the manifest of each run, and the record that it names. */
async function resultsOf(document: Pick<RunDocument, 'runs'>): Promise<{ run: string; attempt: number; sealedBy: string }[]> {
  const results: { run: string; attempt: number; sealedBy: string }[] = [];
  for (const { id } of document.runs) {
    const names = await namesIn(join(asker.home, 'runs', id));
    const record = await recordOf(id);
    const manifest = Manifest.parse(JSON.parse(await readFile(join(asker.home, 'runs', id, 'manifest.json'), 'utf8')));
    expect([...manifest.files.map((file) => file.name.split('/')[0]), 'manifest.json'].every((name) => names.includes(name ?? '')), `${id} is here as it is in the store`).toBe(true);
    const sealedBy = await Promise.all(workers.map(async ({ name, home }) => ((await readIfThere(join(home, 'runs', id, 'run.json'))) === undefined ? [] : [name])));
    results.push({ run: id, attempt: record.attempt, sealedBy: sealedBy.flat().join() });
  }
  return results;
}

async function endAll(running: readonly Running[]): Promise<void> {
  for (const one of running) one.kill('SIGINT');
  for (const one of running) expect((await one).exitCode, one.said()).toBe(0);
}

test('four workers share a job; what one of them has built the others take, and whoever asked has all of it', async () => {
  const running = workers.map((worker) => fleet.vlab(worker, ['worker']));
  const document = documentOf(await fleet.vlab(asker, ['run', await jobFile({ kernels: KERNELS, devices: ['virgl', 'virgl-blob'] }), '--no-worker', '--json', '--quiet']));
  expect(document.runs.filter((run) => !run.asExpected).map((run) => run.outcome.why)).toEqual([]);
  const results = await resultsOf(document);
  expect(results.every(({ sealedBy }) => sealedBy !== '' && !sealedBy.includes(','))).toBe(true);
  expect(new Set(results.map(({ sealedBy }) => sealedBy)).size).toBeGreaterThan(1);
  // Whoever has a patched kernel has the very one that was built once.
  for (const series of ['designs/upcast-resource-id', 'mutants/short-transfer']) {
    const key = document.runs.find((run) => run.series === series)?.kernel?.kernel ?? '';
    const records = await Promise.all(workers.map(({ home }) => readIfThere(join(home, 'kernels', key, 'kernel.json'))));
    const built = records.filter((one) => one !== undefined);
    expect(built.length, series).toBeGreaterThan(0);
    expect(new Set(built).size, series).toBe(1);
  }
  await mineTravels();
  await endAll(running);
  expect(await Promise.all([asker, ...workers].map((member) => fleet.left(member)))).toEqual([[], [], [], [], []]);
});

/** A series that was added on the asking host and a clip that lies there alone, run by a worker that has neither. */
async function mineTravels(): Promise<void> {
  const added = await fleet.vlab(asker, ['series', 'add', join(CHECKOUT, 'kernel-patches/designs/upcast-resource-id'), '--name', 'mine', '--base', '6.12', '--json']);
  expect(added.exitCode, added.stderr).toBe(0);
  const clips = join(asker.home, 'clips');
  const records = await Promise.all((await namesIn(clips)).map(async (key) => JSON.parse((await readIfThere(join(clips, key, 'clip.json'))) ?? '{}') as { clip?: string; container?: string; key?: string }));
  const { key = '', container = '' } = records.find(({ clip }) => clip === 'h264-640x360') ?? {};
  const file = join(fleet.home, 'mine.mkv');
  await copyFile(join(clips, key, `clip.${container}`), file);
  const document = documentOf(await fleet.vlab(asker, ['run', await jobFile({ kernels: [{ base: '6.12', series: 'added/mine' }], clip: { file } }), '--no-worker', '--json', '--quiet']));
  const [run] = document.runs;
  expect([run?.series, run?.outcome.kind, run?.pipelines[0]?.clip], run?.outcome.why).toEqual(['added/mine', 'passed', 'mine.mkv']);
  const [{ sealedBy } = { sealedBy: '' }] = await resultsOf(document);
  const home = workers.find(({ name }) => name === sealedBy)?.home ?? '';
  expect([await namesIn(join(home, 'series')), await namesIn(join(home, 'files'))]).toEqual([['taken'], [await sha256OfFile(file)]]);
}

long('a worker killed, one cut off for a minute, Redis killed and started again from its file: every run has one result', async () => {
  const running = new Map(workers.map((worker) => [worker, fleet.vlab(worker, ['worker'])]));
  const asked = fleet.vlab(asker, ['run', await jobFile({ kernels: [KERNELS[0], KERNELS[1], KERNELS[2], KERNELS[0], KERNELS[1]], clip: 'h264-640x360-long' }), '--no-worker', '--json', '--quiet']);
  const killed = await busyOne(workers);
  running.get(killed)?.kill('SIGKILL');
  const cut = await busyOne(workers.filter((worker) => worker !== killed));
  await cut.cut();
  const mended = pause(60_000).then(() => cut.mend());
  await busyOne(workers.filter((worker) => worker !== killed && worker !== cut));
  await fleet.killRedis();
  await pause(3000);
  await fleet.startRedis();
  const document = documentOf(await asked);
  expect(document.runs.filter((run) => !run.asExpected).map((run) => `${run.id}: ${run.outcome.why}`)).toEqual([]);
  await mended;
  const results = await resultsOf(document);
  expect(results.filter(({ attempt }) => attempt > 1).length, 'the work of the killed one and of the one that was cut off was begun again').toBeGreaterThanOrEqual(2);
  // It comes back by itself, and what it has of a run that another one has sealed meanwhile is nobody's.
  await expect.poll(async () => (await fleet.vlab(asker, ['status', '--json'])).stdout, { timeout: 60_000, interval: 2000 }).toContain(`"running": []`);
  const again = await resultsOf(document);
  expect(again.map(({ run, attempt }) => [run, attempt])).toEqual(results.map(({ run, attempt }) => [run, attempt]));
  await endAll([...running].filter(([worker]) => worker !== killed).map(([, one]) => one));
  expect(await Promise.all([asker, ...workers].map((member) => fleet.left(member)))).toEqual([[], [], [], [], []]);
}, 400_000);

test('a worker whose disk is full says so, one whose clock is five minutes ahead works like any other', async () => {
  const home = join(fleet.home, 'tiny');
  await mkdir(home);
  await execa('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', home]);
  try {
    const tiny = await fleet.member('tiny', { home });
    const running = fleet.vlab(tiny, ['worker']);
    const asked = fleet.vlab(asker, ['run', await jobFile({ kernels: [KERNELS[0]], clip: 'h264-640x360-long' }), '--no-worker', '--json', '--quiet']);
    await busyOne([tiny]);
    await execa('dd', ['if=/dev/zero', `of=${join(home, 'everything')}`, 'bs=1M'], { reject: false });
    const [run] = documentOf(await asked).runs;
    expect(run?.outcome).toMatchObject({ kind: 'broken' });
    expect(run?.outcome.why).toContain('no space left');
    expect(await resultsOf({ runs: run === undefined ? [] : [run] })).toHaveLength(1);
    await endAll([running]);
    expect(await fleet.left(tiny)).toEqual([]);
  } finally {
    await execa('umount', ['--lazy', home]);
  }
  const clock = join(fleet.home, 'five-minutes-ahead.mjs');
  await writeFile(clock, FIVE_MINUTES_AHEAD);
  const skewed = await fleet.member('skewed', { env: { NODE_OPTIONS: `--import=${clock}` } });
  const running = fleet.vlab(skewed, ['worker']);
  const document = documentOf(await fleet.vlab(asker, ['run', await jobFile({ kernels: [KERNELS[0]] }), '--no-worker', '--json', '--quiet']));
  expect(document.runs.map((run) => [run.asExpected, run.attempt])).toEqual([[true, 1]]);
  const ahead = Date.parse((await recordOf(document.runs[0]?.id ?? '')).startedAt) - Date.now();
  expect(ahead, 'its clock was ahead').toBeGreaterThan(2 * 60_000);
  await endAll([running]);
  expect(await fleet.left(skewed)).toEqual([]);
});

long('two servers at once, one killed in the middle of an evaluation, the other\'s PostgreSQL killed: the evaluation is there once, on both', async () => {
  const servers = [await fleet.member('s1'), await fleet.member('s2')] as const;
  const serving = servers.map((server) => fleet.vlab(server, ['serve', '--port', '8080', '--json']));
  for (const [n, server] of servers.entries()) await answers(server, serving[n]);
  const [first, second] = workers;
  if (first === undefined || second === undefined) throw new Error('four of them');
  const running = [first, second].map((worker) => fleet.vlab(worker, ['worker']));
  const asked = fleet.vlab(asker, ['evaluate', 'designs/upcast-resource-id', '--metric', 'none', '--no-debug', '--no-worker', '--json', '--quiet']);
  await busyOne([first, second]);
  serving[0]?.kill('SIGKILL');
  await killPostgres(servers[1]);
  const ended = await asked;
  const evaluation = EvaluationRecord.parse(JSON.parse(ended.stdout));
  expect(evaluation.correctness.verdict, ended.stderr).toBe('passed');
  serving[0] = fleet.vlab(servers[0], ['serve', '--port', '8080', '--json']);
  for (const [n, server] of servers.entries()) {
    await answers(server, serving[n]);
    await expect.poll(() => ask(server, '/api/evaluations'), { timeout: 60_000, interval: 1000 }).toMatchObject({ evaluations: [{ id: evaluation.id }] });
    expect((await ask(server, '/api/health')), `${server.name} knows every run once`).toMatchObject({ record: { unreadable: [] }, store: { up: true } });
  }
  const lists = await Promise.all(servers.map(async (server) => (await ask(server, '/api/runs?limit=500') as { runs: { id: string }[] }).runs.map(({ id }) => id).sort()));
  expect(new Set(lists[0]).size).toBe(lists[0]?.length);
  expect(lists[0]).toEqual(lists[1]);
  await endAll([...running, ...serving]);
  expect(await Promise.all([asker, ...workers, ...servers].map((member) => fleet.left(member)))).toEqual([[], [], [], [], [], [], []]);
}, 400_000);

async function recordOf(run: string): Promise<RunRecord> {
  return RunRecord.parse(JSON.parse(await readFile(join(asker.home, 'runs', run, 'run.json'), 'utf8')));
}

/** What the server answers on its own host's loopback. */
async function ask(server: Member, path: string): Promise<unknown> {
  const [program = '', ...on] = server.on;
  const { stdout } = await execa(program, [...on, 'curl', '--silent', '--max-time', '20', `http://127.0.0.1:8080${path}`], { reject: false });
  return stdout === '' ? undefined : JSON.parse(stdout);
}

async function answers(server: Member, serving: Running | undefined): Promise<void> {
  await expect.poll(() => ask(server, '/api/health'), { timeout: 120_000, interval: 500, message: serving?.said() ?? '' }).toMatchObject({ database: { up: true }, queue: { up: true } });
}

async function killPostgres({ home }: Member): Promise<void> {
  const engine = new Engine(keyOf({ home }), ownName());
  const [postgres] = (await engine.list()).filter((one) => one.purpose === 'postgres');
  await engine.docker.getContainer(postgres?.id ?? '').kill({ signal: 'SIGKILL' });
}
