// A fleet as the tests want one: Redis with a password and a store that speaks S3 on hosts of their own, workers that each have a folder of their own, and a server.
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { ImageBuildDocument, ImageListDocument } from '../../src/contract/documents.ts';
import { configFrom } from '../../src/lib/config.ts';
import { Engine } from '../../src/lib/container.ts';
import { exists, keyOf, namesIn, readIfThere } from '../../src/lib/files.ts';
import { ownName } from '../../src/lib/owner.ts';
import { pause } from '../../src/lib/within.ts';
import { BIN, CHECKOUT, vlab } from '../lab.ts';
import { Network, type Host } from './network.ts';

export type Ended = { exitCode: number | undefined; stdout: string; stderr: string };
export type Running = Promise<Ended> & { kill: (signal: NodeJS.Signals) => void; said: () => string };
export type Member = Host & { home: string; env: Record<string, string> };

const SECRET = 'only-of-this-test';

export class Fleet implements AsyncDisposable {
  readonly network: Network;
  readonly home: string;
  readonly engine: Engine;
  readonly #running = new Set<Running>();
  #redis: Host | undefined;
  #store: Host | undefined;
  #redisContainer = '';

  private constructor(network: Network, home: string) {
    this.network = network;
    this.home = home;
    this.engine = new Engine(keyOf({ home }), ownName());
  }

  static async open(): Promise<Fleet> {
    const fleet = new Fleet(await Network.open(), await mkdtemp('/tmp/vlab-f-'));
    try {
      await fleet.startRedis();
      await fleet.#startStore();
    } catch (error) {
      await fleet[Symbol.asyncDispose]();
      throw error;
    }
    return fleet;
  }

  /** From its append-only file, where it ran before. */
  async startRedis(): Promise<void> {
    const folder = join(this.home, 'redis');
    await mkdir(folder, { recursive: true });
    await chmod(folder, 0o777);
    const { images } = ImageListDocument.parse(JSON.parse((await vlab(['image', 'list', '--json'])).stdout));
    const [stack] = images.filter((one) => one.tag.startsWith('vlab/stack-trixie:')).sort((a, b) => b.builtAt.localeCompare(a.builtAt));
    const container = await this.engine.start({
      image: stack?.tag ?? '', purpose: 'their-redis', memoryMiB: 512, pids: 64, binds: [{ from: folder, to: '/data', write: true }],
      argv: ['redis-server', '--dir', '/data', '--appendonly', 'yes', '--appendfsync', 'everysec', '--maxmemory-policy', 'noeviction', '--save', '', '--requirepass', SECRET, '--bind', '0.0.0.0'],
    });
    this.#redisContainer = container.id;
    const address = this.#redis?.address;
    this.#redis = await this.network.adopt('redis', await this.#pidOf(container.id), address);
  }

  async killRedis(): Promise<void> {
    await this.engine.docker.getContainer(this.#redisContainer).kill({ signal: 'SIGKILL' });
    while ((await this.engine.list()).some((one) => one.id === this.#redisContainer)) await pause(100);
  }

  async #startStore(): Promise<void> {
    const data = join(this.home, 'store');
    await mkdir(data);
    await chmod(data, 0o777);
    const { tag } = ImageBuildDocument.parse(JSON.parse((await vlab(['image', 'build', 'store', '--json'])).stdout));
    const container = await this.engine.start({
      image: tag, purpose: 'their-store', memoryMiB: 1024, pids: 1024, argv: ['start-store'], binds: [{ from: data, to: '/data', write: true }], env: { STORE_KEY: 'lab', STORE_SECRET: SECRET },
    });
    this.#store = await this.network.adopt('store', await this.#pidOf(container.id));
    // Up to half a minute on two cores that have other things to do.
    const answers = async (): Promise<boolean> => (await execa(this.#store?.on[0] ?? '', [...this.#store?.on.slice(1) ?? [], 'curl', '--silent', '--max-time', '2', `http://${this.#store?.address ?? ''}:8333/`], { reject: false })).exitCode === 0;
    for (let tries = 0; !(await answers()); tries++) {
      if (tries > 150) throw new Error('the store did not begin to answer');
      await pause(200);
    }
  }

  async #pidOf(container: string): Promise<number> {
    return (await this.engine.docker.getContainer(container).inspect()).State.Pid;
  }

  /** A host with a lab of its own: the images, clips and unpatched kernels are there, as after a first run; what a series makes is not. */
  async member(name: string, { home = join(this.home, name), env = {} }: { home?: string; env?: Record<string, string> } = {}): Promise<Member> {
    const host = await this.network.host(name);
    const real = configFrom(process.env).home;
    await mkdir(join(home, 'kernels'), { recursive: true });
    for (const shared of ['images', 'clips', 'ccache']) await symlink(join(real, shared), join(home, shared));
    for (const key of await namesIn(join(real, 'kernels'))) {
      const record = JSON.parse((await readIfThere(join(real, 'kernels', key, 'kernel.json'))) ?? '{"series":""}') as { series: string | null };
      if (record.series === null) await symlink(join(real, 'kernels', key), join(home, 'kernels', key));
    }
    if (await exists(join(real, 'host-trixie.json'))) await copyFile(join(real, 'host-trixie.json'), join(home, 'host-trixie.json'));
    return {
      ...host, home,
      env: {
        VLAB_HOME: home, REDIS_URL: `redis://:${SECRET}@${this.#redis?.address ?? ''}:6379`, VLAB_STORE: `s3://fleet?endpoint=http://${this.#store?.address ?? ''}:8333`,
        AWS_ACCESS_KEY_ID: 'lab', AWS_SECRET_ACCESS_KEY: SECRET, VLAB_LOCK_MS: '5000', ...env,
      },
    };
  }

  /** `vlab argv` on a host. */
  vlab(member: Member, argv: readonly string[], env: Record<string, string> = {}): Running {
    const [program = '', ...rest] = [...member.on, 'node', BIN, ...argv];
    const child = execa(program, rest, { cwd: CHECKOUT, env: { ...member.env, ...env }, reject: false, stdin: 'ignore' });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => { said += chunk.toString('utf8'); });
    const running: Running = Object.assign(child.then(({ exitCode, stdout, stderr }) => ({ exitCode, stdout, stderr })), { kill: (signal: NodeJS.Signals) => { child.kill(signal); }, said: () => said });
    this.#running.add(running);
    void running.then(() => this.#running.delete(running));
    return running;
  }

  /** What is left of a host's lab: containers, and processes that have its folder in their environment. */
  async left({ home }: Member): Promise<string[]> {
    const containers = (await new Engine(keyOf({ home }), ownName()).list()).map((one) => `${one.purpose} ${one.id}`);
    const processes: string[] = [];
    for (const pid of (await namesIn('/proc')).filter((name) => /^\d+$/.test(name))) {
      const environ = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
      if (environ.split('\0').includes(`VLAB_HOME=${home}`)) processes.push(`process ${pid} ${(await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).replaceAll('\0', ' ')}`);
    }
    return [...containers, ...processes];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const one of this.#running) one.kill('SIGKILL');
    await Promise.all(this.#running);
    for (const one of await this.engine.list()) await this.engine.removeById(one.id);
    await this.network[Symbol.asyncDispose]();
    await rm(this.home, { recursive: true, force: true });
  }
}
