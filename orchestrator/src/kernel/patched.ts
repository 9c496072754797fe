// A series built on top of a base: one container without a network applies patch after patch and builds what each has changed, so that
// every prefix is a kernel, and a series of n patches costs n small builds.
import { chmod, copyFile, mkdir, readFile, stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { KernelRecord, type Prefix } from '../contract/job.ts';
import type { ContentKey } from '../contract/ids.ts';
import type { Exit } from '../lib/container.ts';
import { exists, keyOf, makeFolderWhole, readIfThere, readRecord, removeHostile, sha256, sha256OfFile, touch, writeWhole } from '../lib/files.ts';
import { LabError } from '../lib/lab-error.ts';
import type { Lab, Making } from '../lib/lab.ts';
import { takeLock } from '../lib/lock.ts';
import { ownName } from '../lib/owner.ts';
import { madeOnce } from '../lib/products.ts';
import { BUILD_LIMITS, kernelFolder, kernelProduct, type BuiltBase } from './base.ts';
import { compilerLines, patchFailure, sayPatchFailure } from './build-log.ts';
import { PatchedLog, type PatchLog } from './patched-log.ts';
import { takeProduct } from './product.ts';
import type { ReadSeries } from './series.ts';

/** Minutes for a whole series. */
const PATCHED_BUILD_MINUTES = 30;
/** Several times what the largest flavour leaves when all of it is built anew. */
const SERIES_LIMITS = { ...BUILD_LIMITS, diskMiB: 16 * 1024 } as const;

/** Exit codes of in-builder/build-patched.sh. */
const DOES_NOT_APPLY = 10;
const DOES_NOT_BUILD = 20;

/** Builds what is not built yet of the series' prefixes; the record is that of the whole series. Two processes that ask at once get one build. */
export async function builtSeries(base: BuiltBase, series: ReadSeries, making: Making): Promise<{ record: KernelRecord; cached: boolean }> {
  const { lab, signal } = making;
  const keys = await keysOf(base, series, lab);
  const whole = keys.at(-1);
  const first = keys[0];
  if (whole === undefined || first === undefined) throw new LabError('NO_PATCHES', `series ${series.name} has no patch`, { blame: 'request', stage: 'request' });
  const ready = await recordAt(lab, whole);
  if (ready !== undefined) return { record: ready, cached: true };
  // Of the first prefix: whatever begins with the same patch waits, and then finds the prefixes that it shares.
  await using _lock = await takeLock(join(lab.config.home, 'locks', `kernel-${first}`), signal);
  const meanwhile = await recordAt(lab, whole);
  if (meanwhile !== undefined) return { record: meanwhile, cached: true };
  await madeOnce(lab.products, kernelProduct(lab, whole), signal, () => build({ base, series, keys }, making));
  const record = await recordAt(lab, whole);
  if (record === undefined) throw new Error(`kernel ${whole} was built and is not there`);
  return { record, cached: false };
}

/** The key of every prefix: what changes one kernel's bytes. */
async function keysOf(base: BuiltBase, series: ReadSeries, lab: Lab): Promise<ContentKey[]> {
  const script = sha256(await readFile(join(lab.config.checkout, 'orchestrator/src/kernel/in-builder/build-patched.sh')));
  const digests = series.patches.map((patch) => patch.sha256);
  return digests.map((_, index) => keyOf({ base: base.record.kernel, script, patches: digests.slice(0, index + 1) }));
}

async function recordAt(lab: Lab, key: ContentKey): Promise<KernelRecord | undefined> {
  const path = join(kernelFolder(lab, key), 'kernel.json');
  const record = await readRecord(path, KernelRecord);
  await touch(path);
  return record;
}

type Build = { base: BuiltBase; series: ReadSeries; keys: readonly ContentKey[] };

/** A build that dies is made once more: it may have been the host. One that dies again does so of what the series has it run. */
async function build(asked: Build, making: Making): Promise<void> {
  const first = await attempt(asked, making);
  const { exit, log } = died(first.exit) ? await attempt(asked, making) : first;
  if (exit.code !== 0) throw failureOf(exit, log, asked.series);
}

type Ended = { exit: Exit; log: PatchedLog };

/** It ended without saying what of it: killed, for its memory or by itself. */
function died({ code, overDisk }: Exit): boolean {
  return code !== 0 && code !== DOES_NOT_APPLY && code !== DOES_NOT_BUILD && overDisk !== true;
}

async function attempt({ base, series, keys }: Build, making: Making): Promise<Ended> {
  const { lab } = making;
  const known = await Promise.all(keys.map((key) => recordAt(lab, key)));
  const wanted = series.patches.filter((_, index) => known[index] === undefined).map((patch) => patch.file);
  const desk = `${kernelFolder(lab, keyOf({ of: keys, owner: ownName() }))}.tmp`;
  await mkdir(desk, { recursive: true });
  try {
    const { exit, log, seconds } = await runBuild({ base, series, wanted, desk }, making);
    await keep({ base, series, keys, known, log, desk, seconds }, lab);
    return { exit, log };
  } finally {
    await removeHostile(desk);
  }
}

type Running = { base: BuiltBase; series: ReadSeries; wanted: readonly string[]; desk: string };

/** Of a desk: where the patches lie, where the build leaves its kernels, where the lab takes them to, and where it says that it has. */
const DESK = { patches: 'patches', out: 'out', kernels: 'kernels', taken: 'taken' } as const;

async function runBuild({ base, series, wanted, desk }: Running, { lab, signal, progress }: Making): Promise<Ended & { seconds: number }> {
  for (const folder of Object.values(DESK)) await mkdir(join(desk, folder));
  for (const patch of series.patches) await copyFile(patch.path, join(desk, DESK.patches, patch.file));
  // The series is untrusted: what it writes lands in a folder of its own, never in a path that a patch could name.
  await chmod(desk, 0o755);
  await chmod(join(desk, DESK.out), 0o777);
  const log = new PatchedLog();
  const started = performance.now();
  let compiled = 0;
  const refused = new AbortController();
  const limit = AbortSignal.timeout(PATCHED_BUILD_MINUTES * 60_000);
  let taking: Promise<void> = Promise.resolve();
  const exit = await lab.engine.run({
    image: base.tag, purpose: 'build', ...SERIES_LIMITS, cpus: availableParallelism(), argv: ['sh', '/in-builder/series/build.sh', ...wanted],
    binds: [
      { from: join(lab.config.checkout, 'orchestrator/src/kernel/in-builder'), to: '/in-builder' },
      { from: join(desk, DESK.patches), to: '/patches' },
      { from: join(desk, DESK.taken), to: '/taken' },
      { from: join(desk, DESK.out), to: '/out', write: true },
    ],
  }, {
    signal: AbortSignal.any([signal, limit, refused.signal]),
    onLine: (line) => {
      const before = log.built;
      log.hear(line, performance.now());
      if (log.loud) refused.abort(new LabError('LOUD_BUILD', `the build of series ${series.name} said more than a build has to say`, { blame: 'kernel', stage: 'kernel' }));
      const built = log.built > before ? series.patches[log.patches.length - 1]?.file : undefined;
      if (built !== undefined) taking = taking.then(() => takeKernel(built, desk)).catch((error: unknown) => { refused.abort(error); });
      if (/^ {2}(CC|AS|LD|AR)\s/.test(line)) progress(`series ${series.name}${whichOf(log, series)}, files compiled`, ++compiled, null);
    },
  }).catch((error: unknown) => {
    if (!limit.aborted || signal.aborted) throw error;
    throw new LabError('SLOW_BUILD', `series ${series.name} was still building after ${String(PATCHED_BUILD_MINUTES)} minutes`, { blame: 'kernel', stage: 'kernel' });
  });
  await taking;
  refused.signal.throwIfAborted();
  return { exit, log, seconds: tenths(performance.now() - started) };
}

/**
 * A prefix's kernel is taken before the next patch is built (in-builder/series/make-kernel.sh): it is shared with every series that begins the same, and
 * what a later patch has make run could put another in its place.
 */
async function takeKernel(patch: string, desk: string): Promise<void> {
  const to = join(desk, DESK.kernels, patch);
  // Said twice: the first is what the lab took.
  if (await exists(to)) return;
  await mkdir(to);
  for (const file of ['vmlinux', 'config']) await takeProduct(join(desk, DESK.out, patch), file, join(to, file));
  await writeWhole(join(desk, DESK.taken, patch), '');
}

function whichOf({ patches }: PatchedLog, series: ReadSeries): string {
  return series.patches.length === 1 ? '' : `, patch ${String(patches.length)} of ${String(series.patches.length)}`;
}

type Kept = Build & { known: readonly (KernelRecord | undefined)[]; log: PatchedLog; desk: string; seconds: number };

/** Every prefix that was built now becomes a kernel of its own, the whole series last: whoever finds that one finds them all. */
async function keep({ base, series, keys, known, log, desk, seconds }: Kept, lab: Lab): Promise<void> {
  const baseFolder = kernelFolder(lab, base.record.kernel);
  const baseLog = ((await readIfThere(join(baseFolder, 'build.log'))) ?? '').split('\n');
  const baseDigest = await sha256OfFile(join(baseFolder, 'vmlinux'));
  const checkpatch = log.checkpatch(series.patches.map((patch) => patch.file));
  const prefixes: Prefix[] = [];
  for (const [index, key] of keys.entries()) {
    const one = log.patches[index];
    const before = known[index];
    prefixes.push(...prefixOf({ key, one, before }));
    if (one?.status !== 'built') continue;
    const last = index === keys.length - 1;
    const kernel = join(desk, DESK.kernels, series.patches[index]?.file ?? '');
    await makeFolderWhole(kernelFolder(lab, key), async (out) => {
      for (const file of ['vmlinux', 'config']) await copyFile(join(kernel, file), join(out, file));
      await mkdir(join(out, 'patches'));
      for (const patch of series.patches.slice(0, index + 1)) await copyFile(patch.path, join(out, 'patches', patch.file));
      await writeWhole(join(out, 'build.log'), (last ? log.lines : one.lines).join('\n'));
      const record: KernelRecord = {
        ...base.record, kernel: key, series: series.name, builtAt: new Date().toISOString(),
        seconds: last ? seconds : tenths(one.endedAt - one.startedAt),
        patches: series.patches.slice(0, index + 1).map(({ file, sha256: digest }) => ({ file, sha256: digest })),
        prefixes: [...prefixes], warnings: log.newWarnings(index, baseLog), checkpatch: checkpatch.slice(0, index + 1), bloat: one.bloat,
        identicalToBase: (await sha256OfFile(join(out, 'vmlinux'))) === baseDigest,
        vmlinuxBytes: (await stat(join(out, 'vmlinux'))).size,
      };
      await writeWhole(join(out, 'kernel.json'), JSON.stringify(record, null, 2));
    });
  }
}

function prefixOf({ key, one, before }: { key: ContentKey; one: PatchLog | undefined; before: KernelRecord | undefined }): Prefix[] {
  if (one === undefined) return [];
  if (before !== undefined) return [{ patch: one.patch, kernel: key, seconds: before.seconds, why: null }];
  if (one.status === 'applied') return [];
  const built = one.status === 'built';
  return [{ patch: one.patch, kernel: built ? key : null, seconds: tenths(one.endedAt - one.startedAt), why: built ? null : compilerLines(one.lines).join('\n') }];
}

function tenths(ms: number): number {
  return Math.round(ms / 100) / 10;
}

function failureOf(exit: Exit, log: PatchedLog, series: ReadSeries): LabError {
  if (exit.code === DOES_NOT_APPLY) {
    const failure = patchFailure(log.lines, new Map(series.patches.map((patch) => [patch.file, patch.text])));
    const said = failure === undefined ? `series ${series.name} does not apply` : sayPatchFailure(failure, log.patches.at(-1)?.lines ?? []);
    return new LabError('DOES_NOT_APPLY', said, { blame: 'kernel', stage: 'kernel' });
  }
  if (exit.code === DOES_NOT_BUILD) {
    return new LabError('DOES_NOT_BUILD', `series ${series.name} does not build${sayPrefixes(log)}`, { blame: 'kernel', stage: 'kernel', evidence: compilerLines(log.patches.at(-1)?.lines ?? []).join('\n') });
  }
  return new LabError('BUILD_DIED', `the build of series ${series.name} ended with ${exit.how}${exit.overDisk === true ? '' : `, twice, at a limit of ${String(SERIES_LIMITS.memoryMiB)} MiB and ${String(SERIES_LIMITS.pids)} processes`}`, {
    blame: 'kernel', stage: 'kernel', evidence: log.lines.slice(-10).join('\n'),
  });
}

/** Which patch it is that a longer series does not build from on. */
function sayPrefixes({ patches }: PatchedLog): string {
  if (patches.length < 2) return '';
  const good = patches.findLastIndex((one) => one.status === 'built');
  const from = patches[good + 1]?.patch ?? '';
  return good === -1 ? `, from its first patch on (${from})` : ` from patch ${from} on; the ${String(good + 1)} before it do`;
}
