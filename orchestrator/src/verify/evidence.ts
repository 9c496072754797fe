// What a run's pipelines left for judgement. Made by pipeline/, judged by verdict.ts, both without knowing the other.
import type { Fault } from '../contract/fault.ts';
import type { Matrix, PixelFormat, Range } from '../contract/picture.ts';
import type { Pipeline } from '../contract/pipeline.ts';
import type { CapsLine, EndLine, FrameLine, GpuLine, LeaksLine, MeasuredLine, PixelsLine, PlaneHashes, StartLine, TimingLine } from '../contract/probe.ts';

/** The pixels of one plane that the probe sent back: `data` is width * height * bytesPerPixel bytes, top row first. */
export type SentPixels = Pick<PixelsLine, 'n' | 'plane' | 'what' | 'width' | 'height' | 'bytesPerPixel'> & { data: Uint8Array };

/** One pass of a pipeline over a clip. */
export type PipelineEvidence = {
  pipeline: Pipeline;
  clip: string;
  fault: Fault | null;
  /** It was only measured: there are no frames to judge. */
  unchecked: boolean;
  gpu: GpuLine | undefined;
  /** One per size and format of the clip, in order. */
  starts: StartLine[];
  caps: CapsLine[];
  frames: FrameLine[];
  pixels: SentPixels[];
  decoderErrors: string[];
  leaks: LeaksLine | undefined;
  /** What the kernel said of the process when it was killed for touching what it may not. */
  segfault: string | undefined;
  /** Undefined when the guest or the lab was gone before the pipeline ended. */
  end: EndLine | undefined;
};

/** What a measuring pass said. */
export type MeasureEvidence = { pipeline: Pipeline; clip: string; gpu: GpuLine | undefined; timing: TimingLine[]; measured: MeasuredLine | undefined; end: EndLine | undefined };

/** What a frame of a clip must be. `exact` is false for a frame that a damaged stream may get wrong or leave out. */
export type GoldenFrame = {
  width: number;
  height: number;
  format: PixelFormat;
  matrix: Matrix;
  range: Range;
  planes: PlaneHashes;
  rgb: string;
  key: boolean;
  exact: boolean;
};
