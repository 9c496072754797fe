// Faults that the probe makes on purpose, so that the lab can be tested by itself: is each seen, and called by its right name?
import * as z from 'zod';

export const Fault = z.enum([
  'decode-bitflip', 'decode-stale', 'decode-swap', 'skip-transfer', 'no-transfer', 'box-short-row', 'box-short-column', 'box-half', 'skip-wait', 'reuse-early',
  'wrong-stride', 'wrong-offset', 'swap-planes', 'mirror-x', 'mirror-y', 'shift', 'wrong-matrix', 'wrong-range', 'odd-chroma', 'wrong-buffer', 'swizzle',
]);
export type Fault = z.infer<typeof Fault>;

/** Whose doing a wrong frame is: see docs/faults.md. */
export const Party = z.enum(['decoder', 'transfer', 'fence', 'format', 'id', 'dma']);
export type Party = z.infer<typeof Party>;
