// What a person asks for, as plain data, to a job; or its first wrong word refused, with the nearest one that would have been right. Knows no file and no line.
import { closest, distance } from 'fastest-levenshtein';
import type { z } from 'zod';
import { FileClip, Job, type ClipName } from '../contract/job.ts';
import { canDecode, PIPELINES, type Codec } from '../contract/pipeline.ts';
import { PROPERTIES, propertiesOn } from '../contract/property.ts';
import { LabError } from '../lib/lab-error.ts';
import type { Catalogue } from './catalogue.ts';

/** `path`: where in the data; empty where it is all of it. */
export type Refuse = (path: readonly PropertyKey[], message: string) => never;

/** Whether a word that is the name of no series is meant as a source of one; `missing`: and there is nothing. */
export type SeriesAt = (given: string) => 'there' | 'missing' | undefined;

export function checkJob(data: unknown, catalogue: Catalogue, refuse: Refuse, seriesAt: SeriesAt = () => undefined): Job {
  const parsed = Job.safeParse(data);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    if (issue !== undefined) refuseIssue(issue, data, refuse);
    throw new LabError('BAD_JOB', 'this is not a job', { blame: 'request', stage: 'request' });
  }
  checkNames(parsed.data, catalogue, refuse, seriesAt);
  return parsed.data;
}

function checkNames(job: Job, catalogue: Catalogue, refuse: Refuse, seriesAt: SeriesAt): void {
  const known = (what: string, got: string, words: readonly string[], path: readonly PropertyKey[]): void => {
    if (!words.includes(got)) refuse(path, `unknown ${what} "${short(got)}"${nearest(got, words)}`);
  };
  job.kernels.forEach((kernel, index) => {
    known('base', kernel.base, Object.keys(catalogue.bases), ['kernels', index, 'base']);
    if (kernel.series === undefined || catalogue.series.includes(kernel.series)) return;
    const source = seriesAt(kernel.series);
    if (source === 'missing') refuse(['kernels', index, 'series'], `Expected a series at "${kernel.series}", found nothing`);
    if (source === undefined) known('series', kernel.series, catalogue.series, ['kernels', index, 'series']);
  });
  job.drivers.forEach((driver, index) => { known('driver', driver, catalogue.drivers, ['drivers', index]); });
  known('image', job.image, catalogue.images, ['image']);
  known('stack', job.stack, catalogue.stacks, ['stack']);
  const clips = clipsOf(job);
  for (const { clip, at } of clips) if (typeof clip === 'string') known('clip', clip, Object.keys(catalogue.clips), at);
  if (job.clip !== undefined && job.clips !== undefined) refuse(['clips'], 'Expected clip or clips, got both');
  checkProperties(job, refuse);
  checkClips(job, clips.map(({ clip }) => codecOf(clip, catalogue)), refuse);
}

/** However a job gives its clips, each with its place in it. */
export function clipsOf({ clip, clips }: Pick<Job, 'clip' | 'clips'>): { clip: ClipName; at: readonly PropertyKey[] }[] {
  return clips?.map((one, index) => ({ clip: one, at: ['clips', index] })) ?? (clip === undefined ? [] : [{ clip, at: ['clip'] }]);
}

/** A property that no run of the job would be asked for is not one that holds. */
function checkProperties(job: Job, refuse: Refuse): void {
  const devices = job.devices ?? [job.device];
  job.properties.forEach((property, index) => {
    const { on } = PROPERTIES[property];
    if (devices.some((device) => propertiesOn(device, [property], devices).length > 0)) return;
    refuse(['properties', index], `property ${property} wants ${on === 'iommu' ? 'a device behind an IOMMU, such as virgl-iommu' : 'device virgl-two-gpus'}, and this job has ${devices.join(', ')}`);
  });
}

function codecOf(clip: ClipName, { clips }: Catalogue): Codec | 'any' {
  const spec = typeof clip === 'string' ? clips[clip] : clip;
  return spec !== undefined && 'codec' in spec ? spec.codec : 'any';
}

/** A pipeline that could decode nothing of what the job has would be a row without a reason. */
function checkClips(job: Job, codecs: readonly (Codec | 'any')[], refuse: Refuse): void {
  job.pipelines.forEach((pipeline, index) => {
    const { source } = PIPELINES[pipeline];
    if (source === 'camera' || codecs.some((codec) => canDecode(pipeline, codec))) return;
    if (codecs.length === 0) refuse(['clip'], `"clip": pipeline ${pipeline} needs one; Expected clip or clips, got neither`);
    const wants = source === 'vicodec' ? 'a clip of codec fwht, such as fwht-640x360' : 'a clip of another codec than fwht, such as h264-640x360';
    refuse(['pipelines', index], `pipeline ${pipeline} wants ${wants}, and this job has none`);
  });
}

function refuseIssue(issue: z.core.$ZodIssue, data: unknown, refuse: Refuse): never {
  const where = issue.path.map(String).join('.');
  if (issue.code === 'invalid_union') {
    // Of what it could have been, it is meant to be that of which it has something right.
    const inside = issue.errors.flat().find((one) => one.path.length > 0 || one.code === 'unrecognized_keys');
    if (inside !== undefined) return refuseIssue({ ...inside, path: [...issue.path, ...inside.path] }, data, refuse);
  }
  if (issue.code === 'unrecognized_keys') {
    const [key = ''] = issue.keys;
    return refuse([...issue.path, key], `unknown key "${short(key)}"${where === '' ? '' : ` in ${where}`}${nearest(key, keysAt(issue.path))}`);
  }
  if (issue.code === 'invalid_value') {
    const last = issue.path.findLast((part) => typeof part === 'string') ?? 'value';
    const got = String(valueAt(data, issue.path));
    return refuse(issue.path, `unknown ${singular(last)} "${short(got)}"${nearest(got, issue.values.map(String))}`);
  }
  return refuse(issue.path, where === '' ? issue.message : `"${where}": ${issue.message}`);
}

function valueAt(data: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => (typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? (value as Record<PropertyKey, unknown>)[key] : undefined), data);
}

/** The keys that the contract knows at a path. */
function keysAt(path: readonly PropertyKey[]): string[] {
  if (path[0] === 'kernels') return Object.keys(Job.shape.kernels.element.shape);
  return Object.keys(path[0] === 'clip' || path[0] === 'clips' ? FileClip.shape : Job.shape);
}

export function nearest(given: string, words: readonly string[]): string {
  if (words.length === 0) return '; none is known';
  const got = short(given);
  const best = closest(got, [...words]);
  const listed = words.length <= 12 ? ` Known: ${words.join(', ')}.` : '';
  return distance(got, best) <= Math.max(3, best.length / 2) ? `; did you mean "${best}"?${listed}` : `; the nearest is "${best}".${listed}`;
}

/** Nobody reads more of a wrong word, and it may be a megabyte. */
function short(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}...` : text;
}

function singular(word: string): string {
  if (word === 'properties') return 'property';
  return word.endsWith('s') ? word.slice(0, -1) : word;
}
