// A worker, its Redis or its hold lost in the middle of a run: one result, told, and nothing left running. Holds of two seconds want a machine for themselves.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { RunDocument } from '../src/contract/documents.ts';
import { namesIn } from '../src/lib/files.ts';
import { TestLab } from './lab.ts';

let lab: TestLab;
beforeEach(async () => { lab = await TestLab.open({ VLAB_LOCK_MS: '2000' }); });
afterEach(async () => {
  await lab.end();
});

const document = (stdout: unknown): RunDocument => RunDocument.parse(JSON.parse(String(stdout)));

test('a worker killed with SIGKILL leaves no container, and its run comes back on another worker', async () => {
  const job = await lab.job({ clip: 'h264-640x360' });
  const following = lab.process(['run', job, '--no-worker', '--json', '--quiet']);
  const first = lab.process(['worker']);
  const id = await lab.event(following, (event) => event.event === 'guest.ready');
  first.kill('SIGKILL');
  await first;
  await untilNone(() => lab.containers('guest'));
  const second = lab.process(['worker']);
  const ended = await following;
  second.kill('SIGINT');
  await second;
  const [run] = document(ended.stdout).runs;
  expect(run).toMatchObject({ id, attempt: 2, outcome: { kind: 'passed' } });
  expect(await namesIn(join(lab.home, 'runs'))).toContain(`${id}.lost-1`);
});

test('a run that is sealed is told, though the queue never hears of it', async () => {
  // As when a worker dies between its seal and its word to the queue, which cannot be hit from outside: here no worker ever takes the run.
  const before = await lab.vlab(['run', await lab.job({ clip: 'h264-640x360' }), '--json', '--quiet']);
  const [sealed] = document(before.stdout).runs;
  const following = lab.process(['run', await lab.job({ clip: 'h264-640x360' }), '--no-worker', '--json', '--quiet']);
  const id = await lab.submitted(sealed?.id ?? '');
  await execa('mkdir', [join(lab.home, 'runs', id)]);
  const record = await readFile(join(lab.home, 'runs', sealed?.id ?? '', 'run.json'), 'utf8');
  await writeFile(join(lab.home, 'runs', id, 'run.json'), record.replaceAll(sealed?.id ?? '', id));
  const ended = await following;
  expect(document(ended.stdout).runs[0]).toMatchObject({ id, outcome: { kind: 'passed' } });
  expect(ended.exitCode).toBe(0);
  await lab.vlab(['cancel', id]);
});

test('Redis killed during a run comes back with what it held, and the run ends once', async () => {
  // A hold that outlasts Redis's absence: with two seconds, losing it is right, and would be another test.
  const running = lab.process(['run', await lab.job({ clip: 'h264-640x360', pipelines: ['upload', 'dmabuf-copy'] }), '--json', '--quiet'], { VLAB_LOCK_MS: '30000' });
  const id = await lab.event(running, (event) => event.event === 'guest.ready');
  const [redis] = (await lab.engine.list()).filter((one) => one.purpose === 'redis');
  await lab.engine.docker.getContainer(redis?.id ?? '').kill({ signal: 'SIGKILL' });
  const ended = await running;
  const [run] = document(ended.stdout).runs;
  expect([run?.id, run?.outcome.kind], run?.outcome.why).toEqual([id, 'passed']);
  expect(ended.exitCode).toBe(0);
  expect((await namesIn(join(lab.home, 'runs'))).filter((name) => name.startsWith(id))).toEqual([id]);
});

test('a run that lasts many times its lock keeps it: one attempt, one result', async () => {
  const started = Date.now();
  const ended = await lab.vlab(['run', await lab.job({ pipelines: ['upload', 'dmabuf-copy'] }), '--json', '--quiet'], { VLAB_LOCK_MS: '1000' });
  const [run] = document(ended.stdout).runs;
  expect(run).toMatchObject({ attempt: 1, outcome: { kind: 'passed' } });
  expect(Date.now() - started).toBeGreaterThan(5000);
});

async function untilNone(list: () => Promise<string[]>): Promise<void> {
  const until = Date.now() + 15_000;
  while (Date.now() < until && (await list()).length > 0) await new Promise((resolve) => { setTimeout(resolve, 200); });
  expect(await list()).toEqual([]);
}
