// Boots in which a base's commands were counted, by what was asked of them: counts are exact, and the next evaluation on this host need not make such a boot again.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { RunId, type ContentKey } from '../contract/ids.ts';
import { RunInputs } from '../contract/inputs.ts';
import type { RunRequest } from '../contract/job.ts';
import type { RunRecord } from '../contract/run.ts';
import { keyOf, readIfThere, readRecord, writeWhole } from '../lib/files.ts';
import { layout, RUN_FILES } from './layout.ts';
import { readRun, readWorld } from './read.ts';

const Counted = z.strictObject({ run: RunId });
/** Nothing that is not looked at below changes often; what changes all the same is found out the next day. */
const FRESH_MS = 86_400_000;

/** `kernel`: the base's, by its key. Undefined where no such boot is known, or its folder is gone, or it is of yesterday. */
export async function findCounted(home: string, kernel: ContentKey, request: RunRequest): Promise<RunRecord | undefined> {
  const known = await readRecord(pathOf(home, kernel, request), Counted);
  const record = known === undefined ? undefined : await readRun(home, known.run);
  return record === undefined || Date.now() - Date.parse(record.sealedAt) > FRESH_MS ? undefined : record;
}

export async function noteCounted(home: string, kernel: ContentKey, request: RunRequest, run: RunId): Promise<void> {
  await mkdir(layout.counted(home), { recursive: true });
  await writeWhole(pathOf(home, kernel, request), JSON.stringify({ run } satisfies z.infer<typeof Counted>));
}

/** Whether two runs were booted alike in all but their kernels: QEMU's very command line, the images and clips, and what the host is. */
export async function bootedAlike(home: string, one: RunId, other: RunId): Promise<boolean> {
  const [[first], [second]] = [await bootedWith(home, one), await bootedWith(home, other)];
  return first !== undefined && first === second;
}

/** Empty where the run did not come so far. */
async function bootedWith(home: string, run: RunId): Promise<string[]> {
  const folder = layout.run(home, run);
  const [argv, inputs, world] = [await readIfThere(join(folder, RUN_FILES.argv)), await readRecord(join(folder, RUN_FILES.inputs), RunInputs), await readWorld(home, run)];
  return argv === undefined || inputs === undefined ? [] : [JSON.stringify([argv, inputs.stack, inputs.guest, inputs.clips, world])];
}

function pathOf(home: string, kernel: ContentKey, { id: _id, job: _job, title: _title, submittedAt: _at, trace: _trace, ...asked }: RunRequest): string {
  return join(layout.counted(home), `${keyOf({ kernel, asked })}.json`);
}
