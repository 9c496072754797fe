// An archive that boots a run's guest again elsewhere: what manifest.json in it says, and what the replay there writes. docs/decisions/0011-reproduce.md
// says what is in it and why.
import * as z from 'zod';
import { RunId } from './ids.ts';
import { RunInputs } from './inputs.ts';

export const ArchiveManifest = z.strictObject({
  version: z.literal(1),
  inputs: RunInputs,
  image: z.string().describe('the name under which the archive\'s image of the host side is loaded'),
  clips: z.array(z.strictObject({ disk: z.string(), pictures: z.boolean().describe('whether its golden pictures are there, so that a wrong frame can be drawn and named') })),
  madeAt: z.iso.datetime(),
});
export type ArchiveManifest = z.infer<typeof ArchiveManifest>;

/** One thing that is not as it was recorded. */
export const Difference = z.strictObject({ what: z.string(), recorded: z.string(), here: z.string() });
export type Difference = z.infer<typeof Difference>;

export const ReplayDocument = z.strictObject({
  run: RunId,
  same: z.boolean().describe('whether everything that the outcome consists of came out as recorded'),
  outcome: z.array(Difference).describe('what of the outcome did not'),
  frames: z.strictObject({
    compared: z.int(), same: z.int(), firstOther: z.string().nullable(),
  }).describe('frames that came back in both, and how many have the recorded hash in every plane, in memory, as texels and as RGB; a camera\'s are left out'),
  machine: z.array(Difference).describe('of the machine, its engine, QEMU\'s command line and the packages'),
  figures: z.array(Difference).describe('every figure, whether it differs or not: two boots prove nothing about it'),
});
export type ReplayDocument = z.infer<typeof ReplayDocument>;
