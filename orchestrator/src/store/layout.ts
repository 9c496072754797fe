// Every path of the lab's data folder, once.
import { join } from 'node:path';

export const layout = {
  runs: (home: string): string => join(home, 'runs'),
  run: (home: string, id: string): string => join(home, 'runs', id),
  /** Where an attempt goes that died before it was sealed, when the run is attempted again. */
  lost: (home: string, id: string, attempt: number): string => join(home, 'runs', `${id}.lost-${String(attempt)}`),
  jobs: (home: string): string => join(home, 'jobs'),
  evaluations: (home: string): string => join(home, 'evaluations'),
  evaluation: (home: string, id: string): string => join(home, 'evaluations', id),
  /** Evaluations whose record is not written yet. */
  underWay: (home: string): string => join(home, 'under-way'),
  /** Which runs have counted the commands of a base. */
  counted: (home: string): string => join(home, 'counted'),
  /** Of sealed runs, by digest, where no shared store is given. */
  evidence: (home: string): string => join(home, 'evidence'),
  nights: (home: string): string => join(home, 'nights'),
  night: (home: string, id: string): string => join(home, 'nights', id),
  schedule: (home: string): string => join(home, 'schedule.json'),
  alertNotes: (home: string): string => join(home, 'alerts.ndjson'),
  tokens: (home: string): string => join(home, 'tokens.json'),
  job: (home: string, id: string): string => join(home, 'jobs', `${id}.json`),
} as const;

/** The files of a run folder. run.json is written last, by rename: a folder without it is not a result. */
export const RUN_FILES = {
  record: 'run.json', events: 'events.ndjson', console: 'console.log', probe: 'probe.ndjson', qemu: 'qemu.log', trace: 'trace.log',
  inputs: 'inputs.json', argv: 'argv.json', versions: 'versions.json', frames: 'frames', attempt: 'attempt.json', manifest: 'manifest.json',
  /** The guest's sockets; there only while it lives. */
  sockets: 's',
} as const;
