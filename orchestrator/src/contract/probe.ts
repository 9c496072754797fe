// The lines that probe and lab exchange on the control port: one JSON object per line. Lenient towards the guest: unknown lines
// and fields are kept in probe.ndjson and otherwise passed over. guest-images/probe/README.md tells the C side.
import * as z from 'zod';
import { Fault } from './fault.ts';
import { Matrix, PixelFormat, PlaneName, Range } from './picture.ts';
import { Pipeline } from './pipeline.ts';
import { Property } from './property.ts';

/** XXH64, seed 0, of a plane's visible bytes, top row first, without padding. */
export const PlaneHash = z.string().regex(/^[0-9a-f]{16}$/);
export const PlaneHashes = z.partialRecord(PlaneName, PlaneHash);
export type PlaneHashes = z.infer<typeof PlaneHashes>;

/** Of what a guest says: sums of them stay finite, and whole where they are whole. */
const MOST = 1e12;
const Num = z.number().min(-MOST).max(MOST);
const Int = z.int().min(-MOST).max(MOST);

/** Microseconds per step, on the guest's CLOCK_MONOTONIC. */
const StepTimes = z.record(z.string().regex(/^[\w-]{1,40}$/), Num.min(0)).refine((steps) => Object.keys(steps).length <= 40);
const Count = Int;
const Names = z.record(z.string(), Num);
const FactValue = z.union([Num, z.string(), Names]);

/** As deep as capabilities are, several times over: what is nested without end ends whoever writes it down. */
const Shallow = z.unknown().refine((value) => isWithin(value, 8));

function isWithin(value: unknown, depth: number): boolean {
  return typeof value !== 'object' || value === null || (depth > 0 && Object.values(value).every((one) => isWithin(one, depth - 1)));
}

export const ProbeLine = z.discriminatedUnion('t', [
  z.object({ t: z.literal('hello'), version: Num, kernel: z.string(), uptimeMs: Num }),
  z.object({
    t: z.literal('gpu'), id: Num, renderer: z.string(), glVendor: z.string(), glVersion: z.string(), driver: z.string(),
    features: z.string(), capsets: z.array(Num), ok: z.boolean(),
    caps: z.record(z.string(), Shallow).optional().describe('what EGL, GL and the driver say they can'),
  }),
  z.object({
    t: z.literal('start'), id: Num, pipeline: z.string(), codec: z.string(), width: Num, height: Num, pixelFormat: z.string(),
    format: PixelFormat, matrix: Matrix, range: Range, source: z.string().optional(), pipe: z.string().optional(),
  }),
  z.object({ t: z.literal('caps'), id: Num, element: z.string(), pad: z.string(), caps: z.string() }),
  z.object({
    t: z.literal('frame'), id: Num, n: Int.min(0), damaged: z.boolean().optional(), memory: PlaneHashes, texels: PlaneHashes, rgb: PlaneHash.optional(), us: StepTimes,
  }),
  z.object({
    t: z.literal('shown'), id: Num, n: Int.min(0), damaged: z.boolean().optional(), width: Int, height: Int, memory: PlaneHashes, us: StepTimes,
  }).describe('a frame is on the guest\'s display, and stays there until the lab says go'),
  z.object({ t: z.literal('decoder-error'), id: Num, why: z.string() }),
  z.object({
    t: z.literal('pixels'), id: Num, n: Int.min(0), plane: z.enum([...PlaneName.options, 'rgb']), what: z.enum(['memory', 'texels', 'rgb']),
    width: Int.min(1).max(8192), height: Int.min(1).max(8192), bytesPerPixel: z.union([z.literal(1), z.literal(2), z.literal(4)]),
    offset: Int.min(0), total: Int.min(1), data: z.string().max(48 * 1024),
  }),
  z.object({ t: z.literal('measuring'), id: Num }),
  z.object({ t: z.literal('timing'), id: Num, from: Int.min(0), us: z.record(z.string(), z.array(Num).max(64)) }),
  z.object({
    t: z.literal('measured'), id: Num, frames: Int.min(0), wallUs: Int.min(0), cpuUs: z.object({ user: Int, system: Int }), cpuNs: Int.min(0), bookkeepingUs: Int.min(0),
  }),
  z.object({ t: z.literal('fact'), id: Num, of: z.string(), is: z.record(z.string(), FactValue) }).describe('something that the test importer saw'),
  z.object({ t: z.literal('kmemleak'), id: Num, scan: Int }).describe('a scan is over; the kernel tells the console what it found'),
  z.object({
    t: z.literal('check'), id: Num, check: z.string(), status: z.enum(['passed', 'failed', 'unavailable']), why: z.string(),
  }).describe('one check of an exercise is over'),
  z.object({ t: z.literal('call'), id: Num, call: z.string(), us: z.array(Num).min(1).max(512) }).describe('a call was made many times, one after another: how long each took'),
  z.object({ t: z.literal('cost'), id: Num, call: z.string(), rounds: Int.min(1), busyNs: z.array(Num).min(1).max(64) })
    .describe('a call was made so many times: for how long the guest\'s CPUs were not idle, per call, in each batch of them'),
  z.object({ t: z.literal('counted'), id: Num, call: z.string(), rounds: Int.min(1), pages: Int })
    .describe('a call was made so many times between two marks in the host\'s trace: pages that the kernel handed out meanwhile, to anyone'),
  z.object({ t: z.literal('leaks'), id: Num, fds: Count, dmabufs: Count }).describe('more than before the pipeline; -1: cannot be had'),
  z.object({
    t: z.literal('end'), id: Num, status: z.enum(['done', 'refused', 'unsupported', 'error', 'crashed']),
    why: z.string().optional(), step: z.string().optional(), frames: Num,
    fds: Num.optional().describe('open files of the pipeline, more than at its begin'),
  }),
  z.object({ t: z.literal('error'), why: z.string() }),
]);
export type ProbeLine = z.infer<typeof ProbeLine>;
type Line<T extends ProbeLine['t']> = Extract<ProbeLine, { t: T }>;
export type FrameLine = Line<'frame'>;
export type ShownLine = Line<'shown'>;
export type PixelsLine = Line<'pixels'>;
export type EndLine = Line<'end'>;
export type GpuLine = Line<'gpu'>;
export type StartLine = Line<'start'>;
export type CapsLine = Line<'caps'>;
export type TimingLine = Line<'timing'>;
export type MeasuredLine = Line<'measured'>;
export type LeaksLine = Line<'leaks'>;
export type FactLine = Line<'fact'>;
export type CheckLine = Line<'check'>;
export type CallLine = Line<'call'>;
export type CostLine = Line<'cost'>;
export type CountedLine = Line<'counted'>;

/**
 * What the lab asks. `golden` holds each frame's hashes, plane by plane and then of the RGB picture, and only tells the probe which frames'
 * pixels to send back. `frameUs`: microseconds per frame, as a fraction. `check` says every frame; `measure` says nothing until the end, and
 * neither hashes nor reads back.
 */
export const RunCommand = z.strictObject({
  cmd: z.literal('run'), id: z.int(), pipeline: Pipeline, renderer: z.string(), platform: z.enum(['gbm', 'surfaceless']),
  mode: z.enum(['check', 'measure']), warmup: z.int().min(0), format: PixelFormat,
  clip: z.strictObject({ disk: z.string().optional(), path: z.string().optional(), bytes: z.int() }).optional(),
  camera: z.strictObject({ width: z.int(), height: z.int(), frames: z.int() }).optional(),
  golden: z.array(z.array(PlaneHash)), maxWrongFrames: z.int(), fault: Fault.optional(),
  frameUs: z.tuple([z.int(), z.int()]).optional(), seekUs: z.int().optional(), forgive: z.boolean(),
});
export type RunCommand = z.infer<typeof RunCommand>;
/** Asks the kernel to look for memory that nothing points to any more; a debug kernel can. */
export const KmemleakCommand = z.strictObject({ cmd: z.literal('kmemleak'), id: z.int() });
export type KmemleakCommand = z.infer<typeof KmemleakCommand>;
/** Looks into one property of virtio-gpu's dma-bufs through the guest's test importer. */
export const PropertyCommand = z.strictObject({ cmd: z.literal('property'), id: z.int(), property: Property });
export type PropertyCommand = z.infer<typeof PropertyCommand>;
/** Walks ioctls and close orders that no pipeline takes, and checks what can be told of them. */
export const ExerciseCommand = z.strictObject({ cmd: z.literal('exercise'), id: z.int() });
export type ExerciseCommand = z.infer<typeof ExerciseCommand>;
/** Makes each of a few calls of virtio-gpu many times: how long one takes to the host and back, without a decoder or Mesa. */
export const CallsCommand = z.strictObject({ cmd: z.enum(['time-calls', 'cost-calls', 'count-calls']), id: z.int() });
export type CallsCommand = z.infer<typeof CallsCommand>;
/** The lab has looked at the frame that was shown. */
export const GoCommand = z.strictObject({ cmd: z.literal('go'), id: z.int() });
export type GoCommand = z.infer<typeof GoCommand>;
export const ProbeCommand = z.discriminatedUnion('cmd', [RunCommand, PropertyCommand, KmemleakCommand, ExerciseCommand, CallsCommand, GoCommand, z.strictObject({ cmd: z.literal('poweroff') })]);
export type ProbeCommand = z.infer<typeof ProbeCommand>;
