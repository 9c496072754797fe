// The record on a real PostgreSQL, the lab's own in its container: what is sealed comes in once, whatever happens to the database, and the pages' API tells it.
import { appendFile, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ReindexDocument, ServeDocument } from '../src/contract/documents.ts';
import { KernelRecord } from '../src/contract/job.ts';
import { RunRecord } from '../src/contract/run.ts';
import { openDatabase } from '../src/record/database.ts';
import { KeepUp } from '../src/record/keep-up.ts';
import { ENDS, evaluationOf } from '../src/report/evaluation/fixture.ts';
import { TestLab, type Process } from './lab.ts';
import { pipelineResult, runRecord, runRequest } from './parts.ts';

const HOSTILE = '<script>alert(1)</script>\0"; drop table runs; --';
const RENDERER = 'virgl (LLVMPIPE (LLVM 19.1.7, 256 bits))';
const KERNEL = KernelRecord.parse({ kernel: '0123456789abcdef', base: '6.12', version: '6.12.57 (6.12.57-1)', series: null, flavour: 'perf', compiler: 'gcc', builder: 'b', patches: [], seconds: 1, cleanSeconds: null, vmlinuxBytes: 1, builtAt: '2026-01-01T00:00:00.000Z' });

let lab: TestLab;
let serving: Serving | undefined;

type Serving = { url: string; process: Process; end: () => Promise<void> };

/** `vlab serve`, until it has said where it is. */
async function serve(on: TestLab, env: Record<string, string> = {}): Promise<Serving> {
  const process = on.process(['serve', '--port', '0', '--json'], env);
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

const unreadableNow = async (): Promise<{ path: string; why: string }[]> => ((await get('/api/health')).body as { record: { unreadable: { path: string; why: string }[] } }).record.unreadable;

async function ask(database: string, query: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ host: join(lab.home, 'postgres'), user: 'vlab', database });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(query)).rows;
  } finally {
    await client.end();
  }
}

/** Every row, with what was numbered as it came called by its name. */
const ROWS = {
  jobs: 'select * from jobs', runs: 'select to_jsonb(r) - \'n\' as run from runs r', evaluations: 'select * from evaluations', citations: 'select * from citations', facets: 'select * from facets', unreadable: 'select path, why from unreadable',
  passes: 'select r.id, to_jsonb(p) - \'run\' as pass from passes p join runs r on r.n = p.run', properties: 'select r.id, to_jsonb(p) - \'run\' as property from properties p join runs r on r.n = p.run',
  sample_series: 'select to_jsonb(s) - \'id\' as series from sample_series s', samples: 'select s.key, r.id, at, value from samples join sample_series s on s.id = samples.series left join runs r on r.n = samples.run',
  levels: 'select s.key, count, last, jsonb_array_length(points) from levels join sample_series s on s.id = levels.series', grown: 'select * from grown',
} as const;

async function dump(database: string): Promise<Record<keyof typeof ROWS, string[]>> {
  const found = await Promise.all(Object.entries(ROWS).map(async ([name, query]) => [name, (await ask(database, query)).map((row) => JSON.stringify(row)).sort()] as const));
  return Object.fromEntries(found) as Record<keyof typeof ROWS, string[]>;
}

beforeAll(async () => {
  lab = await TestLab.open();
  for (let n = 1; n <= 5; n++) await seal(n, { job: 'j-000000000a', pipelines: [pipelineResult({ frames: 60 }), pipelineResult({ frames: 60, clip: 'vp8-640x360' })] });
  await seal(6, {
    accelerator: 'kvm', renderer: RENDERER, kernel: KERNEL,
    title: HOSTILE, outcome: { kind: 'failed', stage: 'verify', why: HOSTILE }, asExpected: false, series: 'mutants/short-transfer', console: [{ kind: 'warning', line: 1, text: HOSTILE, around: [] }], pipelines: [pipelineResult({ pipeline: 'dmabuf-copy', clip: HOSTILE, fault: 'skip-transfer', status: 'failed', wrong: 3, why: HOSTILE, defect: 'torn', kept: [{ frame: 7, plane: 'y', oracle: 'texels', defect: 'torn', expected: 'frames/a-expected.png', got: 'frames/a-got.png', difference: 'frames/a-difference.png', error: { wrong: 640, of: 230_400, psnrDb: 31.5 } }] })],
  });
  await mkdir(join(lab.home, 'evaluations/e-0123456789'), { recursive: true });
  await writeFile(join(lab.home, 'evaluations/e-0123456789/evaluation.json'), JSON.stringify(evaluationOf()));
  await mkdir(join(lab.home, 'jobs'), { recursive: true });
  await writeFile(join(lab.home, 'jobs/j-000000000a.json'), JSON.stringify({ job: 'j-000000000a', title: HOSTILE, file: 'a.yaml', submittedAt: '2026-01-01T00:00:00.000Z', runs: [runRequest({ job: 'j-000000000a' })] }));
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
    for (const query of ['clip=vp8-640x360,h264-640x360', 'clip=vp8-640x360&pipeline=upload', 'job=j-000000000a', 'accelerator=tcg', 'version=none']) expect(await runsNow(`&${query}`), query).toHaveLength(5);
    for (const query of ['defect=torn', 'accelerator=kvm', `version=${encodeURIComponent('6.12.57 (6.12.57-1)')}`, `renderer=${encodeURIComponent(RENDERER.replaceAll(',', '\\,'))}`, `clip=${encodeURIComponent(HOSTILE.replaceAll('\0', '\u2400'))}`]) expect(await runsNow(`&${query}`), query).toEqual(['r-0000000006']);
    expect(await runsNow('&defect=sheared')).toEqual([]);
    for (const query of ['kernel=0123456789abcdef', 'findings=yes', 'fault=skip-transfer', 'outcome=failed&stage=verify&expect=passed']) expect(await runsNow(`&${query}`), query).toEqual(['r-0000000006']);
    for (const query of ['kernel=none', 'findings=no', 'expected=yes&expect=passed&stage=verify']) expect(await runsNow(`&${query}`), query).toHaveLength(5);
    const seen: string[] = [];
    for (let next: string | null = ''; next !== null;) {
      const { body } = await get(`/api/runs?limit=2${next === '' ? '' : `&after=${encodeURIComponent(next)}`}`);
      const page = body as { runs: { id: string }[]; next: string | null };
      seen.push(...page.runs.map((one) => one.id));
      ({ next } = page);
    }
    expect(seen).toEqual([6, 5, 4, 3, 2, 1].map((n) => `r-000000000${String(n)}`));
  });

  test('is counted under everything that it can be filtered by', async () => {
    const facet = async (dimension: string): Promise<unknown> => ((await get('/api/runs')).body as { facets: { dimension: string; values: unknown[] }[] }).facets.find((one) => one.dimension === dimension)?.values;
    expect(await facet('pipeline')).toEqual([{ value: 'upload', runs: 5 }, { value: 'dmabuf-copy', runs: 1 }]);
    expect(await facet('clip')).toEqual([{ value: 'h264-640x360', runs: 5 }, { value: 'vp8-640x360', runs: 5 }, { value: HOSTILE.replaceAll('\0', '\u2400'), runs: 1 }]);
    expect(await facet('defect')).toEqual([{ value: 'torn', runs: 1 }]);
    expect(await facet('job')).toEqual([{ value: 'j-000000000a', runs: 5 }]);
    expect(await facet('renderer')).toEqual([{ value: 'virgl (LLVMPIPE)', runs: 5 }, { value: RENDERER, runs: 1 }]);
    expect(await facet('kernel')).toEqual([{ value: 'none', runs: 5 }, { value: '0123456789abcdef', runs: 1 }]);
    expect([await facet('stage'), await facet('expect'), await facet('fault')]).toEqual([[{ value: 'verify', runs: 6 }], [{ value: 'passed', runs: 6 }], [{ value: 'skip-transfer', runs: 1 }]]);
    expect(await facet('version')).toEqual([{ value: 'none', runs: 5 }, { value: '6.12.57 (6.12.57-1)', runs: 1 }]);
    await seal(7, { pipelines: [pipelineResult({ clip: 'gone', defect: 'sheared' }), pipelineResult({ clip: 'gone', pipeline: 'dmabuf-copy' })] });
    await until('the seventh', async () => ((await runsNow('&defect=sheared&clip=gone')).length === 1 ? true : undefined));
    // What is asked of passes has to hold of one and the same.
    expect([await runsNow('&defect=sheared&pipeline=upload'), await runsNow('&defect=sheared&pipeline=dmabuf-copy')]).toEqual([['r-0000000007'], []]);
    await rm(join(lab.home, 'runs/r-0000000007'), { recursive: true });
    await until('its end', async () => ((await runsNow('&clip=gone')).length === 0 ? true : undefined));
    expect([await facet('defect'), await facet('clip')]).not.toContainEqual(expect.arrayContaining([expect.objectContaining({ value: expect.stringMatching(/gone|sheared/) as string })]));
    expect(await facet('pipeline')).toEqual([{ value: 'upload', runs: 5 }, { value: 'dmabuf-copy', runs: 1 }]);
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
    // Whole again, in the same file: nobody has to start anything anew.
    await seal(8);
    await until('it is read', async () => ((await runsNow()).includes('r-0000000008') ? true : undefined));
    expect(await unreadableNow()).toEqual([]);
    await rm(join(lab.home, 'runs/r-0000000008'), { recursive: true });
    await until('its end', async () => ((await runsNow()).length === 6 ? true : undefined));
  });

  test('and cannot be read at all is no longer told of once its folder is gone', async () => {
    await mkdir(join(lab.home, 'runs/r-0000000008/run.json'), { recursive: true });
    await until('it is told', async () => ((await unreadableNow()).length > 0 ? true : undefined));
    await rm(join(lab.home, 'runs/r-0000000008'), { recursive: true });
    await until('its end', async () => ((await unreadableNow()).length === 0 ? true : undefined));
  });

  test('and PostgreSQL does not take is told with its reason; the database is up, and what came with it is in', async () => {
    const job = { job: 'j-0000000001', title: 'a job', file: 'a\0b.yaml', submittedAt: '2026-01-01T00:00:00.000Z', runs: [] };
    await writeFile(join(lab.home, 'jobs/j-0000000001.json'), JSON.stringify(job));
    await writeFile(join(lab.home, 'jobs/j-0000000002.json'), JSON.stringify({ ...job, job: 'j-0000000002', file: 'b.yaml' }));
    await Promise.all([seal(10, { pipelines: [pipelineResult({ frames: 3_000_000_000 })] }), seal(11)]);
    await until('the other run', async () => ((await runsNow()).includes('r-000000000b') ? true : undefined));
    const told = await until('both are told', async () => {
      const unreadable = await unreadableNow();
      return unreadable.length === 2 ? unreadable : undefined;
    });
    expect(told).toEqual([
      { path: 'j-0000000001', why: expect.stringMatching(/^PostgreSQL does not take it: .*0x00 \(SQLSTATE 22021\)$/) as string },
      { path: 'r-000000000a', why: expect.stringMatching(/^PostgreSQL does not take it: .*out of range.* \(SQLSTATE 22003\)$/) as string },
    ]);
    expect((await get('/api/health')).body).toMatchObject({ database: { up: true }, record: { jobs: 2 } });
    await rm(join(lab.home, 'jobs/j-0000000001.json'));
    for (const id of ['r-000000000a', 'r-000000000b']) await rm(join(lab.home, 'runs', id), { recursive: true });
    await until('their end', async () => ((await unreadableNow()).length === 0 && (await runsNow()).length === 6 ? true : undefined));
  });

  test('leaves with its file: jobs, and evaluations with what they cite', async () => {
    await rm(join(lab.home, 'jobs/j-0000000002.json'));
    await rename(join(lab.home, 'evaluations/e-0123456789'), join(lab.home, 'aside'));
    await until('their end', async () => {
      const { jobs, evaluations } = ((await get('/api/health')).body as { record: { jobs: number; evaluations: number } }).record;
      return jobs === 1 && evaluations === 0 ? true : undefined;
    });
    expect((await dump('postgres')).citations).toEqual([]);
    await rename(join(lab.home, 'aside'), join(lab.home, 'evaluations/e-0123456789'));
    await until('it is back', async () => (((await get('/api/health')).body as { record: { evaluations: number } }).record.evaluations === 1 ? true : undefined));
  });
});

test('two processes that take in the same folders at once, into one record, come to the same rows as one that follows; and so does a second look', async () => {
  await mkdir(join(lab.home, 'jobs'), { recursive: true });
  await ask('postgres', 'create database twice');
  const address = `postgres://vlab@localhost/twice?host=${encodeURIComponent(join(lab.home, 'postgres'))}`;
  const both = await Promise.all([1, 2].map(() => serve(lab, { DATABASE_URL: address })));
  const filled = await until('both have looked', async () => {
    const rows = await dump('twice');
    return rows.runs.length === 6 && rows.evaluations.length === 1 && rows.levels.length > 0 ? rows : undefined;
  }, 60_000);
  await Promise.all(both.map((one) => one.end()));
  const followed = await dump('postgres');
  expect(filled).toEqual(followed);
  expect([followed.samples.length, followed.citations.length, followed.facets.length].every((count) => count > 2)).toBe(true);
  const db = await openDatabase({ host: join(lab.home, 'postgres'), user: 'vlab', database: 'twice' });
  expect(await new KeepUp(db, lab.home).look()).toEqual({ runs: 0, jobs: 0, evaluations: 0, forgotten: 0, unreadable: 0 });
  await db.destroy();
  expect(await dump('twice')).toEqual(followed);
});

test('the lab\'s own PostgreSQL loses nothing that it has confirmed, and is nobody of importance', async () => {
  for (const setting of ['fsync', 'full_page_writes', 'synchronous_commit', 'data_checksums']) expect(await ask('postgres', `show ${setting}`), setting).toEqual([{ [setting]: 'on' }]);
  const container = lab.engine.docker.getContainer((await lab.engine.list()).find((one) => one.purpose === 'postgres')?.id ?? '');
  const { Config, HostConfig } = await container.inspect();
  expect([Config.User, HostConfig.CapDrop, HostConfig.ReadonlyRootfs, HostConfig.NetworkMode, HostConfig.Privileged]).toEqual(['64100', ['ALL'], true, 'none', false]);
  const { Titles, Processes } = await container.top({ ps_args: '-eo pid,uid,args' }) as { Titles: string[]; Processes: string[][] };
  const servers = Processes.filter((one) => one[Titles.indexOf('COMMAND')]?.includes('postgres'));
  expect(servers.length).toBeGreaterThan(1);
  expect([...new Set(servers.map((one) => one[Titles.indexOf('UID')]))]).toEqual(['64100']);
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
      const response = await fetch(`${serving?.url ?? ''}/api/evaluations/${id}/reports/${format}`);
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
    const response = await fetch(`${serving?.url ?? ''}${path}`, { method, body: '{}', headers: { 'content-type': 'application/json' } });
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
  expect((await rows('/api/series.json')).length).toBeGreaterThan((await rows('/api/series.json?kind=mutants')).length);
  expect(await rows('/api/passes.json?run=r-0000000006')).toMatchObject([{ pipeline: 'dmabuf-copy', defect: 'torn', wrong: 3 }]);
  expect(await rows('/api/frames.json?run=r-0000000006')).toMatchObject([{ pipeline: 'dmabuf-copy', frame: 7, plane: 'y', defect: 'torn', wrongTexels: 640, ofTexels: 230_400, psnrDb: 31.5, got: 'frames/a-got.png' }]);
  expect(Object.keys((await rows('/api/frames.json?run=r-0000000006'))[0] ?? {})).not.toContain('error');
  expect(await rows('/api/verdicts.json?evaluation=e-0123456789')).toMatchObject([{ metric: 'instructions', pipeline: 'upload', verdict: 'worse', changePct: 2.5, ciLowPct: 2.4, ciHighPct: 2.6 }]);
  expect(await rows('/api/jobs.json')).toMatchObject([{ id: 'j-000000000a', sealed: 5 }]);
  const compared = await rows('/api/compare.json?from=r-0000000001&to=r-0000000006');
  expect(compared).toContainEqual({ kind: 'difference', name: 'accelerator', of: '', from: 'tcg', to: 'kvm', changePct: null });
  expect(compared).toContainEqual(expect.objectContaining({ kind: 'figure', name: 'ready, ms', changePct: 0 }));
  expect((await get('/api/passes.json?run=r-9999999999')).status).toBe(404);
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
  const rows = await dump('postgres');
  const { exitCode, stdout } = await lab.vlab(['reindex', '--json']);
  expect(exitCode).toBe(0);
  expect(ReindexDocument.parse(JSON.parse(stdout))).toMatchObject({ runs: 7, evaluations: 2, unreadable: 0 });
  expect(await dump('postgres')).toEqual(rows);
  expect(await Promise.all(pages.map(get))).toEqual(before.map(({ status, body }) => ({ status, body, headers: expect.anything() as unknown })));
});
