// A conformance suite as fluster writes it, with a folder of its vectors, to a job: each vector is a clip. Runs nothing.
// Format: fluster's test_suites/*.json (name, codec, test_vectors: name, input_file, output_format, result).
import { readFile } from 'node:fs/promises';
import { basename, isAbsolute, join, resolve } from 'node:path';
import * as z from 'zod';
import { Job, type ClipName } from '../contract/job.ts';
import type { PixelFormat } from '../contract/picture.ts';
import { exists } from '../lib/files.ts';
import { isMissing, LabError, messageOf } from '../lib/lab-error.ts';

/** `result` is the MD5 of the whole decoded video in `output_format`. Lenient: fluster adds members now and then. */
const Suite = z.object({
  name: z.string().min(1).max(200),
  codec: z.string(),
  test_vectors: z.array(z.object({ name: z.string().min(1), input_file: z.string().min(1), output_format: z.string().default('yuv420p'), result: z.string() })).min(1).max(5000),
});
type Suite = z.infer<typeof Suite>;
type Vector = Suite['test_vectors'][number];

const FORMATS: ReadonlyMap<string, PixelFormat> = new Map([['yuv420p', 'I420'], ['nv12', 'I420'], ['yuv420p10le', 'P010'], ['p010le', 'P010'], ['gray', 'I420']]);

export type SuiteOptions = { pipelines: string[]; base: string };
/** `left` are the vectors that cannot be asked for, each with the reason. */
export type SuiteJob = { job: Job; left: string[] };

export async function readSuite(file: string, vectors: string, options: SuiteOptions): Promise<SuiteJob> {
  const suite = await parseSuite(file);
  const clips: ClipName[] = [];
  const left: string[] = [];
  for (const vector of suite.test_vectors) {
    const clip = await clipOf(suite, vector, vectors);
    if (typeof clip === 'string') left.push(`${vector.name}: ${clip}`);
    else clips.push(clip);
  }
  if (clips.length === 0) {
    throw new LabError('NO_VECTORS', `Expected vectors of ${suite.name} in ${vectors}, found none of ${String(suite.test_vectors.length)}`, {
      blame: 'request', stage: 'request', hint: `fluster.py download ${suite.name}`, evidence: left.slice(0, 5).join('\n'),
    });
  }
  const parsed = Job.safeParse({ title: `${suite.name} (${suite.codec})`, kernels: [{ base: options.base }], pipelines: options.pipelines, clips });
  if (parsed.success) return { job: parsed.data, left };
  const [issue] = parsed.error.issues;
  throw new LabError('BAD_JOB', `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not a job'}`, { blame: 'request', stage: 'request', hint: 'vlab help run' });
}

async function parseSuite(file: string): Promise<Suite> {
  try {
    return Suite.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (cause) {
    const got = isMissing(cause) ? 'found none' : cause instanceof z.ZodError ? (cause.issues[0]?.message ?? '') : messageOf(cause);
    throw new LabError('BAD_SUITE', `Expected a conformance suite in fluster's JSON at ${file}, ${got}`, { blame: 'request', stage: 'request', cause });
  }
}

/** The clip, or why there is none. */
async function clipOf(suite: Suite, vector: Vector, folder: string): Promise<ClipName | string> {
  const format = FORMATS.get(vector.output_format);
  if (format === undefined) return `pixel format ${vector.output_format} is none that the lab samples`;
  const md5 = vector.result.toLowerCase();
  if (!/^[0-9a-f]{32}$/.test(md5)) return 'its result is no MD5';
  const inside = [join(suite.name, vector.name, vector.input_file), join(vector.name, vector.input_file), vector.input_file];
  if (inside.some((path) => isAbsolute(path) || path.split('/').includes('..'))) return 'its path leaves the folder';
  for (const path of inside) {
    const whole = resolve(folder, path);
    if (await exists(whole)) return { file: whole, format, name: `${basename(suite.name)}/${vector.name}`, md5, md5Of: vector.output_format };
  }
  return `no ${vector.input_file} in the folder`;
}
