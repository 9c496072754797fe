// What is kept of a wrong frame: the name of its defect and three pictures per plane, whatever a guest sends as pixels.
import { decode } from 'fast-png';
import { expect, test } from 'vitest';
import { convertToRgba, fromPlanes, type Picture } from '../clip/golden.ts';
import { paintFrame } from '../clip/pattern.ts';
import { goldenFrames } from '../../test/parts.ts';
import type { SentPixels } from './evidence.ts';
import { EARLIER_FRAMES, framesWanted, keepWrongFrames, SENTINEL, type Kept } from './kept-frames.ts';
import type { WrongFrame } from './wrong-frames.ts';

const SIZE = { width: 64, height: 48 };
const PICTURES: ReadonlyMap<number, Picture> = new Map(Array.from({ length: 12 }, (_, frame) => [frame, fromPlanes(paintFrame(SIZE, frame))]));
const GOLDEN = goldenFrames(12);

test('a last row that kept the fill byte is named, and pictured under the frame, the oracle and the plane', () => {
  const pixels = [sent(7, 'texels', 'y', (data) => { data.fill(SENTINEL, 47 * 64); })];
  const [one] = keep('dmabuf-copy', [{ frame: 7, oracle: 'texels', planes: ['y'] }], pixels);
  expect(one?.kept).toEqual({
    frame: 7, plane: 'y', oracle: 'texels', defect: 'plane y: the last row (47) never arrived: it still holds the fill byte 0xa5',
    expected: 'frames/dmabuf-copy-0007-texels-y-expected.png', got: 'frames/dmabuf-copy-0007-texels-y-got.png', difference: 'frames/dmabuf-copy-0007-texels-y-difference.png',
    previews: null, error: { wrong: 64, of: 64 * 48, psnrDb: expect.any(Number) as number },
  });
  expect(one?.files.map(({ name }) => name)).toEqual([one?.kept.expected, one?.kept.got, one?.kept.difference]);
});

test('the three pictures are the golden plane, the plane that came, and red where they differ', () => {
  const pixels = [sent(3, 'memory', 'u', (data) => { data[5] = 255 - (data[5] ?? 0); })];
  const [one] = keep('upload', [{ frame: 3, oracle: 'memory', planes: ['u'] }], pixels);
  const [expected, got, difference] = (one?.files ?? []).map(({ png }) => decode(png));
  expect(expected).toMatchObject({ width: 32, height: 24, channels: 1, data: paintFrame(SIZE, 3).u.data });
  expect(got?.data).toEqual(pixels[0]?.data);
  const red = Array.from({ length: 32 * 24 }, (_, pixel) => pixel).filter((pixel) => difference?.data[pixel * 3] !== difference?.data[pixel * 3 + 1]);
  expect(red).toEqual([5]);
});

test('of large pictures small ones are kept beside them', () => {
  const size = { width: 1000, height: 40 };
  const [golden, data] = [fromPlanes(paintFrame(size, 1)), paintFrame(size, 2).y.data];
  const [one] = keepWrongFrames({ stem: 'a', wrong: [{ frame: 1, oracle: 'texels', planes: ['y'] }], pixels: [{ n: 1, plane: 'y', what: 'texels', ...size, bytesPerPixel: 1, data }], golden: GOLDEN, pictures: new Map([[1, golden]]) });
  expect(one?.kept.previews).toEqual({ ...size, side: 3, expected: 'frames/a-0001-texels-y-preview-expected.png', got: 'frames/a-0001-texels-y-preview-got.png', difference: 'frames/a-0001-texels-y-preview-difference.png' });
  expect(one?.files.map(({ name, png }) => [name.replace(/^.*-y-/, ''), decode(png).width])).toEqual([
    ['expected.png', 1000], ['got.png', 1000], ['difference.png', 1000], ['preview-expected.png', 334], ['preview-got.png', 334], ['preview-difference.png', 334],
  ]);
});

test('a whole earlier frame in the place of this one is named by its number', () => {
  const stale: SentPixels = { ...sent(9, 'texels', 'v'), data: paintFrame(SIZE, 4).v.data };
  const [one] = keep('upload', [{ frame: 9, oracle: 'texels', planes: ['v'] }], [stale]);
  expect(one?.kept.defect).toMatch(/^plane v: .*frame 4/);
});

test.each([
  { shows: 'another plane of the same size', data: paintFrame(SIZE, 5).v.data, as: 'v' },
  { shows: 'the begin of the luma plane, as where its offset is lost', data: paintFrame(SIZE, 5).y.data.subarray(0, 32 * 24), as: 'y' },
])('a chroma plane that shows $shows is swapped with it, whatever is painted', ({ data, as }) => {
  const [one] = keep('capture-dmabuf', [{ frame: 5, oracle: 'texels', planes: ['u'] }], [{ ...sent(5, 'texels', 'u'), data }]);
  expect(one?.defect).toEqual({ kind: 'planes-swapped', with: as, frame: 5 });
});

test('every wrong plane of a frame is kept, in the order of its planes', () => {
  const spoil = (data: Uint8Array): void => { data.fill(0, 0, 100); };
  const pixels = (['v', 'u', 'y'] as const).map((plane) => sent(2, 'texels', plane, spoil));
  const kept = keep('upload', [{ frame: 2, oracle: 'texels', planes: ['y', 'u', 'v'] }], pixels);
  expect(kept.map((one) => one.kept.plane)).toEqual(['y', 'u', 'v']);
});

test('a wrong picture of right texels says how many pixels differ, and is pictured in colour', () => {
  const data = convertToRgba(fromPlanes(paintFrame(SIZE, 1)), { matrix: 'bt601', range: 'limited' });
  data[4 * 100] = (data[4 * 100] ?? 0) ^ 1;
  data[4 * 200 + 2] = (data[4 * 200 + 2] ?? 0) ^ 1;
  const [one] = keep('upload', [{ frame: 1, oracle: 'rgb', planes: ['rgb'] }], [sentRgb(1, data)]);
  expect(one?.kept).toMatchObject({ plane: 'rgb', oracle: 'rgb', defect: 'RGB: corrupt: 2 wrong bytes, the first at row 1, column 36, the last in row 3', got: 'frames/upload-0001-rgb-rgb-got.png' });
  expect(one === undefined ? undefined : decode(one.files[1]?.png ?? new Uint8Array())).toMatchObject({ ...SIZE, channels: 4 });
});

test('right pixels under a wrong hash are pictured, and have no error', () => {
  const data = convertToRgba(fromPlanes(paintFrame(SIZE, 1)), { matrix: 'bt601', range: 'limited' });
  expect(keep('upload', [{ frame: 1, oracle: 'rgb', planes: ['rgb'] }], [sentRgb(1, data)])).toMatchObject([{ kept: { plane: 'rgb', error: null } }]);
});

test.each([
  { matrix: 'bt709', range: 'limited' }, { matrix: 'bt2020', range: 'limited' }, { matrix: 'bt601', range: 'full' },
] as const)('right texels converted as $matrix $range are called so', (colour) => {
  const data = convertToRgba(fromPlanes(paintFrame(SIZE, 1)), colour);
  const [one] = keep('upload', [{ frame: 1, oracle: 'rgb', planes: ['rgb'] }], [sentRgb(1, data)]);
  expect(one?.defect).toEqual({ kind: 'wrong-colour', as: `${colour.matrix} ${colour.range}`, insteadOf: 'bt601 limited' });
});

test('a frame whose pixels did not come back is left out: its hash alone already failed it', () => {
  const wrong = [{ frame: 5, oracle: 'texels' as const, planes: ['y' as const] }];
  expect(keep('upload', wrong, [])).toEqual([]);
  expect(keep('upload', wrong, [sent(5, 'memory', 'y'), sent(5, 'texels', 'u'), sent(4, 'texels', 'y')])).toEqual([]);
});

test.each([
  { name: 'another size than the clip\'s', plane: 'y' as const, oracle: 'texels' as const, width: 32, height: 48, bytesPerPixel: 1 as const },
  { name: 'as many bytes in another shape', plane: 'y' as const, oracle: 'texels' as const, width: 48, height: 64, bytesPerPixel: 1 as const },
  { name: 'four bytes per pixel for a plane', plane: 'y' as const, oracle: 'texels' as const, width: 64, height: 48, bytesPerPixel: 4 as const },
  { name: 'one byte per pixel for a picture', plane: 'rgb' as const, oracle: 'rgb' as const, width: 64, height: 48, bytesPerPixel: 1 as const },
  { name: 'a picture of another size', plane: 'rgb' as const, oracle: 'rgb' as const, width: 63, height: 48, bytesPerPixel: 4 as const },
])('pixels with $name make no bug of the lab out of a wrong frame', ({ plane, oracle, width, height, bytesPerPixel }) => {
  const odd: SentPixels = { n: 5, plane, what: oracle, width, height, bytesPerPixel, data: new Uint8Array(width * height * bytesPerPixel) };
  expect(keep('upload', [{ frame: 5, oracle, planes: [plane] }], [odd])).toEqual([]);
});

test('asks for the golden pixels of a frame and of those before it, and of none before the first', () => {
  expect([...framesWanted([sent(2, 'texels', 'y'), sent(2, 'texels', 'u')])].sort()).toEqual([0, 1, 2]);
  expect([...framesWanted([sent(11, 'texels', 'y')])].sort((a, b) => a - b)).toEqual(Array.from({ length: EARLIER_FRAMES + 1 }, (_, index) => 11 - EARLIER_FRAMES + index));
  expect([...framesWanted([])]).toEqual([]);
});

/** The right pixels of a plane, as the probe sends them, changed by `spoil`. */
function sent(n: number, what: 'memory' | 'texels', plane: 'y' | 'u' | 'v', spoil: (data: Uint8Array) => void = () => undefined): SentPixels {
  const { width, height, data } = paintFrame(SIZE, n)[plane];
  const copy = data.slice();
  spoil(copy);
  return { n, plane, what, width, height, bytesPerPixel: 1, data: copy };
}

function sentRgb(n: number, data: Uint8Array): SentPixels {
  return { n, plane: 'rgb', what: 'rgb', ...SIZE, bytesPerPixel: 4, data };
}

function keep(stem: string, wrong: readonly WrongFrame[], pixels: readonly SentPixels[]): Kept[] {
  return keepWrongFrames({ stem, wrong, pixels, golden: GOLDEN, pictures: PICTURES });
}
