// Pictures of the first wrong frames, drawn against the clip's golden pixels, which are decoded anew for it: hashes are all that is kept of them.
import { decodePictures, type Clip } from './clip/clips.ts';
import type { Picture } from './clip/golden.ts';
import { workshopImage } from './image/images.ts';
import type { Making } from './lib/lab.ts';
import type { Run } from './run.ts';
import type { PipelineEvidence } from './verify/evidence.ts';
import { framesWanted, keepWrongFrames, type Kept } from './verify/kept-frames.ts';
import { wrongFrames } from './verify/wrong-frames.ts';

export async function keepPictures(run: Run, clip: Clip, evidence: PipelineEvidence, making: Making): Promise<Kept[]> {
  // Of a damaged stream the probe also sends what may be wrong.
  const wrong = wrongFrames(evidence.frames, clip.golden);
  const pixels = evidence.pixels.filter(({ n }) => wrong.some((one) => one.frame === n));
  if (pixels.length === 0) return [];
  const pictures = new Map<number, Picture>();
  const workshop = await workshopImage(making);
  await decodePictures(clip, workshop.tag, framesWanted(pixels), making, (frame, picture) => { pictures.set(frame, picture); });
  const stem = [evidence.pipeline, clip.clip.replaceAll('/', '-'), ...(evidence.fault === null ? [] : [evidence.fault])].join('-');
  const all = keepWrongFrames({ stem, wrong, pixels, golden: clip.golden, pictures });
  for (const { files } of all) for (const { name, png } of files) await run.folder.write(name, png);
  return all;
}
