// Containers, through dockerode: started on a leash, so that none outlives the process that started it. Knows nothing of guests or kernels.
import { stat } from 'node:fs/promises';
import { PassThrough, type Readable } from 'node:stream';
import Docker from 'dockerode';
import * as z from 'zod';
import { Cleanup } from './cleanup.ts';
import { groupCpuSeconds } from './cpu-seconds.ts';
import { bytesBelow, watchDisk } from './disk.ts';
import { readIfThere } from './files.ts';
import { LabError, messageOf } from './lab-error.ts';
import { lineSplitter } from './lines.ts';
import { within } from './within.ts';

/** Nobody's user id: builds, guests and Redis run as this one, whoever runs the lab. */
export const CONTAINER_UID = 64100;

const MIB = 1024 * 1024;
const REMOVAL_MS = 30_000;

export type Bind = { from: string; to: string; write?: boolean };

export type ContainerSpec = {
  image: string;
  /** What it is for: `guest`, `build`, `redis`, ... Shown by `docker ps` as a label. */
  purpose: string;
  argv: readonly string[];
  name?: string;
  binds?: readonly Bind[];
  devices?: readonly string[];
  env?: Readonly<Record<string, string>>;
  workdir?: string;
  user?: number;
  network?: 'none' | 'bridge';
  /** A root file system that cannot be written, with a tmpfs on /tmp. */
  readOnly?: boolean;
  memoryMiB: number;
  cpus?: number;
  /** Its part of the CPUs where several containers want them: of 1024 for each that says nothing. */
  cpuShares?: number | undefined;
  /** The CPUs that it may run on, as Linux lists them; any where undefined. */
  cpuset?: string | undefined;
  pids: number;
  /** What it may write, to its own layer and to `binds`; it is killed beyond that. Not bounded where undefined. */
  diskMiB?: number;
  /** Stays after its end until remove(), so that it can be committed. */
  keep?: boolean;
  /** Outlives this process; it must end by itself. */
  unleashed?: boolean;
};

/** `overDisk`: it was killed for writing more than it may. */
export type Exit = { code: number; how: string; overDisk?: boolean };

export type Container = {
  id: string;
  exited: Promise<Exit>;
  /** SIGTERM to all inside, SIGKILL after the grace; resolves once it has exited. */
  stop: (graceMs?: number) => Promise<void>;
  kill: (signal: string) => Promise<void>;
  commit: (tag: string, labels: Readonly<Record<string, string>>) => Promise<void>;
  remove: () => Promise<void>;
};

export type OnLine = (line: string, from: 'stdout' | 'stderr') => void;

/**
 * The leash: standard input is held by the process that started the container. When that process dies, however it dies, the
 * engine closes the input, and everything inside is killed. It is also PID 1, which passes the exit code on.
 */
const LEASH = `
trap 'kill -TERM -1 2>/dev/null' TERM
exec 3<&0
"$@" 3<&- </dev/null &
child=$!
{ cat <&3 >/dev/null; kill -KILL -1 2>/dev/null; } &
while :; do
  wait $child; code=$?
  kill -0 $child 2>/dev/null || exit $code
done`;

export const LABELS = { purpose: 'vlab.purpose', home: 'vlab.home', owner: 'vlab.owner', key: 'vlab.key' } as const;

export class Engine {
  readonly docker: Docker;
  readonly #home: string;
  readonly #owner: string;

  /** `home` separates the containers of one lab folder from another's; `owner` names this process. */
  constructor(home: string, owner: string) {
    this.docker = new Docker();
    this.#home = home;
    this.#owner = owner;
  }

  async version(): Promise<string> {
    try {
      return (await this.docker.version()).Version;
    } catch (cause) {
      throw new LabError('NO_ENGINE', `no Docker engine answers: ${messageOf(cause)}`, { blame: 'lab', hint: 'scripts/setup', cause });
    }
  }

  async start(spec: ContainerSpec, onLine: OnLine = () => undefined, onStdout?: (chunk: Buffer) => void): Promise<Container> {
    await using undo = new Cleanup();
    const leashed = spec.unleashed !== true;
    const container = await this.docker.createContainer({
      Image: spec.image,
      ...(spec.name === undefined ? {} : { name: spec.name }),
      Entrypoint: leashed ? ['sh', '-c', LEASH, 'leash'] : [],
      Cmd: [...spec.argv],
      User: String(spec.user ?? CONTAINER_UID),
      Env: Object.entries(spec.env ?? {}).map(([name, value]) => `${name}=${value}`),
      Labels: { [LABELS.purpose]: spec.purpose, [LABELS.home]: this.#home, [LABELS.owner]: this.#owner },
      ...(spec.workdir === undefined ? {} : { WorkingDir: spec.workdir }),
      OpenStdin: leashed,
      StdinOnce: leashed,
      AttachStdin: leashed,
      AttachStdout: true,
      AttachStderr: true,
      HostConfig: {
        AutoRemove: spec.keep !== true,
        NetworkMode: spec.network ?? 'none',
        ReadonlyRootfs: spec.readOnly === true,
        ...(spec.readOnly === true ? { Tmpfs: { '/tmp': 'rw,nosuid,nodev,mode=1777,size=256m' } } : {}),
        Binds: (spec.binds ?? []).map((bind) => `${bind.from}:${bind.to}:${bind.write === true ? 'rw' : 'ro'}`),
        GroupAdd: await groupsOf(spec.devices ?? []),
        Devices: (spec.devices ?? []).map((path) => ({ PathOnHost: path, PathInContainer: path, CgroupPermissions: 'rw' })),
        CapDrop: ['ALL'],
        // Root inside installs packages and changes owners; anyone else gets no capability at all.
        CapAdd: spec.user === 0 ? ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'KILL', 'SETGID', 'SETUID'] : [],
        SecurityOpt: ['no-new-privileges'],
        Memory: spec.memoryMiB * MIB,
        // As much with swap as without it: who takes more memory is killed, and does not have the host page.
        MemorySwap: spec.memoryMiB * MIB,
        PidsLimit: spec.pids,
        ...(spec.cpuset === undefined ? {} : { CpusetCpus: spec.cpuset }),
        ...(spec.cpuShares === undefined ? {} : { CpuShares: spec.cpuShares }),
        ...(spec.cpus === undefined ? {} : { NanoCpus: Math.round(spec.cpus * 1e9) }),
        ...(spec.diskMiB === undefined ? {} : { Ulimits: [{ Name: 'fsize', Soft: spec.diskMiB * MIB, Hard: spec.diskMiB * MIB }] }),
        LogConfig: { Type: 'none', Config: {} },
      },
    });
    undo.add('remove the container', () => removeContainer(container));
    const stream = await container.attach({ stream: true, stdin: leashed, stdout: true, stderr: true, hijack: leashed });
    const output = demultiplex(this.docker, stream as unknown as Readable, onLine, onStdout);
    const ended = container.wait({ condition: spec.keep === true ? 'next-exit' : 'removed' }) as Promise<{ StatusCode: number }>;
    ended.catch(() => undefined);
    await container.start();
    undo.move();
    const disk = spec.diskMiB === undefined ? undefined : boundDisk(container, spec.diskMiB, spec.binds ?? []);
    const exited = ended.then(async ({ StatusCode: code }) => {
      const overDisk = disk?.end() === true;
      await output;
      return overDisk ? { code, how: `killed: it wrote more than ${String(spec.diskMiB)} MiB`, overDisk } : { code, how: howItEnded(code) };
    });
    exited.catch(() => undefined);
    return {
      id: container.id,
      exited,
      stop: (graceMs = 5000) => stopContainer(container, exited, graceMs),
      kill: async (signal) => { await container.kill({ signal }); },
      commit: async (tag, labels) => {
        const changes = Object.entries(labels).map(([name, value]) => `LABEL ${name}=${value}`).join('\n');
        await container.commit({ ...splitTag(tag), changes });
      },
      remove: () => removeContainer(container),
    };
  }

  /** The container's first process, where it is one of this machine's. */
  async pidOf(id: string): Promise<number | undefined> {
    try {
      const { State: { Pid: pid } } = await this.docker.getContainer(id).inspect();
      return (await readIfThere(`/proc/${String(pid)}/cgroup`))?.includes(id) === true ? pid : undefined;
    } catch {
      return undefined;
    }
  }

  /** CPU seconds of all in a container so far; null where nobody counts them, or it is gone. */
  async cpuSeconds(id: string): Promise<number | null> {
    try {
      const { State: { Pid: pid } } = await this.docker.getContainer(id).inspect();
      const seconds = await groupCpuSeconds(pid, id);
      if (seconds !== null) return seconds;
      const stats = await this.docker.getContainer(id).stats({ stream: false, 'one-shot': true });
      return stats.cpu_stats.cpu_usage.total_usage / 1e9;
    } catch {
      return null;
    }
  }

  /** Runs to the end and returns how it ended. An abort of the signal kills it and throws the signal's reason. */
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

  /** Runs to the end and, where that is exit code 0, keeps what the container holds as an image. */
  async runToImage(spec: Omit<ContainerSpec, 'keep'>, image: { tag: string; labels: Readonly<Record<string, string>> }, options: { signal: AbortSignal; onLine: OnLine }): Promise<Exit> {
    options.signal.throwIfAborted();
    const container = await this.start({ ...spec, keep: true }, options.onLine);
    const abort = (): void => { void container.stop(0).catch(() => undefined); };
    options.signal.addEventListener('abort', abort, { once: true });
    try {
      const exit = await container.exited;
      options.signal.throwIfAborted();
      if (exit.code === 0) await container.commit(image.tag, image.labels);
      return exit;
    } finally {
      options.signal.removeEventListener('abort', abort);
      await container.remove();
    }
  }

  /** Lends a container of the image that never runs, for its files. */
  async withFiles<T>(image: string, use: (container: Docker.Container) => Promise<T>): Promise<T> {
    const container = await this.docker.createContainer({ Image: image, Cmd: ['/none'], Labels: { [LABELS.purpose]: 'files', [LABELS.home]: this.#home, [LABELS.owner]: this.#owner } });
    try {
      return await use(container);
    } finally {
      await removeContainer(container);
    }
  }

  /** All containers of this lab folder, whoever owns them. */
  async list(): Promise<{ id: string; purpose: string; owner: string; state: string }[]> {
    const found = await this.docker.listContainers({ all: true, filters: { label: [`${LABELS.home}=${this.#home}`] } });
    return found.map((one) => ({
      id: one.Id, purpose: one.Labels[LABELS.purpose] ?? '', owner: one.Labels[LABELS.owner] ?? '', state: one.State,
    }));
  }

  /** Resolves once its name is free. */
  async removeById(id: string): Promise<void> {
    const container = this.docker.getContainer(id);
    await removeContainer(container);
    // One that ends by itself just now is being removed already, and keeps its name until that is done.
    await within({ what: `the removal of container ${id}`, ms: REMOVAL_MS, blame: 'lab', hint: 'docker ps --all' }, () => ignoreGone(container.wait({ condition: 'removed' })));
  }

  /** SIGTERM, and SIGKILL after the grace; resolves once it has stopped, or where there is none. */
  async stopByName(name: string, graceS: number): Promise<void> {
    await this.docker.getContainer(name).stop({ t: graceS }).catch((error: unknown) => {
      if (statusOf(error) !== 404 && statusOf(error) !== 304) throw error;
    });
  }

  async hasImage(tag: string): Promise<boolean> {
    return this.docker.getImage(tag).inspect().then(() => true, (error: unknown) => {
      if (statusOf(error) === 404) return false;
      throw error;
    });
  }
}

/** Kills it once it has written more; `end` stops looking and says whether that was so. */
function boundDisk(container: Docker.Container, diskMiB: number, binds: readonly Bind[]): { end: () => boolean } {
  const limit = diskMiB * MIB;
  let over = false;
  const written = async (): Promise<number> => {
    const { SizeRw: own } = WrittenBytes.parse(await container.inspect({ size: true } as object));
    const bound = await Promise.all(binds.filter((bind) => bind.write === true).map((bind) => bytesBelow(bind.from, limit)));
    return bound.reduce((sum, bytes) => sum + bytes, own);
  };
  const watch = watchDisk(written, limit, () => {
    over = true;
    void ignoreGone(container.kill({ signal: 'SIGKILL' })).catch(() => undefined);
  });
  return {
    end: () => {
      watch.stop();
      return over;
    },
  };
}

/** A device such as /dev/kvm belongs to a group: nobody's user needs it to open the device. */
async function groupsOf(devices: readonly string[]): Promise<string[]> {
  const groups = await Promise.all(devices.map(async (path) => String((await stat(path)).gid)));
  return [...new Set(groups)];
}

export function splitTag(tag: string): { repo: string; tag: string } {
  const [repo = '', version = 'latest'] = tag.split(':');
  return { repo, tag: version };
}

async function demultiplex(docker: Docker, stream: Readable, onLine: OnLine, onStdout?: (chunk: Buffer) => void): Promise<void> {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const outLines = lineSplitter((line) => { onLine(line, 'stdout'); });
  const errLines = lineSplitter((line) => { onLine(line, 'stderr'); });
  stdout.on('data', onStdout ?? outLines);
  stderr.on('data', errLines);
  (docker.modem as { demuxStream: (from: Readable, out: PassThrough, err: PassThrough) => void }).demuxStream(stream, stdout, stderr);
  await new Promise<void>((resolve) => { stream.once('close', resolve); stream.once('end', resolve); stream.once('error', () => { resolve(); }); });
  outLines.flush();
  errLines.flush();
}

async function stopContainer(container: Docker.Container, exited: Promise<Exit>, graceMs: number): Promise<void> {
  if (graceMs > 0) {
    await ignoreGone(container.kill({ signal: 'SIGTERM' }));
    const timer = new Promise<'late'>((resolve) => { setTimeout(resolve, graceMs, 'late').unref(); });
    if ((await Promise.race([exited, timer])) !== 'late') return;
  }
  await ignoreGone(container.kill({ signal: 'SIGKILL' }));
  await exited;
}

async function removeContainer(container: Docker.Container): Promise<void> {
  await ignoreGone(container.remove({ force: true, v: true }));
}

/** 404: no such container; 409: not running, or being removed already. Both mean that what was asked for is so. */
async function ignoreGone(work: Promise<unknown>): Promise<void> {
  await work.catch((error: unknown) => {
    const status = statusOf(error);
    if (status !== 404 && status !== 409) throw error;
  });
}

const WrittenBytes = z.object({ SizeRw: z.number().default(0) });

const EngineError = z.object({ statusCode: z.number() });

export function statusOf(error: unknown): number | undefined {
  return EngineError.safeParse(error).data?.statusCode;
}

export function howItEnded(code: number): string {
  if (code === 137) return 'killed by signal 9';
  if (code > 128 && code < 160) return `killed by signal ${String(code - 128)}`;
  return `exit code ${String(code)}`;
}
