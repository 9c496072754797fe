// Nights on disk: one folder each; night.json is written last, by rename, so that a folder without it is a night that came to no end.
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { NightId } from '../contract/ids.ts';
import { NightRecord, NightSchedule } from '../contract/night.ts';
import { exists, namesIn, readRecord, writeWhole } from '../lib/files.ts';
import { LabError } from '../lib/lab-error.ts';
import { layout } from './layout.ts';

export const NIGHT_FILES = { record: 'night.json', summary: 'summary.md', mail: 'mail.eml', junit: 'junit.xml', kcidb: 'kcidb.json', begun: 'begun.json' } as const;

/** `reports`: file name to text. */
export async function writeNight(home: string, record: NightRecord, reports: Readonly<Record<string, string>>): Promise<string> {
  const folder = layout.night(home, record.id);
  await mkdir(folder, { recursive: true });
  for (const [name, text] of Object.entries(reports)) await writeWhole(join(folder, name), text);
  await writeWhole(join(folder, NIGHT_FILES.record), JSON.stringify(NightRecord.parse(record), null, 2));
  return folder;
}

/** An id as a person typed it; refused when it is none, so that no path is ever built from one. */
export async function readNight(home: string, given: string): Promise<NightRecord> {
  const id = NightId.safeParse(given);
  if (!id.success) throw new LabError('BAD_ID', `Expected a night (n-...), got "${given}"`, { blame: 'request', stage: 'request', hint: 'vlab nightly list' });
  const record = await sealedNight(home, id.data);
  if (record === undefined) throw new LabError('UNKNOWN_ID', `there is no night ${id.data} in this lab folder`, { blame: 'request', stage: 'request', hint: 'vlab nightly list' });
  return record;
}

/** Undefined where there is none, or it was cut off. */
export function sealedNight(home: string, id: NightId): Promise<NightRecord | undefined> {
  return readRecord(join(layout.night(home, id), NIGHT_FILES.record), NightRecord);
}

/** The newest first; at most so many. Of the others only the small file is read that says when they began. */
export async function listNights(home: string, most = 1000): Promise<NightRecord[]> {
  const found: NightRecord[] = [];
  for (const { id, sealed } of await listBegun(home)) {
    if (found.length === most) break;
    const record = sealed ? await sealedNight(home, id) : undefined;
    if (record !== undefined) found.push(record);
  }
  return found;
}

/** Nights of one plan and profile can be compared; one that was interrupted had not seen all. */
export function nightBefore(nights: readonly NightRecord[], plan: string, profile: string): NightRecord | undefined {
  return nights.find((one) => one.plan === plan && one.profile === profile && one.lab !== 'interrupted');
}

export async function readSchedule(home: string): Promise<NightSchedule | undefined> {
  return readRecord(layout.schedule(home), NightSchedule);
}

export async function writeSchedule(home: string, schedule: NightSchedule | undefined): Promise<void> {
  if (schedule === undefined) await rm(layout.schedule(home), { force: true });
  else await writeWhole(layout.schedule(home), JSON.stringify(NightSchedule.parse(schedule), null, 2));
}

const Begun = z.object({ startedAt: z.iso.datetime(), endsBy: z.iso.datetime() });

/** Said before the first boot, so that a night which comes to no end can be told from one that never began. */
export async function beginNight(home: string, id: NightId, begun: z.infer<typeof Begun>): Promise<void> {
  await mkdir(layout.night(home, id), { recursive: true });
  await writeWhole(join(layout.night(home, id), NIGHT_FILES.begun), JSON.stringify(begun));
}

type BegunNight = z.infer<typeof Begun> & { id: NightId; sealed: boolean };
/** Sealed ones by their folder: nothing of them changes, and pages ask often. */
const SEALED = new Map<string, BegunNight>();

/** Every night that began, sealed or not, the newest first. */
export async function listBegun(home: string): Promise<BegunNight[]> {
  const found: BegunNight[] = [];
  for (const name of await namesIn(layout.nights(home))) {
    const id = NightId.safeParse(name);
    const night = id.success ? SEALED.get(layout.night(home, id.data)) ?? await readBegun(home, id.data) : undefined;
    if (night !== undefined) found.push(night);
  }
  return found.sort((one, other) => other.startedAt.localeCompare(one.startedAt));
}

async function readBegun(home: string, id: NightId): Promise<BegunNight | undefined> {
  const folder = layout.night(home, id);
  const begun = await readRecord(join(folder, NIGHT_FILES.begun), Begun);
  if (begun === undefined) return undefined;
  const night = { id, ...begun, sealed: await exists(join(folder, NIGHT_FILES.record)) };
  if (night.sealed) SEALED.set(folder, night);
  return night;
}
