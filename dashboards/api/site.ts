// What a copy of the pages is made of: the index of what is in it, and the mark by which a folder is known as one. Between the exporter and the copy's pages.
import * as z from 'zod';
import { EvaluationId, JobId } from '../../orchestrator/src/contract/ids.ts';
import { EvaluationRow, RunRow, SeriesRow } from './shapes.ts';

export const SiteIndex = z.strictObject({
  version: z.string(), job: JobId, title: z.string(), madeAt: z.iso.datetime(),
  answers: z.record(z.string(), z.string()).describe('an address of the API, to the name of the piece that has its answer'),
  logs: z.record(z.string(), z.strictObject({ piece: z.string(), cutOf: z.int().nullable().describe('how many bytes the file has, where only the first of them are here') })).describe('"run log" to its text'),
  reports: z.record(EvaluationId, z.record(z.string(), z.string())).describe('by format, the path of the file'),
  runs: z.array(RunRow), evaluations: z.array(EvaluationRow), series: z.array(SeriesRow),
});
export type SiteIndex = z.infer<typeof SiteIndex>;

/** vlab-site.json: a folder that has it was written by the export, and may be written anew. */
export const SiteMark = z.strictObject({ writtenBy: z.literal('vlab export site'), version: z.string(), job: JobId, madeAt: z.iso.datetime(), pages: z.int(), files: z.int(), bytes: z.int() });
export type SiteMark = z.infer<typeof SiteMark>;
