// A fleet on one machine: workers on hosts of their own, in network namespaces, with real guests, a Redis with a password and a store that speaks S3. What can
// happen to such a fleet happens to it here; afterwards every run has exactly one result, and nothing is left.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RunDocument } from '../src/contract/documents.ts';
import { Manifest } from '../src/contract/manifest.ts';
import { RunRecord } from '../src/contract/run.ts';
import { namesIn, readIfThere } from '../src/lib/files.ts';
import { pause } from '../src/lib/within.ts';
import { FIVE_MINUTES_AHEAD } from './fleet/five-minutes-ahead.ts';
import { Fleet, type Ended, type Member, type Running } from './fleet/fleet.ts';

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
  await endAll(running);
  expect(await Promise.all([asker, ...workers].map((member) => fleet.left(member)))).toEqual([[], [], [], [], []]);
});

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

async function recordOf(run: string): Promise<RunRecord> {
  return RunRecord.parse(JSON.parse(await readFile(join(asker.home, 'runs', run, 'run.json'), 'utf8')));
}
