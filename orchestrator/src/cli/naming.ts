// What a job may name here, and its series made ready to travel by name.
import type { Job, KernelSpec } from '../contract/job.ts';
import type { Config } from '../lib/config.ts';
import type { Making } from '../lib/lab.ts';
import { readCatalogue, type Catalogue } from '../request/catalogue.ts';
import { addedNames } from '../series/added.ts';
import { seriesFor } from './series.ts';

/** The catalogue of the checkout, and the series that were added. */
export async function namesFor(config: Config): Promise<Catalogue> {
  const catalogue = await readCatalogue(config.checkout);
  return { ...catalogue, series: [...catalogue.series, ...await addedNames(config)] };
}

/** What a job names as a source is added before anything is submitted: a run travels with the name, and any worker finds the patches by it. */
export async function addSources(job: Job, folder: string, making: Making): Promise<Job> {
  const catalogue = await readCatalogue(making.lab.config.checkout);
  const kernels: KernelSpec[] = [];
  for (const kernel of job.kernels) {
    if (kernel.series === undefined) {
      kernels.push(kernel);
      continue;
    }
    const { name } = await seriesFor({ given: kernel.series, base: kernel.base, folder, evenIfNot: true, catalogue }, making);
    kernels.push({ ...kernel, series: name });
  }
  return { ...job, kernels };
}
