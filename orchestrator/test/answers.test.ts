// What the server answers of the record: runs and their files, verdicts and reports, tables, designs, workers, monitoring; and that what is hostile is text in all of it.
import { appendFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RunRecord } from '../src/contract/run.ts';
import { ENDS, evaluationOf, rowFor } from '../src/report/evaluation/fixture.ts';
import type { Process, TestLab } from './lab.ts';
import { pipelineResult } from './parts.ts';
import { HOSTILE, RecordLab, until, type Got } from './record-lab.ts';

let open: RecordLab;
let lab: TestLab;
const get = (path: string): Promise<Got> => open.get(path);
const runsNow = (query?: string): Promise<string[]> => open.runsNow(query);
const seal: RecordLab['seal'] = (n, change) => open.seal(n, change);

beforeAll(async () => {
  open = await RecordLab.open();
  ({ lab } = open);
});

afterAll(async () => { expect(await open.close()).toEqual({ exitCode: 0, left: [] }); });

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

  test.each([['console', 'console.log', 21], ['probe', 'probe.ndjson', 23]] as const)('has a log (%s) that is followed until the run is sealed', async (log, name, n) => {
    const folder = join(lab.home, 'runs', `r-${n.toString(36).padStart(10, '0')}`);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, name), 'one\n');
    const response = await fetch(`${open.url}/api/runs/r-${n.toString(36).padStart(10, '0')}/log/${log}`);
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    let text = '';
    const reading = (async (): Promise<void> => {
      const decoder = new TextDecoder();
      for await (const chunk of response.body ?? []) text += decoder.decode(chunk as Uint8Array, { stream: true });
    })();
    await until('the first line', () => Promise.resolve(text.includes('one') ? true : undefined));
    await appendFile(join(folder, name), 'zwei \u2713\n');
    await until('the second', () => Promise.resolve(text.includes('zwei \u2713') ? true : undefined));
    expect(text).not.toContain('event: end');
    await seal(n);
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
  expect((await get('/api/evaluations')).body).toMatchObject({ evaluations: [{ id: 'e-0123456789', verdict: 'worse' }] });
});

describe('a report that is downloaded', () => {
  const hostile = 'e-0123456780';

  beforeAll(async () => {
    await mkdir(join(lab.home, 'evaluations', hostile), { recursive: true });
    // What is measured stands beside what is hostile: a host may be called like a formula.
    await writeFile(join(lab.home, 'evaluations', hostile, 'evaluation.json'), JSON.stringify({ ...ENDS['hostile'], id: hostile, clip: HOSTILE, samples: evaluationOf().samples }));
  });

  test.each([
    ['terminal', 'text/plain', 'txt', /^/], ['mail', 'message/rfc822', 'eml', /^(From|To|Subject|Date|Message-ID|In-Reply-To|MIME-Version): /mi], ['ktap', 'text/plain', 'ktap', /^KTAP version 1\n/],
    ['junit', 'application/xml', 'xml', /^<\?xml [^]*<testsuites?[ >]/], ['kcidb', 'application/json', 'json', /^\{/], ['csv', 'text/csv', 'csv', /^evaluation,/], ['html', 'text/html', 'html', /^<!doctype html>/i],
  ] as const)('as %s is %s, a file of the right name, and nothing in it is anything but text', async (format, type, ending, like) => {
    for (const id of ['e-0123456789', hostile]) {
      const response = await fetch(`${open.url}/api/evaluations/${id}/reports/${format}`);
      expect([response.status, response.headers.get('content-type'), response.headers.get('content-disposition')]).toEqual([200, `${type}; charset=utf-8`, `attachment; filename="${id}.${ending}"`]);
      const text = await response.text();
      expect(text).toMatch(like);
      if (format === 'junit' || format === 'html') expect(text).not.toContain('<script>alert');
      if (format === 'mail') expect(text).not.toMatch(/^Bcc:/mi);
      if (format === 'csv') expect(text).not.toMatch(/(^|,|")[=+@-]?=cmd\(\)/m);
      if (format === 'kcidb') expect(JSON.parse(text)).toBeTypeOf('object');
    }
  });
});

test('a title, a clip and a defect that a spreadsheet would take for a formula are text in the tables', async () => {
  await seal(10, { title: '=cmd()', pipelines: [pipelineResult({ clip: '@SUM(A1)', status: 'failed', wrong: 1, why: '+1', defect: '=HYPERLINK("http://example.org")' })] });
  await until('it is there', async () => ((await runsNow('&text=%3Dcmd')).length === 1 ? true : undefined));
  for (const path of ['/api/runs.csv?text=%3Dcmd', '/api/passes.csv?run=r-000000000a']) {
    const { body } = await get(path);
    expect(String(body), path).toMatch(/'(=cmd\(\)|=HYPERLINK)/);
    expect(String(body), path).not.toMatch(/(^|,)"?[=@+]/m);
  }
  expect((await get('/api/runs.json?text=%3Dcmd')).body).toMatchObject({ rows: [{ title: '=cmd()', clips: ['@SUM(A1)'] }] });
  await rm(join(lab.home, 'runs/r-000000000a'), { recursive: true });
  await until('its end', async () => ((await runsNow()).length === 6 ? true : undefined));
});

test('the queue\'s own pages refuse to change anything', async () => {
  const { queues } = (await get('/queues/api/queues')).body as { queues: { name: string }[] };
  expect(queues.length).toBeGreaterThan(0);
  const name = encodeURIComponent(queues[0]?.name ?? '');
  for (const [method, path] of [['PUT', '/queues/api/queues/pause'], ['PUT', `/queues/api/queues/${name}/pause`], ['PUT', `/queues/api/queues/${name}/obliterate`], ['POST', `/queues/api/queues/${name}/add`]] as const) {
    const response = await fetch(`${open.url}${path}`, { method, body: '{}', headers: { 'content-type': 'application/json' } });
    expect([path, response.status, await response.json()]).toMatchObject([path, 405, { error: 'READ_ONLY' }]);
  }
  expect((await get('/queues/api/queues')).body).toMatchObject({ queues: queues.map((one) => ({ name: one.name, isPaused: false })) });
});

test('everything that the pages use is described', async () => {
  type Answers = { security?: unknown; responses: Record<string, { content: Record<string, { schema: unknown }> }> };
  const { paths, components } = (await get('/api/openapi.json')).body as { paths: Record<string, Record<string, Answers>>; components: { securitySchemes: unknown } };
  const told = (path: string, type: string): string => JSON.stringify(paths[path]?.['get']?.responses['200']?.content[type]?.schema ?? null);
  expect(told('/api/live', 'text/event-stream')).toContain('"enum":["record"]');
  expect(told('/api/runs/{id}/log/{log}', 'text/event-stream')).toContain('"text"');
  expect(told('/api/runs.csv', 'text/csv')).toBe('{"type":"string"}');
  expect(told('/api/runs.json', 'application/json')).toContain('"clips"');
  expect(components.securitySchemes).toMatchObject({ token: { type: 'http', scheme: 'bearer' }, session: { type: 'apiKey', in: 'cookie', name: 'vlab_session' } });
  for (const [path, methods] of Object.entries(paths)) expect([path, methods['post'] === undefined || methods['post'].security]).toEqual([path, methods['post'] === undefined || [{ token: [] }]]);
  const reads = Object.entries(paths).flatMap(([path, methods]) => (methods['get'] === undefined ? [] : [[path, methods['get']] as const]));
  for (const [path, { responses }] of reads) expect([path, Object.keys(responses)]).toEqual([path, expect.arrayContaining(['200', '429'])]);
  expect([told('/api/runs/{id}/files/{*}', 'application/octet-stream'), told('/api/evaluations/{id}/reports/{format}', 'message/rfc822')]).toEqual(['{"type":"string"}', '{"type":"string"}']);
  for (const path of ['/api/home', '/api/runs', '/api/runs/{id}', '/api/evaluations/{id}', '/api/series', '/api/trends', '/api/queue', '/api/health', '/api/live']) expect(Object.keys(paths)).toContain(path);
});

const TABLES: Readonly<Record<string, string>> = {
  runs: '', evaluations: '', series: '?kind=mutants', alerts: '?state=new', trends: '?metric=ready', cells: '?job=j-000000000a', changes: '?job=j-000000000a', jobs: '', workers: '', passes: '?run=r-0000000006', frames: '?run=r-0000000006',
  compare: '?from=r-0000000001&to=r-0000000006', calls: '?run=r-0000000006', properties: '?run=r-0000000006', verdicts: '?evaluation=e-0123456789', versions: '?name=mutants/short-transfer', night: '', unreadable: '',
  commands: '?run=r-0000000006', errors: '?run=r-0000000006', phases: '?evaluation=e-0123456789',
  steps: '?run=r-0000000006', stages: '?run=r-0000000006', exercise: '?run=r-0000000006', findings: '?run=r-0000000006', sizes: '?run=r-0000000006',
  failures: '?evaluation=e-0123456789', facts: '?evaluation=e-0123456789', prefixes: '?evaluation=e-0123456789', samples: '?evaluation=e-0123456789',
};

test.each(Object.entries(TABLES))('the table of %s can be taken away', async (name, query) => {
  const path = `/api/${name}`;
  const { status, body } = await get(`${path}.json${query}`);
  expect([status, Array.isArray((body as { rows: unknown }).rows)]).toEqual([200, true]);
  const csv = await get(`${path}.csv${query}`);
  expect(csv.headers.get('content-disposition')).toBe(`attachment; filename="${path.slice(5)}.csv"`);
  expect(String(csv.body).trimEnd().split('\n').length).toBeGreaterThanOrEqual(1 + (body as { rows: unknown[] }).rows.length);
});

test('a table is narrowed by what its page is narrowed by, and has what the page shows', async () => {
  const rows = async (path: string): Promise<Record<string, unknown>[]> => ((await get(path)).body as { rows: Record<string, unknown>[] }).rows;
  expect([...new Set((await rows('/api/series.json?kind=mutants,harmless')).map((one) => one['kind']))].sort()).toEqual(['harmless', 'mutants']);
  expect((await rows('/api/series.json?text=Short-Transfer')).map((one) => one['name'])).toEqual(['mutants/short-transfer']);
  expect((await rows('/api/series.json')).length).toBeGreaterThan((await rows('/api/series.json?kind=mutants')).length);
  expect(await rows('/api/passes.json?run=r-0000000006')).toMatchObject([{ pipeline: 'dmabuf-copy', defect: 'torn', wrong: 3 }]);
  expect(await rows('/api/frames.json?run=r-0000000006')).toMatchObject([{ pipeline: 'dmabuf-copy', frame: 7, plane: 'y', defect: 'torn', wrongTexels: 640, ofTexels: 230_400, psnrDb: 31.5, got: 'frames/a-got.png' }]);
  expect(Object.keys((await rows('/api/frames.json?run=r-0000000006'))[0] ?? {})).not.toContain('error');
  expect(await rows('/api/verdicts.json?evaluation=e-0123456789')).toMatchObject([{ metric: 'instructions', pipeline: 'upload', verdict: 'worse', changePct: 2.5, ciLowPct: 2.4, ciHighPct: 2.6 }]);
  for (const [table, own] of [
    ['steps', [{ pipeline: 'dmabuf-copy', step: 'decode', meanMs: 2 }, { step: 'upload', meanMs: 1.5 }]], ['stages', [{ stage: 'guest', at: null, ms: 2500, ok: true }]], ['exercise', [{ check: 'close before unmap', status: 'passed', why: 'the mapping stayed' }]],
    ['findings', [{ kind: 'warning', line: 1 }]], ['commands', [{ command: 'resource_flush', perFrame: 1 }, { command: 'transfer_to_host_2d', perFrame: 1 }]], ['errors', [{ pipeline: 'dmabuf-copy', frame: 7, state: 'wrong', psnrDb: 31.5, wrongTexels: 640 }]], ['sizes', [{ object: 'virtgpu_vq.o', before: 20_000, after: 20_016 }]],
  ] as const) expect([table, await rows(`/api/${table}.json?run=r-0000000006`)]).toMatchObject([table, own]);
  const runs = { runBase: 'r-aaaaaaaaaa', runPatched: 'r-bbbbbbbbbb' };
  expect(await rows('/api/failures.json?evaluation=e-0123456789')).toMatchObject([{ state: 'known', detector: 'frames', what: 'torn', run: 'r-aaaaaaaaaa', again: 'r-bbbbbbbbbb' }]);
  expect(await rows('/api/facts.json?evaluation=e-0123456789')).toEqual([{ counter: 'transfersPerFrame', pipeline: 'upload', base: 1, patched: 2, changePct: 100, boots: 2, verdict: null, ...runs }]);
  expect(await rows('/api/phases.json?evaluation=e-0123456789')).toEqual([{ phase: 'build', seconds: 5, workSeconds: 4 }]);
  expect((await rows('/api/prefixes.json?evaluation=e-0123456789')).map(({ patches, metric, stepPct }) => [patches, metric, stepPct])).toEqual([[0, 'instructions', null], [0, 'call instructions', null], [1, 'instructions', 0.01], [1, 'call instructions', -0.2], [2, 'instructions', 2.5], [2, 'call instructions', 86.18]]);
  const samples = await rows('/api/samples.json?evaluation=e-0123456789');
  expect([samples.length, samples[3], samples.at(-1)]).toMatchObject([13, { metric: 'instructions', set: 'pair', n: 3, order: 'BA', block: 1, base: 1_000_003, patched: null, ...runs }, { set: 'noise', n: 0 }]);
  expect(await rows('/api/jobs.json')).toMatchObject([{ id: 'j-000000000a', sealed: 5 }]);
  const compared = await rows('/api/compare.json?from=r-0000000001&to=r-0000000006');
  expect(compared).toContainEqual({ kind: 'difference', name: 'accelerator', of: '', from: 'tcg', to: 'kvm', changePct: null });
  expect(compared).toContainEqual(expect.objectContaining({ kind: 'figure', name: 'ready, ms', changePct: 0 }));
  expect((await get('/api/passes.json?run=r-9999999999')).status).toBe(404);
});

describe('a worker', () => {
  type Told = { worker: string; drains: boolean; draining: boolean; why: string | null; noisePct: number | null; noiseWhy: string | null };
  let working: Process;
  let worker: string;

  const told = async (): Promise<Told | undefined> => ((await get('/api/queue')).body as { workers: Told[] }).workers.find((one) => one.drains);

  beforeAll(async () => {
    working = lab.process(['worker', '--json']);
    ({ worker } = await until('the worker is there', told));
  });

  test('is told with the noise floor of its host: the median of what its evaluations of the last month show of frame time', async () => {
    expect(await told()).toMatchObject({ noisePct: null, noiseWhy: null });
    const [samples] = evaluationOf().samples;
    const seal = async (n: number, noisePct: number, { host = hostname(), days = 1, metric = 'frame time' } = {}): Promise<void> => {
      const id = `e-00000000n${String(n)}`;
      const at = new Date(Date.now() - days * 86_400_000).toISOString();
      await mkdir(join(lab.home, 'evaluations', id));
      const pairs = samples?.pairs.map((pair) => ({ ...pair, host }));
      await writeFile(join(lab.home, 'evaluations', id, 'evaluation.json'), JSON.stringify(evaluationOf({ id, startedAt: at, endedAt: at, metrics: [rowFor('equivalent', { metric, noisePct })], samples: [{ ...samples, pairs }] })));
    };
    await Promise.all([seal(1, 1.5), seal(2, 2), seal(3, 9), seal(4, 80, { host: 'another' }), seal(5, 90, { days: 31 }), seal(6, 0.1, { metric: 'instructions' })]);
    await until('all six', async () => (((await get('/api/health')).body as { record: { evaluations: number } }).record.evaluations >= 7 ? true : undefined));
    expect(await told()).toMatchObject({ noisePct: 2, noiseWhy: null });
    expect((await get('/api/workers.json')).body).toMatchObject({ rows: [{ worker, noisePct: 2 }] });
  });

  test('is drained, let go on and ended by who may, and by nobody else', async () => {
    const tokenOf = async (scope: string): Promise<string> => (JSON.parse((await lab.vlab(['token', 'add', scope, '--scope', scope, '--json'])).stdout) as { token: string }).token;
    const drain = async (name: string, token?: string, order = 'drain'): Promise<number> =>
      (await fetch(`${open.url}/api/workers/${encodeURIComponent(name)}/${order}`, { method: 'POST', ...(token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } }) })).status;
    const [submit, admin] = [await tokenOf('submit'), await tokenOf('admin')];
    expect([await drain(worker), await drain(worker, 'vlab_nobody'), await drain(worker, submit), await drain('nobody', admin)]).toEqual([401, 401, 403, 404]);
    expect(await drain(worker, admin)).toBe(202);
    await until('it is drained', async () => (await told())?.draining === true || undefined);
    expect(await told()).toMatchObject({ draining: true, why: 'somebody drained it' });
    expect(await drain(worker, admin, 'undrain')).toBe(202);
    await until('it goes on', async () => (await told())?.draining === false || undefined);
    expect(await drain(worker, admin, 'drain?end=true')).toBe(202);
    expect(await working).toMatchObject({ exitCode: 0 });
  });
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
  const { port } = new URL(open.url);
  const status = await new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path: '/api/health', headers: { host: 'evil.example' } }, (response) => { resolve(response.statusCode); response.resume(); }).on('error', reject).end();
  });
  expect(status).toBe(421);
  expect((await get('/api/runs?limit=0')).body).toMatchObject({ error: 'BAD_REQUEST' });
  expect((await get('/api/runs?after=x')).status).toBe(400);
  // What PostgreSQL and JavaScript would not write alike.
  for (const path of ['/api/runs', '/api/evaluations.json', '/api/alerts', '/api/trends']) for (const at of ['0000-02-01T00:00:00Z', '9999-12-31T00:00:00Z', `2026-01-01T00:00:00.${'1'.repeat(200)}Z`, 'yesterday']) {
    expect([path, at, (await get(`${path}?from=${at}`)).status]).toEqual([path, at, 400]);
  }
  const { body } = await get('/api/runs.csv?outcome=failed');
  expect(String(body)).toContain('"<script>alert(1)</script>\u2400""; drop table runs; --"');
});
