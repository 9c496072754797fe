// What every command gets and gives back. The one place that knows about --json and about how errors are printed.
import type { z } from 'zod';
import { DOCUMENTS } from '../contract/documents.ts';
import { EXIT_CODE, KIND_OF_BLAME } from '../contract/outcome.ts';
import { isNoSpace, LabError, messageOf, rootOf } from '../lib/lab-error.ts';
import type { Lab } from '../lib/lab.ts';

export type Context = {
  lab: Lab;
  json: boolean;
  /** Aborted by an interrupt, for commands that do not handle interrupts themselves. */
  signal: AbortSignal;
  /** To people, on standard error. */
  talk: (line: string) => void;
  /** Called on each interrupt with its number, from 1; a command that sets it decides what an interrupt means. */
  onInterrupt: (handler: (count: number) => void) => void;
};

/** `text` is for people, `document` for --json; both go to standard output. `said`: it was printed while the command was still at work. */
export type Answer<Name extends keyof typeof DOCUMENTS> = { name: Name; document: z.input<(typeof DOCUMENTS)[Name]>; text: string; exitCode: number; said?: boolean };

export function answer<Name extends keyof typeof DOCUMENTS>(name: Name, document: z.input<(typeof DOCUMENTS)[Name]>, text: string, exitCode = 0): Answer<Name> {
  return { name, document, text, exitCode };
}

/** The document is held to its schema here: a command cannot print what docs/schemas/ does not say. */
export function printAnswer(given: Answer<keyof typeof DOCUMENTS>, json: boolean): void {
  if (given.said === true) return;
  const document = DOCUMENTS[given.name].parse(given.document);
  process.stdout.write(json ? `${JSON.stringify(document, null, 2)}\n` : `${given.text}\n`);
}

/** Prints an error for whoever asked and returns the exit code. Only our own bugs show a stack. */
export function printError(thrown: unknown, json: boolean): number {
  const error = asLabError(rootOf(thrown));
  const kind = KIND_OF_BLAME[error.blame];
  if (json) {
    const document = DOCUMENTS.error.parse({
      error: { code: error.code, message: error.message, kind, stage: error.stage ?? null, hint: error.hint ?? null, evidence: error.evidence ?? null },
    });
    process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
  } else {
    process.stderr.write(`vlab: ${error.message}\n`);
    if (error.evidence !== undefined) process.stderr.write(`${error.evidence}\n`);
    if (error.hint !== undefined) process.stderr.write(`next: ${error.hint}\n`);
  }
  return EXIT_CODE[kind];
}

function asLabError(error: unknown): LabError {
  if (error instanceof LabError) return error;
  if (isNoSpace(error)) return new LabError('DISK_FULL', `no space left on the lab's disk: ${messageOf(error)}`, { blame: 'lab', hint: 'vlab gc', cause: error });
  const stack = error instanceof Error ? error.stack : undefined;
  return new LabError('BUG', `a bug of the lab: ${messageOf(error)}`, { blame: 'lab', cause: error, ...(stack === undefined ? {} : { evidence: stack }) });
}
