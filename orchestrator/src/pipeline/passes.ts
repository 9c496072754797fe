// Which passes a run makes: every pipeline over every clip that it can decode, and once more for each fault; and the command for each. Pure.
import type { Fault } from '../contract/fault.ts';
import { planeNames, type PixelFormat } from '../contract/picture.ts';
import { canDecode, NO_CLIP, PIPELINES, type Codec, type Pipeline } from '../contract/pipeline.ts';
import type { RunCommand } from '../contract/probe.ts';
import type { GoldenFrame } from '../verify/evidence.ts';

/** What a pass needs to know of a clip; `disk` is the serial of its disk in a guest. */
export type PassClip = {
  name: string;
  codec: Codec | 'any';
  format: PixelFormat;
  bytes: number;
  golden: readonly GoldenFrame[];
  /** Null where the clip's times are not evenly spaced: frames are counted then. */
  frameUs: readonly [number, number] | null;
  /** Decoding starts at this frame; the first picture is the key frame at or before it. */
  seek: number | undefined;
  damaged: boolean;
  disk: string;
};

export type Pass<C extends PassClip = PassClip> = { pipeline: Pipeline; clip: C | undefined; fault: Fault | null };

export function passesOf<C extends PassClip>(pipelines: readonly Pipeline[], clips: readonly C[], faults: readonly Fault[]): Pass<C>[] {
  return pipelines.flatMap((pipeline) => {
    const wanted: (C | undefined)[] = PIPELINES[pipeline].source === 'camera' ? [undefined] : clips.filter((clip) => canDecode(pipeline, clip.codec));
    return wanted.flatMap((clip) => [null, ...faults].map((fault) => ({ pipeline, clip, fault })));
  });
}

export function clipNameOf(pass: Pass): string {
  return pass.clip?.name ?? NO_CLIP;
}

/** A size that vivid's webcam offers. */
const CAMERA = { width: 640, height: 360, frames: 30 } as const;
const MAX_WRONG_FRAMES_SENT = 3;
export const WARMUP_FRAMES = 5;

export function commandOf(pass: Pass, id: number, mode: RunCommand['mode'], path?: string): RunCommand {
  const { pipeline, clip, fault } = pass;
  const traits = PIPELINES[pipeline];
  return {
    cmd: 'run', id, pipeline, renderer: traits.renderer, platform: traits.place === 'guest' ? 'gbm' : 'surfaceless', mode, warmup: WARMUP_FRAMES,
    format: clip?.format ?? 'I420', ...(fault === null ? {} : { fault }),
    ...(clip === undefined ? { camera: CAMERA } : { clip: { ...(path === undefined ? { disk: clip.disk } : { path }), bytes: clip.bytes }, ...(clip.frameUs === null ? {} : { frameUs: [...clip.frameUs] }) }),
    ...(clip?.seek === undefined || clip.frameUs === null ? {} : { seekUs: Math.round((clip.seek * clip.frameUs[0]) / clip.frameUs[1]) }),
    golden: mode === 'measure' ? [] : (clip?.golden ?? []).map(hashesOf), maxWrongFrames: mode === 'measure' ? 0 : MAX_WRONG_FRAMES_SENT,
    forgive: clip?.damaged ?? false,
  };
}

/** In the order of the planes, then of the RGB picture: the probe goes by places, not names. */
function hashesOf({ format, planes, rgb }: GoldenFrame): string[] {
  return [...planeNames(format).flatMap((name) => planes[name] ?? []), rgb];
}
