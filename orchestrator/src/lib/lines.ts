// Bytes in, lines out, with a bound on each: whoever sends may be hostile.

/** `flush` gives up what came after the last line end: the last word of who died in the middle of a line. */
export type LineSplitter = ((chunk: Buffer) => void) & { flush: () => void };

/** Calls `onLine` per line without its end. What exceeds `maxBytes` in one line is dropped and the line is marked as cut. */
export function lineSplitter(onLine: (line: string, cut: boolean) => void, maxBytes = 64 * 1024): LineSplitter {
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
  function end(): void {
    const line = Buffer.concat(parts).toString('utf8').replace(/\r$/, '');
    const wasCut = cut;
    parts = [];
    length = 0;
    cut = false;
    onLine(line, wasCut);
  }
  function push(chunk: Buffer): void {
    let start = 0;
    for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, start)) {
      take(chunk.subarray(start, at));
      end();
      start = at + 1;
    }
    take(chunk.subarray(start));
  }
  return Object.assign(push, { flush: () => { if (length > 0) end(); } });
}
