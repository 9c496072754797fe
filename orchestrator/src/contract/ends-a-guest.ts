// A list of its own, without schemas: the pages know a console's lines too, and take none of what reads schemas along.
import type { ConsoleFinding } from './run.ts';

/** After these the guest cannot be trusted to go on: its run ends there. */
export const ENDS_A_GUEST: ReadonlySet<ConsoleFinding['kind']> = new Set<ConsoleFinding['kind']>(['panic', 'oops', 'bug', 'soft-lockup', 'rcu-stall', 'hung-task']);
