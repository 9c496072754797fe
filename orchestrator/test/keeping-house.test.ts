// What keeps a lab usable: set-up that can be repeated, a doctor that knows the cure, gc that removes only what it should.
import { chmod, mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { DoctorDocument, GcDocument, ImageListDocument, StatusDocument } from '../src/contract/documents.ts';
import { namesIn } from '../src/lib/files.ts';
import { evaluationOf } from '../src/report/evaluation/fixture.ts';
import { Evidence } from '../src/store/evidence.ts';
import { writeNight } from '../src/store/nights.ts';
import { beginEvaluation } from '../src/store/under-way.ts';
import { CHECKOUT, TestLab, vlab } from './lab.ts';
import { nightCell, nightRecord } from './night-parts.ts';
import { runRecord } from './parts.ts';

test('set-up run again says nothing and installs nothing', async () => {
  const again = await execa(join(CHECKOUT, 'scripts/setup'), { reject: false });
  expect([again.exitCode, again.stdout, again.stderr]).toEqual([0, '', '']);
});

test('the doctor finds every need met on a machine that was set up', async () => {
  const ended = await vlab(['doctor', '--json']);
  const { ok, checks } = DoctorDocument.parse(JSON.parse(ended.stdout));
  expect(checks.filter((check) => !check.ok)).toEqual([]);
  expect([ok, ended.exitCode]).toEqual([true, 0]);
});

test('the doctor names the cure where the engine is missing, and says so by its exit code', async () => {
  const ended = await vlab(['doctor', '--json'], { env: { DOCKER_HOST: 'unix:///nowhere/docker.sock' } });
  const { checks } = DoctorDocument.parse(JSON.parse(ended.stdout));
  expect(checks.filter((check) => !check.ok)).toMatchObject([{ need: 'Docker engine', hint: 'scripts/setup' }]);
  expect(ended.exitCode).toBe(3);
});

test('looking at a lab that never ran sets nothing up', async () => {
  const home = await mkdtemp('/tmp/vlab-t-');
  try {
    const ended = await vlab(['status', '--json'], { env: { VLAB_HOME: home } });
    expect(JSON.parse(ended.stdout)).toMatchObject({ queue: {}, workers: [], otherVersions: [], jobs: [], nightAlarm: null });
    expect(await namesIn(home)).toEqual([]);
  } finally {
    await rm(home, { recursive: true });
  }
});

test('gc removes by age, then by size, least recently used first; a dry run only says so, and runs stay', async () => {
  const home = await mkdtemp('/tmp/vlab-t-');
  const env = { VLAB_HOME: home };
  const day = 86_400;
  const make = async (path: string, bytes: number, ageDays: number): Promise<void> => {
    await mkdir(join(home, path), { recursive: true });
    await writeFile(join(home, path, 'file'), Buffer.alloc(bytes));
    const at = Date.now() / 1000 - ageDays * day;
    await utimes(join(home, path, 'file'), at, at);
    await utimes(join(home, path), at, at);
  };
  try {
    await make('kernels/0000000000000001', 1e6, 40);
    await make('kernels/0000000000000002', 2e6, 3);
    await make('clips/0000000000000003', 2e6, 2);
    await make('clips/0000000000000004', 2e6, 0);
    await make('runs/r-0000000000', 1e6, 400);
    const gc = async (...argv: string[]): Promise<string[]> => {
      const ended = await vlab(['gc', '--json', ...argv], { env });
      return GcDocument.parse(JSON.parse(ended.stdout)).removed.map((one) => one.name);
    };
    expect(await gc('--dry-run')).toEqual(['0000000000000001']);
    expect(await namesIn(join(home, 'kernels'))).toHaveLength(2);
    expect(await gc()).toEqual(['0000000000000001']);
    expect(await gc('--max-size', '5MB')).toEqual(['0000000000000002']);
    // What was used within the hour is never removed, however small the limit.
    expect(await gc('--max-size', '1MB')).toEqual(['0000000000000003']);
    expect(await namesIn(join(home, 'clips'))).toEqual(['0000000000000004']);
    expect(await namesIn(join(home, 'runs'))).toEqual(['r-0000000000']);
    expect(await gc('--runs-older-than', '365d')).toEqual(['r-0000000000']);
    // A failure stays four times as long, and what a verdict cites as long as the verdict.
    const seal = async (id: string, kind: string, ageDays: number): Promise<void> => {
      await make(`runs/${id}`, 100_000, ageDays);
      await writeFile(join(home, 'runs', id, 'run.json'), JSON.stringify(runRecord({ id, outcome: { kind, stage: 'verify', why: 'as asked' } })));
      const at = Date.now() / 1000 - ageDays * day;
      for (const path of [join(home, 'runs', id, 'run.json'), join(home, 'runs', id)]) await utimes(path, at, at);
    };
    await seal('r-passed0000', 'passed', 20);
    await seal('r-failed0000', 'failed', 20);
    await seal('r-failed0001', 'failed', 50);
    await seal('r-aaaaaaaaaa', 'passed', 900);
    await mkdir(join(home, 'evaluations/e-0123456789'), { recursive: true });
    await writeFile(join(home, 'evaluations/e-0123456789/evaluation.json'), JSON.stringify(evaluationOf()));
    expect(await gc('--runs-older-than', '10d')).toEqual(['r-passed0000', 'r-failed0001']);
    expect(await namesIn(join(home, 'runs'))).toEqual(['r-aaaaaaaaaa', 'r-failed0000']);
    // By size: a pass goes before a failure that is not four times as old, and what is cited stays whatever it takes.
    await seal('r-passed0001', 'passed', 6);
    expect(await gc('--runs-max-size', '250kB')).toEqual(['r-passed0001']);
    expect(await gc('--runs-max-size', '150kB')).toEqual(['r-failed0000']);
    // Evidence that nothing names any longer goes once it is too old to be that of a run that is just being sealed.
    const blob = async (digest: string, ageDays: number): Promise<void> => {
      await make(`evidence/blobs/${digest.slice(0, 2)}`, 0, 0);
      await rm(join(home, 'evidence/blobs', digest.slice(0, 2), 'file'));
      const path = join(home, 'evidence/blobs', digest.slice(0, 2), digest);
      await writeFile(path, digest);
      await utimes(path, Date.now() / 1000 - ageDays * day, Date.now() / 1000 - ageDays * day);
    };
    await blob('ab'.repeat(32), 3);
    await blob('cd'.repeat(32), 0);
    expect(await gc()).toEqual(['ab'.repeat(32)]);
    const wrong = await vlab(['gc', '--max-size', 'lots', '--json'], { env });
    expect(wrong.exitCode).toBe(2);
  } finally {
    await rm(home, { recursive: true });
  }
});

test('gc takes no run as long as it cannot tell what a verdict stands on, and none that something under way, a night or another host may point at', async () => {
  await using lab = await TestLab.open();
  const { home } = lab;
  const store = await mkdtemp('/tmp/vlab-t-');
  const daysAgo = (days: number): Date => new Date(Date.now() - days * 86_400_000);
  const seal = async (id: string, ageDays: number): Promise<void> => {
    await mkdir(join(home, 'runs', id), { recursive: true });
    await writeFile(join(home, 'runs', id, 'run.json'), JSON.stringify(runRecord({ id })));
    for (const path of [join(home, 'runs', id, 'run.json'), join(home, 'runs', id)]) await utimes(path, daysAgo(ageDays), daysAgo(ageDays));
  };
  const gc = async (...argv: string[]): Promise<string[]> => GcDocument.parse(JSON.parse((await lab.vlab(['gc', '--json', '--dry-run', '--runs-older-than', '10d', ...argv], { VLAB_STORE: pathToFileURL(store).href })).stdout)).removed.map((one) => one.name).sort();
  try {
    for (const [id, age] of [['r-aaaaaaaaaa', 40], ['r-older00000', 40], ['r-newer00000', 20], ['r-night00000', 50], ['r-good000000', 60]] as const) await seal(id, age);
    expect(await gc()).toEqual(['r-aaaaaaaaaa', 'r-good000000', 'r-newer00000', 'r-night00000', 'r-older00000']);
    // A verdict of another host, which has never been here.
    await new Evidence(await mkdtemp(join(store, 'other-')), pathToFileURL(store).href).share('evaluations', { id: 'e-0123456789', submittedAt: '2026-01-01T00:00:00.000Z' }, JSON.stringify(evaluationOf()));
    expect(await gc('--shared')).not.toContain('r-aaaaaaaaaa');
    const night = nightRecord({ cells: [nightCell({ run: 'r-night00000', lastGood: { night: 'n-0000000001', at: '2025-06-01T00:00:00.000Z', run: 'r-good000000' } })] });
    await writeNight(home, night, {});
    expect(await gc('--shared')).toEqual(['r-newer00000', 'r-older00000']);
    // Under way for thirty days by a process that lives: this one.
    const begun = await beginEvaluation(new Evidence(home, undefined), evaluationOf().id, daysAgo(30).toISOString());
    expect(await gc('--shared')).toEqual(['r-older00000']);
    await begun[Symbol.asyncDispose]();
    await mkdir(join(home, 'evaluations/e-0123456780'), { recursive: true });
    await writeFile(join(home, 'evaluations/e-0123456780/evaluation.json'), JSON.stringify(evaluationOf()).slice(0, 500));
    const refused = await lab.vlab(['gc', '--json', '--runs-max-size', '1MB']);
    expect(JSON.parse(refused.stdout)).toMatchObject({ error: { code: 'CANNOT_TELL', message: expect.stringContaining('e-0123456780') as string, hint: expect.stringContaining('mend or remove') as string } });
    expect(await namesIn(join(home, 'runs'))).toHaveLength(5);
    expect((await lab.vlab(['gc', '--json', '--dry-run'])).exitCode).toBe(0);
  } finally {
    await rm(store, { recursive: true });
  }
});

test('REDIS_URL takes the place of the lab\'s own Redis: what is submitted waits there, can be seen and can be cancelled', async () => {
  await using lab = await TestLab.open();
  const folder = join(lab.home, 'theirs');
  await mkdir(folder);
  await chmod(folder, 0o777);
  const { images } = ImageListDocument.parse(JSON.parse((await vlab(['image', 'list', '--json'])).stdout));
  const stack = images.filter((one) => one.tag.startsWith('vlab/stack-trixie:')).sort((a, b) => b.builtAt.localeCompare(a.builtAt))[0];
  const theirs = await lab.engine.start({
    image: stack?.tag ?? '', purpose: 'their-redis', memoryMiB: 256, pids: 32, binds: [{ from: folder, to: '/data', write: true }],
    argv: ['redis-server', '--port', '0', '--unixsocket', '/data/sock', '--unixsocketperm', '777', '--save', ''],
  });
  const env = { REDIS_URL: `unix://${folder}/sock` };
  const submitted = await lab.vlab(['run', await lab.job({}), '--detach', '--json'], env);
  const { job } = JSON.parse(submitted.stdout) as { job: string };
  const status = StatusDocument.parse(JSON.parse((await lab.vlab(['status', '--json'], env)).stdout));
  expect(status.jobs[0]?.runs.map((run) => run.state)).toEqual(['prioritized']);
  await lab.vlab(['cancel', job], env);
  const after = StatusDocument.parse(JSON.parse((await lab.vlab(['status', '--json'], env)).stdout));
  expect(after.jobs[0]?.runs.map((run) => run.outcome?.kind)).toEqual(['cancelled']);
  expect(await lab.containers('redis')).toEqual([]);
  await theirs.stop();
});

test('a REDIS_URL where nobody answers is told without its password', async () => {
  await using lab = await TestLab.open();
  const ended = await lab.vlab(['run', 'jobs/first-look.yaml', '--json'], { REDIS_URL: 'redis://me:secret@127.0.0.1:1' });
  expect(ended.exitCode).toBe(3);
  expect(ended.stdout).toContain('no Redis answers at REDIS_URL=redis://...@127.0.0.1:1');
  expect(ended.stdout + ended.stderr).not.toContain('secret');
});
