// Series that were added, as folders of VLAB_HOME/series/added: found, listed, removed. How one comes there is add.ts.
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../lib/config.ts';
import { SeriesSource } from '../contract/series.ts';
import { ADDED, isAdded, readSeriesOf, type ReadSeries } from '../kernel/series.ts';
import { namesIn, readRecord } from '../lib/files.ts';
import { refusal } from './refusal.ts';

export type AddedSeries = { series: ReadSeries; source: SeriesSource; folder: string };

export function addedFolder(config: Config, name: string): string {
  return join(config.home, 'series', name);
}

export async function addedNames(config: Config): Promise<string[]> {
  return (await namesIn(join(config.home, 'series', 'added'))).filter((name) => /^[a-z0-9][a-z0-9-]*$/.test(name)).map((name) => `${ADDED}${name}`);
}

export async function readAdded(config: Config, name: string): Promise<AddedSeries | undefined> {
  if (!isAdded(name) || !(await addedNames(config)).includes(name)) return undefined;
  const source = await readRecord(join(addedFolder(config, name), 'source.json'), SeriesSource);
  return source === undefined ? undefined : { series: await readSeriesOf(config, name), source, folder: addedFolder(config, name) };
}

export async function removeAdded(config: Config, name: string): Promise<void> {
  const known = await addedNames(config);
  if (!known.includes(name)) {
    throw refusal('UNKNOWN_NAME', `Expected the name of an added series, got "${name}"${known.length === 0 ? '; none is there' : `; there are ${known.join(', ')}`}`, 'vlab series list');
  }
  await rm(addedFolder(config, name), { recursive: true, force: true });
}

export function patchBytes(path: string): Promise<Buffer> {
  return readFile(path);
}
