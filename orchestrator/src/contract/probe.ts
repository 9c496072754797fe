// The lines that probe and lab exchange on the control port: one JSON object per line. Lenient towards the guest: unknown lines
// and fields are kept in probe.ndjson and otherwise passed over. guest-images/probe/README.md tells the C side.
import { z } from 'zod';
import { Pipeline } from './job.ts';

/** XXH64, seed 0, of a plane's visible bytes, top row first, without padding. */
const PlaneHash = z.string().regex(/^[0-9a-f]{16}$/);
export const PlaneName = z.enum(['y', 'u', 'v']);
export type PlaneName = z.infer<typeof PlaneName>;
const PlaneHashes = z.object({ y: PlaneHash, u: PlaneHash, v: PlaneHash });
export type PlaneHashes = z.infer<typeof PlaneHashes>;

/** Microseconds per step, on the guest's CLOCK_MONOTONIC. */
const StepTimes = z.record(z.string(), z.number().min(0));

export const ProbeLine = z.discriminatedUnion('t', [
  z.object({ t: z.literal('hello'), version: z.number(), kernel: z.string(), uptimeMs: z.number() }),
  z.object({
    t: z.literal('gpu'), id: z.number(), renderer: z.string(), glVendor: z.string(), glVersion: z.string(), driver: z.string(),
    features: z.string(), capsets: z.array(z.number()), ok: z.boolean(),
  }),
  z.object({
    t: z.literal('start'), id: z.number(), pipeline: z.string(), codec: z.string(), width: z.number(), height: z.number(), pixelFormat: z.string(),
  }),
  z.object({
    t: z.literal('frame'), id: z.number(), n: z.int().min(0), memory: PlaneHashes, texels: PlaneHashes, rgb: PlaneHash, us: StepTimes,
  }),
  z.object({
    t: z.literal('pixels'), id: z.number(), n: z.int().min(0), plane: z.enum(['y', 'u', 'v', 'rgb']), what: z.enum(['memory', 'texels', 'rgb']),
    width: z.int().min(1).max(8192), height: z.int().min(1).max(8192), bytesPerPixel: z.union([z.literal(1), z.literal(4)]),
    offset: z.int().min(0), total: z.int().min(1), data: z.string().max(48 * 1024),
  }),
  z.object({
    t: z.literal('end'), id: z.number(), status: z.enum(['done', 'refused', 'unsupported', 'error', 'crashed']),
    why: z.string().optional(), step: z.string().optional(), frames: z.number(),
  }),
  z.object({ t: z.literal('error'), why: z.string() }),
]);
export type ProbeLine = z.infer<typeof ProbeLine>;
export type FrameLine = Extract<ProbeLine, { t: 'frame' }>;
export type PixelsLine = Extract<ProbeLine, { t: 'pixels' }>;
export type EndLine = Extract<ProbeLine, { t: 'end' }>;
export type GpuLine = Extract<ProbeLine, { t: 'gpu' }>;

/** What the lab asks. `golden` holds [y, u, v] per frame and only tells the probe which frames' pixels to send back. */
export const ProbeCommand = z.discriminatedUnion('cmd', [
  z.strictObject({
    cmd: z.literal('run'), id: z.int(), pipeline: Pipeline, renderer: z.string(),
    clip: z.strictObject({ disk: z.string(), bytes: z.int() }),
    golden: z.array(z.tuple([PlaneHash, PlaneHash, PlaneHash])), maxWrongFrames: z.int(),
  }),
  z.strictObject({ cmd: z.literal('poweroff') }),
]);
export type ProbeCommand = z.infer<typeof ProbeCommand>;
