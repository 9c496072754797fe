// What a person asks for: a job file, and the runs it expands into.
import * as z from 'zod';
import { Capability } from './capability.ts';
import { Device } from './device.ts';
import { BlockId, ContentKey, JobId, RunId } from './ids.ts';
import { Digest } from './manifest.ts';
import { OutcomeKind } from './outcome.ts';
import { Fault } from './fault.ts';
import { Matrix, PixelFormat, Range } from './picture.ts';
import { Codec, Pipeline } from './pipeline.ts';
import { Property } from './property.ts';

export const Flavour = z.enum(['perf', 'debug']);
export type Flavour = z.infer<typeof Flavour>;

/**
 * What a boot measures, besides checking every frame. `time`: frames per second and steps; `counters`: virtio-gpu commands, from QEMU's trace;
 * `instructions`: the guest's CPU time under -icount. Never two in one boot.
 */
export const Measure = z.enum(['time', 'counters', 'instructions']);
export type Measure = z.infer<typeof Measure>;

/** As Debian writes versions. It comes to stand in a command line. */
const PackageVersion = z.string().regex(/^[0-9][A-Za-z0-9.+:~-]{0,80}$/);

export const KernelSpec = z.strictObject({
  base: z.string().describe('a key of kernel-patches/bases.yaml'),
  version: PackageVersion.optional().describe('of the base, where that is a Debian package: this version, instead of the one that was fetched first'),
  series: z.string().optional().describe('a folder below kernel-patches/, such as designs/upcast-resource-id'),
  patches: z.int().min(1).optional().describe('only the first so many of its patches'),
  flavour: Flavour.optional().describe('instead of the job\'s'),
  expect: OutcomeKind.extract(['passed', 'failed', 'rejected']).default('passed').describe('the outcome that this kernel should have'),
});
export type KernelSpec = z.infer<typeof KernelSpec>;

/**
 * A user's own file; golden hashes are those of a decode by the workshop's FFmpeg. A relative path starts at the job file's folder. With `md5`,
 * of the whole decoded video in FFmpeg's pixel format `md5Of`, that decode must agree with it, or there is no golden, and the clip is left out.
 */
export const FileClip = z.strictObject({
  file: z.string().min(1), format: PixelFormat.default('I420'), name: z.string().min(1).max(200).optional(), md5: z.string().regex(/^[0-9a-f]{32}$/).optional(),
  md5Of: z.string().regex(/^[a-z0-9]{1,20}$/).optional(),
});
export type FileClip = z.infer<typeof FileClip>;

/** The same once a job is submitted: by what its bytes are (request/take-file.ts), so that nobody opens a path because a queue says so. */
export const TakenFile = FileClip.omit({ file: true }).extend({ sha256: Digest, name: z.string().min(1).max(200) });
export type TakenFile = z.infer<typeof TakenFile>;

/** A clip by its name in jobs/clips/clips.yaml, or a user's own file. */
export const ClipName = z.union([z.string(), FileClip], 'Expected the name of a clip, or { file: PATH }');
export type ClipName = z.infer<typeof ClipName>;

/** The host side that a job runs on when it names none. */
export const DEFAULT_STACK = 'trixie';

/** A file in jobs/. Each kernel becomes one run per device and measure; each run takes every pipeline over every clip that it can decode. */
export const Job = z.strictObject({
  title: z.string().max(200).describe('one line for people'),
  kernels: z.array(KernelSpec).min(1).max(200),
  flavour: Flavour.default('perf'),
  drivers: z.array(z.string()).max(10).default([]).describe('guest kernel drivers, built into every kernel: folders of kernel-patches/drivers/'),
  image: z.string().default('trixie').describe('a guest image: a folder of guest-images/ with an image.yaml'),
  stack: z.string().default(DEFAULT_STACK).describe('a host side: a folder of guest-images/stacks/'),
  device: Device.default('virgl'),
  devices: z.array(Device).min(1).max(20).refine((names) => new Set(names).size === names.length, 'Expected each device once').optional().describe('several, instead of device: one run for each'),
  pipelines: z.array(Pipeline).min(1).max(50).refine((names) => new Set(names).size === names.length, 'Expected each pipeline once'),
  clip: ClipName.optional().describe('a name in jobs/clips/clips.yaml, or { file: PATH }'),
  clips: z.array(ClipName).min(1).max(500).optional().describe('several, instead of clip; each pipeline takes those that it can decode'),
  measure: z.array(Measure).max(3).refine((kinds) => new Set(kinds).size === kinds.length, 'Expected each measure once').default([]).describe('one more boot for each'),
  properties: z.array(Property).max(50).refine((names) => new Set(names).size === names.length, 'Expected each property once').default([]).describe('asked through the test importer, after the pipelines; want drivers: [vlab-importer]'),
  exercise: z.boolean().optional().describe('after the pipelines, walk ioctls and close orders that no pipeline takes; where it is not said, flavour debug does'),
  faults: z.array(Fault).max(50).default([]).describe('break a step on purpose, in one more pass for each: the lab tested by itself'),
});
export type Job = z.infer<typeof Job>;

/** A clip that the lab paints and encodes. Sizes in pixels; `format` is what lies in the buffer that is sampled. */
export const PaintedClip = z.strictObject({
  codec: Codec,
  format: PixelFormat.default('I420'),
  width: z.int().min(16).max(4096),
  height: z.int().min(16).max(4096),
  frames: z.int().min(1).max(1024),
  matrix: Matrix.default('bt601'),
  range: Range.default('limited'),
  keyEvery: z.int().min(1).max(1024).optional().describe('frames from one key frame to the next; by default the first is the only one'),
  resize: z.array(z.strictObject({ at: z.int().min(1), width: z.int().min(16).max(4096), height: z.int().min(16).max(4096) })).optional().describe('the size changes at these frames'),
  damage: z.strictObject({ from: z.int().min(1) }).optional().describe('the coded bytes of this frame are damaged; from the next key frame on all is right again'),
  seek: z.strictObject({ frame: z.int().min(0) }).optional().describe('decoding starts at the key frame at or before this frame'),
});
export type PaintedClip = z.infer<typeof PaintedClip>;

export const ClipSpec = z.union([PaintedClip, FileClip]);
export type ClipSpec = z.infer<typeof ClipSpec>;

/** Of what a worker looks up in its own checkout; which names there are, it finds there. */
const Name = z.string().min(1).max(200);

/** Layers as they once were, by key, instead of as they are now: what a run of that time was made of. */
export const Pins = z.strictObject({
  kernel: ContentKey.optional(), stack: ContentKey.optional(), guest: ContentKey.optional(), clips: z.record(z.string(), ContentKey).optional().describe('by the clip\'s name'),
});
export type Pins = z.infer<typeof Pins>;

/** Images that are made anew of what Debian has, by a word that stands for the versions: the same word is the same image again. */
export const Fresh = z.strictObject({ stack: ContentKey.optional(), guest: ContentKey.optional() });
export type Fresh = z.infer<typeof Fresh>;

/** One run as it travels through the queue: everything by name, so that any worker can make or find the bytes. Whoever can write to the queue wrote it. */
export const RunRequest = z.strictObject({
  id: RunId,
  job: JobId,
  title: z.string().max(1000),
  kernel: KernelSpec.extend({ base: Name, series: Name.optional(), seriesSha256: Digest.optional().describe('of a series that was added: by this, and not by its name, another host finds it in the store') }),
  flavour: Flavour,
  drivers: z.array(Name).max(10).default([]),
  image: Name,
  stack: Name,
  device: Device,
  pipelines: z.array(Pipeline).min(1).max(50),
  clips: z.array(z.union([Name, TakenFile])).max(64),
  measure: Measure.nullable(),
  properties: z.array(Property).max(50).default([]),
  faults: z.array(Fault).max(50),
  exercise: z.boolean().default(false),
  calls: z.boolean().default(false).describe('after the passes, single calls of the driver are measured as `measure` says'),
  checked: z.boolean().default(true).describe('false: passes are measured and nobody looks at their frames, which an evaluation has done on other boots'),
  needs: Capability.nullable().describe('what its host must have that not every host has'),
  pins: Pins.optional(),
  fresh: Fresh.optional(),
  called: z.string().min(1).max(200).optional().describe('what records, series of samples and pages call its base, where that is neither its name nor its name and version'),
  submittedAt: z.iso.datetime(),
  trace: z.string().regex(/^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/).optional().describe('of its submit, as W3C\'s traceparent; only where traces are wanted'),
});
export type RunRequest = z.infer<typeof RunRequest>;

/** What records call its base. A version that somebody asked for is not what the base's name stands for, and its figures are not those of the base. */
export function calledBase({ kernel, called }: Pick<RunRequest, 'kernel' | 'called'>): string {
  return called ?? nameAtVersion(kernel.base, kernel.version);
}

export function sayBase({ name, base }: { name: string; base: Base }): string {
  return nameAtVersion(name, 'version' in base ? base.version : undefined);
}

/** `6.12@6.12.115-2`; without a version, the name. */
function nameAtVersion(name: string, version: string | undefined): string {
  return version === undefined ? name : `${name}@${version}`;
}

/** Runs that one worker brings to their end while it does nothing else, so that what they measure can be compared. */
export const Block = z.strictObject({
  block: BlockId,
  steps: z.array(z.array(RunRequest).min(1).max(3)).min(1).max(1000).describe('one after another; the runs of a step at once'),
  quiet: z.boolean().describe('whether each step waits until the host has little else to do'),
});
export type Block = z.infer<typeof Block>;

const config = z.string().regex(/^[a-z0-9][a-z0-9.-]*\.config$/).optional().describe('a file of kernel-patches/flavours/, merged last: options that this kernel names otherwise');

/** An unpatched kernel: a Debian source package of a suite, a git ref, or a folder. */
export const Base = z.union([
  z.strictObject({ package: z.string(), suite: z.string().regex(/^[a-z][a-z0-9-]*$/).describe('a suite of the mirror that the builder uses'), version: PackageVersion.optional(), config }),
  z.strictObject({ git: z.string(), ref: z.string(), config }),
  z.strictObject({ folder: z.string(), config }),
]);
export type Base = z.infer<typeof Base>;

/** What sees a defect: the stage that stops, or what the verdict goes by. `exercise`: the walk of ioctls and close orders in the guest. */
export const Detector = z.enum(['apply', 'build', 'boot', 'console', 'frames', 'leaks', 'properties', 'exercise', 'counters', 'time']);
export type Detector = z.infer<typeof Detector>;

/**
 * series.yaml. The numbered patches lie beside it; a base for which they read otherwise has a folder of its own there, by the base's name.
 * `breaks`, `detector`, `seenAs` and `flavour` are said of mutants only, `harmless` of patches that change nothing that matters.
 */
export const Series = z.strictObject({
  title: z.string(),
  summary: z.string().optional(),
  appliesTo: z.array(z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'Expected the name of a base, such as 6.12')).min(1),
  patches: z.literal('none').optional().describe('the unpatched base under a name of its own'),
  expect: OutcomeKind.extract(['passed', 'failed', 'rejected']).default('passed'),
  breaks: z.string().optional(),
  detector: Detector.optional(),
  seenAs: z.string().optional().describe('what the detector should call it: a kind of console finding, a defect of a frame, a property'),
  flavour: Flavour.optional().describe('the flavour in which it shows'),
  harmless: z.boolean().optional(),
});
export type Series = z.infer<typeof Series>;

/** A warning of the compiler that the base does not have. */
export const CompilerWarning = z.strictObject({ file: z.string(), line: z.int(), text: z.string() });
export type CompilerWarning = z.infer<typeof CompilerWarning>;

/** What scripts/checkpatch.pl of the base's own tree says of one patch. */
export const Checkpatch = z.strictObject({ patch: z.string(), errors: z.int(), warnings: z.int(), checks: z.int(), lines: z.array(z.string()) });
export type Checkpatch = z.infer<typeof Checkpatch>;

/** Bytes of code and data in one object file, as scripts/bloat-o-meter counts them; null on a side where this configuration builds no such object. */
export const Bloat = z.strictObject({ object: z.string(), before: z.int().nullable(), after: z.int().nullable() });
export type Bloat = z.infer<typeof Bloat>;

/** The kernel of the first patches of a series. */
export const Prefix = z.strictObject({
  patch: z.string().describe('the last patch of the prefix'),
  kernel: ContentKey.nullable().describe('null where it does not build'),
  seconds: z.number(),
  why: z.string().nullable().describe('the compiler\'s lines, where it does not build'),
});
export type Prefix = z.infer<typeof Prefix>;

/** What a built kernel is made of, and what making it took. */
export const KernelRecord = z.strictObject({
  kernel: ContentKey,
  base: z.string(),
  version: z.string().describe('the exact upstream version, with the package version where there is one'),
  series: z.string().nullable(),
  flavour: Flavour,
  compiler: z.string(),
  builder: z.string().describe('the builder image'),
  drivers: z.array(z.string()).default([]).describe('guest kernel drivers that are built in'),
  patches: z.array(z.strictObject({ file: z.string(), sha256: z.string() })),
  prefixes: z.array(Prefix).default([]).describe('every prefix of the series, the whole of it last'),
  warnings: z.array(CompilerWarning).default([]).describe('that the base does not have'),
  checkpatch: z.array(Checkpatch).default([]),
  bloat: z.array(Bloat).default([]).describe('of the object files of the changed source files, against the base'),
  identicalToBase: z.boolean().default(false).describe('whether the stripped vmlinux is the base\'s, byte for byte'),
  ccache: z.strictObject({ hits: z.int(), compiled: z.int() }).nullable().default(null).describe('of the clean build of the base; a series is built without ccache'),
  seconds: z.number().describe('wall-clock seconds of apply, make and strip, the container around them included; of a series, all its prefixes that were not built yet'),
  cleanSeconds: z.number().nullable().describe('wall-clock seconds of the clean build of the base; null when ccache had more than a tenth of it'),
  vmlinuxBytes: z.int(),
  builtAt: z.iso.datetime(),
});
export type KernelRecord = z.infer<typeof KernelRecord>;
