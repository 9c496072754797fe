// Whoever can write to the queue, and who must not be able to: requests that attack a real worker through a real Redis, and a Redis and a PostgreSQL elsewhere,
// with TLS and passwords. docs/security.md names what each test holds.
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Queue } from 'bullmq';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ErrorDocument, StatusDocument } from '../src/contract/documents.ts';
import { VERSION } from '../src/cli/working.ts';
import { postgresImage, stackImage } from '../src/image/images.ts';
import { configFrom } from '../src/lib/config.ts';
import type { Container } from '../src/lib/container.ts';
import { namesIn } from '../src/lib/files.ts';
import { runProgram } from '../src/lib/exec.ts';
import type { Making } from '../src/lib/lab.ts';
import { queueFor } from '../src/queue/names.ts';
import { postgresPlace } from '../src/record/postgres.ts';
import { readRun } from '../src/store/read.ts';
import { TestLab } from './lab.ts';
import { JOB_ID, rejection, runRequest } from './parts.ts';

const PASSWORD = `pass@word/${randomBytes(8).toString('hex')}`;

let lab: TestLab;
let making: Making;
beforeAll(async () => {
  lab = await TestLab.open();
  making = { lab: { config: configFrom(lab.env), engine: lab.engine }, signal: new AbortController().signal, progress: () => undefined };
});
afterAll(() => lab[Symbol.asyncDispose]());

function isBare(data: unknown): data is { bare: unknown } {
  return typeof data === 'object' && data !== null && 'bare' in data;
}

describe('a worker, given by its queue', () => {
  const evil = join('/tmp', `vlab-evil-${randomBytes(4).toString('hex')}`);
  const good = { ...runRequest({ id: 'r-good000000' }), id: 'r-good000000', kernel: { base: 'no-such-base', expect: 'passed' } };
  const outside = (id: string, change: Record<string, unknown>): Record<string, unknown> => ({ ...runRequest(), id, job: JOB_ID, ...change });
  /** Each with what the queue or the run's own record says of it. */
  const NO_WORK = /the queue holds no work that lab \S+ can read: /;
  const ticket = (work: unknown): unknown => ({ version: VERSION, submitter: 'somebody', urgency: 'person', work });
  const attacks: [string, unknown, RegExp][] = [
    ['a path as its id', outside('../../../tmp/x', {}), NO_WORK],
    ['no object', 'rm -rf /', NO_WORK],
    ['a submitter with a name of a megabyte', { bare: { version: VERSION, submitter: 'x'.repeat(1_000_000), urgency: 'person', work: outside('r-attack0015', {}) } }, NO_WORK],
    ['work of another version', { bare: { version: '9.9.9-p9', submitter: 'somebody', urgency: 'person', work: outside('r-attack0016', {}) } }, /Expected work of lab .*, got that of lab 9\.9\.9-p9/],
    ['a file of the host as its clip', outside('r-attack0001', { clips: [{ file: '/etc/shadow', format: 'I420' }] }), NO_WORK],
    ['a path as the name of a file', outside('r-attack0002', { clips: [{ sha256: '../../../../etc/shadow', name: 'x', format: 'I420' }] }), NO_WORK],
    ['a file that nobody brought', outside('r-attack0003', { clips: [{ sha256: 'f'.repeat(64), name: '../../x', format: 'I420' }] }), /this host has no file with the SHA-256 f+ for clip/],
    ['a folder with a Dockerfile as its stack', outside('r-attack0004', { stack: `../../../../../../..${evil}` }), /unknown stack/],
    ['a folder with a Dockerfile as its image', outside('r-attack0005', { image: `../../../../../..${evil}` }), /unknown image/],
    ['a folder as a driver', outside('r-attack0006', { drivers: ['../../../../etc'] }), /unknown driver/],
    ['a folder as its series', outside('r-attack0007', { kernel: { base: '6.12', series: 'added/../../../../etc', expect: 'passed' } }), /Expected a series to be a folder of series/],
    ['a path as the digest of its series', outside('r-attack0019', { kernel: { base: '6.12', series: 'added/x', seriesSha256: '../../../../etc', expect: 'passed' } }), NO_WORK],
    ['a series that nobody brought', outside('r-attack0020', { kernel: { base: '6.12', series: '../../../../etc', seriesSha256: 'f'.repeat(64), expect: 'passed' } }), /Expected series .* with the digest f+ in the store that hosts share; this worker was given none/],
    ['a folder as its base', outside('r-attack0008', { kernel: { base: '../../../etc', expect: 'passed' } }), /unknown base/],
    ['a prototype as its base', outside('r-attack0009', { kernel: { base: '__proto__', expect: 'passed' } }), /unknown base/],
    ['keys that nobody knows', outside('r-attack0010', { argv: ['-device', 'vfio-pci'], binds: ['/:/host'] }), NO_WORK],
    ['a prototype', JSON.parse(`{"__proto__":{"polluted":true},${JSON.stringify(outside('r-attack0011', {})).slice(1)}`) as unknown, NO_WORK],
    ['a title of a megabyte', outside('r-attack0012', { title: 'x'.repeat(1_000_000) }), NO_WORK],
    ['clips without end', outside('r-attack0013', { clips: Array.from({ length: 100_000 }, () => 'a') }), NO_WORK],
    ['more patches than there are', outside('r-attack0014', { kernel: { base: '6.12', series: 'mutants/short-transfer', patches: 9007199254740991, expect: 'passed' } }), /Expected at most \d+ patches/],
    ['a path as a kernel of old', outside('r-attack0017', { pins: { kernel: '../../../../etc' } }), NO_WORK],
    ['a command as a version', outside('r-attack0018', { kernel: { base: '6.12', version: '6.12; touch /tmp/x', expect: 'passed' } }), NO_WORK],
    ['a block of blocks', { block: 'b-attack0000', quiet: false, steps: [[{ block: 'b-attack0001' }]] }, NO_WORK],
  ];
  const ended = new Map<string, { state: string; said: string }>();
  let said: string;

  beforeAll(async () => {
    await mkdir(evil);
    await writeFile(join(evil, 'Dockerfile'), 'FROM scratch\n');
    await writeFile(join(evil, 'stack.yaml'), 'name: evil\ndescription: evil\nsuite: trixie\n');
    await writeFile(join(evil, 'image.yaml'), 'name: evil\ndescription: evil\nsuite: trixie\nerofs: []\n');
    const worker = lab.process(['worker']);
    const socket = join(lab.home, 'redis/redis.sock');
    for (const from = Date.now(); !(await namesIn(join(lab.home, 'redis'))).includes('redis.sock') && Date.now() - from < 60_000;) await new Promise((resolve) => { setTimeout(resolve, 100); });
    const queue = new Queue(queueFor(VERSION, { needs: null, alone: false }), { connection: { path: socket, maxRetriesPerRequest: null } });
    try {
      const jobs = await queue.addBulk([...attacks, ['a request that can be understood', good, /unknown base/] as const].map(([, data], n) => ({ name: 'run', data: isBare(data) ? data.bare : ticket(data), opts: { jobId: `attack-${String(n)}`, attempts: 1 } })));
      for (const [n, job] of jobs.entries()) {
        const state = async (): Promise<string> => job.getState();
        for (const from = Date.now(); !['failed', 'completed'].includes(await state()) && Date.now() - from < 60_000;) await new Promise((resolve) => { setTimeout(resolve, 50); });
        const at = await queue.getJob(job.id ?? '');
        ended.set(attacks[n]?.[0] ?? 'good', { state: await state(), said: at?.failedReason ?? JSON.stringify(at?.returnvalue) });
      }
    } finally {
      await queue.close();
      worker.kill('SIGINT');
      said = (await worker).stderr;
    }
  });
  afterAll(() => rm(evil, { recursive: true, force: true }));

  test.each(attacks.map(([what, , words]) => [what, words] as const))('%s, refuses it with words', (what, words) => {
    const one = ended.get(what);
    // What can be understood has a run, and the run's record says why it was rejected.
    expect(one?.said).toMatch(words);
    expect(one?.state).toBe(words === NO_WORK || what.endsWith('version') ? 'failed' : 'completed');
    if (one?.state === 'completed') expect(one.said).toContain('"kind":"rejected"');
  });

  test('goes on: what comes after all of them is taken and has its outcome', async () => {
    expect(ended.get('good')).toMatchObject({ state: 'completed' });
    expect((await readRun(lab.home, 'r-good000000'))?.outcome).toMatchObject({ kind: 'rejected', stage: 'request' });
    expect(said).toContain('r-good000000 rejected');
  });

  test('has written nowhere but in the folders of its runs, and has started nothing', async () => {
    for (const name of await namesIn(join(lab.home, 'runs'))) expect(name).toMatch(/^r-(attack00\d\d|good000000)$/);
    expect((await namesIn(join(lab.home, 'images'))).filter((name) => name.includes('evil'))).toEqual([]);
    expect(await lab.containers('build')).toEqual([]);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});

/** A server in a container of its own on the engine's bridge, which is not this machine; it begins once it has its certificate. */
async function elsewhere(name: string, image: string, program: string): Promise<{ container: Container; address: string; folder: string }> {
  const folder = join(lab.home, name);
  await mkdir(folder);
  await chmod(folder, 0o777);
  const container = await lab.engine.start({
    image, purpose: name, network: 'bridge', memoryMiB: 512, pids: 64, binds: [{ from: folder, to: '/data', write: true }],
    argv: ['sh', '-ec', `until [ -e /data/ready ]; do sleep 0.05; done; ${program}`],
  });
  const { NetworkSettings: { Networks: networks } } = await lab.engine.docker.getContainer(container.id).inspect();
  const address = Object.values(networks)[0]?.IPAddress ?? '';
  await certify(folder, address);
  await writeFile(join(folder, 'ready'), '');
  return { container, address, folder };
}

/** An authority of its own, and a certificate of it for one address. */
async function certify(folder: string, address: string): Promise<void> {
  const openssl = async (...argv: string[]): Promise<void> => {
    const ran = await runProgram('openssl', argv);
    if (!ran.ok) throw new Error(ran.stderr);
  };
  const at = (name: string): string => join(folder, name);
  await openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1', '-subj', '/CN=a test', '-keyout', at('ca.key'), '-out', at('ca.pem'));
  await openssl('req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-subj', '/CN=server', '-keyout', at('server.key'), '-out', at('server.csr'));
  await writeFile(at('extensions'), `subjectAltName=IP:${address}\n`);
  await openssl('x509', '-req', '-days', '1', '-in', at('server.csr'), '-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-CAcreateserial', '-extfile', at('extensions'), '-out', at('server.pem'));
  await runProgram('chown', ['64100', at('server.key')]);
}

const SECRETS = [PASSWORD, encodeURIComponent(PASSWORD)];
function expectNoSecret(...texts: string[]): void {
  for (const text of texts) for (const secret of SECRETS) expect(text).not.toContain(secret);
}

describe('a Redis elsewhere', () => {
  let server: Awaited<ReturnType<typeof elsewhere>>;
  const status = (url: string, env: Record<string, string> = {}): ReturnType<TestLab['vlab']> => lab.vlab(['status', '--json'], { REDIS_URL: url, ...env });
  const url = (scheme: string, credentials: string, port: number): string => `${scheme}://${credentials}${server.address}:${String(port)}`;
  const mine = `worker:${encodeURIComponent(PASSWORD)}@`;

  beforeAll(async () => {
    // In turn: one that lets anybody in, on port 6379; and one that wants TLS and a user with a password, on 6380, and the same in the clear on 6381.
    server = await elsewhere('theirs', (await stackImage('trixie', making)).tag, [
      'redis-server --port 6379 --protected-mode no --save "" &',
      `exec redis-server --port 6381 --protected-mode no --tls-port 6380 --tls-cert-file /data/server.pem --tls-key-file /data/server.key --tls-ca-cert-file /data/ca.pem --tls-auth-clients no --save "" --aclfile /data/users`,
    ].join(' '));
    await writeFile(join(server.folder, 'users'), `user default off\nuser worker on >${PASSWORD} ~* &* +@all\n`);
  });
  afterAll(() => server.container.stop(0));

  test('over TLS, with a user and a password, is a queue like any other', async () => {
    await expect.poll(async () => (await status(url('rediss', mine, 6380), { NODE_EXTRA_CA_CERTS: join(server.folder, 'ca.pem') })).exitCode).toBe(0);
    const env = { REDIS_URL: url('rediss', mine, 6380), NODE_EXTRA_CA_CERTS: join(server.folder, 'ca.pem') };
    const submitted = await lab.vlab(['run', await lab.job({}), '--detach', '--json'], env);
    expect(submitted.exitCode, submitted.stdout).toBe(0);
    const { stdout, stderr } = await lab.vlab(['status', '--json'], env);
    expect(StatusDocument.parse(JSON.parse(stdout)).jobs[0]?.runs.map((one) => one.state)).toEqual(['prioritized']);
    const doctor = await lab.vlab(['doctor', '--json'], env);
    expectNoSecret(submitted.stdout, submitted.stderr, stdout, stderr, doctor.stdout, doctor.stderr);
  });

  test('is given to a worker on its command line, and the password is on nobody\'s list of processes', async () => {
    const worker = lab.process(['worker', '--redis', url('redis', mine, 6381)]);
    try {
      const seen = async (): Promise<number> => StatusDocument.parse(JSON.parse((await status(url('redis', mine, 6381))).stdout)).workers.length;
      await expect.poll(seen, { timeout: 60_000 }).toBe(1);
      const pids = (await namesIn('/proc')).filter((name) => /^\d+$/.test(name));
      const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
      expectNoSecret(...lines);
      expectNoSecret((await status(url('redis', mine, 6381))).stdout);
    } finally {
      worker.kill('SIGINT');
    }
    const { stdout, stderr } = await worker;
    expectNoSecret(stdout, stderr);
  });

  test.each([
    ['whose certificate nobody here knows', () => url('rediss', mine, 6380), 'NO_REDIS', /self-signed certificate/],
    ['with a wrong password', () => url('redis', 'worker:wrong%21@', 6381), 'NO_REDIS', /WRONGPASS/],
    ['without a password, which it wants', () => url('redis', '', 6381), 'NO_REDIS', /NOAUTH|WRONGPASS|Authentication/],
    ['that lets anybody in', () => url('redis', '', 6379), 'OPEN_REDIS', /lets anybody in/],
    ['that lets anybody in, though it is given a password', () => url('redis', `:${encodeURIComponent(PASSWORD)}@`, 6379), 'OPEN_REDIS', /lets anybody in/],
    ['spoken to in the clear where it wants TLS', () => url('redis', mine, 6380), 'NO_REDIS', /no Redis answers/],
    ['with parameters in its URL', () => `${url('rediss', mine, 6380)}?ca=x`, 'REDIS_URL', /to have no parameters/],
  ])('%s is refused with words, and its password is told nobody', async (_what, given, code, words) => {
    const ended = await status(given());
    const { error } = ErrorDocument.parse(JSON.parse(ended.stdout));
    expect(error).toMatchObject({ code, message: expect.stringMatching(words) as string });
    if (words.source.includes('certificate')) expect(error.hint).toContain('NODE_EXTRA_CA_CERTS=');
    expectNoSecret(ended.stdout, ended.stderr);
    expect(ended.stdout).not.toContain('wrong');
  });
});

describe('a PostgreSQL elsewhere', () => {
  let server: Awaited<ReturnType<typeof elsewhere>>;
  const place = (databaseUrl: string): Promise<unknown> => postgresPlace({ ...making.lab, config: { ...making.lab.config, databaseUrl } }, () => Promise.reject(new Error('the lab\'s own is not wanted')));
  const url = (credentials: string, database: string, parameters: string): string => `postgres://${credentials}@${server.address}:5432/${database}?${parameters}`;
  const verified = (): string => `sslmode=verify-full&sslrootcert=${join(server.folder, 'ca.pem')}`;

  beforeAll(async () => {
    server = await elsewhere('their-postgres', (await postgresImage(making)).tag, [
      'initdb -D /tmp/data -U owner --auth trust >/dev/null;',
      'cp /data/server.key /tmp/server.key; chmod 600 /tmp/server.key;',
      'printf "local all owner trust\\nhost open all all trust\\nhostssl postgres worker all scram-sha-256\\n" >/tmp/data/pg_hba.conf;',
      'postgres -D /tmp/data -c unix_socket_directories=/tmp -c listen_addresses= & until psql -h /tmp -U owner -d postgres -c "select 1" >/dev/null 2>&1; do sleep 0.1; done;',
      'psql -q -h /tmp -U owner -d postgres -f /data/users.sql; kill $!; wait $!;',
      'exec postgres -D /tmp/data -c unix_socket_directories=/tmp -c "listen_addresses=*" -c ssl=on -c ssl_cert_file=/data/server.pem -c ssl_key_file=/tmp/server.key',
    ].join(' '));
    await writeFile(join(server.folder, 'users.sql'), `create role worker login password '${PASSWORD}'; create database open;`);
  });
  afterAll(() => server.container.stop(0));
  const mine = `worker:${encodeURIComponent(PASSWORD)}`;

  test('over TLS that is verified, with a password, is a record like any other', async () => {
    await expect.poll(() => place(url(mine, 'postgres', verified())).then(() => 'in', String), { timeout: 60_000 }).toBe('in');
  });

  test.each([
    ['whose certificate nobody here knows', () => url(mine, 'postgres', 'sslmode=verify-full'), 'NO_DATABASE', /certificate/],
    ['with a wrong password', () => url('worker:wrong', 'postgres', verified()), 'NO_DATABASE', /password authentication failed/],
    ['in the clear, where it wants TLS', () => url(mine, 'postgres', 'sslmode=disable'), 'NO_DATABASE', /no pg_hba.conf entry/],
    ['that lets anybody in', () => url(mine, 'open', verified()), 'OPEN_DATABASE', /lets anybody in/],
    ['that is no URL', () => `postgres://${mine}@:x:y`, 'DATABASE_URL', /Expected DATABASE_URL to be a URL/],
  ])('%s is refused with words, and its password is told nobody', async (_what, given, code, words) => {
    const refused = await rejection(place(given()));
    expect(refused).toMatchObject({ code, message: expect.stringMatching(words) as string });
    const { message, hint, evidence } = refused as { message: string; hint?: string; evidence?: string };
    expectNoSecret(message, hint ?? '', evidence ?? '');
  });
});
