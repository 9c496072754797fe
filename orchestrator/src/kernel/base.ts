// A built base: the clean build of an unpatched kernel, kept as an image layer that patched builds start from.
import { chmod, mkdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { availableParallelism } from 'node:os';
import * as z from 'zod';
import { ContentKey } from '../contract/ids.ts';
import { Flavour, KernelRecord, sayBase, type Base } from '../contract/job.ts';
import { LABELS } from '../lib/container.ts';
import { filesBelow, keyOf, makeFolderWhole, readRecord, sha256, touch, writeWhole } from '../lib/files.ts';
import { LabError } from '../lib/lab-error.ts';
import type { Lab, Making } from '../lib/lab.ts';
import { takeLock } from '../lib/lock.ts';
import { madeOnce, type Product } from '../lib/products.ts';
import { compilerLines, isRefused } from './build-log.ts';
import { identityOf, kernelSource } from './source.ts';

/** The error of a base whose source the compiler, the linker or the configuration would not take. */
export const BASE_REFUSED = 'BASE_REFUSED';

const RECIPE = 1;
export const BUILD_LIMITS = { memoryMiB: 6144, pids: 1024 } as const;

export type BuiltBase = { record: KernelRecord; tag: string };
export type BasePlan = { name: string; base: Base; flavour: Flavour; builder: string };

/** Builds the base unless it is built already. Two processes that ask at once get one build. */
export async function builtBase(plan: BasePlan, making: Making): Promise<BuiltBase> {
  const { lab, signal } = making;
  const fragments = fragmentsOf(plan.base, plan.flavour);
  const key = await keyOfBase(plan, fragments, making);
  const tag = `vlab/kernel:${key}`;
  const ready = await readBuilt(lab, key, tag);
  if (ready !== undefined) return ready;
  await using _lock = await takeLock(join(lab.config.home, 'locks', `kernel-${key}`), signal);
  const meanwhile = await readBuilt(lab, key, tag);
  if (meanwhile !== undefined) return meanwhile;

  await madeOnce(lab.products, kernelProduct(lab, key, tag), signal, async () => {
    const source = await kernelSource(plan, making);
    await build({ plan, key, tag, source, fragments }, making);
  });
  const built = await readBuilt(lab, key, tag);
  if (built === undefined) throw new Error(`kernel ${key} was made and is not there`);
  return built;
}

/** As hosts share it; `tag` is the layer that series build on. */
export function kernelProduct(lab: Lab, key: ContentKey, tag?: string): Product {
  return { name: `kernels/${key}`, folder: kernelFolder(lab, key), last: 'kernel.json', ...(tag === undefined ? {} : { tag }) };
}

/** A layer that series build on, where both its record and its image are there; marked as used now. */
export async function readBuilt(lab: Lab, key: ContentKey, tag: string): Promise<BuiltBase | undefined> {
  const path = join(kernelFolder(lab, key), 'kernel.json');
  const record = await readRecord(path, KernelRecord);
  await touch(path);
  return record !== undefined && (await lab.engine.hasImage(tag)) ? { record, tag } : undefined;
}

/** A later one wins: a base's own says where its options differ from the common ones. */
export function fragmentsOf(base: Base, flavour: Flavour): string[] {
  return ['common.config', `${flavour}.config`, ...(base.config === undefined ? [] : [base.config])];
}

/** Not part of a base: what builds on top of it, and what only says where its source comes from. */
const NOT_IN_KEY: readonly string[] = ['add-drivers.sh', 'build-any-base.sh', 'build-patched.sh', 'fetch-suite.sh', 'package-versions.sh', 'read-history.sh', 'series/build.sh', 'series/make-kernel.sh', 'show-suite.sh', 'split-mail.sh', 'try-series.sh'];

export function kernelFolder(lab: Lab, key: ContentKey): string {
  return join(lab.config.home, 'kernels', key);
}

async function keyOfBase(plan: BasePlan, fragments: string[], { lab, signal }: Making): Promise<ContentKey> {
  const flavours = join(lab.config.checkout, 'kernel-patches/flavours');
  const scripts = join(lab.config.checkout, 'orchestrator/src/kernel/in-builder');
  const digest = async (folder: string, file: string): Promise<string> => sha256(await readFile(join(folder, file)));
  return keyOf({
    recipe: RECIPE, name: plan.name, base: plan.base, builder: plan.builder, flavour: plan.flavour, identity: await identityOf(plan.base, signal),
    config: await Promise.all(fragments.map((file) => digest(flavours, file))),
    scripts: await Promise.all((await filesBelow(scripts)).filter((file) => !NOT_IN_KEY.includes(file)).map((file) => digest(scripts, file))),
  });
}

type Build = { plan: BasePlan; key: ContentKey; tag: string; source: string; fragments: string[] };

async function build({ plan, key, tag, source, fragments }: Build, { lab, signal, progress }: Making): Promise<void> {
  const ccache = join(lab.config.home, 'ccache');
  await mkdir(ccache, { recursive: true });
  await chmod(ccache, 0o777);
  const folder = kernelFolder(lab, key);
  await makeFolderWhole(folder, async (out) => {
    await chmod(out, 0o777);
    const log: string[] = [];
    let compiled = 0;
    const started = performance.now();
    const exit = await lab.engine.runToImage({
      image: source, purpose: 'build', ...BUILD_LIMITS, cpus: availableParallelism(),
      argv: ['sh', '/in-builder/build-any-base.sh', ...fragments.map((file) => `/flavours/${file}`)],
      // Without a second look at every file by the preprocessor, which a cold build spends a quarter of its time on.
      env: { CCACHE_DIR: '/ccache', CCACHE_DEPEND: '1' },
      binds: [
        { from: join(lab.config.checkout, 'orchestrator/src/kernel/in-builder'), to: '/in-builder' },
        { from: join(lab.config.checkout, 'kernel-patches/flavours'), to: '/flavours' },
        { from: ccache, to: '/ccache', write: true },
        { from: out, to: '/out', write: true },
      ],
    }, { tag, labels: { [LABELS.purpose]: 'kernel', [LABELS.key]: key } }, {
      signal,
      onLine: (line) => {
        log.push(line);
        if (/^ {2}(CC|AS|LD|AR)\s/.test(line)) progress(`base ${plan.name} ${plan.flavour}, files compiled`, ++compiled, null);
      },
    });
    if (exit.code !== 0) {
      throw new LabError(isRefused(log) ? BASE_REFUSED : 'BASE_BUILD', `base ${sayBase(plan)} (${plan.flavour}) does not build: ${exit.how}`, { blame: 'lab', stage: 'kernel', evidence: compilerLines(log).join('\n') });
    }
    const seconds = Math.round((performance.now() - started) / 100) / 10;
    await writeWhole(join(out, 'build.log'), log.join('\n'));
    await writeWhole(join(out, 'kernel.json'), JSON.stringify(await recordOf({ plan, key, out, seconds, compiled }), null, 2));
    await chmod(out, 0o755);
  });
}

/**
 * With an empty ccache a clean build finds 4 % of its own compilations there, trials of what the compiler can do; after a build of the other
 * flavour it is 8 %, and after one of the same nearly all.
 */
const OWN_HITS_SHARE = 0.1;

type Made = { plan: BasePlan; key: ContentKey; out: string; seconds: number; compiled: number };

async function recordOf({ plan, key, out, seconds, compiled }: Made): Promise<KernelRecord> {
  const text = async (name: string): Promise<string> => (await readFile(join(out, name), 'utf8')).trim();
  const hits = z.coerce.number().int().parse(await text('ccache-hits'));
  const [source = '', upstream = ''] = (await text('version')).split('\n');
  return {
    kernel: key, base: plan.name, version: `${upstream} (${source})`, series: null, flavour: plan.flavour, drivers: [],
    compiler: await text('compiler'), builder: plan.builder, patches: [], prefixes: [], warnings: [], checkpatch: [], bloat: [], identicalToBase: false, ccache: { hits, compiled }, seconds, cleanSeconds: hits <= compiled * OWN_HITS_SHARE ? seconds : null,
    vmlinuxBytes: (await stat(join(out, 'vmlinux'))).size, builtAt: new Date().toISOString(),
  };
}
