// Before runs are submitted in a fleet: what only this host has, series that were added and users' own files, goes to the store that hosts share.
import type { Digest } from '../contract/manifest.ts';
import type { RunRequest } from '../contract/job.ts';
import { isAdded } from '../kernel/series.ts';
import type { Making } from '../lib/lab.ts';
import type { Products } from '../lib/products.ts';
import { offerFile } from '../request/share-file.ts';
import type { Share } from '../queue/submit.ts';
import { offerSeries } from '../series/share.ts';

/** On a host that shares nothing, runs are what they were. */
export function shareThrough(making: Making): Share {
  const { products } = making.lab;
  // Files are what their digests say: one that was offered stays so. A series of the same name may be another one by the next submit.
  const offered = new Set<string>();
  return products === undefined ? (runs) => Promise.resolve([...runs]) : (runs) => share(runs, products, offered, making);
}

async function share(runs: readonly RunRequest[], products: Products, offered: Set<string>, making: Making): Promise<RunRequest[]> {
  const series = new Map<string, Digest>();
  const shared: RunRequest[] = [];
  for (const run of runs) {
    for (const clip of run.clips) {
      if (typeof clip === 'string' || offered.has(clip.sha256)) continue;
      await offerFile(clip, products, making);
      offered.add(clip.sha256);
    }
    const { series: name, seriesSha256 } = run.kernel;
    if (name === undefined || !isAdded(name) || seriesSha256 !== undefined) {
      shared.push(run);
      continue;
    }
    const digest = series.get(name) ?? await offerSeries(name, products, making);
    series.set(name, digest);
    shared.push({ ...run, kernel: { ...run.kernel, seriesSha256: digest } });
  }
  return shared;
}
