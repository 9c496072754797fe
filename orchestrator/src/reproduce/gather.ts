// What a run was made of, found again: the very files, or an error that names what is missing. Nothing is made anew here, since what is built again is
// another thing under the same name.
import { join } from 'node:path';
import * as z from 'zod';
import { ClipRecord } from '../clip/clips.ts';
import { RunInputs } from '../contract/inputs.ts';
import { KernelRecord } from '../contract/job.ts';
import type { RunRecord } from '../contract/run.ts';
import { ImageRecord } from '../image/build.ts';
import { exists, filesBelow, namesIn, readRecord } from '../lib/files.ts';
import { LabError } from '../lib/lab-error.ts';
import type { Lab } from '../lib/lab.ts';
import { layout, RUN_FILES } from '../store/layout.ts';
import { checkedId, readJobRecord, readRun } from '../store/read.ts';
import type { Entry } from './entries.ts';

export type Gathered = { record: RunRecord; inputs: RunInputs; stack: ImageRecord; clips: { disk: string; record: ClipRecord; path: string }[]; entries: Entry[] };

const Packages = z.object({ packages: z.record(z.string(), z.string()) });
const Versions = z.object({ stack: Packages, guest: Packages });

/** In a run's folder, but of no use elsewhere. */
const NOT_RECORDED: readonly string[] = [RUN_FILES.attempt, RUN_FILES.inputs];

export async function gather(given: string, lab: Lab): Promise<Gathered> {
  const { home } = lab.config;
  const id = checkedId(given);
  if (!id.startsWith('r-')) throw new LabError('BAD_ID', `Expected a run (r-...), got the job "${id}"`, { blame: 'request', stage: 'request', hint: `vlab show ${id}` });
  const folder = layout.run(home, id);
  const record = await readRun(home, id);
  if (record === undefined) throw new LabError('NO_SUCH_RUN', `Expected a sealed run of this lab, got "${id}"`, { blame: 'request', stage: 'request', hint: `vlab show ${id}` });
  const again = await runAgain(home, record);
  if (!(await exists(join(folder, RUN_FILES.argv)))) throw new LabError('NO_GUEST', `Expected a run that booted a guest, and ${id} booted none: ${record.outcome.kind} at ${record.outcome.stage}`, { blame: 'request', stage: 'request', hint: `vlab show ${id}` });
  const inputs = await readRecord(join(folder, RUN_FILES.inputs), RunInputs);
  if (inputs === undefined) throw new LabError('NO_INPUTS', `Expected ${join(folder, RUN_FILES.inputs)}, which says what ${id} was made of: it is from before the lab kept that`, { blame: 'request', stage: 'request', hint: again });
  const versions = await readRecord(join(folder, RUN_FILES.versions), Versions);

  const missing: string[] = [];
  const kernel = await kernelEntries(record, inputs, lab, missing);
  const guest = await imageOf('guest', inputs.guest, versions?.guest.packages, lab, missing);
  const stack = await imageOf('stack', inputs.stack, versions?.stack.packages, lab, missing);
  if (stack !== undefined && !(await lab.engine.hasImage(inputs.stack.tag))) missing.push(`the engine's image ${inputs.stack.tag}`);
  const clips = await clipsOf(inputs, home, missing);
  if (guest === undefined || stack === undefined || missing.length > 0) {
    throw new LabError('NOT_KEPT', `not all that ${id} was made of is still here: ${missing.join('; ')}`, { blame: 'request', stage: 'request', hint: again });
  }
  const image = join(home, 'images', `guest-${guest.name}-${guest.key}`);
  const recorded = (await filesBelow(folder)).filter((name) => !NOT_RECORDED.includes(name));
  return {
    record, inputs, stack, clips,
    entries: [
      ...kernel, { name: 'root.erofs', from: join(image, 'root.erofs') }, { name: 'pipeline', from: join(image, 'pipeline'), program: true },
      ...clips.flatMap(({ disk, path, record: clip }): Entry[] => [{ name: disk, from: path }, { name: `clips/${disk}.json`, content: JSON.stringify(clip) }]),
      ...recorded.map((name) => ({ name: `recorded/${name}`, from: join(folder, name) })),
    ],
  };
}

/** What to type for a run that can be reproduced. */
async function runAgain(home: string, record: RunRecord): Promise<string> {
  const job = await readJobRecord(home, record.job);
  return `vlab run ${job?.file ?? 'job.yaml'}, then vlab reproduce the run that it makes`;
}

async function kernelEntries(record: RunRecord, { kernel }: RunInputs, lab: Lab, missing: string[]): Promise<Entry[]> {
  const folder = join(lab.config.home, 'kernels', kernel);
  const kept = await readRecord(join(folder, 'kernel.json'), KernelRecord);
  if (kept === undefined || !(await exists(join(folder, 'vmlinux')))) missing.push(`kernel ${kernel}`);
  else if (kept.builtAt !== record.kernel?.builtAt) missing.push(`kernel ${kernel} as it was built at ${record.kernel?.builtAt ?? 'some time'}; the one here was built at ${kept.builtAt}`);
  const others = (await namesIn(folder)).filter((name) => name !== 'vmlinux' && name !== 'patches');
  const patches = await namesIn(join(folder, 'patches'));
  return [
    { name: 'vmlinux', from: join(folder, 'vmlinux') }, ...others.map((name) => ({ name: `kernel/${name}`, from: join(folder, name) })),
    ...patches.map((name) => ({ name: `kernel/patches/${name}`, from: join(folder, 'patches', name) })),
  ];
}

async function imageOf(kind: 'guest' | 'stack', { name, key }: { name: string; key: string }, packages: Readonly<Record<string, string>> | undefined, lab: Lab, missing: string[]): Promise<ImageRecord | undefined> {
  const folder = join(lab.config.home, 'images', `${kind}-${name}-${key}`);
  const image = await readRecord(join(folder, 'image.json'), ImageRecord);
  if (image === undefined || (kind === 'guest' && !(await exists(join(folder, 'root.erofs'))))) {
    missing.push(`${kind} image ${name} (${key})`);
    return undefined;
  }
  const other = Object.keys({ ...packages, ...image.packages }).find((one) => packages?.[one] !== image.packages[one]);
  if (other !== undefined) missing.push(`${kind} image ${name} with ${other} ${packages?.[other] ?? 'absent'}; the one here, built anew since, has ${image.packages[other] ?? 'none'}`);
  return image;
}

async function clipsOf({ clips }: RunInputs, home: string, missing: string[]): Promise<Gathered['clips']> {
  const found: Gathered['clips'] = [];
  for (const { disk, name, key, sha256 } of clips) {
    const folder = join(home, 'clips', key);
    const record = await readRecord(join(folder, 'clip.json'), ClipRecord);
    const path = join(folder, 'clip.disk');
    if (record?.sha256 !== sha256 || !(await exists(path))) missing.push(`clip ${name} (${key})`);
    else found.push({ disk, record, path });
  }
  return found;
}
