// Gives a wrong plane the name of what went wrong, as far as its bytes prove it: exact comparisons first, then what the blocks
// of the painted pattern say. Knows nothing of pipelines or kernels; whose fault it is, is decided elsewhere.
import { Buffer } from 'node:buffer';
import { blockPixels, ID_PERIOD, readBlock } from '../clip/pattern.ts';
import type { ChannelName } from '../clip/golden.ts';
import type { BlockId, Plane, PlaneName } from '../clip/pattern.ts';

// What a buffer held before the picture came, and where that is still to be seen. `of` is how many such lines the plane has.
export type Held =
  | { readonly kind: 'sentinel'; readonly byte: number }
  | { readonly kind: 'zero' }
  | { readonly kind: 'stale'; readonly frame: number };
interface MissingLines { readonly first: number; readonly count: number; readonly of: number; readonly holds: Held }
interface MissingBytes {
  readonly firstRow: number;
  readonly firstColumn: number;
  readonly count: number;
  readonly toEnd: boolean;
  readonly holds: Held;
}
export interface Tear {
  readonly row: number; // from this row on, at the latest, the lower frame is seen
  readonly doubtfulRows: number; // so many rows above it belong to either; 0 where the bytes tell
  readonly frames: readonly [above: number, below: number];
}
export interface Corruption {
  readonly wrongBytes: number;
  readonly firstRow: number;
  readonly firstColumn: number;
  readonly lastRow: number;
}

export type Defect =
  | { readonly kind: 'none' }
  | { readonly kind: 'blank'; readonly value: number }
  | ({ readonly kind: 'rows-missing' } & MissingLines)
  | ({ readonly kind: 'columns-missing' } & MissingLines)
  | { readonly kind: 'box-missing'; readonly arrivedWidth: number; readonly arrivedHeight: number; readonly holds: Held }
  | ({ readonly kind: 'bytes-missing' } & MissingBytes)
  | { readonly kind: 'stale-frame'; readonly frame: number; readonly insteadOf: number }
  | ({ readonly kind: 'torn' } & Tear)
  | { readonly kind: 'shifted'; readonly dx: number; readonly dy: number }
  | { readonly kind: 'sheared'; readonly bytesPerRow: number; readonly insteadOf: number; readonly when: 'written' | 'read' }
  | { readonly kind: 'mirrored'; readonly axis: 'left-right' | 'upside-down' | 'both' }
  | { readonly kind: 'planes-swapped'; readonly with: ChannelName; readonly frame: number }
  | { readonly kind: 'wrong-colour'; readonly as: string; readonly insteadOf: string }
  | ({ readonly kind: 'corrupt' } & Corruption);

export interface Evidence {
  readonly plane: PlaneName;
  readonly frame: number;
  readonly expected: Plane;
  readonly got: Plane;
  readonly earlier: readonly Plane[]; // golden planes of frame - 1, frame - 2, ...: newest first, without gaps, may be empty
  readonly sentinel: number; // the byte every buffer was filled with before
}

export interface PlaneDifference {
  readonly wrongBytes: number;
  readonly firstOffset: number; // the offsets and rows are -1 where nothing is wrong
  readonly lastOffset: number;
  readonly firstRow: number;
  readonly lastRow: number;
  readonly largestError: number;
}

export function nameDefect(evidence: Evidence): Defect {
  const difference = comparePlanes(evidence.expected, evidence.got);
  if (difference.wrongBytes === 0) return { kind: 'none' };
  return (
    asConstant(evidence) ??
    asEarlierFrame(evidence) ??
    asMissing(evidence, difference) ??
    asTornBetweenGoldens(evidence) ??
    asMirrored(evidence) ??
    asShifted(evidence) ??
    asSheared(evidence) ??
    asReadFromBlocks(evidence, difference) ??
    asCorrupt(evidence, difference)
  );
}

// Two planes of different size are our own bug, never a guest's: whoever read the plane cut it to the golden size.
export function comparePlanes(expected: Plane, got: Plane): PlaneDifference {
  if (expected.width !== got.width || expected.height !== got.height || expected.data.length !== got.data.length) {
    throw new RangeError(`cannot compare a plane of ${saySize(got)} with one of ${saySize(expected)}`);
  }
  let wrongBytes = 0;
  let largestError = 0;
  let [firstOffset, lastOffset] = [-1, -1];
  for (let i = 0; i < expected.data.length; i++) {
    const error = Math.abs((expected.data[i] ?? 0) - (got.data[i] ?? 0));
    if (error === 0) continue;
    if (firstOffset < 0) firstOffset = i;
    lastOffset = i;
    wrongBytes++;
    if (error > largestError) largestError = error;
  }
  const rowOf = (offset: number): number => Math.floor(offset / expected.width);
  return { wrongBytes, firstOffset, lastOffset, firstRow: rowOf(firstOffset), lastRow: rowOf(lastOffset), largestError };
}

function asConstant({ got, sentinel }: Evidence): Defect | undefined {
  const value = got.data[0] ?? 0;
  if (!isAll(got.data, value)) return undefined;
  if (value !== sentinel) return { kind: 'blank', value };
  return { kind: 'rows-missing', first: 0, count: got.height, of: got.height, holds: { kind: 'sentinel', byte: sentinel } };
}

function asEarlierFrame({ got, earlier, frame }: Evidence): Defect | undefined {
  const back = earlier.findIndex((golden) => isEqual(golden.data, got.data));
  return back < 0 ? undefined : { kind: 'stale-frame', frame: frame - 1 - back, insteadOf: frame };
}

// A stale part at the top or bottom edge that is taller than this is called a tear, a smaller one a transfer cut short. The bytes
// prove the same in both cases; only the name differs.
const TALLEST_STALE_EDGE_IN_BLOCKS = 1;
// Fewer bytes than this, not a whole row or column, may hold the sentinel or zero by accident.
const FEWEST_BYTES = 16;

// Everything wrong holds one thing: what was in the buffer before.
function asMissing(evidence: Evidence, { firstOffset, lastOffset, firstRow, lastRow }: PlaneDifference): Defect | undefined {
  const { got, frame, plane } = evidence;
  for (const [holds, held] of whatBuffersHold(evidence)) {
    const count = lastRow - firstRow + 1;
    const [start, end] = [firstRow * got.width, (lastRow + 1) * got.width];
    const isStaleEdge = holds.kind === 'stale' && (firstRow === 0) !== (lastRow === got.height - 1);
    const isTear = isStaleEdge && count > TALLEST_STALE_EDGE_IN_BLOCKS * blockPixels(plane);
    if (isEqual(got.data.subarray(start, end), held.subarray(start, end))) {
      if (isTear) return tear(frame, holds.frame, firstRow, lastRow);
      return { kind: 'rows-missing', first: firstRow, count, of: got.height, holds };
    }
    const inPart = missingColumns(evidence, holds, held) ?? missingBox(evidence, holds, held);
    if (inPart !== undefined) return inPart;
    if (isEqual(got.data.subarray(firstOffset, lastOffset + 1), held.subarray(firstOffset, lastOffset + 1))) {
      if (isTear) return tear(frame, holds.frame, firstRow, lastRow);
      const bytes = lastOffset + 1 - firstOffset;
      if (bytes < FEWEST_BYTES) continue;
      const toEnd = lastOffset === got.data.length - 1;
      return { kind: 'bytes-missing', firstRow, firstColumn: firstOffset % got.width, count: bytes, toEnd, holds };
    }
  }
  return undefined;
}

function tear(frame: number, stale: number, firstRow: number, lastRow: number): Defect {
  if (firstRow === 0) return { kind: 'torn', row: lastRow + 1, doubtfulRows: 0, frames: [stale, frame] };
  return { kind: 'torn', row: firstRow, doubtfulRows: 0, frames: [frame, stale] };
}

function whatBuffersHold({ got, earlier, frame, sentinel }: Evidence): [Held, Uint8Array][] {
  const constant = (byte: number): Uint8Array => new Uint8Array(got.data.length).fill(byte);
  const found: [Held, Uint8Array][] = [[{ kind: 'sentinel', byte: sentinel }, constant(sentinel)]];
  if (sentinel !== 0) found.push([{ kind: 'zero' }, constant(0)]);
  earlier.forEach((golden, back) => found.push([{ kind: 'stale', frame: frame - 1 - back }, golden.data]));
  return found;
}

function missingColumns({ expected, got }: Evidence, holds: Held, held: Uint8Array): Defect | undefined {
  const { width, height } = got;
  const isWrong = (x: number): boolean => !columnIs(got, x, height, expected.data);
  let first = 0;
  while (first < width && !isWrong(first)) first++;
  let last = width - 1;
  while (last > first && !isWrong(last)) last--;
  for (let x = first; x <= last; x++) if (!columnIs(got, x, height, held)) return undefined;
  return { kind: 'columns-missing', first, count: last - first + 1, of: width, holds };
}

// Both the last columns and the last rows: a box one too small each way.
function missingBox({ expected, got }: Evidence, holds: Held, held: Uint8Array): Defect | undefined {
  const { width, height } = got;
  const rowIs = (y: number, wanted: Uint8Array, upTo: number): boolean =>
    isEqual(got.data.subarray(y * width, y * width + upTo), wanted.subarray(y * width, y * width + upTo));
  let arrivedHeight = height;
  while (arrivedHeight > 0 && rowIs(arrivedHeight - 1, held, width)) arrivedHeight--;
  let arrivedWidth = width;
  while (arrivedWidth > 0 && columnIs(got, arrivedWidth - 1, arrivedHeight, held)) arrivedWidth--;
  // Bytes that look the same either way count as arrived.
  while (arrivedWidth < width && columnIs(got, arrivedWidth, arrivedHeight, expected.data)) arrivedWidth++;
  while (arrivedHeight < height && rowIs(arrivedHeight, expected.data, arrivedWidth)) arrivedHeight++;
  if (arrivedHeight === 0 || arrivedWidth === 0 || arrivedHeight === height || arrivedWidth === width) return undefined;
  for (let y = 0; y < arrivedHeight; y++) if (!rowIs(y, expected.data, arrivedWidth)) return undefined;
  return { kind: 'box-missing', arrivedWidth, arrivedHeight, holds };
}

// Two golden frames meet somewhere, neither of them need be the wanted one.
function asTornBetweenGoldens({ expected, got, earlier, frame }: Evidence): Defect | undefined {
  const goldens = [expected, ...earlier];
  const prefixes = goldens.map((golden) => equalPrefix(golden.data, got.data));
  const suffixes = goldens.map((golden) => got.data.length - equalSuffix(golden.data, got.data));
  for (const [above, prefixEnd] of prefixes.entries()) {
    for (const [below, suffixStart] of suffixes.entries()) {
      if (above === below || suffixStart > prefixEnd) continue;
      return { kind: 'torn', row: Math.floor(prefixEnd / got.width), doubtfulRows: 0, frames: [frame - above, frame - below] };
    }
  }
  return undefined;
}

function asMirrored({ expected, got }: Evidence): Defect | undefined {
  const { width, height } = got;
  const turned = got.data.toReversed();
  if (isEqual(turned, expected.data)) return { kind: 'mirrored', axis: 'both' };
  const upsideDown = new Uint8Array(got.data.length);
  for (let y = 0; y < height; y++) upsideDown.set(got.data.subarray(y * width, (y + 1) * width), (height - 1 - y) * width);
  if (isEqual(upsideDown, expected.data)) return { kind: 'mirrored', axis: 'upside-down' };
  if (isEqual(upsideDown.reverse(), expected.data)) return { kind: 'mirrored', axis: 'left-right' };
  return undefined;
}

// A picture with large even areas would let every shift look right for long; nothing would be proven then.
const MOST_BYTES_COMPARED = 50_000_000;

// At least a quarter of the picture must still be there, and every byte of it in its new place.
function asShifted({ expected, got }: Evidence): Defect | undefined {
  const { width, height } = got;
  let compared = 0;
  for (const dy of nearestFirst(Math.floor(height / 2))) {
    for (const dx of nearestFirst(Math.floor(width / 2))) {
      if (dx === 0 && dy === 0) continue;
      const columns = width - Math.abs(dx);
      const rows = height - Math.abs(dy);
      let to = Math.max(dy, 0) * width + Math.max(dx, 0);
      let from = Math.max(-dy, 0) * width + Math.max(-dx, 0);
      let row = 0;
      for (; row < rows; row++, to += width, from += width) {
        let x = 0;
        while (x < columns && got.data[to + x] === expected.data[from + x]) x++;
        compared += x + 1;
        if (x < columns) break;
      }
      if (row === rows) return { kind: 'shifted', dx, dy };
      if (compared > MOST_BYTES_COMPARED) return undefined;
    }
  }
  return undefined;
}

// Written: the rows lie `bytesPerRow` apart in what we read with `width`. Read: the other way round.
function asSheared({ expected, got }: Evidence): Defect | undefined {
  const { width } = got;
  for (let bytesPerRow = Math.ceil(width / 2); bytesPerRow <= width * 2; bytesPerRow++) {
    if (bytesPerRow === width) continue;
    const stays = Math.min(width, bytesPerRow); // a row that is longer than the pitch loses its end to the next one
    if (rowsLie(expected, got.data, bytesPerRow, stays)) {
      return { kind: 'sheared', bytesPerRow, insteadOf: width, when: 'written' };
    }
    if (rowsLie(got, expected.data, bytesPerRow, width)) {
      return { kind: 'sheared', bytesPerRow, insteadOf: width, when: 'read' };
    }
  }
  return undefined;
}

// The first `length` bytes of every row of one plane are in the other, `pitch` bytes apart, as far as that goes.
function rowsLie(rows: Plane, stream: Uint8Array, pitch: number, length: number): boolean {
  const { width, height, data } = rows;
  let row = 0;
  for (; row < height && row * pitch + length <= stream.length; row++) {
    for (let x = 0; x < length; x++) if (data[row * width + x] !== stream[row * pitch + x]) return false;
  }
  return row >= 4;
}

// Of the readable blocks this share must agree, and at least half of all whole blocks must be readable.
const SHARE_THAT_AGREES = 0.95;

function asReadFromBlocks(evidence: Evidence, difference: PlaneDifference): Defect | undefined {
  const { got, plane, frame } = evidence;
  const rows = blockRows(got, plane, frame);
  const torn = tornByBlocks(rows, evidence, difference);
  if (torn !== undefined) return torn;
  const shown = agreedFrame(rows.flat());
  if (shown === undefined) return asOtherPlane(evidence);
  return shown === frame ? undefined : { kind: 'stale-frame', frame: shown, insteadOf: frame };
}

function tornByBlocks(rows: readonly (number | undefined)[][], evidence: Evidence, wrong: PlaneDifference): Defect | undefined {
  const frames = rows.map((row) => agreedFrame(row));
  const [above, below] = [frames[0], frames.at(-1)];
  if (above === undefined || below === undefined || above === below) return undefined;
  const aboveEnd = frames.findIndex((shown) => shown !== above);
  const belowStart = frames.findLastIndex((shown) => shown !== below) + 1;
  if (belowStart - aboveEnd > 1) return undefined; // only the one row of blocks with the tear in it may be in doubt
  const side = blockPixels(evidence.plane);
  const [earliest, latest] = [aboveEnd * side, belowStart * side];
  // Where one part is the wanted frame, its bytes tell the very row.
  const exact = above === evidence.frame ? wrong.firstRow : below === evidence.frame ? wrong.lastRow + 1 : -1;
  const isExact = exact >= earliest && exact <= latest;
  return { kind: 'torn', row: isExact ? exact : latest, doubtfulRows: isExact ? 0 : latest - earliest, frames: [above, below] };
}

function asOtherPlane({ got, plane, frame }: Evidence): Defect | undefined {
  for (const other of ['y', 'u', 'v'] as const) {
    if (other === plane) continue;
    for (const seen of other === 'y' ? asLuma(got) : [got]) {
      const shown = agreedFrame(blockRows(seen, other, frame).flat());
      if (shown !== undefined) return { kind: 'planes-swapped', with: other, frame: shown };
    }
  }
  return undefined;
}

// Luma bytes in a chroma plane (its offset was lost): two chroma rows make one of luma, or one less where the width is odd.
function asLuma({ width, data }: Plane): Plane[] {
  return [2 * width, 2 * width - 1].map((lumaWidth) => ({ width: lumaWidth, height: Math.floor(data.length / lumaWidth), data }));
}

// Per block the frame it shows, if it can be read and is in its own place. Frame numbers repeat: the one nearest to `frame` is meant.
function blockRows(plane: Plane, which: PlaneName, frame: number): (number | undefined)[][] {
  const side = blockPixels(which);
  return Array.from({ length: Math.floor(plane.height / side) }, (_r, row) =>
    Array.from({ length: Math.floor(plane.width / side) }, (_c, column) => {
      const id = readBlock(plane, which, column, row);
      return id !== undefined && isAt(id, column, row) ? nearestFrame(id.frame, frame) : undefined;
    }),
  );
}

function isAt(id: BlockId, column: number, row: number): boolean {
  return id.column === column % ID_PERIOD && id.row === row % ID_PERIOD;
}

function nearestFrame(carried: number, frame: number): number {
  const ahead = (((carried - frame) % ID_PERIOD) + ID_PERIOD) % ID_PERIOD;
  const back = ID_PERIOD - ahead;
  return ahead < ID_PERIOD / 2 || back > frame ? frame + ahead : frame - back;
}

function agreedFrame(blocks: readonly (number | undefined)[]): number | undefined {
  const votes = new Map<number, number>();
  for (const frame of blocks) if (frame !== undefined) votes.set(frame, (votes.get(frame) ?? 0) + 1);
  const readable = blocks.filter((frame) => frame !== undefined).length;
  const [winner] = [...votes].sort((a, b) => b[1] - a[1]);
  if (winner === undefined || readable * 2 < blocks.length) return undefined;
  return winner[1] >= SHARE_THAT_AGREES * readable ? winner[0] : undefined;
}

function asCorrupt({ got }: Evidence, { wrongBytes, firstOffset, firstRow, lastRow }: PlaneDifference): Defect {
  return { kind: 'corrupt', wrongBytes, firstRow, firstColumn: firstOffset % got.width, lastRow };
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

function isAll(data: Uint8Array, value: number): boolean {
  return data.every((byte) => byte === value);
}

function columnIs({ width, data }: Plane, x: number, rows: number, wanted: Uint8Array): boolean {
  for (let y = 0; y < rows; y++) if (data[y * width + x] !== wanted[y * width + x]) return false;
  return true;
}

function equalPrefix(a: Uint8Array, b: Uint8Array): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return length;
}

function equalSuffix(a: Uint8Array, b: Uint8Array): number {
  let length = 0;
  while (length < a.length && a[a.length - 1 - length] === b[b.length - 1 - length]) length++;
  return length;
}

function nearestFirst(farthest: number): number[] {
  return Array.from({ length: 2 * farthest + 1 }, (_, i) => (i & 1 ? (i + 1) / 2 : 0 - i / 2));
}

function saySize({ width, height }: Plane): string {
  return `${String(width)}x${String(height)}`;
}
