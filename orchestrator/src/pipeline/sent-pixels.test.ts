// Planes come back in pieces from a guest that nobody trusts: what contradicts itself is dropped rather than kept as a wrong picture.
import { expect, test } from 'vitest';
import type { PixelsLine } from '../contract/probe.ts';
import { PixelCollector } from './sent-pixels.ts';

const PLANE = Uint8Array.from({ length: 64 }, (_, index) => index);

test('puts a plane together from its pieces, between those of another one', () => {
  const [first, last] = pieces({ n: 1, what: 'texels', plane: 'y' }, [30, 34]);
  const kept = collected(first, ...pieces({ n: 1, what: 'memory', plane: 'y' }, [64]), last);
  expect(kept.map(({ n, what, plane, width, height, bytesPerPixel, data }) => [n, what, plane, width, height, bytesPerPixel, Buffer.from(data)])).toEqual([
    [1, 'texels', 'y', 8, 8, 1, Buffer.from(PLANE)], [1, 'memory', 'y', 8, 8, 1, Buffer.from(PLANE)],
  ]);
});

test.each([
  { plane: 'uv' as const, width: 8, height: 4, bytesPerPixel: 2 as const },
  { plane: 'xrgb' as const, width: 4, height: 4, bytesPerPixel: 4 as const },
  { plane: 'uv' as const, width: 4, height: 4, bytesPerPixel: 4 as const },
])('a plane $plane of $bytesPerPixel bytes per pixel has $width times $height pixels', (shape) => {
  expect(collected(...pieces(shape, [32, 32]))).toMatchObject([{ ...shape, data: PLANE }]);
});

test('the same plane of another frame, or seen by another oracle, is another plane', () => {
  expect(collected(...pieces({ n: 1 }, [64]), ...pieces({ n: 2 }, [64]), ...pieces({ n: 1, what: 'memory' }, [64]), ...pieces({ n: 1, what: 'rgb', plane: 'rgb' }, [64]))).toHaveLength(4);
});

test('a plane that is not whole is no plane', () => {
  expect(collected(...pieces({}, [32, 31]))).toEqual([]);
});

test.each([
  { name: 'a piece that leaves a gap', spoil: (line: PixelsLine) => ({ ...line, offset: line.offset + 1 }) },
  { name: 'a piece that comes again', spoil: (line: PixelsLine) => ({ ...line, offset: 0 }) },
  { name: 'a piece that runs over the end', spoil: (line: PixelsLine) => ({ ...line, data: Buffer.alloc(40).toString('base64') }) },
  { name: 'a piece whose total is not its width by its height', spoil: (line: PixelsLine) => ({ ...line, total: 63 }) },
  { name: 'a piece that gives the plane another size', spoil: (line: PixelsLine) => ({ ...line, width: 16, total: 128 }) },
  { name: 'a piece that gives the plane another shape', spoil: (line: PixelsLine) => ({ ...line, width: 4, height: 16 }) },
  { name: 'a piece that gives the plane other pixels', spoil: (line: PixelsLine) => ({ ...line, width: 4, height: 4, bytesPerPixel: 4 as const }) },
])('drops $name, and with it the plane, rather than keep a wrong picture', ({ spoil }) => {
  const [first, second] = pieces({}, [32, 32]);
  expect(collected(first, spoil(second ?? line()))).toEqual([]);
});

test('a plane survives a piece that was dropped when the right one follows', () => {
  const [first, second] = pieces({}, [32, 32]);
  expect(collected(first, first, second).map(({ data }) => Buffer.from(data))).toEqual([Buffer.from(PLANE)]);
});

test('takes no more memory for pixels than it has set aside, however many planes a guest announces', () => {
  const announced = Array.from({ length: 20 }, (_, n) => line({ n, width: 8192, height: 8192, total: 8192 * 8192 }));
  expect(collected(...announced, ...pieces({ n: 100 }, [64]))).toEqual([]);
});

function collected(...lines: readonly (PixelsLine | undefined)[]): ReturnType<PixelCollector['complete']> {
  const collector = new PixelCollector();
  for (const one of lines) if (one !== undefined) collector.take(one);
  return collector.complete();
}

function line(change: Partial<PixelsLine> = {}): PixelsLine {
  return { t: 'pixels', id: 1, n: 0, plane: 'y', what: 'texels', width: 8, height: 8, bytesPerPixel: 1, offset: 0, total: 64, data: '', ...change };
}

/** PLANE, cut into pieces of these many bytes. */
function pieces(change: Partial<PixelsLine>, sizes: readonly number[]): PixelsLine[] {
  let offset = 0;
  return sizes.map((size) => {
    const piece = line({ ...change, offset, data: Buffer.from(PLANE.subarray(offset, offset + size)).toString('base64') });
    offset += size;
    return piece;
  });
}
