// Weeks of nights through the real record: what is made an alert, of what, and whose change it was; and what changed from one night to the next.
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { execa } from 'execa';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { GcDocument, ServeDocument } from '../src/contract/documents.ts';
import { KernelRecord } from '../src/contract/job.ts';
import type { RunRecord } from '../src/contract/run.ts';
import { openDatabase } from '../src/record/database.ts';
import { evaluationOf } from '../src/report/evaluation/fixture.ts';
import { beginNight, writeNight } from '../src/store/nights.ts';
import { TestLab, type Process } from './lab.ts';
import { nightRecord } from './night-parts.ts';
import { pipelineResult, runRecord, runRequest } from './parts.ts';

const NIGHTS = 24;
/** From this night on, things are otherwise. */
const CHANGE = 12;
/** A host as a whole, two pipelines that are slower and three that wait for a fence on one kernel, and one that is slower under another QEMU. */
const RAISED = 7;
const DAY_MS = 86_400_000;
const PIPELINES = ['upload', 'dmabuf-copy', 'dmabuf-direct'] as const;
type Fps = Record<(typeof PIPELINES)[number], number>;

let lab: TestLab;
let serving: Process;
let url: string;
let token: string;
let runs = 0;

type Boot = { host: string; base: string; night: number; version: string; qemu?: string; fps: Fps; readyMs: number; fencesPerFrame?: number };

/** A boot that measured, as it lies in its folder. */
async function seal({ host, base, night, version, qemu = '10.0.2', fps, readyMs, fencesPerFrame }: Boot): Promise<void> {
  const id = `r-${(runs++).toString(36).padStart(10, '0')}`;
  const at = new Date(Date.now() - (NIGHTS - night) * DAY_MS + runs * 1000).toISOString();
  const wobble = 1 + 0.002 * (runs % 5);
  const percentiles = { mean: 1, p50: 1, p95: 1, p99: 1 };
  const kernel = KernelRecord.parse({ kernel: (base === '6.12' ? 'a' : 'b').repeat(12) + version.replaceAll('.', '').padStart(4, '0').slice(-4), base, version, series: null, flavour: 'perf', compiler: 'gcc', builder: 'b', patches: [], seconds: 1, cleanSeconds: null, vmlinuxBytes: 1, builtAt: at });
  const record = runRecord({
    id, base, kernel, measure: 'time', readyMs: readyMs * wobble, startedAt: at, sealedAt: at,
    pipelines: PIPELINES.map((pipeline) => pipelineResult({
      pipeline, counters: fencesPerFrame === undefined ? null : { frames: 60, commandsPerFrame: 2, transfersPerFrame: 1, bytesPerFrame: 345_600, fencesPerFrame, byKind: {} },
      time: { frames: 60, warmup: 5, fps: fps[pipeline] * wobble, stepsMs: { frame: percentiles }, guestCpuMsPerFrame: 1, hostCpuMsPerFrame: null, bookkeepingShare: 0 },
    })),
  });
  await write(record, host, { hostKernel: '6.1', host: { accelerator: 'kvm', display: 'xvfb' }, stack: { tag: `stack-${qemu}`, packages: { 'qemu-system-x86': qemu } }, guest: { tag: 'guest-1', packages: { 'mesa-libgallium': '25.0.7' } } });
}

async function write(record: RunRecord, host: string, versions: unknown): Promise<void> {
  const folder = join(lab.home, 'runs', record.id);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'events.ndjson'), `${JSON.stringify({ at: record.startedAt, ms: 0, run: record.id, event: 'run.opened', attempt: 1, worker: `${host}/1:2` })}\n`);
  await writeFile(join(folder, 'versions.json'), JSON.stringify(versions));
  await writeFile(join(folder, 'run.json'), JSON.stringify(record));
}

/**
 * Host one becomes slower as a whole, with nothing changed that the lab knows of. On host two, base 7.3 moves to a version on which two pipelines are slower
 * and every one waits for a fence that none had, while 6.12 stays as it is. Host three gets another QEMU, with which one is slower.
 */
async function sealNights(): Promise<void> {
  const usual: Fps = { 'upload': 100, 'dmabuf-copy': 150, 'dmabuf-direct': 200 };
  const slow = (by: number, ...names: (keyof Fps)[]): Fps => ({ ...usual, ...Object.fromEntries(names.map((name) => [name, usual[name] * by])) });
  for (let night = 0; night < NIGHTS; night++) {
    const after = night >= CHANGE;
    for (const [base, version] of [['6.12', '6.12.57'], ['6.1', '6.1.99']] as const) await seal({ host: 'one', base, night, version, fps: after ? slow(0.7, ...PIPELINES) : usual, readyMs: after ? 3000 : 2000 });
    await seal({ host: 'two', base: '6.12', night, version: '6.12.57', fps: usual, readyMs: 2000 });
    await seal({ host: 'two', base: '7.3', night, version: after ? '7.3.5' : '7.3.4', fps: after ? slow(0.8, 'upload', 'dmabuf-copy') : usual, readyMs: 2000, fencesPerFrame: after ? 1 : 0 });
    await seal({ host: 'three', base: '6.12', night, version: '6.12.57', qemu: after ? '10.0.3' : '10.0.2', fps: after ? slow(0.9, 'dmabuf-direct') : usual, readyMs: 2000 });
  }
}

type Job = { id: string; at: string; cells: { series: string | null; expect: string; outcomes: Partial<Record<(typeof PIPELINES)[number], 'passed' | 'failed'>> }[] };

/** A night of nightly.yaml: each kernel one run, each pipeline of it with its outcome. */
async function sealJob({ id, at, cells }: Job): Promise<void> {
  const requests = cells.map(({ series, expect: wanted, outcomes }) => runRequest({ id: `r-${(runs++).toString(36).padStart(10, '0')}`, job: id, kernel: { base: '6.12', ...(series === null ? {} : { series }), expect: wanted }, pipelines: Object.keys(outcomes), submittedAt: at }));
  await mkdir(join(lab.home, 'jobs'), { recursive: true });
  await writeFile(join(lab.home, 'jobs', `${id}.json`), JSON.stringify({ job: id, title: 'a night', file: 'nightly.yaml', submittedAt: at, runs: requests }));
  for (const [n, { expect: wanted, series, outcomes }] of cells.entries()) {
    const kind = Object.values(outcomes).includes('failed') ? 'failed' : 'passed';
    await write(runRecord({
      id: requests[n]?.id, job: id, series, expect: wanted, asExpected: kind === wanted, outcome: { kind, stage: 'verify', why: kind }, startedAt: at, sealedAt: at,
      pipelines: Object.entries(outcomes).map(([pipeline, status]) => pipelineResult({ pipeline: pipeline as 'upload', status, why: status })),
    }), 'two', {});
  }
}

async function get<T>(path: string): Promise<T> {
  return await (await fetch(`${url}${path}`)).json() as T;
}

type Alert = { id: string; at: string; from: string; to: string; group: string; blames: string; metric: string; subject: string; base: string; host: string; before: number; after: number; changePct: number | null; state: string; evaluation: string | null; notes: { when: string }[]; moved: { metric: string; subject: string; base: string }[] };
const alerts = async (): Promise<Alert[]> => (await get<{ alerts?: Alert[] }>('/api/alerts')).alerts ?? [];

beforeAll(async () => {
  lab = await TestLab.open();
  await sealNights();
  await sealJob({ id: 'j-0000000001', at: new Date(Date.now() - 2 * DAY_MS).toISOString(), cells: [
    { series: null, expect: 'passed', outcomes: { 'upload': 'passed', 'dmabuf-copy': 'failed', 'dmabuf-direct': 'failed' } }, { series: 'mutants/short-transfer', expect: 'failed', outcomes: { upload: 'failed' } },
    { series: 'mutants/boot-hang', expect: 'failed', outcomes: { upload: 'failed' } },
  ] });
  await sealJob({ id: 'j-0000000002', at: new Date(Date.now() - DAY_MS).toISOString(), cells: [
    { series: null, expect: 'passed', outcomes: { 'upload': 'failed', 'dmabuf-copy': 'passed', 'dmabuf-direct': 'failed' } }, { series: 'mutants/short-transfer', expect: 'failed', outcomes: { upload: 'failed' } },
    { series: 'mutants/boot-hang', expect: 'failed', outcomes: { upload: 'passed' } },
  ] });
  token = (JSON.parse((await lab.vlab(['token', 'add', 'a person', '--json'])).stdout) as { token: string }).token;
  serving = lab.process(['serve', '--port', '0', '--json']);
  ({ url } = ServeDocument.parse(JSON.parse(await serving.firstLine())));
});

afterAll(async () => {
  serving.kill('SIGINT');
  await serving;
  await lab.end();
});

test('weeks of nights come in, and seven alerts come of them', async () => {
  await expect.poll(async () => (await get<{ record: { runs: number } }>('/api/health')).record.runs, { timeout: 60_000 }).toBe(runs);
  // Change points are worked out after the runs are in.
  await expect.poll(async () => (await alerts()).length, { timeout: 60_000 }).toBe(RAISED);
});

describe('alerts', () => {
  test('a host that became slower as a whole is one alert, of the lab and of no kernel', async () => {
    const own = (await alerts()).filter((one) => one.host === 'one');
    expect(own).toHaveLength(1);
    expect(own[0]).toMatchObject({ blames: 'lab', group: expect.stringMatching(/^host one, \d{4}-\d\d-\d\d: 8 series moved at once, and nothing else that the lab knows of changed$/) as string });
    expect(own[0]?.moved.map((one) => `${one.base} ${one.metric} ${one.subject}`).sort()).toEqual(['6.1', '6.12'].flatMap((base) => [...[...PIPELINES].sort().map((name) => `${base} frames per second ${name}`), `${base} ready boot`]).sort());
  });

  test('where a span of time cuts through what moved with a host, that is one alert or none, and the same one', async () => {
    const [whole] = (await alerts()).filter((one) => one.host === 'one');
    const inSpan = async (span: string): Promise<string[]> => (await get<{ alerts: Alert[] }>(`/api/alerts?${span}`)).alerts.filter((one) => one.host === 'one').map((one) => one.id);
    const [at, then] = [whole?.at ?? '', new Date(Date.parse(whole?.at ?? '') + 1).toISOString()];
    expect([await inSpan(`from=${at}`), await inSpan(`from=${at}&to=${at}`), await inSpan(`from=${then}`), await inSpan(`from=2000-01-01T00:00:00.000Z&to=${at}`)]).toEqual([[whole?.id], [whole?.id], [], [whole?.id]]);
  });

  test('what one version of a kernel made slower is one group, and the kernel\'s', async () => {
    const own = (await alerts()).filter((one) => one.host === 'two');
    const slower = own.filter((one) => one.metric === 'frames per second');
    expect(slower.map((one) => one.subject).sort()).toEqual(['dmabuf-copy', 'upload']);
    for (const { changePct } of slower) expect(changePct).toBeCloseTo(-20, 0);
    expect(own.map((one) => [one.base, one.blames, one.group])).toEqual(Array(5).fill(['7.3', 'kernel', '7.3: 7.3.4 to 7.3.5']));
  });

  test('a counter that rose from nothing is told, without a percentage, and its panel shows it', async () => {
    const own = (await alerts()).filter((one) => one.metric === 'fences');
    expect(own.map((one) => [one.base, one.subject, one.before, one.after, one.changePct]).sort()).toEqual([...PIPELINES].sort().map((name) => ['7.3', name, 0, 1, null]));
    const { trends } = await get<{ trends: { changes: { changePct: number | null; direction: string; beforeMedian: number; afterMedian: number }[] }[] }>('/api/trends?metric=fences&subject=upload');
    expect(trends.map((one) => one.changes)).toMatchObject([[{ changePct: null, direction: 'worse', beforeMedian: 0, afterMedian: 1 }]]);
  });

  test('what another QEMU made slower is the lab\'s, and says which', async () => {
    expect((await alerts()).filter((one) => one.host === 'three')).toMatchObject([{ subject: 'dmabuf-direct', blames: 'lab', group: 'qemu: 10.0.2 to 10.0.3', moved: [] }]);
  });

  test('the runs on both sides of each are none that gc takes, however old', async () => {
    await execa('find', [join(lab.home, 'runs'), '-mindepth', '1', '-exec', 'touch', '-d', '300 days ago', '{}', '+']);
    const pointedAt = (await alerts()).flatMap(({ from, to }) => [from, to]);
    expect(pointedAt).toHaveLength(2 * RAISED);
    const { removed } = GcDocument.parse(JSON.parse((await lab.vlab(['gc', '--dry-run', '--json', '--runs-older-than', '90d'])).stdout));
    const gone = new Set(removed.map((one) => one.name));
    expect(gone.size).toBeGreaterThan(runs / 5);
    expect(pointedAt.filter((run) => gone.has(run))).toEqual([]);
  });

  test('what somebody said of a host stays with it', async () => {
    const [of] = (await alerts()).filter((one) => one.host === 'one');
    const said = await fetch(`${url}/api/alerts/${of?.id ?? ''}/notes`, { method: 'POST', headers: { 'content-type': 'application/json', 'authorization': `Bearer ${token}` }, body: JSON.stringify({ state: 'acknowledged', why: 'its fan is broken' }) });
    expect(said.status).toBe(200);
    expect((await alerts()).map((one) => one.state).sort()).toEqual(['acknowledged', ...Array<string>(RAISED - 1).fill('new')]);
  });
});

test('from one night to the next: new, fixed, still failing, and a mutant only where it is no longer caught', async () => {
  const { changes } = await get<{ changes: { kind: string; kernel: string; cell: { pipeline: string; status: string; before: string } }[] }>('/api/jobs/j-0000000002');
  expect(changes.map(({ kind, kernel, cell }) => `${kind}: ${kernel}, ${cell.pipeline}, ${cell.before} then ${cell.status}`).sort()).toEqual([
    'fixed: 6.12, dmabuf-copy, failed then passed', 'new: 6.12 + mutants/boot-hang, upload, failed then passed', 'new: 6.12, upload, passed then failed', 'still: 6.12, dmabuf-direct, failed then failed',
  ]);
  expect((await get<{ changes: unknown[] }>('/api/jobs/j-0000000001')).changes).toEqual([]);
});

test('what a link to a span of time shows stays as it is, though a series came in since that is newer than all', async () => {
  type Shown = { trends: { host: string; points: { at: string }[] }[]; span: { from: string; to: string } };
  const newest = '/api/trends?metric=ready&most=2';
  const { trends, span } = await get<Shown>(newest);
  expect(span.from.localeCompare(trends[0]?.points[0]?.at ?? '')).toBeLessThanOrEqual(0);
  // Levels are of all samples, whatever is shown of them.
  const samplesOf = (shown: Shown): unknown => ({ span: shown.span, trends: shown.trends.map(({ host, points }) => ({ host, points })) });
  const linked = async (): Promise<unknown> => samplesOf(await get<Shown>(`${newest}&from=${span.from}&to=${span.to}`));
  const before = samplesOf({ trends, span });
  expect(await linked()).toEqual(before);
  await seal({ host: 'five', base: '6.12', night: NIGHTS - 0.5, version: '6.12.57', fps: { 'upload': 50, 'dmabuf-copy': 60, 'dmabuf-direct': 70 }, readyMs: 900 });
  await expect.poll(async () => (await get<Shown>(newest)).trends[0]?.host, { timeout: 60_000 }).toBe('five');
  const [shown] = trends;
  await seal({ host: shown?.host ?? '', base: '6.12', night: NIGHTS - 0.4, version: '6.12.57', qemu: '10.0.3', fps: { 'upload': 100, 'dmabuf-copy': 150, 'dmabuf-direct': 180 }, readyMs: 2000 });
  await expect.poll(async () => (await get<Shown>(newest)).trends[0]?.host, { timeout: 60_000 }).toBe(shown?.host);
  expect(await linked()).toEqual(before);
});

test('a rebuild from the folders, in whose order they did not come in, gives the same alerts and trends', async () => {
  // Older than all that is there: a rebuild takes it first, and every number is another's.
  await seal({ host: 'four', base: '6.12', night: -1, version: '6.12.57', fps: { 'upload': 50, 'dmabuf-copy': 60, 'dmabuf-direct': 70 }, readyMs: 900 });
  const record = async (): Promise<number> => (await get<{ record: { runs: number } }>('/api/health')).record.runs;
  await expect.poll(record, { timeout: 60_000 }).toBe(runs);
  // The record's own numbers are others; nothing is found by them.
  const pages = (): Promise<unknown[]> => Promise.all(['/api/alerts.json', '/api/alerts?from=2000-01-01T00:00:00.000Z&to=2999-01-01T00:00:00.000Z', '/api/trends?metric=ready', '/api/trends?metric=frames+per+second', '/api/series', '/api/jobs/j-0000000002'].map(async (path) => JSON.parse(JSON.stringify(await get(path), (key, value: unknown) => (key === 'id' && typeof value === 'number' ? undefined : value))) as unknown));
  const before = await pages();
  const { exitCode } = await lab.vlab(['reindex', '--json']);
  expect(exitCode).toBe(0);
  await expect.poll(pages, { timeout: 60_000 }).toEqual(before);
  expect(await alerts()).toHaveLength(RAISED);
});

test('a level that changed at a run which is gone is told by no trend until it is worked out anew, and breaks none', async () => {
  const db = await openDatabase({ host: join(lab.home, 'postgres'), user: 'vlab', database: 'postgres' });
  const changes = async (): Promise<number> => (await get<{ trends: { changes: unknown[] }[] }>('/api/trends?metric=frames+per+second&host=three&subject=dmabuf-direct')).trends.flatMap((one) => one.changes).length;
  expect(await changes()).toBe(1);
  await sql`update levels set points = (select jsonb_agg(jsonb_set(point, '{to}', '0') order by nth) from jsonb_array_elements(points) with ordinality as each (point, nth)) where points <> '[]'`.execute(db);
  expect((await fetch(`${url}/api/trends?metric=frames+per+second&host=three&subject=dmabuf-direct`)).status).toBe(200);
  expect(await changes()).toBe(0);
  // What the next look does to a series that lost a run.
  await sql`delete from levels`.execute(db);
  await sql`insert into grown select id from sample_series on conflict do nothing`.execute(db);
  await expect.poll(changes, { timeout: 60_000 }).toBe(1);
  await db.destroy();
});

test('runs that are removed take what they measured along, and no alert that the others raise', async () => {
  const gone = 5;
  for (let n = 0; n < gone; n++) await rm(join(lab.home, 'runs', `r-${n.toString(36).padStart(10, '0')}`), { recursive: true });
  await expect.poll(async () => (await get<{ record: { runs: number } }>('/api/health')).record.runs, { timeout: 60_000 }).toBe(runs - gone);
  // The levels follow at the next look, a second later.
  await after(3000);
  expect(await alerts()).toHaveLength(RAISED);
});

describe('what a night has confirmed of a base', () => {
  const night = 'n-0000000009';

  /** Last night's 7.3 against tonight's, which is slower by an evaluation of the two. */
  async function sealNight(): Promise<void> {
    const startedAt = new Date(Date.now() - 3_600_000).toISOString();
    const evaluation = evaluationOf({ id: 'e-0123456781', base: '7.3', startedAt, endedAt: startedAt });
    await mkdir(join(lab.home, 'evaluations', evaluation.id), { recursive: true });
    await writeFile(join(lab.home, 'evaluations', evaluation.id, 'evaluation.json'), JSON.stringify(evaluation));
    const sides = { base: '7.3', before: '0123456789abcdef', after: 'fedcba9876543210' };
    const record = nightRecord({ id: night, before: null, startedAt, endedAt: startedAt, pairs: [
      { ...sides, evaluation: evaluation.id, verdict: 'worse', why: 'instructions of upload', worse: [] }, { ...sides, base: '6.12', evaluation: evaluation.id, verdict: 'equivalent', why: '', worse: [] }, { ...sides, base: '6.1', evaluation: null, verdict: null, why: 'not built', worse: [] },
    ] });
    await beginNight(lab.home, record.id, { startedAt, endsBy: startedAt });
    await writeNight(lab.home, record, {});
  }

  test('is an alert of its own, with the evaluation that says so', async () => {
    expect((await alerts()).filter((one) => one.evaluation !== null)).toEqual([]);
    await sealNight();
    expect((await alerts()).filter((one) => one.evaluation !== null)).toMatchObject([{
      evaluation: 'e-0123456781', base: '7.3', metric: 'instructions', subject: 'upload', changePct: 2.5, from: 'r-aaaaaaaaaa', to: 'r-bbbbbbbbbb', state: 'new', notes: [], blames: 'kernel',
      group: '7.3: built of other sources or options, 0123456789abcdef to fedcba9876543210', moved: [{ metric: 'instructions', subject: 'upload' }],
    }]);
    expect(await alerts()).toHaveLength(RAISED + 1);
  });

  test('keeps what is said of it, with who, when and why, which open pages are told at once, and the table is narrowed by it', async () => {
    const reading = new AbortController();
    const stream = await fetch(`${url}/api/live`, { signal: reading.signal });
    let heard = '';
    const ended = (async (): Promise<void> => {
      for await (const chunk of stream.body ?? []) heard += new TextDecoder().decode(chunk as Uint8Array);
    })().catch(() => undefined);
    const [own] = (await alerts()).filter((one) => one.evaluation !== null);
    const began = new Date().toISOString();
    const said = [['acknowledged', 'looked at'], ['noise', 'a cleaner pulled a plug'], ['new', ''], ['fixed', 'reverted']] as const;
    for (const [n, [state, why]] of said.entries()) {
      expect((await fetch(`${url}/api/alerts/${own?.id ?? ''}/notes`, { method: 'POST', headers: { 'content-type': 'application/json', 'authorization': `Bearer ${token}` }, body: JSON.stringify({ state, why }) })).status).toBe(200);
      // Who, when and why of each, with all that was said before it.
      const now = (await alerts()).find((one) => one.id === own?.id);
      expect(now).toMatchObject({ state, notes: said.slice(0, n + 1).map(([was, because]) => ({ state: was, who: 'a person', why: because })) });
      const times = [began, ...(now?.notes ?? []).map((one) => one.when), new Date().toISOString()];
      expect(times).toEqual([...times].sort());
      expect((await get<{ rows: Record<string, unknown>[] }>(`/api/alerts.json?state=${state}`)).rows.find((one) => one['id'] === own?.id)).toMatchObject({ state, saidBy: 'a person', saidAt: times.at(-2), said: why });
    }
    await expect.poll(() => heard).toContain('data: {"what":"alerts"}');
    reading.abort();
    await ended;
    const { rows } = await get<{ rows: { id: string }[] }>('/api/alerts.json?state=fixed');
    expect(rows.map((one) => one.id)).toEqual([own?.id]);
    expect((await (await fetch(`${url}/api/alerts.csv?state=fixed`)).text()).trimEnd().split('\n')).toHaveLength(2);
    expect((await get<{ rows: unknown[] }>('/api/alerts.json')).rows).toHaveLength(RAISED + 1);
  });
});
