// What the painted picture promises: every whole block says where and when it is, through noise, and no two frames share a line.
import { describe, expect, test } from 'vitest';
import { blockPixels, chromaSize, paintFrame, readBlock } from './pattern.ts';
import type { Plane, PlaneName } from './pattern.ts';

const PLANES = ['y', 'u', 'v'] as const satisfies readonly PlaneName[];
const SIZES = [{ width: 640, height: 360 }, { width: 641, height: 361 }];

describe.each(SIZES)('a painted frame of $width x $height', (size) => {
  test.each(PLANES)('says frame, column and row in every whole block of plane %s', (which) => {
    const plane = paintFrame(size, 777)[which];
    expect(misread(plane, which, 777)).toEqual([]);
  });

  test.each(PLANES)('is still read in full after noise of up to 12 on every byte of plane %s', (which) => {
    const plane = withNoise(paintFrame(size, 41)[which], 12);
    expect(misread(plane, which, 41)).toEqual([]);
  });

  test.each(PLANES)('differs from each of the 16 frames before in every line of plane %s', (which) => {
    const painted = Array.from({ length: 17 }, (_, frame) => paintFrame(size, frame)[which]);
    const newest = painted[16];
    const shared = painted.slice(0, 16).flatMap((plane, frame) => sharedLines(plane, newest).map((y) => ({ frame, y })));
    expect(shared).toEqual([]);
  });

  test('stays within limited range', () => {
    const planes = paintFrame(size, 3);
    expect(range(planes.y)).toEqual([16, 235]);
    expect(range(planes.u)).toEqual([16, 240]);
    expect(range(planes.v)).toEqual([16, 240]);
  });
});

test('rounds chroma up, so that an odd last column has its own sample', () => {
  expect(chromaSize({ width: 641, height: 361 })).toEqual({ width: 321, height: 181 });
  const { u } = paintFrame({ width: 641, height: 361 }, 0);
  expect([u.width, u.height, u.data.length]).toEqual([321, 181, 321 * 181]);
});

test('does not read a block that the edge cuts off, nor one outside', () => {
  const { y } = paintFrame({ width: 641, height: 361 }, 0);
  expect(readBlock(y, 'y', 39, 21)).toEqual({ frame: 0, column: 39, row: 21 });
  expect(readBlock(y, 'y', 40, 0)).toBeUndefined();
  expect(readBlock(y, 'y', 0, 22)).toBeUndefined();
  expect(readBlock(y, 'y', -1, 0)).toBeUndefined();
});

test('never takes one plane for another, one in ten thousand blocks at most by accident', () => {
  let accidents = 0;
  for (let frame = 0; frame < 12; frame++) {
    const { u } = paintFrame({ width: 640, height: 360 }, frame);
    eachBlock(u, 'v', (column, row) => { if (readBlock(u, 'v', column, row) !== undefined) accidents++; });
  }
  expect(accidents).toBeLessThan(30);
});

test('does not read a block in which two frames meet', () => {
  const [one, other] = [paintFrame({ width: 640, height: 360 }, 6).y, paintFrame({ width: 640, height: 360 }, 7).y];
  const torn = { ...one, data: one.data.slice() };
  torn.data.set(other.data.subarray(8 * 640), 8 * 640);
  const readable = Array.from({ length: 40 }, (_, column) => readBlock(torn, 'y', column, 0)).filter((id) => id !== undefined);
  expect(readable.length).toBeLessThan(3);
});

test('carries the frame number modulo 1024', () => {
  expect(readBlock(paintFrame({ width: 32, height: 32 }, 1030).u, 'u', 1, 1)).toEqual({ frame: 6, column: 1, row: 1 });
});

test('paints a frame as small as one pixel', () => {
  const { y, v } = paintFrame({ width: 1, height: 1 }, 5);
  expect([y.data.length, v.data.length]).toEqual([1, 1]);
});

function misread(plane: Plane, which: PlaneName, frame: number): unknown[] {
  const wrong: unknown[] = [];
  eachBlock(plane, which, (column, row) => {
    const id = readBlock(plane, which, column, row);
    if (id?.frame !== frame || id.column !== column || id.row !== row) wrong.push({ column, row, id });
  });
  return wrong;
}

function eachBlock(plane: Plane, which: PlaneName, visit: (column: number, row: number) => void): void {
  const side = blockPixels(which);
  for (let row = 0; (row + 1) * side <= plane.height; row++) {
    for (let column = 0; (column + 1) * side <= plane.width; column++) visit(column, row);
  }
}

function withNoise(plane: Plane, most: number): Plane {
  let state = 12345;
  const data = plane.data.map((byte) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.min(255, Math.max(0, byte + ((state >>> 16) % (2 * most + 1)) - most));
  });
  return { ...plane, data };
}

function sharedLines(plane: Plane, other: Plane | undefined): number[] {
  const line = (of: Plane | undefined, y: number): string => String(of?.data.subarray(y * plane.width, (y + 1) * plane.width));
  return Array.from({ length: plane.height }, (_, y) => y).filter((y) => line(plane, y) === line(other, y));
}

function range({ data }: Plane): [number, number] {
  return [data.reduce((a, b) => Math.min(a, b)), data.reduce((a, b) => Math.max(a, b))];
}
