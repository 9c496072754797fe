// What one look of a bisection came to, and the answer of all of them.
import * as z from 'zod';
import { Verdict } from './evaluation.ts';
import { EvaluationId } from './ids.ts';

/** Of a metric `wrong` is worse, and `nothing` is not worse. */
export const SAW = z.enum(['wrong', 'once', 'nothing', 'same', 'skip'])
  .describe('wrong: seen on two boots, or worse; once: on one boot and not on the next; nothing; same: the kernel is its base, byte for byte; skip: it does not build, or no verdict could be had');
export type Saw = z.infer<typeof SAW>;

const Is = z.enum(['good', 'bad', 'skip']);

/** One that may have done it: a patch, a commit or a version. */
export const Suspect = z.strictObject({ id: z.string().describe('the patch\'s file, the commit\'s hash, or the version'), subject: z.string(), author: z.string().nullable(), date: z.string().nullable() });
export type Suspect = z.infer<typeof Suspect>;

export const BisectDocument = z.strictObject({
  what: z.enum(['series', 'git', 'debian']), of: z.string().describe('the series, the range, or the versions'), base: z.string(), on: z.enum(['correctness', 'instructions', 'time']),
  found: z.array(Suspect).describe('the first bad one; several where those between could not be tried; empty where there is none'),
  why: z.string(),
  confidence: z.number().nullable().describe('the probability that it is the one found, given everything seen; null where there is none'),
  enough: z.boolean().nullable().describe('whether that is as sure as was asked for'),
  reasons: z.array(z.string()).describe('what that number rests on'),
  kernels: z.array(z.strictObject({ id: z.string(), subject: z.string(), is: Is, looks: z.int(), shown: z.int().describe('boots that showed it'), missed: z.int().describe('looks, or second boots, that did not') })),
  steps: z.array(z.strictObject({ at: z.string(), subject: z.string(), saw: SAW, detectors: z.array(z.string()), narrow: z.boolean().describe('whether less than everything was looked at: what had shown it, or what was asked for'), evaluation: EvaluationId.nullable(), why: z.string(), verdict: Verdict.nullable(), p: z.number().nullable() })),
});
export type BisectDocument = z.infer<typeof BisectDocument>;
