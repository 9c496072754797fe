// Which bytes belong together: what a shared store holds of a run, a kernel or whatever else is made of files.
import * as z from 'zod';

/** A file, or one in a folder below; no part begins with a dot, so none leads elsewhere. */
const KeptName = z.string().max(200).regex(/^[A-Za-z0-9][A-Za-z0-9._+-]*(\/[A-Za-z0-9][A-Za-z0-9._+-]*){0,2}$/);

export const Digest = z.string().regex(/^[0-9a-f]{64}$/).describe('SHA-256, in hexadecimal');
export type Digest = z.infer<typeof Digest>;

export const KeptFile = z.strictObject({ name: KeptName, bytes: z.int().min(0), sha256: Digest });
export type KeptFile = z.infer<typeof KeptFile>;

/** manifest.json of a sealed run folder, and the object by which a shared store knows it. */
export const Manifest = z.strictObject({ version: z.literal(1), of: z.string().max(200), files: z.array(KeptFile).max(5000) });
export type Manifest = z.infer<typeof Manifest>;
