// The names of things that are kept: jobs, runs, content-addressed products. Knows how they look, not where they lie.
import * as z from 'zod';

/** One submitted job: `j-` and ten characters of base 36. */
export const JobId = z.string().regex(/^j-[0-9a-z]{10}$/).brand<'JobId'>();
export type JobId = z.infer<typeof JobId>;

/** One guest boot asked for by a job: `r-` and ten characters of base 36. It keeps its id when it is attempted again. */
export const RunId = z.string().regex(/^r-[0-9a-z]{10}$/).brand<'RunId'>();
export type RunId = z.infer<typeof RunId>;

/** The first 16 hex digits of a SHA-256 over the typed record of all that changes a product's bytes. */
export const ContentKey = z.string().regex(/^[0-9a-f]{16}$/).brand<'ContentKey'>();
export type ContentKey = z.infer<typeof ContentKey>;

/** One evaluation: `e-` and ten characters of base 36. */
export const EvaluationId = z.string().regex(/^e-[0-9a-z]{10}$/).brand<'EvaluationId'>();
export type EvaluationId = z.infer<typeof EvaluationId>;

/** Runs that are brought to their end together on one worker: `b-` and ten characters of base 36. */
export const BlockId = z.string().regex(/^b-[0-9a-z]{10}$/).brand<'BlockId'>();
export type BlockId = z.infer<typeof BlockId>;

/** One night: `n-` and ten characters of base 36. */
export const NightId = z.string().regex(/^n-[0-9a-z]{10}$/).brand<'NightId'>();
export type NightId = z.infer<typeof NightId>;
