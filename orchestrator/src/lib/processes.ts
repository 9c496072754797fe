// What stands in for the engine inside one container that has everything already: a "container" is a process group of this very container, and what it
// leaves in /tmp goes with it. Nothing here confines anything: the container around it does.
import { spawn } from 'node:child_process';
import { readdir, rm } from 'node:fs/promises';
import { closeSync, constants, openSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { runProgram } from './exec.ts';
import { howItEnded, type Container, type ContainerSpec, type Exit, type OnLine } from './container.ts';
import { LabError } from './lab-error.ts';
import type { Runs } from './lab.ts';
import { lineSplitter } from './lines.ts';
import { pause } from './within.ts';

const LAST_WORDS_MS = 2000;

export class Processes implements Runs {
  readonly #tmp: string;
  #started = 0;
  readonly #pids = new Map<string, number>();

  private constructor(tmp: string) {
    this.#tmp = tmp;
  }

  /** What a process leaves in `tmp` is removed, so it must be a container's own: one that is not empty at first is somebody else's. */
  static async in(tmp: string): Promise<Processes> {
    const found = await readdir(tmp);
    if (found.length > 0) throw new LabError('NOT_ALONE', `Expected ${tmp} to be empty, as in a container of its own, got ${found.slice(0, 3).join(', ')}`, { blame: 'request', stage: 'guest', hint: './reproduce' });
    return new Processes(tmp);
  }

  async start(spec: ContainerSpec, onLine: OnLine = () => undefined, onStdout?: (chunk: Buffer) => void): Promise<Container> {
    // A pipe with a name, since QEMU opens its standard output by name for pictures, and the pipes that Node makes are sockets.
    const id = String(++this.#started);
    const pipe = join(this.#tmp, `stdout-${id}`);
    const made = await runProgram('mkfifo', [pipe]);
    if (!made.ok) throw new LabError('NO_PIPE', `Expected to make the pipe ${pipe}: ${made.stderr}`, { blame: 'lab' });
    // Bare descriptors: a FileHandle that nobody holds is closed by the garbage collector.
    const reading = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK);
    const writing = openSync(pipe, 'w');
    // Whoever opens a standard output by its number needs no name.
    await rm(pipe);
    const before = new Set(await readdir(this.#tmp));
    const [program = '', ...args] = argvHere(spec);
    const child = spawn(program, args, { stdio: ['ignore', writing, 'pipe'], detached: true });
    const ended = new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code, signal) => { resolve(code ?? SIGNALS[signal ?? 'SIGKILL'] ?? 137); });
    });
    ended.catch(() => undefined);
    closeSync(writing);
    const outLines = lineSplitter((line) => { onLine(line, 'stdout'); });
    const errLines = lineSplitter((line) => { onLine(line, 'stderr'); });
    const stdout = new Socket({ fd: reading, readable: true, writable: false });
    const heardOut = new Promise<void>((resolve) => { stdout.once('close', () => { resolve(); }); });
    stdout.on('data', onStdout ?? outLines).on('error', () => undefined);
    child.stderr?.on('data', errLines);
    const group = child.pid;
    if (group !== undefined) this.#pids.set(id, group);
    const exited: Promise<Exit> = ended.then(async (code) => {
      this.#pids.delete(id);
      // What it left behind, an X server say, would go on holding its end of the pipes.
      if (group !== undefined) signalGroup(group, 'SIGKILL');
      // A process in a session of its own is not in the group: it ends by itself when it finds the others gone.
      await Promise.race([heardOut, pause(LAST_WORDS_MS)]);
      stdout.destroy();
      outLines.flush();
      errLines.flush();
      for (const name of await readdir(this.#tmp)) if (!before.has(name)) await rm(join(this.#tmp, name), { recursive: true, force: true });
      return { code, how: howItEnded(code) };
    });
    exited.catch(() => undefined);
    return {
      id, exited,
      kill: (signal) => { if (group !== undefined) signalGroup(group, signal as NodeJS.Signals); return Promise.resolve(); },
      stop: async (graceMs = 5000) => {
        if (group === undefined) return;
        if (graceMs > 0) {
          signalGroup(group, 'SIGTERM');
          const late = new Promise<'late'>((resolve) => { setTimeout(resolve, graceMs, 'late').unref(); });
          if ((await Promise.race([exited, late])) !== 'late') return;
        }
        signalGroup(group, 'SIGKILL');
        await exited;
      },
      commit: () => Promise.reject(new Error('a process cannot be kept as an image')),
      remove: () => Promise.resolve(),
    };
  }

  async run(spec: ContainerSpec, options: { signal?: AbortSignal; onLine?: OnLine; onStdout?: (chunk: Buffer) => void } = {}): Promise<Exit> {
    options.signal?.throwIfAborted();
    const container = await this.start(spec, options.onLine, options.onStdout);
    const abort = (): void => { void container.stop(0).catch(() => undefined); };
    options.signal?.addEventListener('abort', abort, { once: true });
    try {
      const exit = await container.exited;
      options.signal?.throwIfAborted();
      return exit;
    } finally {
      options.signal?.removeEventListener('abort', abort);
    }
  }

  pidOf(id: string): Promise<number | undefined> {
    return Promise.resolve(this.#pids.get(id));
  }

  /** Nobody counts them one by one here. */
  cpuSeconds(): Promise<null> {
    return Promise.resolve(null);
  }
}

/** As a shell tells them: 128 and the signal's number. */
const SIGNALS: Readonly<Record<string, number>> = { SIGHUP: 129, SIGINT: 130, SIGILL: 132, SIGTRAP: 133, SIGABRT: 134, SIGBUS: 135, SIGFPE: 136, SIGKILL: 137, SIGSEGV: 139, SIGPIPE: 141, SIGTERM: 143, SIGSYS: 159 };

/** Nothing is mounted here: an argument that is the place of a mount becomes what would be mounted. */
function argvHere({ argv, binds = [], env = {} }: ContainerSpec): string[] {
  const own = argv.map((argument) => binds.find((bind) => bind.to === argument)?.from ?? argument);
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  return variables.length === 0 ? own : ['env', ...variables, ...own];
}

function signalGroup(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
