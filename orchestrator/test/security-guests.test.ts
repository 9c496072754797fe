// A hostile guest in a real QEMU, and what a QEMU that it had broken out into would see, in the very container that guests run in. docs/security.md names what
// each test holds.
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeClip } from '../src/clip/clips.ts';
import { RunId } from '../src/contract/ids.ts';
import { RunRecord } from '../src/contract/run.ts';
import { qemuArgv } from '../src/guest/argv.ts';
import { hostAbilities } from '../src/guest/host.ts';
import { builderImage, stackImage, workshopImage } from '../src/image/images.ts';
import { builtBase, kernelFolder } from '../src/kernel/base.ts';
import { configFrom } from '../src/lib/config.ts';
import { namesIn, sha256OfFile } from '../src/lib/files.ts';
import type { Making } from '../src/lib/lab.ts';
import { ownName } from '../src/lib/owner.ts';
import { readBases, readClips } from '../src/request/catalogue.ts';
import { endedEarly, nothingHeard, runGuest, type Parts } from '../src/run-guest.ts';
import { Run } from '../src/run.ts';
import { RunFolder } from '../src/store/run-folder.ts';
import { CHECKOUT, TestLab } from './lab.ts';
import { runRequest } from './parts.ts';

const SECRET = `secret-${randomBytes(8).toString('hex')}`;

let lab: TestLab;
let making: Making;
let parts: Omit<Parts, 'argv' | 'sockets' | 'root'>;
beforeAll(async () => {
  Object.assign(process.env, { REDIS_PASSWORD: SECRET, AWS_SECRET_ACCESS_KEY: SECRET });
  lab = await TestLab.open();
  await writeFile(join(lab.home, 'tokens.json'), SECRET);
  making = { lab: { config: configFrom({ ...process.env, ...lab.env }), engine: lab.engine }, signal: new AbortController().signal, progress: () => undefined };
  const base = (await readBases(CHECKOUT))['6.12'];
  const spec = (await readClips(CHECKOUT))['h264-640x360'];
  if (base === undefined || spec === undefined) throw new Error('no base 6.12, or no clip h264-640x360');
  const { record } = await builtBase({ name: '6.12', base, flavour: 'perf', builder: (await builderImage(making)).tag }, making);
  const stack = await stackImage('trixie', making);
  const clip = await makeClip({ name: 'h264-640x360', spec, workshop: (await workshopImage(making)).tag }, making);
  const vmlinux = join(kernelFolder(making.lab, record.kernel), 'vmlinux');
  parts = {
    stack: { name: 'trixie', tag: stack.tag, nested: false, spawn: false }, vmlinux, baseVmlinux: vmlinux, program: '/nowhere',
    clips: [{ ...clip, name: 'h264-640x360', disk: 'clip0', seek: undefined, damaged: false }],
    host: () => hostAbilities({ stack, vmlinux }, making), versions: () => Promise.resolve({}), controlClip: (path) => path,
  };
});
afterAll(() => lab[Symbol.asyncDispose]());

/** A whole run, as a worker makes it, of a guest that is made of these parts. */
async function sealed(id: string, own: Pick<Parts, 'argv' | 'root'>): Promise<{ record: RunRecord; folder: string; console: string[]; qemu: string[] }> {
  const folder = await RunFolder.open(lab.home, id, 1, ownName(), () => Promise.resolve());
  const run = new Run(runRequest({ id: RunId.parse(id), pipelines: ['upload'] }), 1, folder, () => undefined);
  const heard = nothingHeard();
  const none = (): Promise<void> => Promise.resolve();
  const outcome = await runGuest(run, { ...parts, ...own, sockets: join(folder.path, 's') }, heard, none, making)
    .catch((thrown: unknown) => endedEarly(thrown, run, heard, none, making.signal));
  await run.seal(outcome);
  const linesOf = async (name: string): Promise<string[]> => (await readFile(join(folder.path, name), 'utf8')).split('\n');
  return { record: RunRecord.parse(JSON.parse(await readFile(join(folder.path, 'run.json'), 'utf8'))), folder: folder.path, console: await linesOf('console.log'), qemu: await linesOf('qemu.log') };
}

function toldIn(lines: readonly string[]): (name: string) => string {
  return (name) => lines.map((line) => line.slice(Math.max(0, line.indexOf('attack ')))).find((line) => line.startsWith(`attack ${name} = `))?.slice(`attack ${name} = `.length).trim() ?? 'not tried';
}

describe('a guest whose init is hostile', () => {
  let run: Awaited<ReturnType<typeof sealed>>;
  let told: (name: string) => string;
  const before = new Map<string, string>();
  const disks = (root: string): string[] => [root, ...parts.clips.map((clip) => clip.diskPath)];
  let root: string;

  beforeAll(async () => {
    const out = join(lab.home, 'hostile');
    await mkdir(out);
    await chmod(out, 0o777);
    const lines: string[] = [];
    const exit = await lab.engine.run({
      image: (await workshopImage(making)).tag, purpose: 'attack', memoryMiB: 512, pids: 64,
      binds: [{ from: join(CHECKOUT, 'orchestrator/test/attacks'), to: '/attacks' }, { from: out, to: '/out', write: true }],
      argv: ['sh', '-ec', 'cd /tmp; mkdir -p root/vlab root/dev root/proc root/sys root/tmp root/run; gcc -static -O1 -Wall -Werror -o root/vlab/probe /attacks/init.c; mkfs.erofs --quiet --all-root /out/root.erofs root'],
    }, { onLine: (line) => { lines.push(line); } });
    expect(exit.code, lines.join('\n')).toBe(0);
    root = join(out, 'root.erofs');
    for (const disk of disks(root)) before.set(disk, await sha256OfFile(disk));
    run = await sealed('r-hostile000', { argv: qemuArgv, root });
    told = toldIn(run.console);
  });

  test('cannot write to its disks, neither to the root nor to the clip', async () => {
    for (const disk of ['/dev/vda', '/dev/vdb']) expect(told(`write ${disk}`)).toMatch(/Permission denied|Operation not permitted|Read-only/);
    for (const [disk, digest] of before) expect(await sha256OfFile(disk)).toBe(digest);
  });

  test('has no network, no folder of the host, and no device that it was not given', () => {
    expect(told('list /sys/class/net')).toBe('lo');
    for (const name of ['mount 9p', 'mount virtiofs', 'mount nfs', 'mount fuse', 'socket inet', 'socket packet', 'socket vsock']) expect(told(name), name).toMatch(/No such device|not supported|No such file/);
    expect(told('list /sys/class/block').split(' ').sort()).toEqual(['vda', 'vdb']);
    expect(told('list /sys/class/virtio-ports').split(' ')).toHaveLength(1);
    // Intel's chipset; two disks, the port, the GPU and random numbers of virtio; pvpanic.
    expect(told('list pci').split(' ').sort()).toEqual(['1af4:1001', '1af4:1001', '1af4:1003', '1af4:1005', '1af4:1050', '1b36:0011', '8086:2918', '8086:29c0']);
  });

  test('says what it likes, and is judged by it: the run is sealed, as failed, and can be read', () => {
    expect(run.record.outcome.kind).toBe('failed');
    expect(run.record.pipelines).toHaveLength(1);
    expect(run.record.pipelines[0]).toMatchObject({ pipeline: 'upload', status: 'failed', leaks: { fds: 0, dmabufs: 0 } });
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  test('has no file named by it: the folder has what every run\'s has', async () => {
    expect((await namesIn(run.folder)).filter((name) => !['argv.json', 'attempt.json', 'console.log', 'events.ndjson', 'frames', 'probe.ndjson', 'qemu.log', 'run.json', 'trace.log', 'versions.json'].includes(name))).toEqual([]);
    expect(await namesIn(join(run.folder, 'frames'))).toEqual([]);
    for (const line of (await readFile(join(run.folder, 'probe.ndjson'))).toString('latin1').split('\n')) expect(line.length).toBeLessThanOrEqual(2 * 64 * 1024);
  });

  test('drives no terminal', async () => {
    for (const argv of [['show', 'r-hostile000'], ['logs', 'r-hostile000']]) {
      const { exitCode, stdout } = await lab.vlab(argv);
      expect(exitCode).toBe(0);
      expect(stdout).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/);
    }
  });

  test('leaves nothing running', async () => { expect(await lab.left()).toEqual([]); });
});

describe('what runs in the place of QEMU in a guest\'s container', () => {
  let told: (name: string) => string;
  let qemu: string[];
  let record: RunRecord;
  let heard = 0;
  let host: string;

  beforeAll(async () => {
    const servers = [createServer(), createServer()] as const;
    for (const server of servers) server.on('connection', (socket) => { heard++; socket.destroy(); });
    const abstract = `vlab-${randomBytes(8).toString('hex')}`;
    await new Promise<void>((resolve) => { servers[0].listen(0, () => { resolve(); }); });
    await new Promise<void>((resolve) => { servers[1].listen(`\0${abstract}`, () => { resolve(); }); });
    try {
      const address = Object.values(networkInterfaces()).flatMap((all) => all ?? []).find((one) => one.family === 'IPv4' && !one.internal)?.address ?? '127.0.0.1';
      host = `${address}:${String((servers[0].address() as AddressInfo).port)}`;
      const program = await readFile(join(CHECKOUT, 'orchestrator/test/attacks/qemu.pl'), 'utf8');
      ({ record, qemu } = await sealed('r-escaped000', { argv: () => ['perl', '-e', program, host, abstract, lab.home], root: parts.vmlinux }));
      told = toldIn(qemu);
    } finally {
      for (const server of servers) server.close();
    }
  });

  test('came to its end', () => { expect(told('end')).toBe('DONE'); });

  test('reaches no network and no socket but the guest\'s own', () => {
    expect(told(`tcp ${host}`)).toMatch(/^refused, /);
    expect(told('abstract')).toMatch(/^refused, /);
    expect(told('interfaces')).toBe('lo');
    expect(told('sockets')).toBe('console control qmp');
    expect(heard).toBe(0);
  });

  test('sees its own guest\'s files and changes none of them; no other run, no credential, no device but the guest\'s', () => {
    expect(told('files')).toBe('clip0 root.erofs vmlinux');
    for (const name of ['vmlinux', 'root.erofs', 'clip0']) expect(told(`change /vlab/${name}`)).toMatch(/^refused, /);
    for (const path of ['/vlab/x', '/run/vlab/x', '/etc/x', '/usr/bin/x', `${lab.home}/x`]) expect(told(`write ${path}`)).toMatch(/^refused, /);
    for (const path of [`${lab.home}/tokens.json`, '/var/run/docker.sock', '/etc/shadow', '/dev/mem']) expect(told(`read ${path}`)).toMatch(/^refused, /);
    expect(told('mounts').split(' ')).toEqual(['/etc/hostname:ro', '/etc/hosts:ro', '/etc/resolv.conf:ro', '/run/vlab:ro', '/vlab/clip0:ro', '/vlab/root.erofs:ro', '/vlab/vmlinux:ro']);
    expect(told('environment').split(' ').filter((name) => !['DISPLAY', 'HOME', 'HOSTNAME', 'LC_ALL', 'LIBGL_ALWAYS_SOFTWARE', 'PATH', 'PWD', 'SDL_VIDEODRIVER', 'TZ'].includes(name))).toEqual([]);
    expect(told('processes')).not.toMatch(/node|dockerd|containerd|redis/);
    expect(told('user')).toBe('64100 0000000000000000');
    expect(qemu.join('\n')).not.toContain(SECRET);
  });

  test('ends as the lab\'s own trouble, told with how it ended, whatever it said on the monitor', () => {
    expect(record.outcome).toMatchObject({ kind: 'broken', stage: 'guest', why: expect.stringContaining('QEMU died: exit code 3') as string });
  });
});
