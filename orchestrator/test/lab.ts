// What the tests on real parts share: a lab folder of their own that borrows the built products, the CLI as a process, and a look at
// what is left behind.
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { RunDocument } from '../src/contract/documents.ts';
import { StampedEvent } from '../src/contract/event.ts';
import { configFrom } from '../src/lib/config.ts';
import { Engine } from '../src/lib/container.ts';
import { keyOf, namesIn, readIfThere } from '../src/lib/files.ts';
import { ownName } from '../src/lib/owner.ts';

export const CHECKOUT = fileURLToPath(new URL('../..', import.meta.url));
export const BIN = join(CHECKOUT, 'orchestrator/bin/vlab.js');

type Options = { env?: Record<string, string>; talk?: boolean };
type Ended = { exitCode: number | undefined; stdout: string; stderr: string };

/** `firstLine`: of standard output, once it is there; of a process that ends without one, an error. */
export type Process = Promise<Ended> & { kill: (signal: NodeJS.Signals) => boolean; firstLine: () => Promise<string> };

export function vlabProcess(argv: string[], { env = {}, talk = false }: Options = {}): Process {
  const child = execa('node', [BIN, ...argv], { cwd: CHECKOUT, env, reject: false, stdin: 'ignore', stderr: talk ? ['pipe', 'inherit'] : ['pipe'] });
  const ended = child.then(({ exitCode, stdout, stderr }) => ({ exitCode, stdout, stderr }));
  const firstLine = async (): Promise<string> => {
    let text = '';
    const whole = new Promise<string>((resolve) => {
      child.stdout.on('data', (chunk: Buffer) => {
        text += chunk.toString('utf8');
        if (text.includes('\n')) resolve(text.split('\n')[0] ?? '');
      });
    });
    const early = ended.then((end) => { throw new Error(`it ended before it said anything: ${JSON.stringify(end)}`); });
    return Promise.race([whole, early]);
  };
  return Object.assign(ended, { kill: (signal: NodeJS.Signals) => child.kill(signal), firstLine });
}

export function vlab(argv: string[], options: Options = {}): Promise<Ended> {
  return vlabProcess(argv, options);
}

/** The document of a job whose runs all came to their end: what ended one of them early is told here, and not by an empty row later. */
export function ranWhole(ended: Ended): RunDocument {
  const document = RunDocument.parse(JSON.parse(ended.stdout));
  const early = document.runs.filter((run) => run.outcome.stage !== 'verify' && run.outcome.stage !== 'pipeline').map((run) => `${run.id}: ${run.outcome.kind} at ${run.outcome.stage}: ${run.outcome.why}`);
  if (early.length > 0) throw new Error(early.join('\n'));
  return document;
}

/** A lab folder with its own runs, Redis and containers, and the user's images, kernels and clips. */
export class TestLab implements AsyncDisposable {
  readonly home: string;
  readonly env: Record<string, string>;
  readonly engine: Engine;

  readonly #started: Process[] = [];

  private constructor(home: string, env: Record<string, string>) {
    this.home = home;
    this.env = { VLAB_HOME: home, ...env };
    this.engine = new Engine(keyOf({ home }), ownName());
  }

  static async open(env: Record<string, string> = {}): Promise<TestLab> {
    const real = configFrom(process.env).home;
    const home = await mkdtemp('/tmp/vlab-t-');
    for (const shared of ['images', 'kernels', 'clips', 'ccache', 'locks']) {
      await mkdir(join(real, shared), { recursive: true });
      await symlink(join(real, shared), join(home, shared));
    }
    const host = await readIfThere(join(real, 'host-trixie.json'));
    if (host !== undefined) await writeFile(join(home, 'host-trixie.json'), host);
    return new TestLab(home, env);
  }

  /** A job file of this lab. What is not given is as in jobs/first-look.yaml. */
  async job(job: Record<string, unknown>): Promise<string> {
    const path = join(this.home, `${String(Date.now())}.yaml`);
    const whole = { title: 'a test', kernels: [{ base: '6.12' }], pipelines: ['dmabuf-copy'], clip: 'h264-640x360', ...job };
    await writeFile(path, JSON.stringify(whole));
    return path;
  }

  /** The encoded file of a clip that some run has made. */
  async anyClip(name: string): Promise<{ clip: string; frames: number }> {
    const clips = join(this.home, 'clips');
    for (const folder of await namesIn(clips)) {
      const record = JSON.parse((await readIfThere(join(clips, folder, 'clip.json'))) ?? '{}') as { clip?: string; container?: string; spec?: { frames?: number } };
      if (record.clip === name && record.container !== undefined && record.spec?.frames !== undefined) return { clip: join(clips, folder, `clip.${record.container}`), frames: record.spec.frames };
    }
    throw new Error(`no run has made the clip ${name}`);
  }

  vlab(argv: string[], env: Record<string, string> = {}): Promise<Ended> {
    return vlab(argv, { env: { ...this.env, ...env } });
  }

  process(argv: string[], env: Record<string, string> = {}): Process {
    const started = vlabProcess(argv, { env: { ...this.env, ...env } });
    this.#started.push(started);
    return started;
  }

  async runIds(): Promise<string[]> {
    return (await namesIn(join(this.home, 'runs'))).filter((name) => /^r-[0-9a-z]{10}$/.test(name));
  }

  /** Waits for a job that has another run than `not`; returns that run's id. */
  async submitted(not: string): Promise<string> {
    for (;;) {
      for (const name of await namesIn(join(this.home, 'jobs'))) {
        const job = JSON.parse((await readIfThere(join(this.home, 'jobs', name))) ?? '{"runs":[]}') as { runs: { id: string }[] };
        const other = job.runs.find((run) => run.id !== not);
        if (other !== undefined) return other.id;
      }
      await new Promise((resolve) => { setTimeout(resolve, 100); });
    }
  }

  /** Waits until some run has written an event for which `wanted` holds, while `running` lives; returns the run's id. */
  async event(running: Process, wanted: (event: StampedEvent) => boolean): Promise<string> {
    const ended: { early?: Ended } = {};
    void running.then((early) => { ended.early = early; });
    while (ended.early === undefined) {
      for (const id of await this.runIds()) {
        const text = (await readIfThere(join(this.home, 'runs', id, 'events.ndjson'))) ?? '';
        for (const line of text.split('\n').slice(0, -1)) {
          const event = StampedEvent.safeParse(JSON.parse(line));
          if (event.success && wanted(event.data)) return id;
        }
      }
      await new Promise((resolve) => { setTimeout(resolve, 100); });
    }
    throw new Error(`it ended before the event: exit code ${String(ended.early.exitCode)}\n${ended.early.stdout}\n${ended.early.stderr}`);
  }

  async containers(purpose?: string): Promise<string[]> {
    return (await this.engine.list()).filter((one) => purpose === undefined || one.purpose === purpose).map((one) => `${one.purpose} ${one.id}`);
  }

  /** What outlived its run: containers of this lab, sockets in its folder, processes that name it. */
  async left(): Promise<string[]> {
    const sockets = await execa('find', [this.home, '-type', 's'], { reject: false });
    const processes: string[] = [];
    for (const pid of (await namesIn('/proc')).filter((name) => /^\d+$/.test(name))) {
      const environ = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
      if (environ.includes(`VLAB_HOME=${this.home}`)) processes.push(`process ${pid} ${await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')}`.trim());
    }
    const left = [...await this.containers(), ...sockets.stdout.split('\n').filter((path) => path !== ''), ...processes];
    return left.length === 0 ? left : [...left, ...await this.lastEvents()];
  }

  /** How far each run came: what one wants to know of whatever was left. */
  private async lastEvents(): Promise<string[]> {
    return Promise.all((await this.runIds()).map(async (id) => {
      const text = (await readIfThere(join(this.home, 'runs', id, 'events.ndjson'))) ?? '';
      return `${id} came to ${text.trimEnd().split('\n').at(-1) ?? 'nothing'}`;
    }));
  }

  /** Once it is looked whether anything outlived its runs, which is an error. */
  async end(): Promise<void> {
    const left = await this.left();
    await this[Symbol.asyncDispose]();
    if (left.length > 0) throw new Error(`what outlived its run:\n${left.join('\n')}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // A worker that a failed test left would start a Redis anew, in a folder that is gone, for ever.
    for (const one of this.#started) one.kill('SIGKILL');
    await Promise.all(this.#started);
    for (const one of await this.engine.list()) await this.engine.removeById(one.id);
    await rm(this.home, { recursive: true, force: true });
  }
}
