// Pictures of the first wrong frames, drawn against the clip's golden pixels, which are decoded anew for it: hashes are all that is kept of them.
import type { Clip } from './clip/clips.ts';
import type { Picture } from './clip/golden.ts';
import type { Run } from './run.ts';
import type { PipelineEvidence } from './verify/evidence.ts';
import { framesWanted, keepWrongFrames, type Kept } from './verify/kept-frames.ts';
import { wrongCaptures, wrongFrames } from './verify/wrong-frames.ts';

/** Calls `onPicture` with the golden pictures of the frames that are `wanted`, as far as they are to be had. */
export type PicturesOf = (clip: Clip, wanted: ReadonlySet<number>, onPicture: (frame: number, picture: Picture) => void) => Promise<void>;

/** A camera has no clip to decode anew: its pictures are held against what was in memory, which the probe sent as well. */
export async function keepCaptures(run: Run, evidence: PipelineEvidence): Promise<Kept[]> {
  const [start] = evidence.starts;
  const pictures = new Map<number, Picture>();
  for (const { n, plane, what, width, height, bytesPerPixel, data } of evidence.pixels) {
    if (what !== 'memory' || plane === 'rgb' || start === undefined) continue;
    const picture = pictures.get(n) ?? { width: start.width, height: start.height, format: start.format, planes: [] };
    pictures.set(n, { ...picture, planes: [...picture.planes, { name: plane, width: width * bytesPerPixel, height, bytesPerPixel, data }] });
  }
  return written(run, keepWrongFrames({ stem: stemOf(evidence), wrong: wrongCaptures(evidence.frames), pixels: evidence.pixels, golden: [], pictures }));
}

export async function keepPictures(run: Run, clip: Clip, evidence: PipelineEvidence, picturesOf: PicturesOf): Promise<Kept[]> {
  // Of a damaged stream the probe also sends what may be wrong.
  const wrong = wrongFrames(evidence.frames, clip.golden);
  const pixels = evidence.pixels.filter(({ n }) => wrong.some((one) => one.frame === n));
  if (pixels.length === 0) return [];
  const pictures = new Map<number, Picture>();
  await picturesOf(clip, framesWanted(pixels), (frame, picture) => { pictures.set(frame, picture); });
  return written(run, keepWrongFrames({ stem: stemOf(evidence), wrong, pixels, golden: clip.golden, pictures }));
}

function stemOf({ pipeline, clip, fault }: PipelineEvidence): string {
  return [pipeline, clip.replaceAll('/', '-'), ...(fault === null ? [] : [fault])].join('-');
}

async function written(run: Run, all: Kept[]): Promise<Kept[]> {
  for (const { files } of all) for (const { name, png } of files) await run.folder.write(name, png);
  return all;
}
