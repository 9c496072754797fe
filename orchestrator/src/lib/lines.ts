// Bytes in, lines out, with a bound on each: whoever sends may be hostile.

/** Calls `onLine` per line without its end. What exceeds `maxBytes` in one line is dropped and the line is marked as cut. */
export function lineSplitter(onLine: (line: string, cut: boolean) => void, maxBytes = 64 * 1024): (chunk: Buffer) => void {
  let parts: Buffer[] = [];
  let length = 0;
  let cut = false;
  function take(piece: Buffer): void {
    const room = maxBytes - length;
    if (piece.length > room) cut = true;
    if (room <= 0) return;
    const kept = piece.subarray(0, room);
    parts.push(kept);
    length += kept.length;
  }
  return (chunk) => {
    let start = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      take(chunk.subarray(start, end));
      onLine(Buffer.concat(parts).toString('utf8').replace(/\r$/, ''), cut);
      parts = [];
      length = 0;
      cut = false;
      start = end + 1;
    }
    take(chunk.subarray(start));
  };
}
