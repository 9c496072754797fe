// What a run's pipelines left for judgement. Made by pipeline/, judged by verdict.ts, both without knowing the other.
import type { Pipeline } from '../contract/job.ts';
import type { EndLine, FrameLine, GpuLine, PlaneHashes, PixelsLine } from '../contract/probe.ts';

/** The pixels of one plane that the probe sent back: `data` is width * height * bytesPerPixel bytes, top row first. */
export type SentPixels = Pick<PixelsLine, 'n' | 'plane' | 'what' | 'width' | 'height' | 'bytesPerPixel'> & { data: Uint8Array };

export type PipelineEvidence = {
  pipeline: Pipeline;
  clip: string;
  frames: FrameLine[];
  pixels: SentPixels[];
  gpu: GpuLine | undefined;
  /** Undefined when the guest or the lab was gone before the pipeline ended. */
  end: EndLine | undefined;
};

/** What every frame of a clip must hash to. */
export type GoldenFrame = PlaneHashes & { rgb: string };
