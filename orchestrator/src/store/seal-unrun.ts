// Seals a run that no worker will bring to its end: cancelled while it waited, or given up by the queue. Its evidence stays as it lies.
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunRequest } from '../contract/job.ts';
import type { Outcome } from '../contract/outcome.ts';
import { NO_CLIP } from '../contract/pipeline.ts';
import { emptyResult, type RunRecord } from '../contract/run.ts';
import { writeWhole } from '../lib/files.ts';
import { layout, RUN_FILES } from './layout.ts';
import { readRun } from './read.ts';

/** Does nothing to a run that is sealed already. */
export async function sealUnrun(home: string, request: RunRequest, outcome: Outcome): Promise<RunRecord> {
  const sealed = await readRun(home, request.id);
  if (sealed !== undefined) return sealed;
  const now = new Date().toISOString();
  const { id, job, title, kernel, flavour, drivers, image, stack, device, measure } = request;
  const record: RunRecord = {
    version: 1, id, job, attempt: 0, title, base: kernel.base, series: kernel.series ?? null, flavour, drivers, image, stack, device, measure,
    expect: kernel.expect, outcome, asExpected: outcome.kind === kernel.expect,
    claim: null, kernel: null, accelerator: null, display: null, renderer: null, capabilities: null, readyMs: null, guestCpuSeconds: null, conditions: null, lostBoot: null,
    pipelines: request.pipelines.map((pipeline) => ({ ...emptyResult(pipeline, NO_CLIP), why: outcome.why })), properties: [],
    calls: [], console: [], kmemleakScans: null, exercise: null, stages: [], startedAt: request.submittedAt, sealedAt: now,
  };
  await mkdir(layout.run(home, id), { recursive: true });
  await rm(join(layout.run(home, id), RUN_FILES.sockets), { recursive: true, force: true });
  await writeWhole(join(layout.run(home, id), RUN_FILES.record), JSON.stringify(record, null, 2));
  return record;
}
