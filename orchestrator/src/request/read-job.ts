// A job file to a job, or to an error that names file, line and the nearest word that would have been right. Runs nothing.
import { readFile } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { closest, distance } from 'fastest-levenshtein';
import { isMap, LineCounter, parseDocument, type Document } from 'yaml';
import type { z } from 'zod';
import { PROPERTIES, propertiesOn } from '../contract/property.ts';
import { canDecode, PIPELINES, type Codec } from '../contract/pipeline.ts';
import { FileClip, Job, type ClipName } from '../contract/job.ts';
import { isMissing, LabError, messageOf } from '../lib/lab-error.ts';
import type { Catalogue } from './catalogue.ts';

const MAX_JOB_BYTES = 1024 * 1024;

/** Whether a word that is the name of no series is meant as a source of one, from the job file's folder; `missing`: and there is nothing. */
export type SourceAt = (given: string, folder: string) => 'there' | 'missing' | undefined;

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

export function parseJob(text: string, file: string, catalogue: Catalogue, sourceAt: (given: string) => ReturnType<SourceAt> = () => undefined): Job {
  if (text.length > MAX_JOB_BYTES) reject(file, 1, `Expected at most ${String(MAX_JOB_BYTES)} characters, got ${String(text.length)}`);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const [syntax] = document.errors;
  if (syntax !== undefined) reject(file, lines.linePos(syntax.pos[0]).line, `not YAML: ${syntax.message.split('\n')[0] ?? ''}`);
  const lineOf = (path: readonly PropertyKey[]): number => lineAt(document, lines, path);
  const parsed = Job.safeParse(asData(document, file, (name) => lines.linePos(Math.max(0, text.indexOf(`*${name}`))).line));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    if (issue !== undefined) rejectIssue(issue, file, lineOf, (path) => document.getIn(path));
    throw new LabError('BAD_JOB', `${file} is not a job`, { blame: 'request', stage: 'request' });
  }
  checkNames(parsed.data, file, catalogue, lineOf, sourceAt);
  return parsed.data;
}

function asData(document: Document, file: string, lineOfAlias: (name: string) => number): unknown {
  try {
    return document.toJS({ maxAliasCount: 50 });
  } catch (cause) {
    const message = messageOf(cause);
    return reject(file, lineOfAlias(/: (\S+)$/.exec(message)?.[1] ?? ''), `not YAML: ${message}`);
  }
}

type LineOf = (path: readonly PropertyKey[]) => number;

function checkNames(job: Job, file: string, catalogue: Catalogue, lineOf: LineOf, sourceAt: (given: string) => ReturnType<SourceAt>): void {
  job.kernels.forEach((kernel, index) => {
    known('base', kernel.base, Object.keys(catalogue.bases), file, () => lineOf(['kernels', index, 'base']));
    if (kernel.series === undefined || catalogue.series.includes(kernel.series)) return;
    const source = sourceAt(kernel.series);
    if (source === 'missing') reject(file, lineOf(['kernels', index, 'series']), `Expected a series at "${kernel.series}", found nothing`);
    if (source === undefined) known('series', kernel.series, catalogue.series, file, () => lineOf(['kernels', index, 'series']));
  });
  job.drivers.forEach((driver, index) => { known('driver', driver, catalogue.drivers, file, () => lineOf(['drivers', index])); });
  known('image', job.image, catalogue.images, file, () => lineOf(['image']));
  known('stack', job.stack, catalogue.stacks, file, () => lineOf(['stack']));
  const clips = job.clips?.map((clip, index) => ({ clip, at: ['clips', index] })) ?? (job.clip === undefined ? [] : [{ clip: job.clip, at: ['clip'] }]);
  for (const { clip, at } of clips) if (typeof clip === 'string') known('clip', clip, Object.keys(catalogue.clips), file, () => lineOf(at));
  if (job.clip !== undefined && job.clips !== undefined) reject(file, lineOf(['clips']), 'Expected clip or clips, got both');
  checkProperties(job, file, lineOf);
  checkClips(job, clips.map(({ clip }) => codecOf(clip, catalogue)), file, lineOf);
}

/** A property that no run of the job would be asked for is not one that holds. */
function checkProperties(job: Job, file: string, lineOf: (path: readonly PropertyKey[]) => number): void {
  const devices = job.devices ?? [job.device];
  job.properties.forEach((property, index) => {
    const { on } = PROPERTIES[property];
    if (devices.some((device) => propertiesOn(device, [property], devices).length > 0)) return;
    reject(file, lineOf(['properties', index]), `property ${property} wants ${on === 'iommu' ? 'a device behind an IOMMU, such as virgl-iommu' : 'device virgl-two-gpus'}, and this job has ${devices.join(', ')}`);
  });
}

function codecOf(clip: ClipName, { clips }: Catalogue): Codec | 'any' {
  const spec = typeof clip === 'string' ? clips[clip] : clip;
  return spec !== undefined && 'codec' in spec ? spec.codec : 'any';
}

/** A pipeline that could decode nothing of what the job has would be a row without a reason. */
function checkClips(job: Job, codecs: readonly (Codec | 'any')[], file: string, lineOf: (path: readonly PropertyKey[]) => number): void {
  job.pipelines.forEach((pipeline, index) => {
    const { source } = PIPELINES[pipeline];
    if (source === 'camera' || codecs.some((codec) => canDecode(pipeline, codec))) return;
    if (codecs.length === 0) reject(file, 1, `"clip": pipeline ${pipeline} needs one; Expected clip or clips, got neither`);
    const wants = source === 'vicodec' ? 'a clip of codec fwht, such as fwht-640x360' : 'a clip of another codec than fwht, such as h264-640x360';
    reject(file, lineOf(['pipelines', index]), `pipeline ${pipeline} wants ${wants}, and this job has none`);
  });
}

function known(what: string, got: string, words: readonly string[], file: string, line: () => number): void {
  if (words.includes(got)) return;
  reject(file, line(), `unknown ${what} "${got}"${nearest(got, words)}`);
}

function rejectIssue(issue: z.core.$ZodIssue, file: string, lineOf: (path: readonly PropertyKey[]) => number, gotAt: (path: readonly PropertyKey[]) => unknown): never {
  const where = issue.path.map(String).join('.');
  if (issue.code === 'invalid_union') {
    // Of what it could have been, it is meant to be that of which it has something right.
    const inside = issue.errors.flat().find((one) => one.path.length > 0 || one.code === 'unrecognized_keys');
    if (inside !== undefined) return rejectIssue({ ...inside, path: [...issue.path, ...inside.path] }, file, lineOf, gotAt);
  }
  if (issue.code === 'unrecognized_keys') {
    const [key = ''] = issue.keys;
    return reject(file, lineOf([...issue.path, key]), `unknown key "${key}"${where === '' ? '' : ` in ${where}`}${nearest(key, keysAt(issue.path))}`);
  }
  if (issue.code === 'invalid_value') {
    const last = issue.path.findLast((part) => typeof part === 'string') ?? 'value';
    const got = String(gotAt(issue.path));
    return reject(file, lineOf(issue.path), `unknown ${singular(last)} "${got}"${nearest(got, issue.values.map(String))}`);
  }
  return reject(file, lineOf(issue.path), `${where === '' ? 'the file' : `"${where}"`}: ${issue.message}`);
}

/** The keys that the contract knows at a path. */
function keysAt(path: readonly PropertyKey[]): string[] {
  if (path[0] === 'kernels') return Object.keys(Job.shape.kernels.element.shape);
  return Object.keys(path[0] === 'clip' || path[0] === 'clips' ? FileClip.shape : Job.shape);
}

export function nearest(got: string, words: readonly string[]): string {
  if (words.length === 0) return '; none is known';
  const best = closest(got, [...words]);
  const listed = words.length <= 12 ? ` Known: ${words.join(', ')}.` : '';
  return distance(got, best) <= Math.max(3, best.length / 2) ? `; did you mean "${best}"?${listed}` : `; the nearest is "${best}".${listed}`;
}

function singular(word: string): string {
  if (word === 'properties') return 'property';
  return word.endsWith('s') ? word.slice(0, -1) : word;
}

/** The line of a node, or of the nearest one above it that the file has; for a key of a map, the key's own line. */
function lineAt(document: Document, lines: LineCounter, path: readonly PropertyKey[]): number {
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
