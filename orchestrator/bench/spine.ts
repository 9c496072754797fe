// npm run bench:spine: the figures of the spine, measured in one run on this machine, as JSON in bench/out/spine.json and on standard output.
// The clean build is most of its ten minutes; `npm run bench:spine -- --no-clean` leaves it out. Conditions are part of it: cores, memory, load before, versions. Ratios are of measurements of this very run.
import { availableParallelism, loadavg, totalmem } from 'node:os';
import { mkdtemp, rm, symlink, writeFile, mkdir, cp } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { $ } from 'zx';
import { KernelBuildDocument, RunDocument } from '../src/contract/documents.ts';
import { configFrom } from '../src/lib/config.ts';
import { cleanBuild } from './clean-build.ts';

const CHECKOUT = fileURLToPath(new URL('../..', import.meta.url));
const BIN = join(CHECKOUT, 'orchestrator/bin/vlab.js');
const BOOTS = 5;
$.quiet = true;

const load = loadavg();
const home = configFrom(process.env).home;
const base = KernelBuildDocument.parse(JSON.parse((await $`node ${BIN} kernel build --json`).stdout));
say(`base ${base.version}`);

const cleanSeconds = process.argv.includes('--no-clean') ? null : await cleanBuild(base.kernel);
say(`clean build: ${cleanSeconds === null ? 'left out' : `${cleanSeconds.toFixed(1)} s`}`);
const patchedSeconds = await patchedBuild();
say(`patched build: ${patchedSeconds.toFixed(1)} s`);

await $`node ${BIN} run jobs/first-look.yaml --quiet --json`.nothrow();
const boots: number[] = [];
const starts: number[] = [];
let last: RunDocument | undefined;
while (boots.length < BOOTS) {
  const began = performance.now();
  last = RunDocument.parse(JSON.parse((await $`npm start --silent -- --quiet --json`).stdout));
  starts.push((performance.now() - began) / 1000);
  boots.push(...last.runs.flatMap((run) => run.readyMs ?? []));
  say(`npm start, all cached: ${starts.at(-1)?.toFixed(1) ?? ''} s; QEMU to ready: ${last.runs.map((run) => run.readyMs).join(', ')} ms`);
}

const cost = last?.cost ?? { labCpuSeconds: NaN, guestCpuSeconds: NaN, labMaxRssMiB: NaN };
const result = {
  at: new Date().toISOString(),
  conditions: { cores: availableParallelism(), memoryGiB: Math.round(totalmem() / 2 ** 30), node: process.version, loadBefore: load, kernel: base.version, compiler: base.compiler },
  cleanBuildSeconds: cleanSeconds, patchedBuildSeconds: patchedSeconds, cleanOverPatched: cleanSeconds === null ? null : cleanSeconds / patchedSeconds,
  readyMs: summary(boots), startCachedSeconds: summary(starts),
  fps: Object.fromEntries((last?.runs[0]?.pipelines ?? []).map((one) => [one.pipeline, one.fps])),
  labCpuSeconds: cost.labCpuSeconds, guestCpuSeconds: cost.guestCpuSeconds, labCpuShare: cost.labCpuSeconds / cost.guestCpuSeconds, labMaxRssMiB: cost.labMaxRssMiB,
  wanted: { cleanOverPatched: 20, readyMs: 2200, startCachedSeconds: 90, labCpuShare: 0.05, labMaxRssMiB: 200 },
};
await mkdir(join(CHECKOUT, 'bench/out'), { recursive: true });
await writeFile(join(CHECKOUT, 'bench/out/spine.json'), `${JSON.stringify(result, null, 2)}\n`);
process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);

/** The design of the first look, built as a run would, in a lab folder that has the base and not this kernel. */
async function patchedBuild(): Promise<number> {
  const folder = await mkdtemp('/tmp/vlab-b-');
  try {
    for (const shared of ['images', 'clips', 'ccache', 'locks']) await symlink(join(home, shared), join(folder, shared));
    await cp(join(home, 'kernels', base.kernel), join(folder, 'kernels', base.kernel), { recursive: true });
    const built = await $({ env: { ...process.env, VLAB_HOME: folder } })`node ${BIN} kernel build designs/upcast-resource-id --json`;
    return KernelBuildDocument.parse(JSON.parse(built.stdout)).seconds;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function summary(values: readonly number[]): { n: number; min: number; median: number; max: number } {
  const sorted = [...values].sort((a, b) => a - b);
  return { n: sorted.length, min: sorted[0] ?? NaN, median: sorted[Math.floor(sorted.length / 2)] ?? NaN, max: sorted.at(-1) ?? NaN };
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
