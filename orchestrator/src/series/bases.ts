// Which of the bases takes a series: git am on the files that it touches, in a container on the base's source. Builds nothing.
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Base } from '../contract/job.ts';
import type { TriedBase } from '../contract/series.ts';
import { builderImage } from '../image/images.ts';
import { patchFailure, sayPatchFailure } from '../kernel/build-log.ts';
import { kernelSource, sourceIfThere } from '../kernel/source.ts';
import { LabError } from '../lib/lab-error.ts';
import type { Making } from '../lib/lab.ts';

export type TryPatch = { file: string; bytes: Buffer; files: readonly string[] };
export type Bases = Readonly<Record<string, Base>>;
export type Trial = { tried: TriedBase[]; notTried: { base: string; why: string }[] };

export type Ask = { patches: readonly TryPatch[]; bases: Bases; /** In this order. */ order: readonly string[]; /** Its source is fetched if it must be. */ wanted: string | undefined; all: boolean };

/** Until one takes it, unless all are asked for. A base whose source is not there yet is not tried: fetching one takes minutes. */
export async function tryBases({ patches, bases, order, wanted, all }: Ask, making: Making): Promise<Trial> {
  const builder = (await builderImage(making)).tag;
  const trial: Trial = { tried: [], notTried: [] };
  const there = new Map<string, string>();
  for (const name of order) {
    const base = bases[name];
    if (base === undefined) continue;
    const source = { name, base, builder };
    const tag = name === wanted ? await kernelSource(source, making) : await sourceIfThere(source, making).catch(() => undefined);
    if (tag === undefined) trial.notTried.push({ base: name, why: 'its source has not been fetched yet' });
    else there.set(name, tag);
  }
  const [first] = order;
  if (there.size === 0 && first !== undefined && bases[first] !== undefined) {
    there.set(first, await kernelSource({ name: first, base: bases[first], builder }, making));
    trial.notTried = trial.notTried.filter((one) => one.base !== first);
  }
  let taken = false;
  for (const [name, tag] of there) {
    if (taken && !all) {
      trial.notTried.push({ base: name, why: 'another took it before' });
      continue;
    }
    making.progress(`trying the series on ${name}`, 0, null);
    const why = await tryOne(patches, tag, making);
    trial.tried.push({ base: name, took: why === null, why });
    taken ||= why === null;
  }
  return trial;
}

const LIMIT_MS = 300_000;

/** Null where it applies, else which patch and which hunk does not. */
async function tryOne(patches: readonly TryPatch[], image: string, making: Making): Promise<string | null> {
  const { lab } = making;
  await mkdir(join(lab.config.home, 'series'), { recursive: true });
  const folder = await mkdtemp(join(lab.config.home, 'series', 'work-'));
  try {
    await mkdir(join(folder, 'patches'));
    await chmod(folder, 0o755);
    for (const patch of patches) await writeFile(join(folder, 'patches', patch.file), patch.bytes);
    await writeFile(join(folder, 'files'), [...new Set(patches.flatMap((patch) => patch.files))].map((file) => `${file}\n`).join(''));
    const lines: string[] = [];
    const exit = await lab.engine.run({
      image, purpose: 'series', memoryMiB: 2048, pids: 64, cpus: 2, argv: ['sh', '/in-builder/try-series.sh'],
      binds: [
        { from: join(lab.config.checkout, 'orchestrator/src/kernel/in-builder'), to: '/in-builder' },
        { from: join(folder, 'patches'), to: '/patches' }, { from: join(folder, 'files'), to: '/files' },
      ],
    }, { signal: AbortSignal.any([making.signal, AbortSignal.timeout(LIMIT_MS)]), onLine: (line) => { if (lines.length < 10_000) lines.push(line); } });
    if (exit.code === 0) return null;
    if (exit.code === 10) return failureIn(lines, patches);
    const link = lines.find((line) => line.startsWith('vlab-symlink: '))?.slice('vlab-symlink: '.length);
    if (exit.code === 12 && link !== undefined) return `${link} is behind a symbolic link of the tree`;
    throw new LabError('NO_TRIAL', `trying the series ended with ${exit.how}`, { blame: 'lab', stage: 'request', evidence: lines.slice(-8).join('\n') });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function failureIn(lines: readonly string[], patches: readonly TryPatch[]): string {
  const failure = patchFailure(lines, new Map(patches.map((patch) => [patch.file, patch.bytes.toString('utf8')])));
  return failure === undefined ? 'it does not apply' : (sayPatchFailure(failure, lines).split('\n')[0] ?? '');
}
