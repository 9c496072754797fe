import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { runRecord } from '../../orchestrator/test/parts.ts';
import { aServer } from '../test/a-server.ts';

type Problem = { error: string; message: string; next: string | null };

describe('what is not there is answered with what to ask for, or to type, instead', () => {
  test.each([
    ['/api/runs/r-0000000000', 'UNKNOWN_ID', 'there is no run r-0000000000', 'vlab status'],
    ['/api/runs/r-0000000000/log/console', 'UNKNOWN_ID', 'there is no run r-0000000000', 'vlab status'],
    ['/api/runs/r-0000000000/files/run.json', 'UNKNOWN_ID', 'there is no run r-0000000000', 'vlab status'],
    ['/api/passes.csv?run=r-0000000000', 'UNKNOWN_ID', 'there is no run r-0000000000', 'vlab status'],
    ['/api/runs/r-0123456789/files/gone.log', 'UNKNOWN_ID', 'run r-0123456789 left no gone.log', 'GET /api/runs/r-0123456789 lists its files'],
    ['/api/jobs/j-0000000000', 'UNKNOWN_ID', 'the record has no job j-0000000000', 'GET /api/home has the newest'],
    ['/api/evaluations/e-0000000000', 'UNKNOWN_ID', 'there is no evaluation e-0000000000', 'GET /api/evaluations'],
    ['/api/evaluations/e-0000000000/reports/html', 'UNKNOWN_ID', 'there is no evaluation e-0000000000', 'GET /api/evaluations'],
    ['/api/series/view?name=mutants/nonsense', 'UNKNOWN_NAME', 'neither the checkout nor the record has a series "mutants/nonsense"', 'vlab series list'],
  ])('%s', async (path, error, message, next) => {
    const { server, home } = await aServer();
    await mkdir(join(home, 'runs/r-0123456789'));
    await writeFile(join(home, 'runs/r-0123456789/run.json'), JSON.stringify(runRecord()));
    const answer = await server.inject(path);
    expect([answer.statusCode, answer.json<Problem>()]).toEqual([404, { error, message, next }]);
  });

  test('an alert and a worker that somebody has a word for', async () => {
    const { server, token } = await aServer();
    const say = async (url: string, payload: object): Promise<unknown> => {
      const answer = await server.inject({ method: 'POST', url, payload, headers: { authorization: `Bearer ${admin}` } });
      return [answer.statusCode, answer.json<Problem>()];
    };
    const admin = await token('admin');
    expect(await say('/api/alerts/a-0123456789/notes', { state: 'noise' })).toEqual([404, { error: 'UNKNOWN_ID', message: 'there is no alert a-0123456789', next: 'GET /api/alerts' }]);
    expect(await say('/api/workers/nobody/drain', {})).toEqual([404, { error: 'UNKNOWN_ID', message: 'there is no worker nobody', next: 'GET /api/queue' }]);
  });

  test('an address of nothing, and a name of nothing', async () => {
    const { server } = await aServer();
    expect((await server.inject({ method: 'DELETE', url: '/api/runs' })).json()).toEqual({ error: 'NOT_FOUND', message: 'there is nothing at DELETE /api/runs', next: 'GET /api/openapi.json' });
    for (const path of ['/api/runs/r-1', '/api/jobs/r-0123456789', '/api/evaluations/..%2f..']) expect((await server.inject(path)).json()).toMatchObject({ error: 'BAD_ID', message: expect.stringContaining('runs are called r-') as string, next: 'the lists have those that there are' });
    expect((await server.inject('/api/runs?from=yesterday')).json()).toMatchObject({ error: 'BAD_REQUEST', message: expect.stringMatching(/^querystring\/from: /) as string, next: 'GET /api/openapi.json' });
  });
});

test('a command that works for itself is not drained: its runs are cancelled', async () => {
  const { server, token } = await aServer({ queue: { order: () => Promise.resolve('cannot') } });
  const answer = await server.inject({ method: 'POST', url: '/api/workers/a-host%2F1/drain', headers: { authorization: `Bearer ${await token('admin')}` } });
  expect([answer.statusCode, answer.json()]).toEqual([409, { error: 'NOT_A_WORKER', message: 'a-host/1 works for one command only, and ends with it', next: 'vlab cancel ends its runs' }]);
});

test('whoever calls the server by a name that it does not have is told how it gets one', async () => {
  const { server } = await aServer();
  const answer = await server.inject({ url: '/', headers: { host: 'evil.example' } });
  expect([answer.statusCode, answer.json()]).toEqual([421, { error: 'UNKNOWN_HOST', message: 'this server is not called "evil.example"', next: 'vlab serve --name NAME' }]);
});

test('whoever says what an alert is shows a token that may, and says one of four things', async () => {
  const { server, token } = await aServer();
  const say = async (payload: object, given?: string): Promise<Problem> => (await server.inject({ method: 'POST', url: '/api/alerts/a-0123456789/notes', payload, headers: given === undefined ? {} : { authorization: `Bearer ${given}` } })).json<Problem>();
  const [read, submit] = [await token('read'), await token('submit')];
  expect(await say({ state: 'noise' })).toEqual({ error: 'NO_TOKEN', message: 'this takes a token with the scope submit', next: 'vlab token add YOUR-NAME --scope submit' });
  expect(await say({ state: 'noise' }, 'vlab_nobody')).toEqual({ error: 'BAD_TOKEN', message: 'nobody has this token', next: 'vlab token list' });
  expect(await say({ state: 'noise' }, read)).toEqual({ error: 'SCOPE', message: 'the token of read is good for "read", and this takes "submit"', next: 'vlab token add ANOTHER-NAME --scope submit' });
  expect(await say({ state: 'nonsense' }, submit)).toMatchObject({ error: 'BAD_REQUEST', message: expect.stringMatching(/^body\/state: .*"acknowledged"\|"fixed"\|"noise"/) as string });
  // Who says it is whose token it is, and when is when it is said: nobody says either of himself.
  for (const more of [{ who: 'somebody else' }, { when: '2020-01-01T00:00:00.000Z' }]) expect(await say({ state: 'noise', ...more }, submit)).toMatchObject({ error: 'BAD_REQUEST' });
});

describe('what is away is told with what becomes of it', () => {
  test('the database: it is tried again, and what needs none is there', async () => {
    const { server } = await aServer({ database: 'away' });
    for (const path of ['/api/runs', '/api/home', '/api/alerts', '/api/trends', '/api/series', '/api/runs.csv', '/api/unreadable.json']) {
      const answer = await server.inject(path);
      expect([path, answer.statusCode, answer.json()]).toMatchObject([path, 503, { error: 'NO_DATABASE', message: 'the record\'s database does not answer: it is being started', next: 'it is tried again every second; runs and evaluations can be opened by their id meanwhile' }]);
    }
    expect((await server.inject('/api/health')).json()).toMatchObject({ database: { up: false, why: 'it is being started' } });
  });

  test('the queue, to whoever submits or cancels: vlab doctor says what is missing', async () => {
    const { server, token } = await aServer();
    const headers = { authorization: `Bearer ${await token('submit')}` };
    for (const url of ['/api/jobs', '/api/jobs/j-0123456789/cancel', '/api/runs/r-0123456789/cancel']) {
      const answer = await server.inject({ method: 'POST', url, payload: {}, headers });
      expect([url, answer.statusCode, answer.json()]).toEqual([url, 503, { error: 'NO_QUEUE', message: 'the queue does not answer', next: 'vlab doctor' }]);
    }
  });
});

test('a bug of the lab is called one, and says nothing of its insides to whoever asked', async () => {
  const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const { server } = await aServer({ queue: { look: () => Promise.reject(new TypeError('secret.of is not a function')) } });
  const answer = await server.inject('/api/queue');
  const told = said.mock.calls.join('');
  said.mockRestore();
  expect([answer.statusCode, answer.json()]).toEqual([500, { error: 'BUG', message: 'a bug of the lab; its server says more on its standard error', next: null }]);
  expect(told).toMatch(/vlab serve: GET \/api\/queue: TypeError: secret\.of is not a function\n +at /);
});

test('a sealed run says by which commands one looks closer', async () => {
  const { server, home } = await aServer();
  await mkdir(join(home, 'runs/r-0123456789'));
  await writeFile(join(home, 'runs/r-0123456789/run.json'), JSON.stringify(runRecord()));
  expect((await server.inject('/api/runs/r-0123456789')).json()).toMatchObject({ state: 'sealed', commands: [{ command: 'npx vlab reproduce r-0123456789' }, { command: 'npx vlab show r-0123456789' }, { command: 'npx vlab logs r-0123456789' }] });
});
