// By how much a wrong plane differs: its wrong texels, and its peak signal-to-noise ratio. Pure.
import type { FrameError } from '../contract/run.ts';
import type { Image } from './picture.ts';

const PEAK = 255;

/** Of two pictures of one size. null where they are equal, as where a guest sends right pixels and a wrong hash: there is no error to tell of. */
export function frameError(expected: Image, got: Image): FrameError | null {
  const { channels, data } = expected;
  let [wrong, squares] = [0, 0];
  for (let texel = 0; texel < data.length; texel += channels) {
    let differs = false;
    for (let at = texel; at < texel + channels; at++) {
      const by = (data[at] ?? 0) - (got.data[at] ?? 0);
      if (by === 0) continue;
      differs = true;
      squares += by * by;
    }
    if (differs) wrong += 1;
  }
  return wrong === 0 ? null : { wrong, of: data.length / channels, psnrDb: 10 * Math.log10((PEAK * PEAK * data.length) / squares) };
}
