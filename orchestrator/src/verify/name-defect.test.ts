// Each defect is provoked on a painted frame, then has to be named: by kind, by place and in words.
import { describe, expect, test } from 'vitest';
import { bytesOfRaw, pictureOf } from '../clip/golden.ts';
import { blockPixels, paintFrame } from '../clip/pattern.ts';
import type { Plane, PlaneName, Planes, Size } from '../clip/pattern.ts';
import { comparePlanes, nameDefect } from './name-defect.ts';
import { sayDefect } from './say-defect.ts';
import type { Defect } from './name-defect.ts';

const SENTINEL = 0xa5;
const FRAME = 7;
const SIZES = [{ width: 640, height: 360 }, { width: 641, height: 361 }];
const CASES = SIZES.flatMap((size) => (['y', 'u', 'v'] as const).map((which) => ({ ...size, which })));

describe.each(CASES)('plane $which of $width x $height', ({ which, ...size }) => {
  const good = paint(size, which, FRAME);
  const { width, height } = good;
  const last = height - 1;
  const earlier = [6, 5, 4].map((frame) => paint(size, which, frame));
  const side = blockPixels(which);

  function named(got: Plane, goldens: readonly Plane[] = earlier): Defect {
    return nameDefect({ plane: which, frame: FRAME, expected: good, got, earlier: goldens, sentinel: SENTINEL });
  }

  test('has no defect when it is right', () => {
    expect(named(copy(good))).toEqual({ kind: 'none' });
  });

  test('names the last row that still holds the fill byte', () => {
    const defect = named(edit(good, (data) => data.fill(SENTINEL, last * width)));
    expect(defect).toEqual({ kind: 'rows-missing', first: last, count: 1, of: height, holds: { kind: 'sentinel', byte: SENTINEL } });
    expect(sayDefect(defect)).toBe(`the last row (${String(last)}) never arrived: it still holds the fill byte 0xa5`);
  });

  test('does not claim that rows of zeros never arrived', () => {
    const defect = named(edit(good, (data) => data.fill(0, 50 * width, 53 * width)));
    expect(defect).toEqual({ kind: 'rows-missing', first: 50, count: 3, of: height, holds: { kind: 'zero' } });
    expect(sayDefect(defect)).toBe('rows 50 to 52 hold only zeros');
  });

  test('names a last row that still shows an earlier frame', () => {
    const defect = named(join(good, paint(size, which, 4), last * width));
    expect(defect).toMatchObject({ kind: 'rows-missing', first: last, count: 1, holds: { kind: 'stale', frame: 4 } });
    expect(sayDefect(defect)).toBe(`the last row (${String(last)}) never arrived: it still holds frame 4`);
  });

  test('names a band in the middle that still shows an earlier frame', () => {
    const defect = named(join(join(good, paint(size, which, 5), 40 * width), good, 90 * width));
    expect(defect).toMatchObject({ kind: 'rows-missing', first: 40, count: 50, holds: { kind: 'stale', frame: 5 } });
  });

  test('names a plane that nothing was ever written to', () => {
    const defect = named(edit(good, (data) => data.fill(SENTINEL)));
    expect(sayDefect(defect)).toBe(`all ${String(height)} rows never arrived: they still hold the fill byte 0xa5`);
  });

  test('names a plane of one single value', () => {
    const defect = named(edit(good, (data) => data.fill(0)));
    expect(defect).toEqual({ kind: 'blank', value: 0 });
    expect(sayDefect(defect)).toBe('blank: every byte is 0x00');
  });

  test('names the last column that still holds the fill byte', () => {
    const defect = named(edit(good, (data) => { for (let y = 0; y < height; y++) data[y * width + width - 1] = SENTINEL; }));
    expect(defect).toMatchObject({ kind: 'columns-missing', first: width - 1, count: 1, of: width });
    expect(sayDefect(defect)).toBe(`the last column (${String(width - 1)}) never arrived: it still holds the fill byte 0xa5`);
  });

  test('names a box that was one too small each way', () => {
    const defect = named(edit(good, (data) => {
      data.fill(SENTINEL, last * width);
      for (let y = 0; y < height; y++) data[y * width + width - 1] = SENTINEL;
    }));
    expect(sayDefect(defect)).toBe(`all but the top left ${String(width - 1)}x${String(last)} never arrived: it still holds the fill byte 0xa5`);
  });

  test('counts bytes where the missing part begins within a row', () => {
    const defect = named(edit(good, (data) => data.fill(SENTINEL, (last - 1) * width + 1)));
    const bytes = 2 * width - 1;
    expect(defect).toEqual({
      kind: 'bytes-missing', firstRow: last - 1, firstColumn: 1, count: bytes, toEnd: true, holds: { kind: 'sentinel', byte: SENTINEL },
    });
    expect(sayDefect(defect)).toBe(`the last ${String(bytes)} bytes (from row ${String(last - 1)}, byte 1) never arrived: they still hold the fill byte 0xa5`);
  });

  test('names an earlier frame that equals its golden plane', () => {
    const defect = named(paint(size, which, 5));
    expect(defect).toEqual({ kind: 'stale-frame', frame: 5, insteadOf: FRAME });
    expect(sayDefect(defect)).toBe('stale: shows frame 5 instead of 7');
  });

  test('names an earlier frame by its blocks when it has no golden plane', () => {
    expect(named(paint(size, which, 1), [])).toEqual({ kind: 'stale-frame', frame: 1, insteadOf: FRAME });
  });

  test('names a frame that came too early', () => {
    const defect = named(edit(paint(size, which, 9), (data) => { data[300] = 0; }));
    expect(sayDefect(defect)).toBe('ahead: shows frame 9 instead of 7');
  });

  test('finds the row of a tear below which an earlier frame is seen', () => {
    const defect = named(join(good, paint(size, which, 6), 77 * width));
    expect(defect).toEqual({ kind: 'torn', row: 77, doubtfulRows: 0, frames: [FRAME, 6] });
    expect(sayDefect(defect)).toBe('torn at row 77: frame 7 above, frame 6 from there on');
  });

  test('finds the row of a tear above which an earlier frame is seen', () => {
    expect(named(join(paint(size, which, 6), good, 77 * width))).toEqual({ kind: 'torn', row: 77, doubtfulRows: 0, frames: [6, FRAME] });
  });

  test('finds the row of a tear between two earlier frames', () => {
    expect(named(join(paint(size, which, 5), paint(size, which, 4), 99 * width))).toMatchObject({ kind: 'torn', row: 99, frames: [5, 4] });
  });

  test('finds the row of a tear to a frame without a golden plane, which the blocks name', () => {
    expect(named(join(paint(size, which, 8), good, 77 * width))).toEqual({ kind: 'torn', row: 77, doubtfulRows: 0, frames: [8, FRAME] });
    expect(named(join(good, paint(size, which, 8), 77 * width))).toEqual({ kind: 'torn', row: 77, doubtfulRows: 0, frames: [FRAME, 8] });
  });

  test('says between which rows a tear lies when neither part has a golden plane', () => {
    const row = side * 5 + 4;
    const defect = named(join(paint(size, which, 8), paint(size, which, 9), row * width));
    expect(defect).toEqual({ kind: 'torn', row: side * 6, doubtfulRows: side, frames: [8, 9] });
    expect(sayDefect(defect)).toBe(`torn between rows ${String(side * 5)} and ${String(side * 6)}: frame 8 above, frame 9 from there on`);
  });

  test.each([[1, 0], [-3, 0], [0, 1], [0, -2], [16, -5], [-100, 70]])('finds a shift by %i, %i', (dx, dy) => {
    const got = edit(good, (data) => {
      data.fill(SENTINEL);
      for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) {
        const [toX, toY] = [x + dx, y + dy];
        if (toX >= 0 && toX < width && toY >= 0 && toY < height) data[toY * width + toX] = good.data[y * width + x] ?? 0;
      }
    });
    expect(named(got)).toEqual({ kind: 'shifted', dx, dy });
  });

  test('finds the shift when a plane was read one row and two bytes too late', () => {
    const got = edit(good, (data) => { data.fill(0).set(good.data.subarray(width + 2)); });
    expect(sayDefect(named(got))).toBe('shifted: the picture lies 2 pixels too far left and 1 row too high');
  });

  test.each([16, -1])('finds the pitch when rows were written %i bytes wider', (wider) => {
    const pitch = width + wider;
    const got = edit(good, (data) => {
      data.fill(0);
      for (let y = 0; y < height && y * pitch < data.length; y++) {
        data.set(good.data.subarray(y * width, y * width + Math.min(width, data.length - y * pitch)), y * pitch);
      }
    });
    const defect = named(got);
    expect(defect).toEqual({ kind: 'sheared', bytesPerRow: pitch, insteadOf: width, when: 'written' });
    expect(sayDefect(defect)).toBe(`sheared: written with ${String(pitch)} bytes per row instead of ${String(width)}`);
  });

  test.each([16, -1])('finds the pitch when rows were read %i bytes wider', (wider) => {
    const pitch = width + wider;
    const got = edit(good, (data) => {
      data.fill(0);
      for (let y = 0; y < height; y++) data.set(good.data.subarray(y * pitch, y * pitch + width), y * width);
    });
    expect(named(got)).toEqual({ kind: 'sheared', bytesPerRow: pitch, insteadOf: width, when: 'read' });
  });

  test('names a picture upside down, mirrored, and both', () => {
    const at = (map: (x: number, y: number) => number): Plane => edit(good, (data) => {
      for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) data[y * width + x] = good.data[map(x, y)] ?? 0;
    });
    expect(sayDefect(named(at((x, y) => (last - y) * width + x)))).toBe('upside down');
    expect(sayDefect(named(at((x, y) => y * width + width - 1 - x)))).toBe('mirrored left to right');
    expect(sayDefect(named(at((x, y) => (last - y) * width + width - 1 - x)))).toBe('turned by 180 degrees');
  });

  test('claims nothing but the damage where a few bytes are wrong', () => {
    const defect = named(edit(good, (data) => { for (const at of [40 * width + 9, 41 * width]) data[at] = (data[at] ?? 0) ^ 3; }));
    expect(defect).toEqual({ kind: 'corrupt', wrongBytes: 2, firstRow: 40, firstColumn: 9, lastRow: 41 });
    expect(sayDefect(defect)).toBe('corrupt: 2 wrong bytes, the first at row 40, column 9, the last in row 41');
  });

  test('does not call one byte that happens to be the fill byte missing', () => {
    expect(named(edit(good, (data) => { data[500] = SENTINEL; }))).toMatchObject({ kind: 'corrupt', wrongBytes: 1 });
  });

  test('claims nothing about noise, and is done within a second', () => {
    let state = 1;
    const got = edit(good, (data) => { for (let i = 0; i < data.length; i++) data[i] = (state = Math.imul(state, 69069) + 1) >>> 24; });
    const started = performance.now();
    expect(named(got)).toMatchObject({ kind: 'corrupt', firstRow: 0 });
    expect(performance.now() - started).toBeLessThan(1000);
  });
});

describe.each(SIZES)('the planes of $width x $height', (size) => {
  const { width, height } = size;
  const frame = paintFrame(size, FRAME);

  test('are known apart when U and V change places', () => {
    const defect = nameDefect({ plane: 'u', frame: FRAME, expected: frame.u, got: frame.v, earlier: [], sentinel: SENTINEL });
    expect(defect).toEqual({ kind: 'planes-swapped', with: 'v', frame: FRAME });
    expect(sayDefect(defect)).toBe('wrong plane: holds plane v of frame 7');
  });

  test('show luma in chroma where the offset of the plane was lost', () => {
    const got = { ...frame.u, data: frame.y.data.subarray(0, frame.u.data.length) };
    const defect = nameDefect({ plane: 'u', frame: FRAME, expected: frame.u, got, earlier: [], sentinel: SENTINEL });
    expect(defect).toEqual({ kind: 'planes-swapped', with: 'y', frame: FRAME });
  });

  test('lose the last rows of V alone when a packed buffer is transferred one row short', () => {
    const buffer = pack(size, FRAME);
    buffer.fill(SENTINEL, buffer.length - width);
    const got = splitI420(buffer, size);
    const say = (plane: PlaneName): string =>
      sayDefect(nameDefect({ plane, frame: FRAME, expected: frame[plane], got: got[plane], earlier: [], sentinel: SENTINEL }));
    expect([say('y'), say('u')]).toEqual(['no defect: every byte is as expected', 'no defect: every byte is as expected']);
    const rowsOfV = Math.ceil(height / 2);
    expect(say('v')).toBe(
      width % 2 === 0
        ? `the last 2 rows (${String(rowsOfV - 2)} to ${String(rowsOfV - 1)}) never arrived: they still hold the fill byte 0xa5`
        : `the last ${String(width)} bytes (from row ${String(rowsOfV - 2)}, byte 1) never arrived: they still hold the fill byte 0xa5`,
    );
  });

  test('name what a ring of four buffers shows where the last row is never sent', () => {
    const buffer = pack(size, FRAME);
    buffer.set(pack(size, FRAME - 4).subarray(buffer.length - width), buffer.length - width);
    const earlier = [6, 5, 4, 3].map((older) => paintFrame(size, older).v);
    const got = splitI420(buffer, size).v;
    const defect = nameDefect({ plane: 'v', frame: FRAME, expected: frame.v, got, earlier, sentinel: SENTINEL });
    expect(defect).toMatchObject({ kind: width % 2 === 0 ? 'rows-missing' : 'bytes-missing', holds: { kind: 'stale', frame: 3 } });
  });
});

test('takes the frame number that is nearest, since blocks count modulo 1024', () => {
  const size = { width: 640, height: 360 };
  const evidence = { plane: 'y', frame: 1025, expected: paintFrame(size, 1025).y, earlier: [], sentinel: SENTINEL } as const;
  expect(nameDefect({ ...evidence, got: paintFrame(size, 1020).y })).toEqual({ kind: 'stale-frame', frame: 1020, insteadOf: 1025 });
  expect(nameDefect({ ...evidence, got: paintFrame(size, 1023).y })).toEqual({ kind: 'stale-frame', frame: 1023, insteadOf: 1025 });
  expect(nameDefect({ ...evidence, got: paintFrame(size, 1026).y })).toEqual({ kind: 'stale-frame', frame: 1026, insteadOf: 1025 });
});

test('claims no shift where an even picture would make every shift look right', () => {
  const expected = { width: 640, height: 360, data: new Uint8Array(640 * 360).fill(128) };
  const got = edit(expected, (data) => { for (let i = 0; i < data.length; i += 3) data[i] = i & 127; });
  expect(nameDefect({ plane: 'y', frame: 0, expected, got, earlier: [], sentinel: SENTINEL }).kind).toBe('corrupt');
});

test('measures a difference: how much, from where to where, how far', () => {
  const expected = paint({ width: 64, height: 32 }, 'y', 0);
  const got = edit(expected, (data) => { data[130] = (data[130] ?? 0) ^ 1; data[700] = 255 - (data[700] ?? 0); });
  expect(comparePlanes(expected, got)).toMatchObject({ wrongBytes: 2, firstOffset: 130, lastOffset: 700, firstRow: 2, lastRow: 10 });
  expect(() => comparePlanes(expected, paint({ width: 63, height: 32 }, 'y', 0))).toThrow('cannot compare a plane of 63x32 with one of 64x32');
});

function paint(size: Size, which: PlaneName, frame: number): Plane {
  return paintFrame(size, frame)[which];
}

function pack(size: Size, frame: number): Uint8Array {
  const { y, u, v } = paintFrame(size, frame);
  const buffer = new Uint8Array(bytesOfRaw('yuv420p', size));
  buffer.set(y.data);
  buffer.set(u.data, y.data.length);
  buffer.set(v.data, y.data.length + u.data.length);
  return buffer;
}

function copy(plane: Plane): Plane {
  return { ...plane, data: plane.data.slice() };
}

function edit(plane: Plane, change: (data: Uint8Array) => void): Plane {
  const edited = copy(plane);
  change(edited.data);
  return edited;
}

function join(above: Plane, below: Plane, at: number): Plane {
  return edit(above, (data) => { data.set(below.data.subarray(at), at); });
}

/** The planes of a packed I420 picture, as views. */
function splitI420(buffer: Uint8Array, size: Size): Planes {
  const [y, u, v] = pictureOf(buffer, 'I420', size).planes;
  if (y === undefined || u === undefined || v === undefined) throw new Error('an I420 picture has three planes');
  return { y, u, v };
}
