// The guest's display as QEMU sees it: a screendump, asked for over QMP, comes as a PPM on the standard output of the guest's container, where
// nothing else is written meanwhile. One at a time.
import { LabError } from '../lib/lab-error.ts';
import { within } from '../lib/within.ts';
import type { Screenshot } from '../verify/shown.ts';
import type { Qmp } from './qmp.ts';

/** A name for its standard output that a stack makes for QEMU (guest-images/stacks, start-guest). */
export const PICTURE = '/tmp/picture';

/** As QEMU's ppm_save() writes it. */
const HEADER = /^P6\n(\d{1,5}) (\d{1,5})\n255\n/;
const MAX_HEADER = 32;
const MAX_SIDE = 8192;

export class Screen {
  #chunks: Buffer[] = [];
  #bytes = 0;
  #onBytes: (() => void) | undefined;

  /** False where nobody has asked for a picture: then it is none. */
  hear(chunk: Buffer): boolean {
    if (this.#onBytes === undefined) return false;
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    this.#onBytes();
    return true;
  }

  /** QEMU's answer can be ahead of the last bytes. */
  async shoot(qmp: Pick<Qmp, 'execute'>, limitMs: number, signal: AbortSignal): Promise<Screenshot> {
    if (this.#onBytes !== undefined) throw new Error('a screendump is under way');
    try {
      return await within({ what: 'a screendump', ms: limitMs, blame: 'lab', signal }, async () => {
        const whole = this.#wholePicture();
        whole.catch(() => undefined);
        await qmp.execute('screendump', { filename: PICTURE, format: 'ppm' });
        return whole;
      });
    } finally {
      this.#onBytes = undefined;
      this.#chunks = [];
      this.#bytes = 0;
    }
  }

  #wholePicture(): Promise<Screenshot> {
    return new Promise((resolve, reject) => {
      let wanted = 0;
      this.#onBytes = () => {
        if (this.#bytes < wanted) return;
        const all = Buffer.concat(this.#chunks);
        this.#chunks = [all];
        const size = sizeOf(all);
        if (size === undefined) return;
        if (size === 'no picture') {
          reject(new LabError('SCREENDUMP', `Expected a PPM of at most ${String(MAX_SIDE)} pixels a side from QEMU, got ${JSON.stringify(all.toString('latin1', 0, MAX_HEADER))}`, { blame: 'lab', stage: 'pipeline' }));
          return;
        }
        wanted = size.begin + size.width * size.height * 3;
        if (all.length >= wanted) resolve({ width: size.width, height: size.height, rgb: all.subarray(size.begin, wanted) });
      };
    });
  }
}

/** Undefined where the header is not all there. */
function sizeOf(bytes: Buffer): { begin: number; width: number; height: number } | 'no picture' | undefined {
  const header = HEADER.exec(bytes.toString('latin1', 0, MAX_HEADER));
  if (header === null) return bytes.length < MAX_HEADER ? undefined : 'no picture';
  const [width, height] = [Number(header[1]), Number(header[2])];
  const drawn = width >= 1 && width <= MAX_SIDE && height >= 1 && height <= MAX_SIDE;
  return drawn ? { begin: header[0].length, width, height } : 'no picture';
}
