// Jobs over the API on the real parts: a real queue, a worker in the process that serves, a real guest; and what a hostile submitter tries.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ServeDocument } from '../src/contract/documents.ts';
import { namesIn } from '../src/lib/files.ts';
import { join } from 'node:path';
import { TestLab, type Process } from './lab.ts';

const JOB = { title: 'over the API', kernels: [{ base: '6.12' }], pipelines: ['upload'], clip: 'h264-640x360' };

let lab: TestLab;
let serving: { process: Process; url: string };
const tokens: Record<string, string> = {};

async function serve(...argv: string[]): Promise<typeof serving> {
  const process = lab.process(['serve', '--port', '0', '--json', ...argv]);
  return { process, url: ServeDocument.parse(JSON.parse(await process.firstLine())).url };
}

async function end({ process }: typeof serving): Promise<void> {
  process.kill('SIGINT');
  expect((await process).exitCode).toBe(0);
}

type Answered = { status: number; body: Record<string, unknown>; headers: Headers };

async function ask(path: string, body?: unknown, scope?: string): Promise<Answered> {
  const response = await fetch(`${serving.url}${path}`, {
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...(scope === undefined ? {} : { authorization: `Bearer ${tokens[scope] ?? scope}` }) },
  });
  return { status: response.status, headers: response.headers, body: (response.headers.get('content-type') ?? '').startsWith('application/json') ? await response.json() as Record<string, unknown> : {} };
}

async function until<T>(what: string, look: () => Promise<T | undefined>, ms: number): Promise<T> {
  const last = Date.now() + ms;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > last) throw new Error(`${what}: not within ${String(ms)} ms`);
    await new Promise((resolve) => { setTimeout(resolve, 200); });
  }
}

const sealed = (run: string): Promise<Record<string, unknown>> => until(`the end of ${run}`, async () => {
  const { body } = await ask(`/api/runs/${run}`);
  return body['state'] === 'sealed' ? body['record'] as Record<string, unknown> : undefined;
}, 240_000);

beforeAll(async () => {
  lab = await TestLab.open();
  for (const [scope, name] of [['read', 'a reader'], ['submit', 'a submitter']] as const) tokens[scope] = (JSON.parse((await lab.vlab(['token', 'add', name, '--scope', scope, '--json'])).stdout) as { token: string }).token;
  serving = await serve();
});

afterAll(async () => {
  await end(serving);
  await lab.end();
});

describe('without a worker', () => {
  test('a job takes a token that may submit, and is answered at once with its runs and with what it waits for', async () => {
    expect([(await ask('/api/jobs', JOB)).status, (await ask('/api/jobs', JOB, 'read')).status, (await ask('/api/jobs', JOB, 'vlab_nobody')).status]).toEqual([401, 403, 401]);
    const { status, body, headers } = await ask('/api/jobs', { ...JOB, kernels: [{ base: '6.12' }, { base: '6.12', series: 'mutants/short-transfer', expect: 'failed' }] }, 'submit');
    expect(status).toBe(201);
    expect(body).toMatchObject({ title: 'over the API', submitted: [expect.stringMatching(/^r-/), expect.stringMatching(/^r-/)], waits: expect.stringContaining('vlab serve --work') as string });
    expect(headers.get('location')).toBe(`/api/jobs/${String(body['job'])}`);
    // There for the pages at once, as what waits.
    const { matrix } = (await ask(`/api/jobs/${String(body['job'])}`)).body as { matrix: { job: { file: string }; rows: { cells: { status: string }[] }[] } };
    expect(matrix.job.file).toBe('api: over the API (a submitter)');
    expect(matrix.rows.flatMap((row) => row.cells.map((cell) => cell.status))).toEqual(['waiting', 'waiting']);
    // Where such a cell leads: to a run that nobody has begun.
    const [first = ''] = body['submitted'] as string[];
    expect(await ask(`/api/runs/${first}`)).toMatchObject({ status: 200, body: { id: first, state: 'waiting', record: null, files: [], request: { job: body['job'], title: 'over the API' }, commands: [{ command: 'npx vlab status' }, { command: `npx vlab cancel ${first}` }] } });
    expect((await ask('/api/runs/r-0000000000')).status).toBe(404);
    const waiting = async (): Promise<number> => ((await ask('/api/queue')).body as { counts: Record<string, number> }).counts['prioritized'] ?? 0;
    await until('the queue tells of both', async () => ((await waiting()) === 2 ? true : undefined), 10_000);
    await ask(`/api/jobs/${String(body['job'])}/cancel`, {}, 'submit');
  });

  test('one run is cancelled, then all of its job; neither by whoever may only look', async () => {
    const { job, submitted } = (await ask('/api/jobs', { ...JOB, measure: ['time', 'counters'] }, 'submit')).body as { job: string; submitted: [string, string] };
    expect((await ask(`/api/jobs/${job}/cancel`, {}, 'read')).status).toBe(403);
    expect((await ask(`/api/runs/${submitted[0]}/cancel`, {})).status).toBe(401);
    expect((await ask(`/api/runs/${submitted[0]}/cancel`, {}, 'submit')).body).toEqual({ cancelled: [{ id: submitted[0], was: 'waiting' }] });
    expect((await ask(`/api/jobs/${job}/cancel`, {}, 'submit')).body).toEqual({ cancelled: [{ id: submitted[0], was: 'ended' }, { id: submitted[1], was: 'waiting' }] });
    expect(await sealed(submitted[1])).toMatchObject({ outcome: { kind: 'cancelled' } });
    expect((await ask('/api/runs/r-0000000000/cancel', {}, 'submit'))).toMatchObject({ status: 404, body: { error: 'NO_SUCH_RUN' } });
    expect((await ask('/api/jobs/..%2f..%2ftokens/cancel', {}, 'submit')).status).toBe(400);
  });

  test.each([
    { name: 'a word that is wrong', job: { ...JOB, pipelines: ['uplaod'] }, says: 'unknown pipeline "uplaod"; did you mean "upload"?' },
    { name: 'a base that is not known', job: { ...JOB, kernels: [{ base: '6.11' }] }, says: 'unknown base "6.11"; did you mean' },
    { name: 'a file of the server as a clip', job: { ...JOB, clip: { file: '/etc/passwd' } }, says: 'a clip that is a file' },
    { name: 'a series that is a file of the server', job: { ...JOB, kernels: [{ base: '6.12', series: '/etc/passwd' }] }, says: 'unknown series "/etc/passwd"' },
    { name: 'more runs than one job may have', job: { ...JOB, kernels: Array.from({ length: 200 }, () => ({ base: '6.12' })), devices: ['virgl', '2d'], measure: ['time', 'counters', 'instructions'] }, says: 'at most 1000 runs' },
    { name: 'no job', job: [1, 2], says: 'the job' },
  ])('$name is refused with words, and nothing comes of it', async ({ job, says }) => {
    const before = await namesIn(join(lab.home, 'jobs'));
    const { status, body } = await ask('/api/jobs', job, 'submit');
    expect([status, body['error']]).toEqual([400, 'BAD_JOB']);
    expect(body['message']).toContain(says);
    expect(await namesIn(join(lab.home, 'jobs'))).toEqual(before);
  });

  test('a body without end is cut off', async () => {
    expect((await ask('/api/jobs', { ...JOB, title: 'x'.repeat(300_000) }, 'submit')).status).toBe(413);
  });
});

test('a process that serves and works brings what waited to its end, and ends when it is told to', async () => {
  await end(serving);
  serving = await serve('--work');
  const { body } = await ask('/api/jobs', JOB, 'submit');
  expect(body['waits']).toBeNull();
  const [run = ''] = body['submitted'] as string[];
  expect(await sealed(run)).toMatchObject({ id: run, outcome: { kind: 'passed' } });
});
