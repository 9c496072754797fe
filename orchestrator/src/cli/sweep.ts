// What dead processes of this lab left behind: containers, sockets, and runs that nobody will bring to their end any more.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Lab } from '../lib/lab.ts';
import { exists, namesIn, readRecord } from '../lib/files.ts';
import { ownerLives } from '../lib/owner.ts';
import type { RunQueue } from '../queue/submit.ts';
import { evidenceOf } from '../store/evidence.ts';
import { layout, RUN_FILES } from '../store/layout.ts';
import { Attempt } from '../store/run-folder.ts';
import { sealUnrun } from '../store/seal-unrun.ts';

export async function sweep(lab: Lab, queue: RunQueue): Promise<void> {
  for (const container of await lab.engine.list()) {
    if (container.purpose !== 'redis' && !ownerLives(container.owner)) await lab.engine.removeById(container.id);
  }
  await sweepSockets(lab.config.home);
  await sealGivenUp(lab, queue);
}

/** Of a run that another host has taken up meanwhile, nobody here opens the folder again. */
async function sweepSockets(home: string): Promise<void> {
  for (const id of await namesIn(layout.runs(home))) {
    const folder = layout.run(home, id);
    const sockets = join(folder, RUN_FILES.sockets);
    if (!(await exists(sockets))) continue;
    const owner = (await readRecord(join(folder, RUN_FILES.attempt), Attempt))?.owner;
    if (owner !== undefined && !ownerLives(owner)) await rm(sockets, { recursive: true, force: true });
  }
}

export async function sealGivenUp(lab: Lab, queue: RunQueue): Promise<void> {
  for (const { requests, why } of await queue.givenUp()) {
    for (const request of requests) await sealUnrun(evidenceOf(lab.config), request, { kind: 'broken', stage: 'queue', why: `the queue gave it up: ${why}` });
  }
}
