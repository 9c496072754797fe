// Which frames are wrong, and by which oracle: hashes against golden hashes. Pure; knows no pixels and blames nobody.
import { planeNames, type PlaneName } from '../contract/picture.ts';
import type { FrameLine, PlaneHashes, StartLine } from '../contract/probe.ts';
import type { GoldenFrame } from './evidence.ts';

export type Oracle = 'memory' | 'texels' | 'rgb';
export type WrongFrame = { frame: number; oracle: Oracle; planes: readonly (PlaneName | 'rgb')[] };

/** Every frame that differs from its golden hashes, with the first oracle that saw it: wrong memory explains wrong texels. Frames that may be wrong are left out. */
export function wrongFrames(frames: readonly FrameLine[], golden: readonly GoldenFrame[]): WrongFrame[] {
  return frames.flatMap((frame) => wrongIn(frame, golden[frame.n]) ?? []);
}

function wrongIn(frame: FrameLine, want: GoldenFrame | undefined): WrongFrame | undefined {
  if (want === undefined) return { frame: frame.n, oracle: 'memory', planes: Object.keys(frame.memory) as PlaneName[] };
  if (!want.exact) return undefined;
  const memory = differing(frame.memory, want);
  if (memory.length > 0) return { frame: frame.n, oracle: 'memory', planes: memory };
  const texels = differing(frame.texels, want);
  if (texels.length > 0) return { frame: frame.n, oracle: 'texels', planes: texels };
  // A peer draws its own RGB, which nobody promised to be ours.
  return frame.rgb !== undefined && frame.rgb !== want.rgb ? { frame: frame.n, oracle: 'rgb', planes: ['rgb'] } : undefined;
}

function differing(got: PlaneHashes, want: GoldenFrame): PlaneName[] {
  return planeNames(want.format).filter((plane) => got[plane] !== want.planes[plane]);
}

/** The frame that these hashes are, looked for backwards from `before`; undefined where they are no earlier frame. */
export function frameShown(got: PlaneHashes, golden: readonly GoldenFrame[], before: number): number | undefined {
  for (let n = Math.min(before, golden.length - 1); n >= 0; n--) {
    const want = golden[n];
    if (want !== undefined && differing(got, want).length === 0) return n;
  }
  return undefined;
}

/** What a camera's pictures are held against: themselves, as they were in memory. A number that never came has no picture. */
export function goldenOfCaptures(frames: readonly FrameLine[], start: StartLine | undefined): GoldenFrame[] {
  const shape = { width: start?.width ?? 0, height: start?.height ?? 0, format: start?.format ?? 'I420', matrix: start?.matrix ?? 'bt601', range: start?.range ?? 'limited' } as const;
  const golden: GoldenFrame[] = [];
  for (const { n, memory, rgb } of frames) golden[n] = { ...shape, planes: memory, rgb: rgb ?? '', key: true, exact: true };
  return golden;
}

/** Without a golden a camera's picture can still be held against itself: what is sampled is what is in memory, and no picture is the one before. */
export function wrongCaptures(frames: readonly FrameLine[]): WrongFrame[] {
  return frames.flatMap((frame, index): WrongFrame[] => {
    const planes = (Object.keys(frame.memory) as PlaneName[]).filter((plane) => frame.memory[plane] !== frame.texels[plane]);
    if (planes.length > 0) return [{ frame: frame.n, oracle: 'texels', planes }];
    const before = frames[index - 1];
    const still = before !== undefined && JSON.stringify(before.memory) === JSON.stringify(frame.memory);
    return still ? [{ frame: frame.n, oracle: 'memory', planes: Object.keys(frame.memory) as PlaneName[] }] : [];
  });
}
