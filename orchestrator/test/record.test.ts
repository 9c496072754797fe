// The record on a real PostgreSQL, the lab's own in its container: what is sealed comes in once, whatever happens to the database, and the pages' API tells it.
import { appendFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ReindexDocument, ServeDocument } from '../src/contract/documents.ts';
import { RunRecord } from '../src/contract/run.ts';
import { evaluationOf } from '../src/report/evaluation/fixture.ts';
import { TestLab, type Process } from './lab.ts';
import { pipelineResult, runRecord } from './parts.ts';

const HOSTILE = '<script>alert(1)</script>\0"; drop table runs; --';

let lab: TestLab;
let serving: Serving | undefined;

type Serving = { url: string; process: Process; end: () => Promise<void> };

/** `vlab serve`, until it has said where it is. */
async function serve(on: TestLab): Promise<Serving> {
  const process = on.process(['serve', '--port', '0', '--json'], {});
  const url = ServeDocument.parse(JSON.parse(await process.firstLine())).url;
  return {
    url, process,
    end: async () => {
      process.kill('SIGINT');
      expect((await process).exitCode).toBe(0);
    },
  };
}

async function get(path: string): Promise<{ status: number; body: unknown; headers: Headers }> {
  const response = await fetch(`${serving?.url ?? ''}${path}`);
  return { status: response.status, body: response.headers.get('content-type')?.startsWith('application/json') === true ? await response.json() : await response.text(), headers: response.headers };
}

async function until<T>(what: string, look: () => Promise<T | undefined>, ms = 20_000): Promise<T> {
  const end = Date.now() + ms;
  for (;;) {
    const found = await look().catch(() => undefined);
    if (found !== undefined) return found;
    if (Date.now() > end) throw new Error(`${what}: not within ${String(ms)} ms`);
    await new Promise((resolve) => { setTimeout(resolve, 100); });
  }
}

/** A sealed run, as a run folder has it. */
async function seal(n: number, change: Parameters<typeof runRecord>[0] = {}): Promise<RunRecord> {
  const id = `r-${n.toString(36).padStart(10, '0')}`;
  const record = runRecord({ id, sealedAt: new Date(Date.UTC(2026, 0, 1, 0, n)).toISOString(), ...change });
  const folder = join(lab.home, 'runs', id);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'events.ndjson'), `${JSON.stringify({ at: record.startedAt, ms: 0, run: id, event: 'run.opened', attempt: 1, worker: 'a-host/1:2' })}\n`);
  await writeFile(join(folder, 'console.log'), 'first line\nsecond line\n');
  await writeFile(join(folder, 'run.json'), JSON.stringify(record));
  return record;
}

const runsNow = async (query = ''): Promise<string[]> => ((await get(`/api/runs?limit=500${query}`)).body as { runs: { id: string }[] }).runs.map((one) => one.id);

beforeAll(async () => {
  lab = await TestLab.open();
  for (let n = 1; n <= 5; n++) await seal(n, { pipelines: [pipelineResult({ frames: 60 })] });
  await seal(6, { title: HOSTILE, outcome: { kind: 'failed', stage: 'verify', why: HOSTILE }, asExpected: false, series: 'mutants/short-transfer', pipelines: [pipelineResult({ pipeline: 'dmabuf-copy', status: 'failed', wrong: 3, why: HOSTILE })] });
  await mkdir(join(lab.home, 'evaluations/e-0123456789'), { recursive: true });
  await writeFile(join(lab.home, 'evaluations/e-0123456789/evaluation.json'), JSON.stringify(evaluationOf()));
  await mkdir(join(lab.home, 'jobs'), { recursive: true });
  serving = await serve(lab);
  await until('six runs are in the record', async () => ((await runsNow()).length === 6 ? true : undefined));
});

afterAll(async () => {
  await serving?.end();
  const left = await lab.left();
  await lab[Symbol.asyncDispose]();
  expect(left).toEqual([]);
});

describe('what is sealed', () => {
  test('is listed newest first, filtered by anything, and page by page without a gap', async () => {
    expect((await runsNow())[0]).toBe('r-0000000006');
    expect(await runsNow('&outcome=failed')).toEqual(['r-0000000006']);
    expect(await runsNow('&pipeline=upload&series=none')).toHaveLength(5);
    expect(await runsNow('&expected=no')).toEqual(['r-0000000006']);
    expect(await runsNow(`&text=${encodeURIComponent('drop table')}`)).toEqual(['r-0000000006']);
    const seen: string[] = [];
    for (let next: string | null = ''; next !== null;) {
      const { body } = await get(`/api/runs?limit=2${next === '' ? '' : `&after=${encodeURIComponent(next)}`}`);
      const page = body as { runs: { id: string }[]; next: string | null };
      seen.push(...page.runs.map((one) => one.id));
      ({ next } = page);
    }
    expect(seen).toEqual([6, 5, 4, 3, 2, 1].map((n) => `r-000000000${String(n)}`));
  });

  test('comes in while the pages are served, and leaves with its folder', async () => {
    await seal(7);
    await until('the seventh', async () => ((await runsNow()).includes('r-0000000007') ? true : undefined));
    await rm(join(lab.home, 'runs/r-0000000007'), { recursive: true });
    await until('its end', async () => ((await runsNow()).includes('r-0000000007') ? undefined : true));
  });

  test('and was cut off in the middle is told as unreadable, and hides nothing else', async () => {
    await mkdir(join(lab.home, 'runs/r-0000000008'));
    await writeFile(join(lab.home, 'runs/r-0000000008/run.json'), '{"version": 1, "id": "r-00000');
    const { unreadable } = await until('it is told', async () => {
      const { record } = (await get('/api/health')).body as { record: { runs: number; unreadable: { path: string; why: string }[] } };
      return record.unreadable.length > 0 ? record : undefined;
    });
    expect(unreadable).toMatchObject([{ path: 'r-0000000008', why: expect.stringContaining('JSON') as string }]);
    await rm(join(lab.home, 'runs/r-0000000008'), { recursive: true });
    expect(await runsNow()).toHaveLength(6);
  });
});

describe('one run', () => {
  test('is there with its files, and no path leads out of its folder', async () => {
    const { status, body } = await get('/api/runs/r-0000000001');
    expect(status).toBe(200);
    expect(body).toMatchObject({ id: 'r-0000000001', state: 'sealed', files: [{ name: 'console.log', bytes: 23 }, { name: 'events.ndjson' }, { name: 'run.json' }] });
    expect((await get('/api/runs/r-0000000001/files/console.log')).body).toBe('first line\nsecond line\n');
    for (const name of ['..%2f..%2fjobs', '%2e%2e/%2e%2e/redis.lock', 'no-such.log', '/etc/passwd', '.hidden']) expect((await get(`/api/runs/r-0000000001/files/${name}`)).status, name).toBeGreaterThanOrEqual(400);
    expect((await get('/api/runs/r-..%2f..%2f..')).status).toBe(400);
    expect((await get('/api/runs/r-9999999999')).body).toMatchObject({ error: 'UNKNOWN_ID', next: 'vlab status' });
  });

  test('has a log that is followed until the run is sealed', async () => {
    const folder = join(lab.home, 'runs/r-000000000l');
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'console.log'), 'one\n');
    const response = await fetch(`${serving?.url ?? ''}/api/runs/r-000000000l/log/console`);
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    let text = '';
    const reading = (async (): Promise<void> => {
      const decoder = new TextDecoder();
      for await (const chunk of response.body ?? []) text += decoder.decode(chunk as Uint8Array, { stream: true });
    })();
    await until('the first line', () => Promise.resolve(text.includes('one') ? true : undefined));
    await appendFile(join(folder, 'console.log'), 'zwei \u2713\n');
    await until('the second', () => Promise.resolve(text.includes('zwei \u2713') ? true : undefined));
    expect(text).not.toContain('event: end');
    await seal(21);
    await reading;
    expect(text).toContain('event: end');
    await rm(folder, { recursive: true });
  });
});

test('the designs of 2019 are told property by design, each as its newest run on each device has it', async () => {
  const answer = (holds: boolean, value: string): RunRecord['properties'][number] => ({ property: 'dma', asked: true, holds, binding: true, value, evidence: 'so many bytes' });
  const unmeasured = { readyMs: null, guestCpuSeconds: null, pipelines: [] };
  await seal(30, { ...unmeasured, series: 'designs/host-id-field', properties: [answer(false, 'lands nowhere')] });
  await seal(31, { ...unmeasured, series: 'designs/host-id-field', properties: [answer(true, 'lands in the buffer')] });
  await seal(32, { ...unmeasured, series: 'designs/host-id-field', device: 'virgl-iommu', properties: [answer(true, 'lands, translated')] });
  // A newer run that asked nothing takes no answer away, and what is no design is none.
  await seal(33, { ...unmeasured, series: 'designs/host-id-field' });
  await seal(34, { ...unmeasured, series: 'mutants/torn', properties: [answer(false, 'elsewhere')] });
  await until('all five', async () => ((await runsNow()).includes('r-000000000y') ? true : undefined));
  const { body } = await get('/api/series/designs');
  expect((body as { cells: unknown[] }).cells).toMatchObject([
    { property: 'dma', design: 'host-id-field', series: 'designs/host-id-field', device: 'virgl', holds: true, value: 'lands in the buffer', run: 'r-000000000v' },
    { property: 'dma', device: 'virgl-iommu', run: 'r-000000000w' },
  ]);
  expect((await get('/api/series/designs.csv')).body).toMatch(/^property,asks,series.*\ndma,/);
  for (let n = 30; n <= 34; n++) await rm(join(lab.home, 'runs', `r-${n.toString(36).padStart(10, '0')}`), { recursive: true });
  await until('their end', async () => ((await runsNow()).length === 6 ? true : undefined));
});

test('a verdict is told in every form', async () => {
  const { body } = await get('/api/evaluations/e-0123456789');
  expect(body).toMatchObject({ sentence: expect.stringContaining('worse') as string, record: { id: 'e-0123456789' } });
  for (const [format, start] of [['ktap', 'KTAP version 1'], ['csv', 'evaluation,'], ['mail', '']] as const) {
    const { status, body: text } = await get(`/api/evaluations/e-0123456789/reports/${format}`);
    expect([status, String(text).startsWith(start)], format).toEqual([200, true]);
  }
  expect((await get('/api/evaluations')).body).toMatchObject({ evaluations: [{ id: 'e-0123456789', verdict: 'worse' }] });
});

test('everything that the pages use is described', async () => {
  const { paths } = (await get('/api/openapi.json')).body as { paths: Record<string, unknown> };
  for (const path of ['/api/home', '/api/runs', '/api/runs/{id}', '/api/evaluations/{id}', '/api/series', '/api/trends', '/api/queue', '/api/health', '/api/live']) expect(Object.keys(paths)).toContain(path);
});

test.each(['/api/runs', '/api/evaluations', '/api/series', '/api/alerts', '/api/trends', '/api/cells'])('the table at %s can be taken away', async (path) => {
  const query = path.endsWith('cells') ? '?job=j-0000000000' : path.endsWith('trends') ? '?metric=ready' : '';
  const { status, body } = await get(`${path}.json${query}`);
  expect([status, Array.isArray((body as { rows: unknown }).rows)]).toEqual([200, true]);
  const csv = await get(`${path}.csv${query}`);
  expect(csv.headers.get('content-disposition')).toBe(`attachment; filename="${path.slice(5)}.csv"`);
  expect(String(csv.body).trimEnd().split('\n').length).toBeGreaterThanOrEqual(1 + (body as { rows: unknown[] }).rows.length);
});

test('a worker is drained, let go on and ended by who may, and by nobody else', async () => {
  const tokenOf = async (scope: string): Promise<string> => (JSON.parse((await lab.vlab(['token', 'add', scope, '--scope', scope, '--json'])).stdout) as { token: string }).token;
  const working = lab.process(['worker', '--json']);
  const worker = await until('the worker is there', async () => ((await get('/api/queue')).body as { workers: { worker: string; drains: boolean }[] }).workers.find((one) => one.drains)?.worker);
  const drain = async (name: string, token?: string, order = 'drain'): Promise<number> =>
    (await fetch(`${serving?.url ?? ''}/api/workers/${encodeURIComponent(name)}/${order}`, { method: 'POST', ...(token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } }) })).status;
  const [submit, admin] = [await tokenOf('submit'), await tokenOf('admin')];
  expect([await drain(worker), await drain(worker, 'vlab_nobody'), await drain(worker, submit), await drain('nobody', admin)]).toEqual([401, 401, 403, 404]);
  expect(await drain(worker, admin)).toBe(202);
  const stateOf = async (): Promise<unknown> => ((await get('/api/queue')).body as { workers: { worker: string; draining: boolean; why: string | null }[] }).workers.find((one) => one.worker === worker);
  await until('it is drained', async () => ((await stateOf()) as { draining: boolean }).draining || undefined);
  expect(await stateOf()).toMatchObject({ draining: true, why: 'somebody drained it' });
  expect(await drain(worker, admin, 'undrain')).toBe(202);
  await until('it goes on', async () => !((await stateOf()) as { draining: boolean }).draining || undefined);
  expect(await drain(worker, admin, 'drain?end=true')).toBe(202);
  expect(await working).toMatchObject({ exitCode: 0 });
});

test('a monitoring of somebody\'s own is told in OpenMetrics', async () => {
  const { headers, body } = await get('/metrics');
  expect(headers.get('content-type')).toContain('application/openmetrics-text');
  expect(String(body)).toContain('vlab_database_up 1\n');
  expect(String(body)).toContain('vlab_runs{outcome="failed"} 1\n');
  expect(String(body)).toMatch(/vlab_http_request_duration_seconds_count\{route="\/api\/runs",status="200"\} \d+/);
  expect(String(body).trimEnd().endsWith('# EOF')).toBe(true);
});

test('what is hostile stays text, and nobody reads the lab through somebody else\'s page', async () => {
  const { headers } = await get('/');
  expect(headers.get('content-security-policy')).toContain('default-src \'self\'');
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  const { port } = new URL(serving?.url ?? '');
  const status = await new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path: '/api/health', headers: { host: 'evil.example' } }, (response) => { resolve(response.statusCode); response.resume(); }).on('error', reject).end();
  });
  expect(status).toBe(421);
  expect((await get('/api/runs?limit=0')).body).toMatchObject({ error: 'BAD_REQUEST' });
  expect((await get('/api/runs?after=x')).status).toBe(400);
  const { body } = await get('/api/runs.csv?outcome=failed');
  expect(String(body)).toContain('"<script>alert(1)</script>\u2400""; drop table runs; --"');
});

test('a database that goes away comes back, and misses nothing', async () => {
  const container = (await lab.engine.list()).find((one) => one.purpose === 'postgres');
  expect(container).toBeDefined();
  await lab.engine.docker.getContainer(container?.id ?? '').kill();
  await seal(9);
  expect((await get('/api/runs/r-0000000009')).status).toBe(200);
  await until('the ninth', async () => ((await runsNow()).includes('r-0000000009') ? true : undefined), 60_000);
  expect((await get('/api/health')).body).toMatchObject({ database: { up: true } });
});

test('a rebuild from the folders gives the same pages', async () => {
  const pages = ['/api/runs?limit=500', '/api/home', '/api/evaluations', '/api/trends?metric=ready'];
  const before = await Promise.all(pages.map(get));
  const { exitCode, stdout } = await lab.vlab(['reindex', '--json']);
  expect(exitCode).toBe(0);
  expect(ReindexDocument.parse(JSON.parse(stdout))).toMatchObject({ runs: 7, evaluations: 1, unreadable: 0 });
  expect(await Promise.all(pages.map(get))).toEqual(before.map(({ status, body }) => ({ status, body, headers: expect.anything() as unknown })));
});
