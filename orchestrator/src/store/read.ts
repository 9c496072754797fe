// Reads sealed runs and submitted jobs. What the dashboards see of the store.
import { join } from 'node:path';
import * as z from 'zod';
import { JobId } from '../contract/ids.ts';
import { RunRequest } from '../contract/job.ts';
import { RunRecord } from '../contract/run.ts';
import { exists, namesIn, readIfThere, readRecord, writeWhole } from '../lib/files.ts';
import { LabError } from '../lib/lab-error.ts';
import { mkdir } from 'node:fs/promises';
import { layout, RUN_FILES } from './layout.ts';

/** A job as it was submitted: jobs/<id>.json. */
export const JobRecord = z.strictObject({
  job: JobId, title: z.string(), file: z.string(), submittedAt: z.iso.datetime(), runs: z.array(RunRequest),
});
export type JobRecord = z.infer<typeof JobRecord>;

export async function writeJob(home: string, job: JobRecord): Promise<void> {
  await mkdir(layout.jobs(home), { recursive: true });
  await writeWhole(layout.job(home, job.job), JSON.stringify(job, null, 2));
}

export async function readJobRecord(home: string, id: string): Promise<JobRecord | undefined> {
  return readRecord(layout.job(home, id), JobRecord);
}

/** Undefined while the run is not sealed, or when there is none. */
export async function readRun(home: string, id: string): Promise<RunRecord | undefined> {
  return readRecord(join(layout.run(home, id), RUN_FILES.record), RunRecord);
}

const Side = z.object({ tag: z.string(), packages: z.record(z.string(), z.string()) });
const Versions = z.object({ hostKernel: z.string(), host: z.object({ accelerator: z.string(), display: z.string() }), stack: Side, guest: Side });

/** What a figure of a run depends on besides its kernel, flat; empty where the run did not come so far. Names that begin with `host` are of the machine. */
export async function readWorld(home: string, id: string): Promise<Record<string, string>> {
  const versions = await readRecord(join(layout.run(home, id), RUN_FILES.versions), Versions);
  if (versions === undefined) return {};
  const { host, hostKernel, stack, guest } = versions;
  const of = (side: z.infer<typeof Side>, name: RegExp): [string, string] => Object.entries(side.packages).find(([one]) => name.test(one)) ?? ['', ''];
  const [qemu, virgl, mesa, guestMesa] = [of(stack, /^qemu-system-x86$/), of(stack, /^libvirglrenderer\d/), of(stack, /^(mesa-libgallium|libgl1-mesa-dri)$/), of(guest, /^(mesa-libgallium|libgl1-mesa-dri)$/)];
  return {
    'host kernel': hostKernel, 'host accelerator': host.accelerator, 'host display': host.display, 'stack': stack.tag, 'guest image': guest.tag,
    'qemu': qemu[1], 'virglrenderer': virgl[1], 'mesa of the stack': mesa[1], 'mesa of the guest': guestMesa[1],
  };
}

export async function runFolderExists(home: string, id: string): Promise<boolean> {
  return exists(layout.run(home, id));
}

/** The newest jobs first. */
export async function listJobs(home: string, most: number): Promise<JobRecord[]> {
  const jobs: JobRecord[] = [];
  for (const name of await namesIn(layout.jobs(home))) {
    const job = await readRecord(join(layout.jobs(home), name), JobRecord);
    if (job !== undefined) jobs.push(job);
  }
  return jobs.sort((a, b) => b.submittedAt.localeCompare(a.submittedAt)).slice(0, most);
}

/** Which job a run is of. A lab has thousands of jobs: only the one that names the run is parsed. */
export async function jobOfRun(home: string, run: string): Promise<JobRecord | undefined> {
  for (const name of await namesIn(layout.jobs(home))) {
    const path = join(layout.jobs(home), name);
    if ((await readIfThere(path))?.includes(`"${run}"`) !== true) continue;
    const job = await readRecord(path, JobRecord);
    if (job?.runs.some((one) => one.id === run) === true) return job;
  }
  return undefined;
}

const ID = /^[jr]-[0-9a-z]{10}$/;

/** An id as a person typed it; refused when it is none, so that no path is ever built from one. */
export function checkedId(id: string): string {
  if (ID.test(id)) return id;
  throw new LabError('BAD_ID', `Expected a run (r-...) or a job (j-...), got "${id}"`, { blame: 'request', stage: 'request', hint: 'vlab status' });
}
