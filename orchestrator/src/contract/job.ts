// What a person asks for: a job file, and the runs it expands into.
import { z } from 'zod';
import { ContentKey, JobId, RunId } from './ids.ts';
import { OutcomeKind } from './outcome.ts';

export const Flavour = z.enum(['perf', 'debug']);
export type Flavour = z.infer<typeof Flavour>;

/** How the guest sees the GPU. `virgl`: virtio-gpu-gl-pci with Virgil3D; `2d`: virtio-gpu-pci without it. */
export const Device = z.enum(['virgl', '2d']);
export type Device = z.infer<typeof Device>;

/** One path from coded bits to a sampled texture; docs/pipelines.md draws each. */
export const Pipeline = z.enum(['upload', 'dmabuf-copy']);
export type Pipeline = z.infer<typeof Pipeline>;

export const KernelSpec = z.strictObject({
  base: z.string().describe('a key of kernel-patches/bases.yaml'),
  series: z.string().optional().describe('a folder below kernel-patches/, such as designs/upcast-resource-id'),
  expect: OutcomeKind.extract(['passed', 'failed', 'rejected']).default('passed').describe('the outcome that this kernel should have'),
});
export type KernelSpec = z.infer<typeof KernelSpec>;

/** A file in jobs/. Each kernel becomes one run; each run takes every pipeline over the clip. */
export const Job = z.strictObject({
  title: z.string().max(200).describe('one line for people'),
  kernels: z.array(KernelSpec).min(1).max(200),
  flavour: Flavour.default('perf'),
  image: z.string().default('trixie').describe('a guest image: a folder of guest-images/ with an image.yaml'),
  stack: z.string().default('trixie').describe('a host side: a folder of guest-images/stacks/'),
  device: Device.default('virgl'),
  pipelines: z.array(Pipeline).min(1).max(50).refine((names) => new Set(names).size === names.length, 'Expected each pipeline once'),
  clip: z.string().describe('a name in jobs/clips/clips.yaml'),
});
export type Job = z.infer<typeof Job>;

/** A synthetic clip: width and height in pixels, even because H.264 crops in steps of two, frames per clip, codec as ffmpeg's decoder calls it. */
export const ClipSpec = z.strictObject({
  codec: z.enum(['h264']),
  width: z.int().min(16).max(4096).multipleOf(2),
  height: z.int().min(16).max(4096).multipleOf(2),
  frames: z.int().min(1).max(1024),
});
export type ClipSpec = z.infer<typeof ClipSpec>;

/** One run as it travels through the queue: everything by name, so that any worker can make or find the bytes. */
export const RunRequest = z.strictObject({
  id: RunId,
  job: JobId,
  title: z.string(),
  kernel: KernelSpec,
  flavour: Flavour,
  image: z.string(),
  stack: z.string(),
  device: Device,
  pipelines: z.array(Pipeline).min(1),
  clip: z.string(),
  submittedAt: z.iso.datetime(),
});
export type RunRequest = z.infer<typeof RunRequest>;

/** An unpatched kernel: a Debian source package of a suite, a git ref, or a folder. */
export const Base = z.union([
  z.strictObject({ package: z.string(), suite: z.literal('trixie').describe('the builder\'s own suite') }),
  z.strictObject({ git: z.string(), ref: z.string() }),
  z.strictObject({ folder: z.string() }),
]);
export type Base = z.infer<typeof Base>;

/** series.yaml. `breaks` and `detector` are said of mutants only. */
export const Series = z.strictObject({
  title: z.string(),
  summary: z.string().optional(),
  appliesTo: z.array(z.string()).min(1),
  expect: OutcomeKind.extract(['passed', 'failed', 'rejected']).default('passed'),
  breaks: z.string().optional(),
  detector: z.enum(['frames', 'console', 'boot', 'build', 'apply']).optional(),
});
export type Series = z.infer<typeof Series>;

/** What a built kernel is made of, and what making it took. */
export const KernelRecord = z.strictObject({
  kernel: ContentKey,
  base: z.string(),
  version: z.string().describe('the exact upstream version, with the package version where there is one'),
  series: z.string().nullable(),
  flavour: Flavour,
  compiler: z.string(),
  builder: z.string().describe('the builder image'),
  patches: z.array(z.strictObject({ file: z.string(), sha256: z.string() })),
  seconds: z.number().describe('wall-clock seconds of apply, make and strip; the container around them included'),
  cleanSeconds: z.number().nullable().describe('wall-clock seconds of the clean build of the base; null when ccache helped it'),
  vmlinuxBytes: z.int(),
  builtAt: z.iso.datetime(),
});
export type KernelRecord = z.infer<typeof KernelRecord>;
