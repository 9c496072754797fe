// Puts the planes that a probe sends back together from their pieces. Believes no size it is told; judges nothing.
import type { PixelsLine } from '../contract/probe.ts';
import type { SentPixels } from '../verify/evidence.ts';

const MAX_SENT_BYTES = 256 * 1024 * 1024;
const MAX_PLANES = 4096;

export class PixelCollector {
  readonly #planes = new Map<string, SentPixels & { filled: number }>();
  #bytes = 0;

  /** A piece that contradicts what came before is dropped. */
  take(line: PixelsLine): void {
    const total = line.width * line.height * line.bytesPerPixel;
    if (total !== line.total) return;
    const name = `${String(line.n)} ${line.what} ${line.plane}`;
    let plane = this.#planes.get(name);
    if (plane === undefined) {
      if (this.#bytes + total > MAX_SENT_BYTES || this.#planes.size === MAX_PLANES) return;
      this.#bytes += total;
      plane = { n: line.n, plane: line.plane, what: line.what, width: line.width, height: line.height, bytesPerPixel: line.bytesPerPixel, data: new Uint8Array(total), filled: 0 };
      this.#planes.set(name, plane);
    }
    if (plane.width !== line.width || plane.height !== line.height || plane.bytesPerPixel !== line.bytesPerPixel) return;
    const piece = Buffer.from(line.data, 'base64');
    if (line.offset !== plane.filled || plane.filled + piece.length > plane.data.length) return;
    plane.data.set(piece, line.offset);
    plane.filled += piece.length;
  }

  complete(): SentPixels[] {
    return [...this.#planes.values()].filter((plane) => plane.filled === plane.data.length);
  }
}
