// What a guest was booted from, by name and key: inputs.json of a run folder. With it the very same guest can be put together again.
import * as z from 'zod';
import { ContentKey } from './ids.ts';
import { RunRequest } from './job.ts';

export const RunInputs = z.strictObject({
  version: z.literal(1),
  request: RunRequest,
  kernel: ContentKey,
  stack: z.strictObject({ name: z.string(), key: ContentKey, tag: z.string() }),
  guest: z.strictObject({ name: z.string(), key: ContentKey }),
  clips: z.array(z.strictObject({
    disk: z.string().describe('the serial of its disk in the guest'), name: z.string(), key: ContentKey, sha256: z.string(),
    seek: z.int().nullable().describe('decoding starts at this frame'), damaged: z.boolean(),
  })),
});
export type RunInputs = z.infer<typeof RunInputs>;

/** What the lab's own images are for: a tool chain, what makes clips and guests, a host side, a guest's root, the record. */
export const ImageKind = z.enum(['builder', 'workshop', 'stack', 'guest', 'postgres', 'store', 'lab']);
export type ImageKind = z.infer<typeof ImageKind>;
