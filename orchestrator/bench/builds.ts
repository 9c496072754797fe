// npm run bench:builds: what a patch costs to build, against the clean build of the same kernel, all measured in this very run: a patch to one
// file of virtio-gpu, one to include/linux/dma-buf.h, a series of three. JSON in bench/out/builds.json. Most of its ten minutes is the clean build.
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { availableParallelism, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { $ } from 'zx';
import { KernelBuildDocument } from '../src/contract/documents.ts';
import { configFrom } from '../src/lib/config.ts';
import { Engine } from '../src/lib/container.ts';
import { readIfThere } from '../src/lib/files.ts';
import { cleanBuild } from './clean-build.ts';

const CHECKOUT = fileURLToPath(new URL('../..', import.meta.url));
const BIN = join(CHECKOUT, 'orchestrator/bin/vlab.js');
const TIMES = 3;
$.quiet = true;

/** Sources of 6.12; each patch is made from the line that it replaces. The number keeps a kernel from being the one before. */
const ONE_FILE = { file: 'drivers/gpu/drm/virtio/virtgpu_fence.c', from: '#include "virtgpu_drv.h"', to: (n: number) => `#include "virtgpu_drv.h"\nint vlab_bench_${String(n)}(void); int vlab_bench_${String(n)}(void) { return ${String(n)}; }` };
const HEADER = { file: 'include/linux/dma-buf.h', from: '#define __DMA_BUF_H__', to: (n: number) => `#define __DMA_BUF_H__\n#define VLAB_BENCH ${String(n)}` };

const load = loadavg();
const home = configFrom(process.env).home;
const base = KernelBuildDocument.parse(JSON.parse((await $`node ${BIN} kernel build --json`).stdout));
say(`base ${base.version}`);
const cleanSeconds = process.argv.includes('--no-clean') ? null : await cleanBuild(base.kernel);
say(`clean build: ${cleanSeconds === null ? 'left out' : `${cleanSeconds.toFixed(1)} s`}`);

const lab = await mkdtemp('/tmp/vlab-b-');
try {
  for (const shared of ['images', 'clips', 'ccache', 'locks']) await symlink(join(home, shared), join(lab, shared));
  await cp(join(home, 'kernels', base.kernel), join(lab, 'kernels', base.kernel), { recursive: true });
  for (const part of ['guest-images', 'jobs', 'kernel-patches', 'orchestrator/src']) await cp(join(CHECKOUT, part), join(lab, 'checkout', part), { recursive: true });
  const builds = {
    oneFile: await measured('one-file', (n) => [patchOf(ONE_FILE, n)]),
    header: await measured('header', (n) => [patchOf(HEADER, n)]),
    seriesOfThree: await measured('three', (n) => [patchOf(ONE_FILE, n), patchOf(HEADER, n), patchOf({ ...ONE_FILE, file: 'drivers/gpu/drm/virtio/virtgpu_prime.c' }, n + 1)]),
  };
  const result = {
    at: new Date().toISOString(),
    conditions: { cores: availableParallelism(), memoryGiB: Math.round(totalmem() / 2 ** 30), node: process.version, loadBefore: load, kernel: base.version, compiler: base.compiler, flavour: base.flavour },
    cleanSeconds, objectsOfBase: await compiledIn(join(home, 'kernels', base.kernel)),
    builds: Object.fromEntries(Object.entries(builds).map(([name, { seconds, objects }]) => [name, { seconds, median: median(seconds), objects, cleanOver: cleanSeconds === null ? null : Math.round((cleanSeconds / median(seconds)) * 10) / 10 }])),
    wanted: { oneFileSeconds: 20 },
  };
  await mkdir(join(CHECKOUT, 'bench/out'), { recursive: true });
  await writeFile(join(CHECKOUT, 'bench/out/builds.json'), `${JSON.stringify(result, null, 2)}\n`);
  process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
} finally {
  await rm(lab, { recursive: true, force: true });
}

type Change = { file: string; from: string; to: (n: number) => string };
type Patch = Change & { n: number };

function patchOf(change: Change, n: number): Patch {
  return { ...change, n };
}

/** Builds a series `TIMES` times, a new one each time, in a lab folder that has the base and nothing else of it. */
async function measured(name: string, patches: (n: number) => Patch[]): Promise<{ seconds: number[]; objects: number }> {
  const seconds: number[] = [];
  let objects = 0;
  for (let time = 1; time <= TIMES; time++) {
    const series = join(lab, 'checkout/kernel-patches/bench', `${name}-${String(time)}`);
    await mkdir(series, { recursive: true });
    await writeFile(join(series, 'series.yaml'), "title: a benchmark\nappliesTo: ['6.12']\n");
    for (const [index, patch] of patches(Date.now() % 1_000_000).entries()) await writeFile(join(series, `000${String(index + 1)}-bench.patch`), await diffOf(patch));
    const built = KernelBuildDocument.parse(JSON.parse((await $({ env: { ...process.env, VLAB_HOME: lab, VLAB_CHECKOUT: join(lab, 'checkout') } })`node ${BIN} kernel build bench/${name}-${String(time)} --json`).stdout));
    seconds.push(built.seconds);
    objects = await compiledIn(join(lab, 'kernels', built.kernel));
    say(`${name}: ${built.seconds.toFixed(1)} s, ${String(objects)} objects; prefixes ${built.prefixes.map((one) => one.seconds.toFixed(1)).join(', ')} s`);
  }
  return { seconds, objects };
}

/** Made by git from the base's own file, so that it applies to whatever version the base is. */
async function diffOf({ file, from, to, n }: Patch): Promise<string> {
  const script = 'cd /tmp; mkdir -p "a/${1%/*}" "b/${1%/*}"; cp "/work/linux/$1" "a/$1"; perl -e \'my ($f, $from, $to) = @ARGV; open F, "<", $f; local $/; $_ = <F>; s/^\\Q$from\\E$/$to/m or exit 1; print\' "a/$1" "$2" "$3" > "b/$1" && git diff --no-index --no-prefix "a/$1" "b/$1"';
  const lines: string[] = [];
  await new Engine('bench', 'bench').run({ image: `vlab/kernel:${base.kernel}`, purpose: 'bench', memoryMiB: 512, pids: 64, argv: ['sh', '-c', script, 'diff', file, from, to(n)] }, { onLine: (line, on) => { if (on === 'stdout') lines.push(line); } });
  if (lines.length === 0) throw new Error(`${file} has no line "${from}"`);
  return `${lines.join('\n')}\n`;
}

async function compiledIn(folder: string): Promise<number> {
  return ((await readIfThere(join(folder, 'build.log'))) ?? '').split('\n').filter((line) => /^ {2}(CC|AS)\s/.test(line)).length;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
