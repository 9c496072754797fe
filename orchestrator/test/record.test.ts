// The record on a real PostgreSQL, the lab's own in its container: what is sealed comes in once, whatever happens to the database.
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ReindexDocument } from '../src/contract/documents.ts';
import { openDatabase } from '../src/record/database.ts';
import { KeepUp } from '../src/record/keep-up.ts';
import type { TestLab } from './lab.ts';
import { pipelineResult } from './parts.ts';
import { askDatabase, HOSTILE, RecordLab, RENDERER, rowsIn, serve, until, type Got } from './record-lab.ts';

let open: RecordLab;
let lab: TestLab;
const get = (path: string): Promise<Got> => open.get(path);
const runsNow = (query?: string): Promise<string[]> => open.runsNow(query);
const seal: RecordLab['seal'] = (...sealed) => open.seal(...sealed);

const unreadableNow = async (): Promise<{ path: string; why: string }[]> => ((await get('/api/health')).body as { record: { unreadable: { path: string; why: string }[] } }).record.unreadable;

const ask = (database: string, query: string): Promise<Record<string, unknown>[]> => askDatabase(lab, database, query);
const dump = (database: string): ReturnType<typeof rowsIn> => rowsIn(lab, database);

beforeAll(async () => {
  open = await RecordLab.open();
  ({ lab } = open);
});

afterAll(async () => { expect(await open.close()).toEqual({ exitCode: 0, left: [] }); });

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

  test('is narrowed to what differs by a word from all others, and to those by theirs; and to a span of time, its ends with it', async () => {
    // It measured nothing: a series of samples is remembered though its last run is gone.
    const own = { base: '7.3', flavour: 'debug', device: '2d', stack: 'bookworm', image: 'bookworm', measure: 'time' };
    const others = [6, 5, 4, 3, 2, 1].map((n) => `r-000000000${String(n)}`);
    await seal(7, own, 'b-host');
    await until('the seventh', async () => ((await runsNow()).length === 7 ? true : undefined));
    const theirs = { base: '6.12', flavour: 'perf', device: 'virgl', stack: 'trixie', image: 'trixie', measure: 'none', host: 'a-host' };
    for (const [name, value] of Object.entries({ ...own, host: 'b-host' })) {
      const other = theirs[name as keyof typeof theirs];
      expect([name, await runsNow(`&${name}=${value}`), await runsNow(`&${name}=${other}`), await runsNow(`&${name}=${other},${value}`), await runsNow(`&${name}=nonsense`)]).toEqual([name, ['r-0000000007'], others, ['r-0000000007', ...others], []]);
    }
    expect([await runsNow('&host=b-host&base=7.3'), await runsNow('&host=b-host&base=6.12')]).toEqual([['r-0000000007'], []]);
    const minute = (n: number): string => `2026-01-01T00:0${String(n)}:00.000Z`;
    expect(await runsNow(`&from=${minute(6)}`)).toEqual(['r-0000000007', 'r-0000000006']);
    expect(await runsNow(`&to=${minute(2)}`)).toEqual(['r-0000000002', 'r-0000000001']);
    expect(await runsNow(`&from=${minute(3)}&to=${minute(4)}`)).toEqual(['r-0000000004', 'r-0000000003']);
    await rm(join(lab.home, 'runs/r-0000000007'), { recursive: true });
    await until('its end', async () => ((await runsNow()).length === 6 ? true : undefined));
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
  expect(ReindexDocument.parse(JSON.parse(stdout))).toMatchObject({ runs: 7, evaluations: 1, unreadable: 0 });
  expect(await dump('postgres')).toEqual(rows);
  expect(await Promise.all(pages.map(get))).toEqual(before.map(({ status, body }) => ({ status, body, headers: expect.anything() as unknown })));
});
