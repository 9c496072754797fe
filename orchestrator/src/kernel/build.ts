// The kernel of a run: the built base itself, or a series built on top of it in a container without a network.
import { chmod, copyFile, mkdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { availableParallelism } from 'node:os';
import type { ContentKey } from '../contract/ids.ts';
import { KernelRecord, type Base, type Flavour } from '../contract/job.ts';
import { builderImage } from '../image/images.ts';
import { keyOf, makeFolderWhole, readRecord, sha256, touch, writeWhole } from '../lib/files.ts';
import { LabError } from '../lib/lab-error.ts';
import type { Making } from '../lib/lab.ts';
import { takeLock } from '../lib/lock.ts';
import { BUILD_LIMITS, builtBase, kernelFolder, type BuiltBase } from './base.ts';
import { withDrivers, type Driver } from './drivers.ts';
import { compilerLines, patchFailure, sayPatchFailure } from './build-log.ts';
import { takeProduct } from './product.ts';
import type { ReadSeries } from './series.ts';

export type KernelPlan = { baseName: string; base: Base; drivers: readonly Driver[]; series: ReadSeries | undefined; flavour: Flavour };
/** `baseVmlinux` is the unpatched kernel below it: what is asked of a host is not asked through a series. */
export type Kernel = { record: KernelRecord; vmlinux: string; baseVmlinux: string; cached: boolean };

const PATCHED_BUILD_MINUTES = 30;

export async function buildKernel(plan: KernelPlan, making: Making): Promise<Kernel> {
  const { lab, signal } = making;
  if (plan.series !== undefined) checkFits(plan.series, plan.baseName);
  const builder = await builderImage(making);
  const asked = Date.now();
  const bare = await builtBase({ name: plan.baseName, base: plan.base, flavour: plan.flavour, builder: builder.tag }, making);
  const baseVmlinux = join(kernelFolder(lab, bare.record.kernel), 'vmlinux');
  const base = await withDrivers(bare, plan.drivers, making);
  if (plan.series === undefined || plan.series.unpatched) {
    const record = plan.series === undefined ? base.record : { ...base.record, series: plan.series.name };
    return { record, vmlinux: join(kernelFolder(lab, base.record.kernel), 'vmlinux'), baseVmlinux, cached: Date.parse(base.record.builtAt) < asked };
  }
  const { series } = plan;
  const script = sha256(await readFile(join(lab.config.checkout, 'orchestrator/src/kernel/in-builder/build-patched.sh')));
  const key = keyOf({ base: base.record.kernel, script, patches: series.patches.map((patch) => patch.sha256) });
  const folder = kernelFolder(lab, key);
  const done = (): Promise<KernelRecord | undefined> => readRecord(join(folder, 'kernel.json'), KernelRecord);
  const kernel = (record: KernelRecord, cached: boolean): Kernel => ({ record, vmlinux: join(folder, 'vmlinux'), baseVmlinux, cached });

  const ready = await done();
  await touch(join(folder, 'kernel.json'));
  if (ready !== undefined) return kernel(ready, true);
  await using _lock = await takeLock(join(lab.config.home, 'locks', `kernel-${key}`), signal);
  const meanwhile = await done();
  if (meanwhile !== undefined) return kernel(meanwhile, true);
  await makeFolderWhole(folder, (out) => buildPatched({ base, series, key, out }, making));
  return kernel(KernelRecord.parse(JSON.parse(await readFile(join(folder, 'kernel.json'), 'utf8'))), false);
}

/** Said before anything is built. */
function checkFits(series: ReadSeries, baseName: string): void {
  if (!series.appliesTo.includes(baseName)) {
    throw new LabError('OTHER_BASE', `series ${series.name} applies to ${series.appliesTo.join(', ')}, not to base ${baseName}`, { blame: 'request', stage: 'request' });
  }
  if (series.patches.length === 0 && !series.unpatched) throw new LabError('NO_PATCHES', `series ${series.name} has no numbered .patch file for base ${baseName}`, { blame: 'request', stage: 'request' });
}

type PatchedBuild = { base: BuiltBase; series: ReadSeries; key: ContentKey; out: string };

async function buildPatched({ base, series, key, out }: PatchedBuild, { lab, signal, progress }: Making): Promise<void> {
  const patches = join(out, 'patches');
  await mkdir(patches);
  for (const patch of series.patches) await copyFile(patch.path, join(patches, patch.file));
  // The series is untrusted: what it writes lands in a folder of its own, never in a path that a patch could name.
  const product = join(out, 'out');
  await mkdir(product);
  await chmod(product, 0o777);
  const log: string[] = [];
  const started = performance.now();
  let compiled = 0;
  const limit = AbortSignal.timeout(PATCHED_BUILD_MINUTES * 60_000);
  const exit = await lab.engine.run({
    image: base.tag, purpose: 'build', ...BUILD_LIMITS, cpus: availableParallelism(),
    argv: ['sh', '/in-builder/build-patched.sh'],
    binds: [
      { from: join(lab.config.checkout, 'orchestrator/src/kernel/in-builder'), to: '/in-builder' },
      { from: patches, to: '/patches' },
      { from: product, to: '/out', write: true },
    ],
  }, {
    signal: AbortSignal.any([signal, limit]),
    onLine: (line) => {
      if (log.length < 100_000) log.push(line);
      if (/^ {2}(CC|AS|LD|AR)\s/.test(line)) progress(`series ${series.name}, files compiled`, ++compiled, null);
    },
  }).catch((error: unknown) => {
    if (!limit.aborted || signal.aborted) throw error;
    throw new LabError('SLOW_BUILD', `series ${series.name} was still building after ${String(PATCHED_BUILD_MINUTES)} minutes`, { blame: 'kernel', stage: 'kernel' });
  });
  const seconds = Math.round((performance.now() - started) / 100) / 10;
  if (exit.code !== 0) throw failureOf(exit, log, series);
  for (const file of ['vmlinux', 'config']) await takeProduct(join(product, file), join(out, file));
  await rm(product, { recursive: true });
  await writeWhole(join(out, 'build.log'), log.join('\n'));
  const record: KernelRecord = {
    ...base.record, kernel: key, series: series.name, seconds, builtAt: new Date().toISOString(),
    patches: series.patches.map(({ file, sha256: digest }) => ({ file, sha256: digest })),
    vmlinuxBytes: (await stat(join(out, 'vmlinux'))).size,
  };
  await writeWhole(join(out, 'kernel.json'), JSON.stringify(record, null, 2));
}

function failureOf(exit: { code: number; how: string }, log: readonly string[], series: ReadSeries): LabError {
  if (exit.code === 10) {
    const failure = patchFailure(log, new Map(series.patches.map((patch) => [patch.file, patch.text])));
    const said = failure === undefined ? `series ${series.name} does not apply` : sayPatchFailure(failure, log);
    return new LabError('DOES_NOT_APPLY', said, { blame: 'kernel', stage: 'kernel' });
  }
  if (exit.code === 20) {
    return new LabError('DOES_NOT_BUILD', `series ${series.name} does not build`, { blame: 'kernel', stage: 'kernel', evidence: compilerLines(log).join('\n') });
  }
  return new LabError('BUILD_DIED', `the build of series ${series.name} ended with ${exit.how}, at a limit of ${String(BUILD_LIMITS.memoryMiB)} MiB and ${String(BUILD_LIMITS.pids)} processes`, {
    blame: 'lab', stage: 'kernel', evidence: log.slice(-10).join('\n'),
  });
}
