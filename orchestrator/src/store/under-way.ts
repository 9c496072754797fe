// Evaluations under way: what they have booted until now is no verdict's yet, and must be there when it is. Each says that it has begun in the lab's folder, for
// as long as its process lives; and in a store that hosts share, again and again.
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import type { EvaluationId } from '../contract/ids.ts';
import { namesIn, readRecord, writeWhole } from '../lib/files.ts';
import { ownerLives, ownName } from '../lib/owner.ts';
import type { Evidence } from './evidence.ts';
import { layout } from './layout.ts';
import { listBegun } from './nights.ts';

const Begun = z.strictObject({ startedAt: z.iso.datetime(), owner: z.string() });
const RENEW_MS = 3600_000;

/** To be disposed of once the evaluation's record is written, or will never be. */
export async function beginEvaluation(evidence: Evidence, id: EvaluationId, startedAt: string): Promise<AsyncDisposable> {
  const path = join(layout.underWay(evidence.home), `${id}.json`);
  await mkdir(layout.underWay(evidence.home), { recursive: true });
  await writeWhole(path, JSON.stringify({ startedAt, owner: ownName() } satisfies z.infer<typeof Begun>));
  try {
    await evidence.tellBegun({ id, submittedAt: startedAt });
  } catch (error) {
    // Nobody would take it away, and nothing that is newer would ever go.
    await rm(path, { force: true });
    throw error;
  }
  // A store that is away for a while is told the next time: only a day without a word is taken for an end.
  const renewing = setInterval(() => { void evidence.tellBegun({ id, submittedAt: startedAt }).catch(() => undefined); }, RENEW_MS);
  renewing.unref();
  return {
    [Symbol.asyncDispose]: async () => {
      clearInterval(renewing);
      await rm(path, { force: true });
      await evidence.tellEnded(id).catch(() => undefined);
    },
  };
}

/** When the first of the evaluations and nights that are under way in this lab folder began, in milliseconds; infinity where none is. What is newer than that may yet be pointed at. */
export async function underWaySince(home: string): Promise<number> {
  const evaluations = await Promise.all((await namesIn(layout.underWay(home))).map((name) => livingAt(join(layout.underWay(home), name))));
  const nights = (await listBegun(home)).filter((one) => !one.sealed && Date.parse(one.endsBy) > Date.now());
  return Math.min(...[...evaluations.filter((one) => one !== undefined), ...nights].map(({ startedAt }) => Date.parse(startedAt)));
}

/** What a process that was killed has left of it is taken away. */
async function livingAt(path: string): Promise<z.infer<typeof Begun> | undefined> {
  const begun = await readRecord(path, Begun);
  if (begun === undefined || ownerLives(begun.owner)) return begun;
  await rm(path, { force: true });
  return undefined;
}
