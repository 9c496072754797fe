// One run as its folder has it. Needs no database, but for its siblings.
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'kysely';
import * as z from 'zod';
import { StampedEvent } from '../../../orchestrator/src/contract/event.ts';
import { RunInputs } from '../../../orchestrator/src/contract/inputs.ts';
import type { RunId } from '../../../orchestrator/src/contract/ids.ts';
import type { RunRequest } from '../../../orchestrator/src/contract/job.ts';
import { exists, filesBelow, readIfThere, readRecord } from '../../../orchestrator/src/lib/files.ts';
import { LabError } from '../../../orchestrator/src/lib/lab-error.ts';
import type { Keeper } from '../../../orchestrator/src/record/keeper.ts';
import { layout, RUN_FILES } from '../../../orchestrator/src/store/layout.ts';
import { readJobRecord, readRun, readWorld } from '../../../orchestrator/src/store/read.ts';
import type { EvidenceFile, RunDetail } from '../../api/shapes.ts';

/** A run that says nothing for so long, and is not sealed, is nobody's work any more. */
const LOST_MS = 15 * 60_000;
const EVENTS_SHOWN = 2000;
const TYPES: Readonly<Record<string, string>> = { png: 'image/png', json: 'application/json', ndjson: 'application/x-ndjson', log: 'text/plain' };

const NOTHING_YET = { state: 'waiting', record: null, events: [], world: {}, argv: null, files: [], siblings: [] } as const satisfies Partial<RunDetail>;
/** Jobs of which runs are missing: what was asked for longer ago than these nobody will begin. */
const JOBS_LOOKED_AT = 50;
const ASKED_LATELY = '30 days';

export async function runDetail(home: string, id: RunId, keeper: Keeper): Promise<RunDetail> {
  const folder = layout.run(home, id);
  if (!(await exists(folder))) {
    const request = await requestOf(home, id, keeper);
    if (request !== undefined) return { ...NOTHING_YET, id, request, commands: [{ what: 'whether it is still asked for', command: 'npx vlab status' }, { what: 'to ask for it no more', command: `npx vlab cancel ${id}` }] };
    throw new LabError('UNKNOWN_ID', `there is no run ${id}`, { blame: 'request', hint: 'vlab status' });
  }
  const [record, inputs, events, world, argv, files] = await Promise.all([readRun(home, id), readRecord(join(folder, RUN_FILES.inputs), RunInputs), eventsOf(folder), readWorld(home, id), argvOf(folder), filesOf(folder)]);
  const lastMs = await stat(join(folder, RUN_FILES.events)).then(({ mtimeMs }) => mtimeMs, () => 0);
  return {
    id, state: record !== undefined ? 'sealed' : Date.now() - lastMs < LOST_MS ? 'live' : 'lost', request: inputs?.request ?? null, record: record ?? null, events, world, argv, files,
    siblings: record === undefined ? [] : await siblingsOf(keeper, record).catch(() => []),
    commands: [
      { what: 'boot the very guest again, anywhere', command: `npx vlab reproduce ${id}` },
      { what: 'the same on a terminal', command: `npx vlab show ${id}` },
      { what: 'its console', command: `npx vlab logs ${id}` },
    ],
  };
}

/** What was asked of a run that nobody has begun; undefined where no job asks for it. */
async function requestOf(home: string, id: RunId, { db }: Keeper): Promise<RunRequest | undefined> {
  const { rows } = await sql<{ id: string }>`select id from jobs where submitted_at > now() - ${ASKED_LATELY}::interval and runs > (select count(*) from runs where runs.job = jobs.id) order by submitted_at desc limit ${JOBS_LOOKED_AT}`.execute(db);
  for (const { id: job } of rows) {
    const found = (await readJobRecord(home, job))?.runs.find((one) => one.id === id);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The newest, where there are too many to show; a line that is not whole yet, or is none, is left out. */
async function eventsOf(folder: string): Promise<StampedEvent[]> {
  const lines = ((await readIfThere(join(folder, RUN_FILES.events))) ?? '').split('\n').slice(0, -1);
  return lines.slice(-EVENTS_SHOWN).flatMap((line) => {
    const event = StampedEvent.safeParse(jsonOf(line));
    return event.success ? [event.data] : [];
  });
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

async function argvOf(folder: string): Promise<string[] | null> {
  return (await readRecord(join(folder, RUN_FILES.argv), z.object({ argv: z.array(z.string()) })))?.argv ?? null;
}

/** Plain files only, and never the sockets of a guest that lives. */
async function filesOf(folder: string): Promise<EvidenceFile[]> {
  const names = (await filesBelow(folder)).filter((name) => !name.startsWith(`${RUN_FILES.sockets}/`) && name !== 'reserve');
  const found = await Promise.all(names.map(async (name) => ({ name, bytes: await stat(join(folder, name)).then(({ size }) => size, () => 0), type: typeOf(name) })));
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
}

export function typeOf(name: string): string {
  return TYPES[name.split('.').at(-1) ?? ''] ?? 'application/octet-stream';
}

/** Other boots of the same job and kernel: what measures is never the boot that checks. */
async function siblingsOf({ db }: Keeper, { id, job, base, series, flavour }: { id: string; job: string; base: string; series: string | null; flavour: string }): Promise<RunDetail['siblings']> {
  const rows = await db.selectFrom('runs').select(['id', 'device', 'measure', 'outcome']).where('job', '=', job).where('base', '=', base).where('series', 'is not distinct from', series).where('flavour', '=', flavour)
    .where('id', '!=', id).orderBy('n').limit(50).execute();
  return rows.map((row) => ({ id: row.id as RunId, what: `${row.device}${row.measure === null ? '' : `, ${row.measure}`}: ${row.outcome}` }));
}
