// One container image from one folder of guest-images/: keyed by what goes in, with the exact package versions that came out.
import { createWriteStream } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import tar from 'tar-fs';
import { extract } from 'tar-stream';
import * as z from 'zod';
import { ContentKey } from '../contract/ids.ts';
import { ImageKind } from '../contract/inputs.ts';
import { LABELS } from '../lib/container.ts';
import { filesBelow, keyOf, readRecord, sha256, touch, writeWhole } from '../lib/files.ts';
import { LabError, messageOf } from '../lib/lab-error.ts';
import type { Making } from '../lib/lab.ts';
import { takeLock } from '../lib/lock.ts';
import { madeOnce } from '../lib/products.ts';

const RECIPE = 1;

/** `folders` are those of guest-images/ that go into the build and into the key; the first one holds the Dockerfile. */
export type ImagePlan = { name: string; kind: ImageKind; folders: readonly string[]; args: Readonly<Record<string, string>>; /** Of packages as they are at one time, and not as the engine's cache has them. */ fresh?: ContentKey | undefined };

export const ImageRecord = z.strictObject({
  name: z.string(),
  kind: ImageKind,
  key: ContentKey,
  tag: z.string(),
  seconds: z.number(),
  builtAt: z.iso.datetime(),
  packages: z.record(z.string(), z.string()).describe('Debian package to exact version'),
});
export type ImageRecord = z.infer<typeof ImageRecord>;

export async function buildImage(plan: ImagePlan, making: Making): Promise<ImageRecord> {
  const { lab, signal } = making;
  const { files, key } = await keyOfPlan(plan, lab.config.checkout);
  const tag = `vlab/${plan.kind}-${plan.name}:${key}`;
  const folder = join(lab.config.home, 'images', `${plan.kind}-${plan.name}-${key}`);
  const done = async (): Promise<ImageRecord | undefined> =>
    (await lab.engine.hasImage(tag)) ? readRecord(join(folder, 'image.json'), ImageRecord) : undefined;

  const ready = await done();
  await touch(join(folder, 'image.json'));
  if (ready !== undefined) return ready;
  await using _lock = await takeLock(join(lab.config.home, 'locks', `image-${key}`), signal);
  const meanwhile = await done();
  if (meanwhile !== undefined) return meanwhile;

  await mkdir(folder, { recursive: true });
  const product = { name: `images/${plan.kind}-${plan.name}-${key}`, folder, last: 'image.json', others: ['build.log'], tag };
  await madeOnce(lab.products, product, signal, async () => {
    const started = performance.now();
    await dockerBuild({ plan, files, tag, key, logPath: join(folder, 'build.log') }, making);
    const packages = await packagesOf(plan, tag, making);
    const record: ImageRecord = {
      name: plan.name, kind: plan.kind, key, tag, seconds: Math.round((performance.now() - started) / 100) / 10,
      builtAt: new Date().toISOString(), packages,
    };
    await writeWhole(join(folder, 'image.json'), JSON.stringify(record, null, 2));
  });
  const made = await done();
  if (made === undefined) throw new Error(`image ${tag} was made and is not there`);
  return made;
}

async function keyOfPlan(plan: ImagePlan, checkout: string): Promise<{ files: string[]; key: ContentKey }> {
  const root = join(checkout, 'guest-images');
  const files: string[] = [];
  for (const folder of plan.folders) files.push(...(await filesBelow(join(root, folder))).map((file) => join(folder, file)));
  const digests = await Promise.all(files.map(async (file) => [file, sha256(await readFile(join(root, file)))]));
  return { files, key: keyOf({ recipe: RECIPE, name: plan.name, args: plan.args, files: digests, ...(plan.fresh === undefined ? {} : { fresh: plan.fresh }) }) };
}

type DockerBuild = { plan: ImagePlan; files: string[]; tag: string; key: ContentKey; logPath: string };

async function dockerBuild({ plan, files, tag, key, logPath }: DockerBuild, { lab, signal, progress }: Making): Promise<void> {
  const { docker } = lab.engine;
  // Owner, mode and time are fixed, so that the engine's layer cache hits on another checkout of the same files.
  const context = tar.pack(join(lab.config.checkout, 'guest-images'), {
    entries: files, map: (header) => ({ ...header, uid: 0, gid: 0, mtime: new Date(0) }),
  });
  const log = createWriteStream(logPath);
  const last: string[] = [];
  try {
    const stream = await docker.buildImage(context as unknown as NodeJS.ReadableStream, {
      t: tag, dockerfile: join(plan.folders[0] ?? '', 'Dockerfile'), buildargs: { ...plan.args }, forcerm: true, nocache: plan.fresh !== undefined,
      labels: { [LABELS.purpose]: plan.kind, [LABELS.key]: key }, abortSignal: signal,
    });
    await new Promise<void>((resolve, reject) => {
      docker.modem.followProgress(stream, (error) => { if (error) reject(error); else resolve(); }, (event: { stream?: string; error?: string }) => {
        // Not every version of the engine's client takes an error among the events for the end.
        if (event.error !== undefined) reject(new Error(event.error));
        const text = event.stream ?? event.error ?? '';
        log.write(text);
        for (const line of text.split('\n').filter((one) => one.trim() !== '')) {
          last.push(line);
          if (last.length > 15) last.shift();
        }
        const step = /^Step (\d+)\/(\d+)/.exec(text);
        if (step) progress(`image ${plan.kind} ${plan.name}`, Number(step[1]) - 1, Number(step[2]));
      });
    });
  } catch (cause) {
    signal.throwIfAborted();
    throw new LabError('IMAGE_BUILD', `image ${plan.kind} ${plan.name} could not be built: ${messageOf(cause)}`, {
      blame: 'lab', stage: 'image', hint: `less ${logPath}`, evidence: last.join('\n'), cause,
    });
  } finally {
    log.end();
  }
}

/** A guest image has neither a shell nor a package database left; it carries the list that was written before they went. */
async function packagesOf(plan: ImagePlan, tag: string, making: Making): Promise<Record<string, string>> {
  const lines = plan.kind === 'guest' ? await fileIn(tag, '/vlab/versions', making) : await packageList(tag, making);
  return Object.fromEntries(lines.map((line) => line.trim().split(/\s+/)).filter((words) => words.length === 2) as [string, string][]);
}

async function packageList(tag: string, { lab, signal }: Making): Promise<string[]> {
  const lines: string[] = [];
  await lab.engine.run({ image: tag, purpose: 'versions', argv: ['dpkg-query', '-W', '-f', '${Package} ${Version}\n'], memoryMiB: 256, pids: 32 }, {
    signal, onLine: (line) => { lines.push(line); },
  });
  return lines;
}

async function fileIn(tag: string, path: string, { lab }: Making): Promise<string[]> {
  const chunks: Buffer[] = [];
  const unpacked = extract();
  unpacked.on('entry', (_header, stream, next) => {
    stream.on('data', (chunk: unknown) => { chunks.push(chunk as Buffer); }).on('end', () => { next(); });
  });
  await lab.engine.withFiles(tag, async (container) => pipeline(await container.getArchive({ path }), unpacked));
  return Buffer.concat(chunks).toString('utf8').split('\n');
}
