// Layers as they once were, found by key: the very bytes, or an error that names what is no longer there. Makes nothing anew, since what is built again
// under an old name is another thing.
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ClipRecord, type Clip } from './clip/clips.ts';
import type { ContentKey } from './contract/ids.ts';
import { KernelRecord } from './contract/job.ts';
import { ImageRecord } from './image/build.ts';
import { imageFolder, type GuestImage } from './image/images.ts';
import { kernelFolder, kernelProduct } from './kernel/base.ts';
import type { Kernel } from './kernel/build.ts';
import { exists, readRecord, touch } from './lib/files.ts';
import { LabError } from './lib/lab-error.ts';
import type { Making } from './lib/lab.ts';

type Where = Pick<Making, 'lab' | 'signal'>;

export async function pinnedKernel({ lab, signal }: Where, key: ContentKey, flavour: string): Promise<Kernel> {
  const folder = kernelFolder(lab, key);
  if (!(await exists(join(folder, 'kernel.json')))) await lab.products?.take(kernelProduct(lab, key), signal);
  const record = await readRecord(join(folder, 'kernel.json'), KernelRecord);
  const vmlinux = join(folder, 'vmlinux');
  if (record === undefined || !(await exists(vmlinux))) throw gone(`kernel ${key}`, 'kernel');
  if (record.flavour !== flavour) throw new LabError('OTHER_FLAVOUR', `Expected kernel ${key} to be of flavour ${flavour}, got ${record.flavour}`, { blame: 'request', stage: 'request' });
  await touch(join(folder, 'kernel.json'));
  return { record, vmlinux, baseVmlinux: vmlinux, cached: true };
}

export async function pinnedStack({ lab, signal }: Where, name: string, key: ContentKey): Promise<ImageRecord> {
  const record = await imageRecord({ lab, signal }, 'stack', name, key);
  if (record === undefined || !(await lab.engine.hasImage(record.tag))) throw gone(`stack ${name} (${key})`, 'image');
  return record;
}

export async function pinnedGuest({ lab, signal }: Where, name: string, key: ContentKey): Promise<GuestImage> {
  const record = await imageRecord({ lab, signal }, 'guest', name, key);
  const erofsPath = record === undefined ? '' : join(imageFolder(lab, record), 'root.erofs');
  if (record === undefined || !(await exists(erofsPath))) throw gone(`guest image ${name} (${key})`, 'image');
  return { ...record, erofsPath, erofsBytes: (await stat(erofsPath)).size, pipelinePath: join(imageFolder(lab, record), 'pipeline') };
}

export async function pinnedClip({ lab }: Where, name: string, key: ContentKey): Promise<Clip> {
  const folder = join(lab.config.home, 'clips', key);
  const record = await readRecord(join(folder, 'clip.json'), ClipRecord);
  const diskPath = join(folder, 'clip.disk');
  if (record === undefined || !(await exists(diskPath))) throw gone(`clip ${name} (${key})`, 'clip');
  await touch(join(folder, 'clip.json'));
  return { ...record, path: join(folder, `clip.${record.container}`), diskPath };
}

/** Another host of the fleet may have made it. */
async function imageRecord({ lab, signal }: Where, kind: 'stack' | 'guest', name: string, key: ContentKey): Promise<ImageRecord | undefined> {
  const folder = join(lab.config.home, 'images', `${kind}-${name}-${key}`);
  const path = join(folder, 'image.json');
  if (!(await exists(path))) await lab.products?.take({ name: `images/${kind}-${name}-${key}`, folder, last: 'image.json', tag: `vlab/${kind}-${name}:${key}` }, signal);
  await touch(path);
  return readRecord(path, ImageRecord);
}

function gone(what: string, stage: 'kernel' | 'image' | 'clip'): LabError {
  return new LabError('GONE', `${what} is no longer there: vlab gc removes what was long unused, and nothing is built anew under an old key`, { blame: 'request', stage });
}
