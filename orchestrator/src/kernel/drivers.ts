// Guest kernel drivers on top of a built base, as an image layer of their own: what series build on in a job that wants drivers.
import { chmod, copyFile, mkdir, readFile, rm, stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { ContentKey } from '../contract/ids.ts';
import type { KernelRecord } from '../contract/job.ts';
import { LABELS } from '../lib/container.ts';
import { keyOf, makeFolderWhole, readIfThere, sha256, writeWhole } from '../lib/files.ts';
import { LabError } from '../lib/lab-error.ts';
import type { Making } from '../lib/lab.ts';
import { takeLock } from '../lib/lock.ts';
import { madeOnce } from '../lib/products.ts';
import { BUILD_LIMITS, kernelFolder, kernelProduct, readBuilt, type BuiltBase } from './base.ts';
import { compilerLines } from './build-log.ts';
import { readSeries, type ReadSeries } from './series.ts';

/** `config` is the text of driver.config: the options that the driver needs. */
export type Driver = { name: string; series: ReadSeries; config: string };

const SCRIPT = 'add-drivers.sh';

/** `name` is a folder of kernel-patches/drivers/. */
export async function readDriver(checkout: string, name: string, base: string): Promise<Driver> {
  const series = await readSeries(checkout, `drivers/${name}`, base);
  const config = await readIfThere(join(checkout, 'kernel-patches/drivers', name, 'driver.config'));
  if (config === undefined) throw new LabError('NO_DRIVER_CONFIG', `Expected kernel-patches/drivers/${name}/driver.config with the options of the driver, found no such file`, { blame: 'request', stage: 'request' });
  if (!series.appliesTo.includes(base)) throw new LabError('OTHER_BASE', `driver ${name} applies to ${series.appliesTo.join(', ')}, not to base ${base}`, { blame: 'request', stage: 'request' });
  return { name, series, config };
}

/** The base with these drivers built in; the base itself when there are none. Two processes that ask at once get one build. */
export async function withDrivers(base: BuiltBase, drivers: readonly Driver[], making: Making): Promise<BuiltBase> {
  if (drivers.length === 0) return base;
  const { lab, signal } = making;
  const script = sha256(await readFile(join(lab.config.checkout, 'orchestrator/src/kernel/in-builder', SCRIPT)));
  const key = keyOf({ base: base.record.kernel, script, drivers: drivers.map(({ name, series, config }) => ({ name, config, patches: series.patches.map((patch) => patch.sha256) })) });
  const tag = `vlab/kernel:${key}`;
  const ready = await readBuilt(lab, key, tag);
  if (ready !== undefined) return ready;
  await using _lock = await takeLock(join(lab.config.home, 'locks', `kernel-${key}`), signal);
  const meanwhile = await readBuilt(lab, key, tag);
  if (meanwhile !== undefined) return meanwhile;

  await madeOnce(lab.products, kernelProduct(lab, key, tag), signal, () => make({ base, drivers, tag, key }, making));
  const made = await readBuilt(lab, key, tag);
  if (made === undefined) throw new Error(`kernel ${key} was made and is not there`);
  return made;
}

type ToMake = { base: BuiltBase; drivers: readonly Driver[]; tag: string; key: ContentKey };

async function make({ base, drivers, tag, key }: ToMake, making: Making): Promise<void> {
  const { lab } = making;
  const folder = kernelFolder(lab, key);
  await rm(folder, { recursive: true, force: true });
  await makeFolderWhole(folder, async (out) => {
    const started = performance.now();
    const log = await add({ base, drivers, out, tag, key }, making);
    const record: KernelRecord = {
      ...base.record, kernel: key, drivers: drivers.map((driver) => driver.name), seconds: Math.round((performance.now() - started) / 100) / 10,
      vmlinuxBytes: (await stat(join(out, 'vmlinux'))).size, builtAt: new Date().toISOString(),
    };
    // The base's warnings stand in this tree too.
    const baseLog = (await readIfThere(join(kernelFolder(lab, base.record.kernel), 'build.log'))) ?? '';
    await writeWhole(join(out, 'build.log'), `${baseLog}\n${log.join('\n')}`);
    await writeWhole(join(out, 'kernel.json'), JSON.stringify(record, null, 2));
    await chmod(out, 0o755);
  });
}

type Adding = { base: BuiltBase; drivers: readonly Driver[]; out: string; tag: string; key: string };

async function add({ base, drivers, out, tag, key }: Adding, { lab, signal, progress }: Making): Promise<string[]> {
  await chmod(out, 0o777);
  const inputs = join(out, 'drivers');
  const log: string[] = [];
  let compiled = 0;
  try {
    await layOut(inputs, drivers);
    const exit = await lab.engine.runToImage({
      image: base.tag, purpose: 'build', ...BUILD_LIMITS, cpus: availableParallelism(), argv: ['sh', `/in-builder/${SCRIPT}`],
      binds: [{ from: join(lab.config.checkout, 'orchestrator/src/kernel/in-builder'), to: '/in-builder' }, { from: inputs, to: '/drivers' }, { from: out, to: '/out', write: true }],
    }, { tag, labels: { [LABELS.purpose]: 'kernel', [LABELS.key]: key } }, {
      signal,
      onLine: (line) => {
        log.push(line);
        if (/^ {2}(CC|AS|LD|AR)\s/.test(line)) progress(`drivers of base ${base.record.base}, files compiled`, ++compiled, null);
      },
    });
    if (exit.code !== 0) {
      const names = drivers.map((driver) => driver.name).join(', ');
      throw new LabError('DRIVER_BUILD', `base ${base.record.base} does not build with ${names}: ${exit.how}`, { blame: 'lab', stage: 'kernel', evidence: compilerLines(log).join('\n') });
    }
  } finally {
    await rm(inputs, { recursive: true, force: true });
  }
  return log;
}

/** One folder per driver, in their order, which is that of the names. */
async function layOut(inputs: string, drivers: readonly Driver[]): Promise<void> {
  for (const [index, { name, series, config }] of drivers.entries()) {
    const folder = join(inputs, `${String(index).padStart(2, '0')}-${name}`);
    await mkdir(folder, { recursive: true });
    for (const patch of series.patches) await copyFile(patch.path, join(folder, patch.file));
    await writeWhole(join(folder, 'driver.config'), config.endsWith('\n') ? config : `${config}\n`);
  }
}
