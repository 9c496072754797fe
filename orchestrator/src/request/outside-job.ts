// A job that came over the network: it names what the catalogue has, and no file of the machine that it was sent to.
import type { Base, Job } from '../contract/job.ts';
import { LabError } from '../lib/lab-error.ts';
import type { Catalogue } from './catalogue.ts';
import { checkJob, clipsOf, type Refuse } from './check-job.ts';
import { countRuns } from './expand-job.ts';

/** A job file may ask for more: whoever can write one here can also stop what comes of it. */
export const MOST_RUNS = 1000;

export function checkOutsideJob(data: unknown, catalogue: Catalogue): Job {
  const job = checkJob(data, catalogue, refuse);
  for (const { clip, at } of clipsOf(job)) {
    if (typeof clip !== 'string') refuse(at, 'a clip that is a file is one of the server\'s files: over the API a job names clips of jobs/clips/clips.yaml');
  }
  job.kernels.forEach(({ base }, index) => {
    const spec = catalogue.bases[base];
    if (spec !== undefined && isHere(spec)) refuse(['kernels', index, 'base'], `base "${base}" is a folder of the server: over the API a job names bases that are fetched`);
  });
  const runs = countRuns(job);
  if (runs > MOST_RUNS) refuse([], `Expected a job of at most ${String(MOST_RUNS)} runs, got ${String(runs)}`);
  return job;
}

/** Whether a base is somebody's own tree, which may hold what nobody has published. */
function isHere(base: Base): boolean {
  return 'folder' in base || ('git' in base && !/^(https?|git|ssh):\/\//.test(base.git));
}

const refuse: Refuse = (path, message) => {
  const where = path.length === 0 ? 'the job' : path.map(String).join('.').slice(0, 200);
  throw new LabError('BAD_JOB', message.startsWith(`"${where}"`) ? message : `${where}: ${message}`, { blame: 'request', stage: 'request', hint: 'docs/writing-a-job.md' });
};
