// A job file to a job, or to an error that names file, line and the nearest word that would have been right. Runs nothing.
import { readFile } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { isMap, LineCounter, parseDocument, type Document } from 'yaml';
import type { ClipName, Job } from '../contract/job.ts';
import { isMissing, LabError, messageOf } from '../lib/lab-error.ts';
import type { Catalogue } from './catalogue.ts';
import { checkJob, type SeriesAt } from './check-job.ts';

const MAX_JOB_BYTES = 1024 * 1024;

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
  if (text.length > MAX_JOB_BYTES) reject(file, 1, `Expected at most ${String(MAX_JOB_BYTES)} characters, got ${String(text.length)}`);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const [syntax] = document.errors;
  if (syntax !== undefined) reject(file, lines.linePos(syntax.pos[0]).line, `not YAML: ${syntax.message.split('\n')[0] ?? ''}`);
  const data = asData(document, file, (name) => lines.linePos(Math.max(0, text.indexOf(`*${name}`))).line);
  return checkJob(data, catalogue, (path, message) => reject(file, lineAt(document, lines, path), path.length === 0 ? `the file: ${message}` : message), seriesAt);
}

function asData(document: Document, file: string, lineOfAlias: (name: string) => number): unknown {
  try {
    return document.toJS({ maxAliasCount: 50 });
  } catch (cause) {
    const message = messageOf(cause);
    return reject(file, lineOfAlias(/: (\S+)$/.exec(message)?.[1] ?? ''), `not YAML: ${message}`);
  }
}

/** The line of a node, or of the nearest one above it that the file has; for a key of a map, the key's own line. */
export function lineAt(document: Document, lines: LineCounter, path: readonly PropertyKey[]): number {
  for (let length = path.length; length >= 0; length--) {
    const parent: unknown = length === 0 ? undefined : document.getIn(path.slice(0, length - 1), true);
    const key = path[length - 1];
    const pair = isMap(parent) ? parent.items.find((item) => String(item.key) === String(key)) : undefined;
    const node = (pair?.key ?? document.getIn(path.slice(0, length), true)) as { range?: [number, number, number] } | undefined;
    if (node?.range) return lines.linePos(node.range[0]).line;
  }
  return 1;
}

function reject(file: string, line: number, message: string): never {
  throw new LabError('BAD_JOB', `${file}:${String(line)}: ${message}`, { blame: 'request', stage: 'request' });
}
