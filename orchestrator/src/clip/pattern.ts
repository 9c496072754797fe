// The picture that carries its own coordinates: every block of every plane says which frame, column, row and plane it is.
// Knows nothing of codecs, buffers or defects; what a wrong block means is for verify/ to say.

import type { Size } from '../contract/picture.ts';

export type { Size };
export interface Plane { readonly width: number; readonly height: number; readonly data: Uint8Array }
export interface Planes { readonly y: Plane; readonly u: Plane; readonly v: Plane }
export type PlaneName = keyof Planes;
export interface BlockId { readonly frame: number; readonly column: number; readonly row: number }

// Frame, column and row are each carried modulo this.
export const ID_PERIOD = 1024;

// A block is 4 x 4 cells, a cell is one of 6 levels, so half a block (8 cells) holds 20 bits:
//
//      cell   0 1   2 3        left half:  check * 1024 + (frame xor check)     changes with every frame
//      row 0  L L | R R        right half: row * 1024 + column                  never changes in its place
//      row 1  L L | R R
//      row 2  L L | R R        Digits in base 6, lowest first, in reading order.
//      row 3  L L | R R
//
// The check depends on frame, column, row and plane, and whitens the frame number: two frames differ in every block, and
// over a row of blocks in every line of pixels, whatever their distance. The right half is for the encoder: it can skip it.
const CELLS_ACROSS = 4;
const LEVELS = 6;
const DIGITS_PER_HALF = 8;

interface Code { readonly cellPixels: number; readonly lowest: number; readonly highest: number; readonly salt: number }
const CODES: Readonly<Record<PlaneName, Code>> = {
  y: { cellPixels: 4, lowest: 16, highest: 235, salt: 0x3c6ef372 },
  u: { cellPixels: 2, lowest: 16, highest: 240, salt: 0x7f4a7c15 },
  v: { cellPixels: 2, lowest: 16, highest: 240, salt: 0x1b873593 },
};
// Levels lie 44 apart, so a cell is unclear beyond 22; the gap between the two limits is what tells damage from noise.
const FARTHEST_FROM_LEVEL = 20;

export function paintFrame(size: Size, frame: number): Planes {
  const chroma = chromaSize(size);
  return {
    y: paintPlane(size, 'y', frame),
    u: paintPlane(chroma, 'u', frame),
    v: paintPlane(chroma, 'v', frame),
  };
}

// Between the frame numbers that the three channels of an RGB picture carry: a swapped channel is another frame's.
export const RGB_FRAME_STEP = 341;

// Every channel is a luma plane of its own: b carries the frame's number, g and r it and one or two steps more.
export function paintRgb(size: Size, frame: number): { b: Plane; g: Plane; r: Plane } {
  return { b: paintPlane(size, 'y', frame), g: paintPlane(size, 'y', frame + RGB_FRAME_STEP), r: paintPlane(size, 'y', frame + 2 * RGB_FRAME_STEP) };
}

// Undefined where the block is cut off by the plane's edge, where a cell is unclear, or where the check does not fit.
export function readBlock(plane: Plane, which: PlaneName, column: number, row: number): BlockId | undefined {
  const side = blockPixels(which);
  const [left, top] = [column * side, row * side];
  if (left < 0 || top < 0 || left + side > plane.width || top + side > plane.height) return undefined;
  let leftHalf = 0;
  let rightHalf = 0;
  let weight = 1;
  for (let digit = 0; digit < DIGITS_PER_HALF; digit++, weight *= LEVELS) {
    const inLeft = readCell(plane, which, left, top, digit & 1, digit >> 1);
    const inRight = readCell(plane, which, left, top, 2 + (digit & 1), digit >> 1);
    if (inLeft === undefined || inRight === undefined) return undefined;
    leftHalf += inLeft * weight;
    rightHalf += inRight * weight;
  }
  if (leftHalf >= ID_PERIOD ** 2 || rightHalf >= ID_PERIOD ** 2) return undefined;
  const check = leftHalf >> 10;
  const id = { frame: (leftHalf ^ check) & 1023, column: rightHalf & 1023, row: rightHalf >> 10 };
  return checkOf(which, id) === check ? id : undefined;
}

export function blockPixels(which: PlaneName): number {
  return CODES[which].cellPixels * CELLS_ACROSS;
}

export function chromaSize(size: Size): Size {
  return { width: (size.width + 1) >> 1, height: (size.height + 1) >> 1 };
}

function paintPlane({ width, height }: Size, which: PlaneName, frame: number): Plane {
  const data = new Uint8Array(width * height);
  const { cellPixels } = CODES[which];
  const side = blockPixels(which);
  const columns = Math.ceil(width / side);
  for (let row = 0; row * side < height; row++) {
    const cells = Array.from({ length: columns }, (_, column) => blockCells(which, { frame, column, row }));
    for (let cellRow = 0; cellRow < CELLS_ACROSS; cellRow++) {
      const top = row * side + cellRow * cellPixels;
      if (top >= height) break;
      const start = top * width;
      for (let x = 0; x < width; x++) {
        const across = Math.floor(x / cellPixels);
        data[start + x] = cells[across >> 2]?.[cellRow * CELLS_ACROSS + (across & 3)] ?? 0;
      }
      for (let y = top + 1; y < Math.min(top + cellPixels, height); y++) data.copyWithin(y * width, start, start + width);
    }
  }
  return { width, height, data };
}

function blockCells(which: PlaneName, { frame, column, row }: BlockId): Uint8Array {
  const id = { frame: frame & 1023, column: column & 1023, row: row & 1023 };
  const check = checkOf(which, id);
  let leftHalf = check * ID_PERIOD + (id.frame ^ check);
  let rightHalf = id.row * ID_PERIOD + id.column;
  const cells = new Uint8Array(CELLS_ACROSS * CELLS_ACROSS);
  for (let digit = 0; digit < DIGITS_PER_HALF; digit++) {
    const at = (digit >> 1) * CELLS_ACROSS + (digit & 1);
    cells[at] = levelOf(which, leftHalf % LEVELS);
    cells[at + 2] = levelOf(which, rightHalf % LEVELS);
    leftHalf = Math.floor(leftHalf / LEVELS);
    rightHalf = Math.floor(rightHalf / LEVELS);
  }
  return cells;
}

function readCell(plane: Plane, which: PlaneName, left: number, top: number, across: number, down: number): number | undefined {
  const { cellPixels, lowest, highest } = CODES[which];
  let sum = 0;
  for (let y = 0; y < cellPixels; y++) {
    const start = (top + down * cellPixels + y) * plane.width + left + across * cellPixels;
    for (let x = 0; x < cellPixels; x++) sum += plane.data[start + x] ?? 0;
  }
  const mean = sum / cellPixels ** 2;
  const step = (highest - lowest) / (LEVELS - 1);
  const digit = Math.min(LEVELS - 1, Math.max(0, Math.round((mean - lowest) / step)));
  return Math.abs(mean - levelOf(which, digit)) <= FARTHEST_FROM_LEVEL ? digit : undefined;
}

function levelOf(which: PlaneName, digit: number): number {
  const { lowest, highest } = CODES[which];
  return Math.round(lowest + (digit * (highest - lowest)) / (LEVELS - 1));
}

function checkOf(which: PlaneName, { frame, column, row }: BlockId): number {
  let mixed = CODES[which].salt + frame + Math.imul(column, 0x85ebca6b) + Math.imul(row, 0xc2b2ae35);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x7feb352d);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x846ca68b);
  return (mixed ^ (mixed >>> 16)) & 1023;
}
