// The one class this project throws on purpose, and the one place that turns anything thrown into an outcome.
import { KIND_OF_BLAME, type Blame, type Outcome, type Stage } from '../contract/outcome.ts';

export type LabErrorOptions = { blame: Blame; hint?: string; stage?: Stage; evidence?: string; cause?: unknown };

/** `message` = subject, wanted, got. `hint` = what to type next. `evidence` = lines or a path that prove it. */
export class LabError extends Error {
  readonly code: string;
  readonly blame: Blame;
  readonly hint: string | undefined;
  readonly stage: Stage | undefined;
  readonly evidence: string | undefined;

  constructor(code: string, message: string, options: LabErrorOptions) {
    super(message, { cause: options.cause });
    this.name = 'LabError';
    this.code = code;
    this.blame = options.blame;
    this.hint = options.hint;
    this.stage = options.stage;
    this.evidence = options.evidence;
  }
}

/** The outcome of whatever ended a stage. A thrown Error that is not a LabError is our own bug, told as `broken` with its stack. */
export function outcomeOf(thrown: unknown, stage: Stage, signal: AbortSignal): Outcome {
  const error = rootOf(signal.aborted ? signal.reason : thrown);
  if (error instanceof LabError) {
    const proof = error.evidence === undefined ? '' : `\n${error.evidence}`;
    return { kind: KIND_OF_BLAME[error.blame], stage: error.stage ?? stage, why: error.message + proof };
  }
  if (isNoSpace(error)) return { kind: 'broken', stage, why: `no space left on the lab's disk: ${String(error)}` };
  return { kind: 'broken', stage, why: `a bug of the lab: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}` };
}

/** When a body and its clean-up both throw, `using` wraps the first error: that one is the cause. */
export function rootOf(thrown: unknown): unknown {
  let error = thrown;
  while (error instanceof Error && error.name === 'SuppressedError' && 'suppressed' in error) error = error.suppressed;
  return error;
}

export function isNoSpace(error: unknown): boolean {
  const code = codeOf(error);
  return code === 'ENOSPC' || code === 'EDQUOT';
}

export function isMissing(error: unknown): boolean {
  return codeOf(error) === 'ENOENT';
}

/** The system's name of what went wrong, such as ENOENT. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
