// A run that is ended from outside: its QEMU, its disk, its user. Each ends with a told outcome and with nothing left running.
import { readFile } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CancelDocument, RunDocument } from '../src/contract/documents.ts';
import { RunRecord } from '../src/contract/run.ts';
import { namesIn } from '../src/lib/files.ts';
import { TestLab } from './lab.ts';

let lab: TestLab;
beforeEach(async () => { lab = await TestLab.open(); });
afterEach(async () => {
  await lab.end();
});

const LONG = { clip: 'h264-640x360-long' };
const document = (stdout: unknown): RunDocument => RunDocument.parse(JSON.parse(String(stdout)));

test('QEMU runs hemmed in; killed with SIGKILL, it is the lab\'s fault, not the kernel\'s', async () => {
  const running = lab.process(['run', await lab.job(LONG), '--json', '--quiet']);
  await lab.event(running, (event) => event.event === 'stage.progress' && event.stage === 'pipeline');
  const [container] = (await lab.engine.list()).filter((one) => one.purpose === 'guest');
  const { HostConfig, Config } = await lab.engine.docker.getContainer(container?.id ?? '').inspect();
  expect(HostConfig).toMatchObject({ NetworkMode: 'none', CapDrop: ['ALL'], ReadonlyRootfs: true, PidsLimit: 256, SecurityOpt: ['no-new-privileges'], Privileged: false });
  expect(HostConfig.CapAdd ?? []).toEqual([]);
  expect([(HostConfig.Memory ?? 0) > 0, (HostConfig.NanoCpus ?? 0) > 0, Config.User]).toEqual([true, true, '64100']);
  expect(await killQemu('SIGKILL')).toBe(true);
  const ended = await running;
  expect(ended.exitCode).toBe(3);
  const [run] = document(ended.stdout).runs;
  expect(run?.outcome).toMatchObject({ kind: 'broken', stage: 'pipeline' });
  expect(run?.outcome.why).toContain('QEMU died: killed by signal 9');
});

test('QEMU that aborts in boot, as it does at a bug of its own, gets one more boot, and the run tells of it', async () => {
  // A kernel that never comes to its end of boot, so that there is time to hit it; on the second boot it is what is told.
  const running = lab.process(['run', await lab.job({ kernels: [{ base: '6.12', series: 'mutants/boot-hang' }] }), '--json', '--quiet'], { VLAB_SLOWNESS: '0.3' });
  const id = await lab.event(running, (event) => event.event === 'guest.started');
  while (!(await killQemu('SIGABRT'))) await new Promise((resolve) => { setTimeout(resolve, 20); });
  const [run] = document((await running).stdout).runs;
  expect([run?.attempt, run?.outcome]).toEqual([1, expect.objectContaining({ kind: 'failed', stage: 'guest' })]);
  expect(RunRecord.parse(JSON.parse(await readFile(join(lab.home, 'runs', id, 'run.json'), 'utf8'))).lostBoot).toContain('QEMU died: killed by signal 6');
  expect(await readFile(join(lab.home, 'runs', id, 'events.ndjson'), 'utf8')).toContain('"event":"guest.again","why":"QEMU died: killed by signal 6');
});

test('a full disk in the run folder is told as broken, and the run is sealed all the same', async () => {
  await execa('mkdir', ['-p', join(lab.home, 'runs')]);
  await execa('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', join(lab.home, 'runs')]);
  try {
    const running = lab.process(['run', await lab.job(LONG), '--json', '--quiet']);
    const id = await lab.event(running, (event) => event.event === 'guest.ready');
    await execa('dd', ['if=/dev/zero', `of=${join(lab.home, 'runs', 'filler')}`, 'bs=64k'], { reject: false });
    const ended = await running;
    expect(ended.exitCode).toBe(3);
    const [run] = document(ended.stdout).runs;
    expect(run?.outcome.kind).toBe('broken');
    expect(run?.outcome.why).toContain('no space left');
    expect(JSON.parse(await readFile(join(lab.home, 'runs', id, 'run.json'), 'utf8'))).toMatchObject({ outcome: { kind: 'broken' } });
  } finally {
    await execa('umount', [join(lab.home, 'runs')]);
  }
});

test('the first interrupt brings the run under way to its end and cancels the others', async () => {
  const running = lab.process(['run', await lab.job({ clip: 'h264-640x360', kernels: [{ base: '6.12' }, { base: '6.12' }] }), '--json', '--quiet']);
  const id = await lab.event(running, (event) => event.event === 'guest.ready');
  running.kill('SIGINT');
  const ended = await running;
  expect(ended.exitCode).toBe(130);
  const { runs } = document(ended.stdout);
  expect(runs.find((run) => run.id === id)?.outcome.kind).toBe('passed');
  expect(runs.find((run) => run.id !== id)?.outcome.kind).toBe('cancelled');
});

test('the second interrupt stops now', async () => {
  const running = lab.process(['run', await lab.job(LONG), '--json', '--quiet']);
  await lab.event(running, (event) => event.event === 'stage.progress' && event.stage === 'pipeline');
  running.kill('SIGINT');
  await new Promise((resolve) => { setTimeout(resolve, 500); });
  const asked = Date.now();
  running.kill('SIGINT');
  const ended = await running;
  expect(Date.now() - asked).toBeLessThan(15_000);
  expect(ended.exitCode).toBe(130);
  expect(document(ended.stdout).runs[0]?.outcome.kind).toBe('cancelled');
});

test('cancel reaches a run from another process', async () => {
  const running = lab.process(['run', await lab.job({ ...LONG, kernels: [{ base: '6.12' }, { base: '6.12' }] }), '--json', '--quiet']);
  const id = await lab.event(running, (event) => event.event === 'stage.progress' && event.stage === 'pipeline');
  const cancelled = CancelDocument.parse(JSON.parse((await lab.vlab(['cancel', id, '--json'])).stdout));
  expect(cancelled.cancelled).toEqual([{ id, was: 'active' }]);
  const jobs = await namesIn(join(lab.home, 'jobs'));
  await lab.vlab(['cancel', (jobs[0] ?? '').replace('.json', '')]);
  const ended = await running;
  expect(ended.exitCode).toBe(130);
  expect(document(ended.stdout).runs.map((run) => run.outcome.kind)).toEqual(['cancelled', 'cancelled']);
});

test('a command whose Redis never says goodbye gives its answer and ends', async () => {
  const worker = lab.process(['worker']);
  const own = join(lab.home, 'redis/redis.sock');
  while ((await execa('test', ['-S', own], { reject: false })).exitCode !== 0) await new Promise((resolve) => { setTimeout(resolve, 100); });
  // In front of the real Redis: passes everything on until a client wants to leave, and is silent to all from then on.
  const ends: Socket[] = [];
  let silent = false;
  const deaf = createServer((client) => {
    const redis = connect(own);
    ends.push(client, redis);
    client.on('data', (bytes) => {
      silent ||= /\bquit\b/i.test(bytes.toString('latin1'));
      if (!silent) redis.write(bytes);
    }).on('error', () => undefined);
    redis.on('data', (bytes) => { if (!silent) client.write(bytes); }).on('error', () => undefined);
  });
  await new Promise<void>((resolve) => { deaf.listen(join(lab.home, 'deaf.sock'), resolve); });
  try {
    const { exitCode, stdout } = await lab.vlab(['status', '--json'], { REDIS_URL: `unix:${join(lab.home, 'deaf.sock')}` });
    expect([silent, exitCode, Object.keys(JSON.parse(stdout) as object)]).toEqual([true, 0, expect.arrayContaining(['workers'])]);
  } finally {
    for (const end of ends) end.destroy();
    deaf.close();
    worker.kill('SIGINT');
    await worker;
  }
});

/** False where there is no QEMU yet. */
async function killQemu(signal: NodeJS.Signals): Promise<boolean> {
  const [guest] = (await lab.engine.list()).filter((one) => one.purpose === 'guest');
  if (guest === undefined) return false;
  const top = await lab.engine.docker.getContainer(guest.id).top().catch(() => ({ Titles: [], Processes: [] })) as { Titles: string[]; Processes: string[][] };
  const pid = top.Titles.indexOf('PID');
  const command = top.Titles.indexOf('CMD');
  const qemu = top.Processes.find((process) => process[command]?.startsWith('qemu-system'));
  return qemu !== undefined && process.kill(Number(qemu[pid]), signal);
}
