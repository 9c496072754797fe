// A job to the runs that it stands for. Pure, but for the names that it makes up.
import { randomInt } from 'node:crypto';
import { needsOf } from '../contract/capability.ts';
import { JobId, RunId } from '../contract/ids.ts';
import type { Job, RunRequest } from '../contract/job.ts';
import { propertiesOn } from '../contract/property.ts';
import { clipsOf } from './check-job.ts';
import type { TakenJob } from './take-file.ts';

export type ExpandedJob = { job: JobId; title: string; file: string; submittedAt: string; runs: RunRequest[] };

/** A guest has a disk per clip, and room for so many of them. */
const CLIPS_PER_RUN = 16;

/** Each kernel is one run on each device; with measures, one for each; with more clips than a guest has room for, one per batch of them. */
export function expandJob(job: TakenJob, file: string, hostSide: { readonly nested: boolean }): ExpandedJob {
  const id = JobId.parse(`j-${randomName()}`);
  const submittedAt = new Date().toISOString();
  const { title, drivers, image, stack, pipelines, faults } = job;
  const devices = devicesOf(job);
  const batches = batchesOf(job.clips);
  const measures = measuresOf(job);
  const runs = job.kernels.flatMap((kernel) => devices.flatMap((device) => measures.flatMap((measure) => batches.map((batch): RunRequest => ({
    id: RunId.parse(`r-${randomName()}`), job: id, title, kernel, flavour: kernel.flavour ?? job.flavour, drivers, image, stack, device, pipelines, clips: batch, measure,
    properties: measure === (measures[0] ?? null) && batch === batches[0] ? propertiesOn(device, job.properties, devices) : [], faults,
    checked: true, calls: false, exercise: measure === null && (job.exercise ?? (kernel.flavour ?? job.flavour) === 'debug'),
    needs: needsOf(device, hostSide), submittedAt,
  })))));
  return { job: id, title, file, submittedAt, runs };
}

/** Whoever works on it goes on with the trace of its submit. */
export function withTrace(run: RunRequest, trace: string | undefined): RunRequest {
  return trace === undefined ? run : { ...run, trace };
}

/** How many runs that is, without making them. */
export function countRuns(job: Job): number {
  return job.kernels.length * devicesOf(job).length * measuresOf(job).length * batchesOf(clipsOf(job)).length;
}

function devicesOf({ device, devices }: TakenJob | Job): readonly Job['device'][] {
  return devices ?? [device];
}

function measuresOf({ measure }: TakenJob | Job): readonly RunRequest['measure'][] {
  return measure.length === 0 ? [null] : measure;
}

function batchesOf<Clip>(clips: readonly Clip[]): Clip[][] {
  if (clips.length === 0) return [[]];
  return Array.from({ length: Math.ceil(clips.length / CLIPS_PER_RUN) }, (_, n) => clips.slice(n * CLIPS_PER_RUN, (n + 1) * CLIPS_PER_RUN));
}

export function randomName(): string {
  return Array.from({ length: 10 }, () => randomInt(36).toString(36)).join('');
}
