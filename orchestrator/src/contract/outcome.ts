// What a run concludes, and who is at fault. The kind alone decides exit codes and retries.
import * as z from 'zod';

/** Where in the flow something happened; also the folder's name and the event's prefix. */
export const Stage = z.enum(['request', 'queue', 'image', 'kernel', 'clip', 'guest', 'pipeline', 'verify', 'store']);
export type Stage = z.infer<typeof Stage>;

/**
 * `failed`: the kernel under test is at fault. `rejected`: the request is. `broken`: the lab is, and only this kind may be tried
 * again. `cancelled`: somebody asked for the end.
 */
export const OutcomeKind = z.enum(['passed', 'failed', 'rejected', 'broken', 'cancelled']);
export type OutcomeKind = z.infer<typeof OutcomeKind>;

export const Outcome = z.strictObject({ kind: OutcomeKind, stage: Stage, why: z.string() });
export type Outcome = z.infer<typeof Outcome>;

/** Who is to blame for an error, and the outcome that follows. */
export const KIND_OF_BLAME = { kernel: 'failed', request: 'rejected', lab: 'broken', user: 'cancelled' } as const;
export type Blame = keyof typeof KIND_OF_BLAME;

/** The exit code of a command that ended with this outcome. */
export const EXIT_CODE = { passed: 0, failed: 1, rejected: 2, broken: 3, cancelled: 130 } as const satisfies Record<OutcomeKind, number>;
