// The pages from another machine: a network namespace of the test's own, joined to this one by a pair of virtual Ethernet devices. Takes root, as the engine does.
import { execa } from 'execa';
import { chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ServeDocument } from '../src/contract/documents.ts';
import { TestLab, type Process } from './lab.ts';

/** Of TEST-NET-2, which is nobody's. */
const [HERE, THERE] = ['198.51.100.1', '198.51.100.2'];
const NAME = `vlab-t-${String(process.pid)}`;
const [OUR_END, THEIR_END] = [`vt${String(process.pid)}a`, `vt${String(process.pid)}b`];

let lab: TestLab;
let serving: Process;
let port: string;
let token: string;

const ip = (...argv: string[]): Promise<unknown> => execa('ip', argv);

async function join(): Promise<void> {
  await ip('netns', 'add', NAME);
  await ip('link', 'add', OUR_END, 'type', 'veth', 'peer', 'name', THEIR_END, 'netns', NAME);
  await ip('addr', 'add', `${HERE}/30`, 'dev', OUR_END);
  await ip('link', 'set', OUR_END, 'up');
  await ip('-n', NAME, 'addr', 'add', `${THERE}/30`, 'dev', THEIR_END);
  await ip('-n', NAME, 'link', 'set', THEIR_END, 'up');
}

type Answered = { status: number; body: string; head: string };

/** As that machine asks it; `own`: as a program of this machine does. */
async function ask(path: string, { own = false, headers = {}, method = 'GET' }: { own?: boolean; headers?: Record<string, string>; method?: string } = {}): Promise<Answered> {
  const url = `http://${own ? '127.0.0.1' : HERE}:${port}${path}`;
  const curl = ['curl', '--silent', '--show-error', '--include', '--max-time', '20', '--request', method, ...Object.entries(headers).flatMap(([name, value]) => ['--header', `${name}: ${value}`]), url];
  const { stdout } = own ? await execa('curl', curl.slice(1)) : await execa('ip', ['netns', 'exec', NAME, ...curl]);
  const [head = '', ...rest] = stdout.replaceAll('\r\n', '\n').split('\n\n');
  return { status: Number(head.split(' ')[1]), head, body: rest.join('\n\n') };
}

const statusOf = async (...asked: Parameters<typeof ask>): Promise<number> => (await ask(...asked)).status;
const bearer = (given: string): Record<string, string> => ({ authorization: `Bearer ${given}` });

const READS = ['/api/home', '/api/health', '/api/runs', '/api/runs.csv', '/api/runs/r-0000000000', '/api/runs/r-0000000000/files/console.log', '/api/runs/r-0000000000/log/console', '/api/live', '/api/queue', '/api/openapi.json', '/metrics', '/queues', '/queues/api/queues'];

beforeAll(async () => {
  lab = await TestLab.open();
  await join();
});

afterAll(async () => {
  serving.kill('SIGINT');
  await serving;
  await ip('netns', 'del', NAME).catch(() => undefined);
  await ip('link', 'del', OUR_END).catch(() => undefined);
  await lab.end();
});

test('nobody is let in by mistake: without a token, other machines are not served', async () => {
  const { exitCode, stdout } = await lab.vlab(['serve', '--host', '0.0.0.0', '--port', '0', '--json']);
  expect(exitCode).toBe(2);
  expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'NO_TOKEN', message: expect.stringContaining('--host 0.0.0.0') as string, hint: 'vlab token add YOUR-NAME --scope read' } });
  ({ token } = JSON.parse((await lab.vlab(['token', 'add', 'a reader', '--scope', 'read', '--json'])).stdout) as { token: string });
  serving = lab.process(['serve', '--host', '0.0.0.0', '--port', '0', '--name', 'lab.example', '--json']);
  ({ port } = new URL(ServeDocument.parse(JSON.parse(await serving.firstLine())).url));
});

describe('from there', () => {
  test.each(READS)('%s is told to nobody without a token', async (path) => {
    const { status, body } = await ask(path);
    expect(status).toBe(401);
    expect(JSON.parse(body)).toMatchObject({ error: 'NO_TOKEN', next: 'vlab token add YOUR-NAME --scope read' });
  });

  test('the pages come empty, so that they can ask for one', async () => {
    const { status, body } = await ask('/');
    expect(status).toBe(200);
    expect(await statusOf(/\/assets\/[^"]+\.js/.exec(body)?.[0] ?? 'no script')).toBe(200);
  });

  test('with a token in the header all is told', async () => {
    for (const path of ['/api/home', '/api/openapi.json', '/metrics', '/queues/api/queues']) expect([path, await statusOf(path, { headers: bearer(token) })]).toEqual([path, 200]);
    expect(await statusOf('/api/home', { headers: bearer('vlab_nobody') })).toBe(401);
  });

  test.each([
    { name: 'a forwarded address', headers: { 'x-forwarded-for': '127.0.0.1', 'forwarded': 'for=127.0.0.1', 'x-real-ip': '127.0.0.1' } },
    { name: 'a name of loopback', headers: { host: 'localhost' } },
    { name: 'a cookie that is made up', headers: { cookie: `vlab_session=${'A'.repeat(43)}` } },
    { name: 'the token as a cookie', headers: { cookie: 'vlab_session=vlab_0123' } },
  ])('$name opens nothing', async ({ headers }) => {
    expect(await statusOf('/api/home', { headers })).toBe(401);
  });

  test('a name that the server does not have is not answered', async () => {
    expect(await statusOf('/', { headers: { host: 'evil.example' } })).toBe(421);
    expect(await statusOf('/', { headers: { host: 'lab.example' } })).toBe(200);
  });

  test('a browser gets a cookie for its token, which looks and changes nothing, and is worth no more than the token', async () => {
    expect(await statusOf('/api/session', { method: 'POST' })).toBe(401);
    const { status, head } = await ask('/api/session', { method: 'POST', headers: bearer(token) });
    expect(status).toBe(200);
    const line = /^set-cookie: (.*)$/im.exec(head)?.[1] ?? '';
    for (const word of ['HttpOnly', 'SameSite=Strict', 'Path=/']) expect(line).toContain(word);
    const cookie = { cookie: line.split(';')[0] ?? '' };
    for (const path of ['/api/home', '/metrics', '/queues', '/api/runs.csv']) expect([path, await statusOf(path, { headers: cookie })]).toEqual([path, 200]);
    // What changes something takes a header, whatever cookie a browser sends along.
    for (const path of ['/api/jobs', '/api/jobs/j-0000000000/cancel', '/api/alerts/a-0000000000/notes', '/api/workers/x/drain']) expect([path, await statusOf(path, { method: 'POST', headers: cookie })]).toEqual([path, 401]);
    const other = (JSON.parse((await lab.vlab(['token', 'add', 'another', '--json'])).stdout) as { token: string }).token;
    await lab.vlab(['token', 'remove', 'a reader']);
    expect([await statusOf('/api/home', { headers: cookie }), await statusOf('/api/home', { headers: bearer(token) }), await statusOf('/api/home', { headers: bearer(other) })]).toEqual([401, 401, 200]);
  });
});

describe('a browser', () => {
  test('asks for the token once, and then shows everything: pages, streams, tables, what is mounted', async () => {
    ({ token } = JSON.parse((await lab.vlab(['token', 'add', 'who looks', '--scope', 'read', '--json'])).stdout) as { token: string });
    await using browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
    const page = await (await browser.newContext()).newPage();
    await page.goto(`http://${HERE}:${port}/runs`);
    await page.getByRole('heading', { name: 'Who looks?' }).waitFor();
    await page.getByLabel('Token').fill('vlab_nobody');
    await page.getByRole('button', { name: 'look' }).click();
    await page.getByText('nobody has this token').waitFor();
    await page.getByLabel('Token').fill(token);
    await page.getByRole('button', { name: 'look' }).click();
    await page.getByRole('heading', { name: 'Runs' }).first().waitFor();
    const statusAt = (path: string): Promise<number> => page.evaluate(async (at) => (await fetch(at)).status, path);
    expect(await Promise.all(['/api/runs.csv', '/metrics', '/queues/api/queues', '/api/openapi.json'].map(statusAt))).toEqual([200, 200, 200, 200]);
    await page.goto(`http://${HERE}:${port}/queues`);
    await page.getByRole('link', { name: /-runs/ }).first().waitFor();
  });
});

describe('on the machine itself', () => {
  test('anybody may look', async () => {
    expect(await statusOf('/api/home', { own: true })).toBe(200);
  });

  test.each([
    { name: 'a proxy tells of', headers: { 'x-forwarded-for': '203.0.113.9' } },
    { name: 'calls the server by its outside name', headers: { host: 'lab.example' } },
  ])('but not whoever $name: that comes from elsewhere', async ({ headers }) => {
    expect(await statusOf('/api/home', { own: true, headers })).toBe(401);
  });
});

describe('who asks too much', () => {
  test('may not have more than so many streams open at once, and may again when one has ended', async () => {
    const opened: AbortController[] = [];
    const open = async (): Promise<Response> => {
      const own = new AbortController();
      const response = await fetch(`http://127.0.0.1:${port}/api/live`, { signal: own.signal });
      if (response.ok) opened.push(own);
      return response;
    };
    let refused: Response | undefined;
    for (let n = 0; n < 40 && refused === undefined; n++) {
      const response = await open();
      if (!response.ok) refused = response;
    }
    expect(refused?.status).toBe(429);
    expect(refused?.headers.get('retry-after')).toBe('10');
    expect(await refused?.json()).toMatchObject({ error: 'TOO_MANY_STREAMS', message: '32 streams of this address are open already', next: expect.stringContaining('close some') as string });
    expect(await statusOf('/api/home', { own: true })).toBe(200);
    opened.pop()?.abort();
    await expect.poll(async () => (await open()).status).toBe(200);
    for (const one of opened) one.abort();
  });

  // The last of all: from there nothing is answered for a minute.
  test.each(['/api/home', '/metrics', '/queues'])('guesses at a token at %s are counted, and then not even the right one is heard for a while', async (path) => {
    const { stdout } = await execa('ip', ['netns', 'exec', NAME, 'curl', '--silent', '--output', '/dev/null', '--write-out', '%{http_code}\n', '--header', 'authorization: Bearer vlab_nobody', `http://${HERE}:${port}${path}?guess=[1-70]`]);
    expect(new Set(stdout.trim().split('\n'))).toEqual(path === '/api/home' ? new Set(['401', '429']) : new Set(['429']));
    const { status, head, body } = await ask(path, { headers: bearer(token) });
    expect(status).toBe(429);
    expect(Number(/^retry-after: (\d+)$/im.exec(head)?.[1])).toBeGreaterThan(0);
    expect(JSON.parse(body)).toMatchObject({ error: 'TOO_MANY_REQUESTS', message: 'this address asks too often, or was wrong about its token too often', next: expect.stringMatching(/^ask again in \d+ seconds$/) as string });
    expect(await statusOf('/api/home', { own: true })).toBe(200);
  });
});
