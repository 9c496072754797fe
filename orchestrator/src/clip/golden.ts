// The lab's own colour conversion, integer and bit-exact, so that a golden picture is the same on every machine; and the planes of
// an I420 buffer. Limited-range BT.601 only. Knows nothing of GPUs: a shader is compared against this, never the other way round.
import { chromaSize } from './pattern.ts';
import type { Planes, Size } from './pattern.ts';

// A chroma sample is used for its 2 x 2 pixels as it is (nearest), because filters differ between drivers.
export function convertToRgba({ y, u, v }: Planes): Uint8Array {
  const rgba = new Uint8Array(y.width * y.height * 4);
  let out = 0;
  for (let row = 0; row < y.height; row++) {
    for (let column = 0; column < y.width; column++, out += 4) {
      const chroma = (row >> 1) * u.width + (column >> 1);
      const c = 76309 * ((y.data[row * y.width + column] ?? 0) - 16) + 32768;
      const d = (u.data[chroma] ?? 0) - 128;
      const e = (v.data[chroma] ?? 0) - 128;
      rgba[out] = clampToByte((c + 104597 * e) >> 16);
      rgba[out + 1] = clampToByte((c - 25675 * d - 53279 * e) >> 16);
      rgba[out + 2] = clampToByte((c + 132201 * d) >> 16);
      rgba[out + 3] = 255;
    }
  }
  return rgba;
}

export function bytesInI420(size: Size): number {
  const chroma = chromaSize(size);
  return size.width * size.height + 2 * chroma.width * chroma.height;
}

// The planes are views: they change when the buffer does.
export function splitI420(buffer: Uint8Array, size: Size): Planes {
  const wanted = bytesInI420(size);
  if (buffer.length !== wanted) {
    const wantedSize = `${String(size.width)}x${String(size.height)}`;
    throw new RangeError(`an I420 frame of ${wantedSize} has ${String(wanted)} bytes, got ${String(buffer.length)}`);
  }
  const chroma = chromaSize(size);
  const [lumaEnd, chromaBytes] = [size.width * size.height, chroma.width * chroma.height];
  return {
    y: { ...size, data: buffer.subarray(0, lumaEnd) },
    u: { ...chroma, data: buffer.subarray(lumaEnd, lumaEnd + chromaBytes) },
    v: { ...chroma, data: buffer.subarray(lumaEnd + chromaBytes) },
  };
}

function clampToByte(value: number): number {
  return value < 0 ? 0 : value > 255 ? 255 : value;
}
