// A job file to a job, or to an error that names file, line and the nearest word that would have been right. Runs nothing.
import { readFile } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import type { ClipName, Job } from '../contract/job.ts';
import { isMissing, LabError, messageOf } from '../lib/lab-error.ts';
import { readYaml } from '../lib/yaml.ts';
import type { Catalogue } from './catalogue.ts';
import { checkJob, type SeriesAt } from './check-job.ts';

/** As SeriesAt, from the job file's folder. */
export type SourceAt = (given: string, folder: string) => ReturnType<SeriesAt>;

export async function readJobFile(path: string, catalogue: Catalogue, sourceAt: SourceAt = () => undefined): Promise<Job> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    const got = isMissing(cause) ? 'found none' : messageOf(cause);
    throw new LabError('NO_JOB', `Expected a job file at ${path}, ${got}`, { blame: 'request', stage: 'request', hint: 'ls jobs/', cause });
  }
  const folder = dirname(resolve(path));
  return withFiles(parseJob(text, basename(path), catalogue, (given) => sourceAt(given, folder)), folder);
}

/** A file that a job names is looked for beside the job. */
function withFiles(job: Job, folder: string): Job {
  const whole = (clip: ClipName): ClipName => (typeof clip === 'string' ? clip : { ...clip, file: resolve(folder, clip.file) });
  return { ...job, ...(job.clip === undefined ? {} : { clip: whole(job.clip) }), ...(job.clips === undefined ? {} : { clips: job.clips.map(whole) }) };
}

export function parseJob(text: string, file: string, catalogue: Catalogue, seriesAt: SeriesAt = () => undefined): Job {
  const { data, lineAt } = readYaml(text, (line, message) => reject(file, line, message));
  return checkJob(data, catalogue, (path, message) => reject(file, lineAt(path), path.length === 0 ? `the file: ${message}` : message), seriesAt);
}

function reject(file: string, line: number, message: string): never {
  throw new LabError('BAD_JOB', `${file}:${String(line)}: ${message}`, { blame: 'request', stage: 'request' });
}
