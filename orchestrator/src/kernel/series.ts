// A series as a folder: its series.yaml and its numbered patches, read and checked. Most are in kernel-patches/; those that somebody added
// (series/add.ts) are in the lab's own folder.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Series } from '../contract/job.ts';
import type { Claim } from '../contract/run.ts';
import type { Config } from '../lib/config.ts';
import { namesIn, readIfThere, sha256 } from '../lib/files.ts';
import { LabError } from '../lib/lab-error.ts';
import { readYaml } from '../lib/yaml.ts';

export type SeriesPatch = { file: string; path: string; sha256: string; text: string };
/** `unpatched`: the base itself, under a name of its own. */
export type ReadSeries = Omit<Series, 'patches'> & { name: string; unpatched: boolean; patches: SeriesPatch[] };

const SERIES_NAME = /^[a-z0-9][a-z0-9-]*(\/[a-z0-9][a-z0-9-]*)*$/;
const MAX_PATCH_BYTES = 4 * 1024 * 1024;

/** What begins the name of every series that was added, and of no other. */
export const ADDED = 'added/';

export function isAdded(name: string): boolean {
  return name.startsWith(ADDED);
}

/** By name, wherever it is: `added/...` below the lab's folder, anything else below kernel-patches/. */
export function readSeriesOf({ checkout, home }: Pick<Config, 'checkout' | 'home'>, name: string, base?: string): Promise<ReadSeries> {
  return isAdded(name) ? readBelow({ root: join(home, 'series'), shown: 'series', hint: 'vlab series list' }, name, base) : readSeries(checkout, name, base);
}

/** `name` is the folder below kernel-patches/, such as `designs/upcast-resource-id`. A base that has a folder of its own in it has its own patches. */
export function readSeries(checkout: string, name: string, base?: string): Promise<ReadSeries> {
  return readBelow({ root: join(checkout, 'kernel-patches'), shown: 'kernel-patches', hint: 'ls kernel-patches/*' }, name, base);
}

type Root = { root: string; shown: string; hint: string };

async function readBelow({ root, shown, hint }: Root, name: string, base: string | undefined): Promise<ReadSeries> {
  if (!SERIES_NAME.test(name)) throw new LabError('BAD_SERIES', `Expected a series to be a folder of ${shown}/, got "${name}"`, { blame: 'request', stage: 'request' });
  return readSeriesIn({ folder: join(root, name), shown: `${shown}/${name}`, hint }, name, base);
}

/** `shown`: what a person calls the folder. */
export async function readSeriesIn({ folder, shown, hint }: { folder: string; shown: string; hint: string }, name: string, base?: string): Promise<ReadSeries> {
  const text = await readIfThere(join(folder, 'series.yaml'));
  if (text === undefined) throw new LabError('NO_SERIES', `Expected ${shown}/series.yaml, found no such file`, { blame: 'request', stage: 'request', hint });
  const series = parseSeries(text, shown);
  // Asked of no base in particular: as it is for the first.
  const ofBase = join(folder, base ?? series.appliesTo[0] ?? '');
  const own = await patchFiles(ofBase);
  const from = own.length > 0 ? ofBase : folder;
  const files = own.length > 0 ? own : await patchFiles(folder);
  if (files.length > 0 && series.patches === 'none') throw new LabError('BAD_SERIES', `${shown}/series.yaml says "patches: none", and there is ${files[0] ?? ''}`, { blame: 'request', stage: 'request' });
  const patches = await Promise.all(files.map(async (file) => {
    const content = await readFile(join(from, file));
    if (content.length > MAX_PATCH_BYTES) throw new LabError('BIG_PATCH', `${name}/${file} has ${String(content.length)} bytes; the limit is ${String(MAX_PATCH_BYTES)}`, { blame: 'request', stage: 'request' });
    return { file, path: join(from, file), sha256: sha256(content), text: content.toString('utf8') };
  }));
  return { ...series, name, unpatched: series.patches === 'none', patches };
}

/** The first `count` patches; all of them where nothing is said. */
export function prefixOf(series: ReadSeries, count: number | undefined): ReadSeries {
  if (count === undefined) return series;
  if (count > series.patches.length) throw new LabError('BAD_PREFIX', `Expected at most ${String(series.patches.length)} patches of ${series.name}, got ${String(count)}`, { blame: 'request', stage: 'request' });
  return { ...series, patches: series.patches.slice(0, count) };
}

/** What it says of itself that a record must tell; null of a series that only proposes something. */
export function claimOf({ detector, seenAs, harmless }: ReadSeries): Claim | null {
  return detector === undefined && harmless !== true ? null : { detector: detector ?? null, seenAs: seenAs ?? null, harmless: harmless === true };
}

/** Numbered patches, in the order of their numbers. */
export async function patchFiles(folder: string): Promise<string[]> {
  return (await namesIn(folder)).filter((file) => /^\d{4}-.*\.patch$/.test(file));
}

function parseSeries(text: string, shown: string): Series {
  const { data } = readYaml(text, (line, message) => {
    throw new LabError('BAD_SERIES', `${shown}/series.yaml:${String(line)}: ${message}`, { blame: 'request', stage: 'request' });
  });
  const parsed = Series.safeParse(data);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new LabError('BAD_SERIES', `${shown}/series.yaml: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not a series'}`, { blame: 'request', stage: 'request' });
}
