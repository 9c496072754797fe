// Runs that are under way: folders that are not sealed, and of which something was written lately.
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { StampedEvent } from '../../../orchestrator/src/contract/event.ts';
import { RunInputs } from '../../../orchestrator/src/contract/inputs.ts';
import type { RunId } from '../../../orchestrator/src/contract/ids.ts';
import { exists, readRecord } from '../../../orchestrator/src/lib/files.ts';
import { layout, RUN_FILES } from '../../../orchestrator/src/store/layout.ts';
import type { Runs } from '../../api/shapes.ts';

const RECENT_MS = 10 * 60_000;
const TAIL_BYTES = 4096;
const MOST = 50;

/** `unsealed`: run folders that hold no record yet, by name. */
export async function liveRuns(home: string, unsealed: readonly string[]): Promise<Runs['live']> {
  const found: Runs['live'] = [];
  for (const id of unsealed) {
    const folder = layout.run(home, id);
    if (await exists(join(folder, RUN_FILES.record))) continue;
    const events = await tail(join(folder, RUN_FILES.events));
    const last = events.at(-1);
    if (last === undefined || Date.now() - Date.parse(last.at) > RECENT_MS) continue;
    const request = (await readRecord(join(folder, RUN_FILES.inputs), RunInputs))?.request;
    const stage = events.flatMap((one) => (one.event === 'stage.started' ? [one.stage] : [])).at(-1);
    found.push({ id: id as RunId, job: request?.job ?? null, title: request?.title ?? '', stage: stage ?? 'queue', since: new Date(Date.parse(last.at) - last.ms).toISOString() });
    if (found.length === MOST) break;
  }
  return found.sort((a, b) => b.since.localeCompare(a.since));
}

async function tail(path: string): Promise<StampedEvent[]> {
  try {
    await using file = await open(path, 'r');
    const { size } = await file.stat();
    const from = Math.max(0, size - TAIL_BYTES);
    const { bytesRead, buffer } = await file.read(Buffer.alloc(TAIL_BYTES), 0, TAIL_BYTES, from);
    const lines = buffer.subarray(0, bytesRead).toString('utf8').split('\n').slice(from === 0 ? 0 : 1, -1);
    return lines.flatMap((line) => {
      const event = StampedEvent.safeParse(JSON.parse(line));
      return event.success ? [event.data] : [];
    });
  } catch {
    return [];
  }
}
