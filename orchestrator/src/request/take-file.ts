// A user's own file, taken into the lab when its job is submitted: from then on it goes by the SHA-256 of its bytes, and no worker opens a path that it was
// sent. Knows nothing of what is in it.
import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { FileClip, Job, RunRequest, TakenFile } from '../contract/job.ts';
import { sha256OfFile, touch } from '../lib/files.ts';
import { LabError, messageOf } from '../lib/lab-error.ts';

/** A job that names no file any more. */
export type TakenJob = Omit<Job, 'clip' | 'clips'> & { clips: RunRequest['clips'] };

export async function takeFiles({ clip, clips, ...job }: Job, home: string): Promise<TakenJob> {
  const taken: TakenJob['clips'] = [];
  for (const one of clips ?? (clip === undefined ? [] : [clip])) taken.push(typeof one === 'string' ? one : await takeFile(one, home));
  return { ...job, clips: taken };
}

/** Of a job from elsewhere: the files that it could name are not its submitter's, and none is opened. */
export function withoutFiles({ clip, clips, ...job }: Job): TakenJob {
  return { ...job, clips: (clips ?? (clip === undefined ? [] : [clip])).map((one) => (typeof one === 'string' ? one : notTaken(one.file, 'a path from another machine'))) };
}

/** Copies it to where workers find it. */
export async function takeFile({ file, ...clip }: FileClip, home: string): Promise<TakenFile> {
  const found = await stat(file).catch((cause: unknown) => notTaken(file, messageOf(cause)));
  if (!found.isFile()) notTaken(file, 'something that is no plain file');
  await mkdir(takenFolder(home), { recursive: true });
  const beside = join(takenFolder(home), `${randomBytes(8).toString('hex')}.tmp`);
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(file), async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        hash.update(chunk);
        yield chunk;
      }
    }, createWriteStream(beside, { mode: 0o644 }));
    const sha256 = hash.digest('hex');
    await rename(beside, takenPath(home, sha256));
    return { ...clip, name: clip.name ?? basename(file), sha256 };
  } finally {
    await rm(beside, { force: true });
  }
}

/** Of a request: the file that it names, which is what it says or is refused. */
export async function foundFile({ sha256, ...clip }: TakenFile, home: string): Promise<FileClip> {
  const file = takenPath(home, sha256);
  const got = await sha256OfFile(file).catch(() => undefined);
  await touch(file);
  if (got === sha256) return { ...clip, file };
  throw new LabError('NO_FILE', `this host has no file with the SHA-256 ${sha256} for clip "${clip.name}"`, { blame: 'request', stage: 'request', hint: 'vlab run where the file is' });
}

function notTaken(file: string, got: string): never {
  throw new LabError('NO_FILE', `Expected a clip at ${file}, got ${got}`, { blame: 'request', stage: 'request' });
}

export function takenFolder(home: string): string {
  return join(home, 'files');
}

/** `sha256` as the contract has it: 64 hex digits and nothing else. */
export function takenPath(home: string, sha256: string): string {
  return join(takenFolder(home), sha256);
}
