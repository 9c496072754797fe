// IVF: a 32-byte header, then frames, each with 12 bytes before it: size and time. Enough of it to join streams and to damage a frame.

const HEADER = 32;
const FRAME_HEADER = 12;

type Frame = { header: number; data: number; size: number };

/** One stream after the other. Each begins with a key frame of its own, which is where a size may change; times go on. */
export function joinIvf(streams: readonly Uint8Array[]): Uint8Array {
  const [first] = streams;
  if (first === undefined) return new Uint8Array();
  const parts = streams.map((stream) => Uint8Array.from(stream.subarray(HEADER)));
  let frames = 0;
  for (const part of parts) {
    const view = viewOf(part);
    for (const { header } of framesIn(part, 0)) view.setBigUint64(header + 4, BigInt(frames++), true);
  }
  const header = Uint8Array.from(first.subarray(0, HEADER));
  viewOf(header).setUint32(24, frames, true);
  return Buffer.concat([header, ...parts]);
}

/** Zeros over the beginning of one frame's payload: what every decoder reads first. */
export function damageIvf(stream: Uint8Array, frame: number): Uint8Array {
  const found = framesIn(stream, HEADER)[frame];
  if (found === undefined) throw new RangeError(`there is no frame ${String(frame)} to damage`);
  const damaged = Uint8Array.from(stream);
  damaged.fill(0, found.data, found.data + Math.min(found.size, 64));
  return damaged;
}

function framesIn(stream: Uint8Array, from: number): Frame[] {
  const view = viewOf(stream);
  const frames: Frame[] = [];
  for (let at = from; at + FRAME_HEADER <= stream.length;) {
    const size = view.getUint32(at, true);
    frames.push({ header: at, data: at + FRAME_HEADER, size });
    at += FRAME_HEADER + size;
  }
  return frames;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
