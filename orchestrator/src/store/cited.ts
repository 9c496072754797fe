// The runs that something points at which outlives them: verdicts, and nights. What cannot be read points at nobody knows what, so that no run may go.
import { join } from 'node:path';
import type * as z from 'zod';
import { citedBy, EvaluationRecord } from '../contract/evaluation.ts';
import { NightRecord } from '../contract/night.ts';
import { namesIn, readIfThere } from '../lib/files.ts';
import { LabError, messageOf } from '../lib/lab-error.ts';
import { EVALUATION_FILE } from './evaluations.ts';
import { layout } from './layout.ts';
import { NIGHT_FILES } from './nights.ts';

const ID = /^[en]-[0-9a-z]{10}$/;

export async function citedHere(home: string): Promise<Set<string>> {
  const evaluations = await readAll(layout.evaluations(home), EVALUATION_FILE, EvaluationRecord);
  const nights = await readAll(layout.nights(home), NIGHT_FILES.record, NightRecord);
  return new Set([...evaluations.flatMap(citedBy), ...pointedAtBy(nights)]);
}

/**
 * Each night of a plan and profile carries on what the one before had of every cell, so that of each only the newest counts: and what an interrupted one
 * is newer than, since the next is held against that.
 */
export function pointedAtBy(nights: readonly NightRecord[]): string[] {
  const settled = new Set<string>();
  return [...nights].sort((one, other) => other.startedAt.localeCompare(one.startedAt)).flatMap(({ plan, profile, lab, cells, blames, bases, selfTest }) => {
    const key = JSON.stringify([plan, profile]);
    if (settled.has(key)) return [];
    if (lab !== 'interrupted') settled.add(key);
    return [
      ...cells.flatMap(({ run, again, firstBad, lastGood }) => [run, ...again, firstBad?.run, lastGood?.run]),
      ...blames.flatMap(({ good, bad, swaps }) => [good.run, bad, ...swaps.map((swap) => swap.run)]), ...bases.map((base) => base.run), ...selfTest.missed.map((one) => one.run),
    ].filter((run) => typeof run === 'string');
  });
}

async function readAll<T extends z.ZodType>(root: string, file: string, schema: T): Promise<z.infer<T>[]> {
  const found: z.infer<T>[] = [];
  for (const name of (await namesIn(root)).filter((one) => ID.test(one))) {
    const path = join(root, name, file);
    const text = await readIfThere(path).catch((error: unknown) => { throw cannotRead(path, messageOf(error)); });
    if (text !== undefined) found.push(parseCiting(text, schema, path));
  }
  return found;
}

/** `where`: a path, or a name in a store. */
export function parseCiting<T extends z.ZodType>(text: string, schema: T, where: string): z.infer<T> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw cannotRead(where, messageOf(error));
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw cannotRead(where, `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not a record'}`);
}

function cannotRead(where: string, why: string): LabError {
  return new LabError('CANNOT_TELL', `Expected ${where} to say which runs it stands on, and it cannot be read: ${why}. No run is removed as long as any might be one of them`, {
    blame: 'lab', stage: 'store', hint: 'vlab gc without --runs-older-than and --runs-max-size; or mend or remove that, and then again',
  });
}
