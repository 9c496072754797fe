// Seals a run that no worker will bring to its end: cancelled while it waited, or given up by the queue. Its evidence stays as it lies.
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { calledBase, type RunRequest } from '../contract/job.ts';
import type { Outcome } from '../contract/outcome.ts';
import { NO_CLIP } from '../contract/pipeline.ts';
import { emptyResult, type RunRecord } from '../contract/run.ts';
import { writeWhole } from '../lib/files.ts';
import { LabError } from '../lib/lab-error.ts';
import type { Evidence } from './evidence.ts';
import { layout, RUN_FILES } from './layout.ts';

/** Does nothing to a run that is sealed already. */
export async function sealUnrun(evidence: Evidence, request: RunRequest, outcome: Outcome): Promise<RunRecord> {
  const sealed = await evidence.bring(request);
  if (sealed !== undefined) return sealed;
  const now = new Date().toISOString();
  const { id, job, title, kernel, flavour, drivers, image, stack, device, measure } = request;
  const record: RunRecord = {
    version: 1, id, job, attempt: 0, title, base: calledBase(request), series: kernel.series ?? null, flavour, drivers, image, stack, device, measure,
    expect: kernel.expect, outcome, asExpected: outcome.kind === kernel.expect,
    claim: null, kernel: null, accelerator: null, display: null, renderer: null, capabilities: null, readyMs: null, guestCpuSeconds: null, conditions: null, lostBoot: null,
    pipelines: request.pipelines.map((pipeline) => ({ ...emptyResult(pipeline, NO_CLIP), why: outcome.why })), properties: [],
    calls: [], console: [], kmemleakScans: null, exercise: null, stages: [], startedAt: request.submittedAt, sealedAt: now,
  };
  const folder = layout.run(evidence.home, id);
  await mkdir(folder, { recursive: true });
  await rm(join(folder, RUN_FILES.sockets), { recursive: true, force: true });
  const text = JSON.stringify(record, null, 2);
  try {
    await evidence.keepRun(request, folder, text);
  } catch (error) {
    // A worker sealed it in the meantime, or somebody else gave it up.
    const other = error instanceof LabError && error.code === 'LATE_ATTEMPT' ? await evidence.bring(request) : undefined;
    if (other === undefined) throw error;
    return other;
  }
  await writeWhole(join(folder, RUN_FILES.record), text);
  return record;
}
