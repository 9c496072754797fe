// A series as a folder of kernel-patches/: its series.yaml and its numbered patches, read and checked.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { Series } from '../contract/job.ts';
import { namesIn, readIfThere, sha256 } from '../lib/files.ts';
import { LabError, messageOf } from '../lib/lab-error.ts';

export type SeriesPatch = { file: string; path: string; sha256: string; text: string };
export type ReadSeries = Series & { name: string; patches: SeriesPatch[] };

const SERIES_NAME = /^[a-z0-9][a-z0-9-]*(\/[a-z0-9][a-z0-9-]*)*$/;
const MAX_PATCH_BYTES = 4 * 1024 * 1024;

/** `name` is the folder below kernel-patches/, such as `designs/upcast-resource-id`. */
export async function readSeries(checkout: string, name: string): Promise<ReadSeries> {
  if (!SERIES_NAME.test(name)) throw new LabError('BAD_SERIES', `Expected a series to be a folder of kernel-patches/, got "${name}"`, { blame: 'request', stage: 'request' });
  const folder = join(checkout, 'kernel-patches', name);
  const text = await readIfThere(join(folder, 'series.yaml'));
  if (text === undefined) throw new LabError('NO_SERIES', `Expected kernel-patches/${name}/series.yaml, found no such file`, { blame: 'request', stage: 'request', hint: 'ls kernel-patches/*' });
  const series = parseSeries(text, name);
  const files = (await namesIn(folder)).filter((file) => /^\d{4}-.*\.patch$/.test(file));
  const patches = await Promise.all(files.map(async (file) => {
    const content = await readFile(join(folder, file));
    if (content.length > MAX_PATCH_BYTES) throw new LabError('BIG_PATCH', `${name}/${file} has ${String(content.length)} bytes; the limit is ${String(MAX_PATCH_BYTES)}`, { blame: 'request', stage: 'request' });
    return { file, path: join(folder, file), sha256: sha256(content), text: content.toString('utf8') };
  }));
  return { ...series, name, patches };
}

function parseSeries(text: string, name: string): Series {
  let data: unknown;
  try {
    data = parse(text);
  } catch (cause) {
    throw new LabError('BAD_SERIES', `kernel-patches/${name}/series.yaml is not YAML: ${messageOf(cause)}`, { blame: 'request', stage: 'request', cause });
  }
  const parsed = Series.safeParse(data);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new LabError('BAD_SERIES', `kernel-patches/${name}/series.yaml: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not a series'}`, { blame: 'request', stage: 'request' });
}
