// A hostile series, with the policy on patches out of the way: what it has make run attacks the host, the lab and the next build, from within the very
// container that builds are made in. docs/security.md names what each test holds.
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Series, type KernelRecord } from '../src/contract/job.ts';
import { builderImage } from '../src/image/images.ts';
import { builtBase, kernelFolder, type BuiltBase } from '../src/kernel/base.ts';
import { builtSeries } from '../src/kernel/patched.ts';
import type { ReadSeries, SeriesPatch } from '../src/kernel/series.ts';
import { configFrom } from '../src/lib/config.ts';
import { exists, namesIn, sha256, sha256OfFile } from '../src/lib/files.ts';
import { LabError } from '../src/lib/lab-error.ts';
import type { Making } from '../src/lib/lab.ts';
import { readBases } from '../src/request/catalogue.ts';
import { checkPatch } from '../src/series/safe-patch.ts';
import { CHECKOUT, TestLab } from './lab.ts';
import { rejection } from './parts.ts';

const VIRTIO = 'drivers/gpu/drm/virtio';
const SECRET = `secret-${randomBytes(8).toString('hex')}`;
/** So that no build of an earlier day stands in for this one. */
const NONCE = randomBytes(8).toString('hex');

let lab: TestLab;
let making: Making;
let base: BuiltBase;
const kernels = new Set<string>();
beforeAll(async () => {
  Object.assign(process.env, { REDIS_PASSWORD: SECRET, AWS_SECRET_ACCESS_KEY: SECRET });
  lab = await TestLab.open();
  await writeFile(join(lab.home, 'tokens.json'), SECRET);
  making = { lab: { config: configFrom({ ...process.env, ...lab.env }), engine: lab.engine }, signal: new AbortController().signal, progress: () => undefined };
  const plan = (await readBases(CHECKOUT))['6.12'];
  if (plan === undefined) throw new Error('no base 6.12');
  base = await builtBase({ name: '6.12', base: plan, flavour: 'perf', builder: (await builderImage(making)).tag }, making);
});
afterAll(async () => {
  for (const key of kernels) await rm(join(lab.home, 'kernels', key), { recursive: true, force: true });
  await lab[Symbol.asyncDispose]();
});

const HEAD = ['#', '# Makefile for the drm device driver.  This driver provides support for the', '# Direct Rendering Infrastructure (DRI) in XFree86 4.1.0 and higher.'];

/** Lines put into the driver's make file, before the line that is `next` now; further files as they are. */
function diff(makefile: readonly string[], files: Readonly<Record<string, string>> = {}, next = ''): string {
  const added = [`# ${NONCE}`, ...makefile];
  const rows = [...HEAD.map((line) => ` ${line}`), ...added.map((line) => `+${line}`), ` ${next}`];
  const make = `diff --git a/${VIRTIO}/Makefile b/${VIRTIO}/Makefile\n--- a/${VIRTIO}/Makefile\n+++ b/${VIRTIO}/Makefile\n@@ -2,4 +2,${String(added.length + 4)} @@\n${rows.join('\n')}\n`;
  return make + Object.entries(files).map(([name, text]) => {
    const lines = text.replace(/\n$/, '').split('\n');
    return `diff --git a/${VIRTIO}/${name} b/${VIRTIO}/${name}\nnew file mode 100644\n--- /dev/null\n+++ b/${VIRTIO}/${name}\n@@ -0,0 +1,${String(lines.length)} @@\n${lines.map((line) => `+${line}\n`).join('')}`;
  }).join('');
}

/** A line of the kernel's own make file, which is read before anything is built. */
function diffOfAll(line: string): string {
  return `diff --git a/Makefile b/Makefile\n--- a/Makefile\n+++ b/Makefile\n@@ -1,3 +1,4 @@\n # SPDX-License-Identifier: GPL-2.0\n+${line} # ${NONCE}\n VERSION = 6\n PATCHLEVEL = 12\n`;
}

async function seriesOf(name: string, diffs: readonly string[]): Promise<ReadSeries> {
  const folder = join(lab.home, 'hostile', name);
  await mkdir(folder, { recursive: true });
  const patches: SeriesPatch[] = [];
  for (const [index, text] of diffs.entries()) {
    const file = `000${String(index + 1)}-${name}.patch`;
    await writeFile(join(folder, file), text);
    patches.push({ file, path: join(folder, file), sha256: sha256(text), text });
  }
  return { ...Series.parse({ title: name, appliesTo: ['6.12'] }), name: `added/${name}`, unpatched: false, patches };
}

/** It takes every process that its build may have, and make, at another file meanwhile, may find none left: then it has only harmed itself, and is built again. */
async function builtAtLast(series: ReadSeries): Promise<KernelRecord> {
  for (let tries = 1; ; tries++) {
    try {
      return (await builtSeries(base, series, making)).record;
    } catch (error) {
      if (!(error instanceof LabError)) throw error;
      if (error.code !== 'DOES_NOT_BUILD' || tries === 3) throw new Error(`${error.message}\n${error.evidence ?? ''}`, { cause: error });
    }
  }
}

/** Somebody to talk to, in the host's own network. */
async function listening(server: Server, at: string | number): Promise<void> {
  await new Promise<void>((resolve) => { server.listen(at, () => { resolve(); }); });
}

describe('a series of two patches, the second of which attacks while it is built', () => {
  let said: string[];
  let heard = 0;
  let kept: { first: string; whole: string };
  const told = (name: string): string[] => said.filter((line) => line.startsWith(`attack ${name} = `)).map((line) => line.slice(line.indexOf(' = ') + 3));

  beforeAll(async () => {
    const servers = [createServer(), createServer()] as const;
    for (const server of servers) server.on('connection', (socket) => { heard++; socket.destroy(); });
    const abstract = `vlab-${NONCE}`;
    await listening(servers[0], 0);
    await listening(servers[1], `\0${abstract}`);
    try {
      const { port } = servers[0].address() as AddressInfo;
      const addresses = Object.values(networkInterfaces()).flatMap((all) => all ?? []).filter((one) => one.family === 'IPv4').map((one) => `${one.address}:${String(port)}`);
      const attack = `$(shell python3 /work/linux/${VIRTIO}/build.py ${addresses.join('$(comma)')} ${abstract} ${lab.home} >&2)`;
      const series = await seriesOf('attack', [
        diff([]),
        diff(['comma := ,', attack], { 'build.py': await readFile(join(CHECKOUT, 'orchestrator/test/attacks/build.py'), 'utf8') }, `# ${NONCE}`),
      ]);
      const record = await builtAtLast(series);
      for (const { kernel } of record.prefixes) if (kernel !== null) kernels.add(kernel);
      said = (await readFile(join(kernelFolder(making.lab, record.kernel), 'build.log'), 'utf8')).split('\n');
      kept = { first: kernelFolder(making.lab, record.prefixes[0]?.kernel ?? record.kernel), whole: kernelFolder(making.lab, record.kernel) };
    } finally {
      for (const server of servers) server.close();
    }
  });

  test('ran, and was free to do to its own tree what it likes', () => {
    expect(told('poison the tree')).toContain('WRITTEN');
    expect(told('earlier prefix')).toContain('[\'0001-attack.patch\']');
  });

  test('reached no network: no interface but its own loopback, no name, no socket of the host', () => {
    expect(new Set(told('interfaces'))).toEqual(new Set(['[\'lo\']']));
    for (const name of ['tcp', 'dns', 'abstract socket']) {
      expect(told(name).length).toBeGreaterThan(0);
      for (const one of told(name)) expect(one, name).toMatch(/^refused, /);
    }
    expect(heard).toBe(0);
  });

  test('saw nothing of the lab or the host: no file, no process, no device, no variable', () => {
    for (const name of ['lab', 'host', 'root', 'namespace', 'device']) {
      expect(told(name).length, name).toBeGreaterThan(0);
      for (const one of told(name)) expect(one, name).toMatch(/^refused, /);
    }
    expect(new Set(told('mounts'))).toEqual(new Set(['[\'/etc/hostname\', \'/etc/hosts\', \'/etc/resolv.conf\', \'/in-builder\', \'/out\', \'/patches\', \'/taken\']']));
    for (const one of told('processes')) expect(one).not.toMatch(/node|dockerd|containerd|redis|vitest/);
    for (const one of told('devices')) expect(one).not.toMatch(/kvm|sda|vda|dri|udmabuf|mem'/);
    for (const one of told('environment')) expect(one).not.toMatch(/REDIS|DATABASE|AWS|VLAB|TOKEN|SECRET/);
    expect(new Set(told('user'))).toEqual(new Set(['64100 0000000000000000']));
    expect(new Set(told('no new privileges'))).toEqual(new Set(['1']));
    expect(said.join('\n')).not.toContain(SECRET);
  });

  test('could write where its own build is and nowhere else, and start a bounded number of processes', () => {
    for (const one of [...told('write'), ...told('poison the compiler')]) expect(one).toMatch(/^refused, /);
    for (const one of told('forks')) expect(Number(one)).toBeLessThan(1024);
  });

  test('left the kernel of the patch before it as that patch made it, and its own without a mode that runs as somebody', async () => {
    expect(await sha256OfFile(join(kept.first, 'vmlinux'))).toBe(await sha256OfFile(join(kernelFolder(making.lab, base.record.kernel), 'vmlinux')));
    for (const file of ['vmlinux', 'config']) expect((await stat(join(kept.whole, file))).mode & 0o7777).toBe(0o644);
    expect((await namesIn(kept.whole)).sort()).toEqual(['build.log', 'config', 'kernel.json', 'patches', 'vmlinux']);
  });

  test('left the base as it was: the next build starts from a tree without a trace of it', async () => {
    const lines: string[] = [];
    await lab.engine.run({ image: base.tag, purpose: 'look', memoryMiB: 256, pids: 16, argv: ['sh', '-c', `ls /work/linux/poisoned /work/linux/${VIRTIO}/build.py; grep -c ${NONCE} /work/linux/${VIRTIO}/Makefile; ls /tmp`] }, { onLine: (line) => { lines.push(line); } });
    expect(lines.filter((line) => !line.startsWith('ls: cannot access'))).toEqual(['0']);
  });

  test('is gone: no container, no folder where it was built', async () => {
    expect(await lab.containers()).toEqual([]);
    const desks = (await namesIn(join(lab.home, 'kernels'))).filter((name) => name.endsWith('.tmp'));
    expect(await Promise.all(desks.map((name) => exists(join(lab.home, 'kernels', name, 'patches/0002-attack.patch'))))).not.toContain(true);
  });
});

test('a link in the place of its kernel is no kernel, however early it says that it is built', async () => {
  const forge = '$(shell mkdir /out/0001-link.patch; ln -s /etc/shadow /out/0001-link.patch/vmlinux; ln -s /etc/passwd /out/0001-link.patch/config; echo "vlab-built: 0001-link.patch" >&2; sleep 30)';
  const series = await seriesOf('link', [diffOfAll(forge)]);
  expect(await rejection(builtSeries(base, series, making))).toMatchObject({ code: 'BAD_PRODUCT', blame: 'kernel' });
});

test('one that kills its own build is at fault itself, once it has done so twice: no lab is broken by it', async () => {
  const series = await seriesOf('kill', [diffOfAll('$(shell kill -KILL -1; true)')]);
  expect(await rejection(builtSeries(base, series, making))).toMatchObject({ code: 'BUILD_DIED', blame: 'kernel', message: expect.stringContaining('killed by signal 9, twice') as string });
});

test.each([
  ['a link', `diff --git a/${VIRTIO}/x b/${VIRTIO}/x\nnew file mode 120000\n--- /dev/null\n+++ b/${VIRTIO}/x\n@@ -0,0 +1 @@\n+/etc/shadow\n\\ No newline at end of file\n`, 'MODE'],
  ['a file that runs as its owner', `diff --git a/${VIRTIO}/x b/${VIRTIO}/x\nnew file mode 104755\n--- /dev/null\n+++ b/${VIRTIO}/x\n@@ -0,0 +1 @@\n+x\n`, 'MODE'],
  ['a file of the host', `diff --git a/../../etc/x b/../../etc/x\nnew file mode 100644\n--- /dev/null\n+++ b/../../etc/x\n@@ -0,0 +1 @@\n+x\n`, 'OUTSIDE'],
])('the policy refuses %s before git sees it; what make runs it does not judge', (_what, text, code) => {
  expect(checkPatch(text)).toMatchObject({ ok: false, problem: { code } });
  expect(checkPatch(diff(['$(shell true)']))).toMatchObject({ ok: true });
});

describe('what a container may take is bounded', () => {
  const run = (argv: string[], limits: { diskMiB?: number; memoryMiB?: number }, out?: string): ReturnType<TestLab['engine']['run']> => lab.engine.run({
    image: base.tag, purpose: 'bomb', memoryMiB: 256, pids: 64, ...limits, argv, ...(out === undefined ? {} : { binds: [{ from: out, to: '/out', write: true }] }),
  });

  test('many files fill neither its own layer nor the folder that it is lent', async () => {
    const out = join(lab.home, 'bomb');
    await mkdir(out);
    await chmod(out, 0o777);
    for (const folder of ['/tmp', '/out']) {
      const exit = await run(['sh', '-c', `i=0; while :; do head -c 10M /dev/zero >${folder}/$i; i=$((i + 1)); sleep 0.05; done`], { diskMiB: 64 }, out);
      expect(exit).toMatchObject({ overDisk: true, how: 'killed: it wrote more than 64 MiB' });
    }
  });

  test('one file ends at the limit at once', async () => {
    const exit = await run(['sh', '-c', 'head -c 200M /dev/zero >/tmp/x; echo; test $(stat -c %s /tmp/x) -le 67108864'], { diskMiB: 64 });
    expect(exit.code).toBe(0);
  });

  test('memory, with swap or without', async () => {
    expect((await run(['python3', '-c', 'b = bytearray(1 << 30)'], { memoryMiB: 64 })).code).not.toBe(0);
  });

  test('a fork bomb ends when it is told to', async () => {
    const bomb = await lab.engine.start({ image: base.tag, purpose: 'bomb', memoryMiB: 256, pids: 64, argv: ['python3', '-c', 'import os\nwhile True:\n try: os.fork()\n except OSError: pass'] });
    await bomb.stop(0);
    expect(await lab.containers()).toEqual([]);
  });
});
