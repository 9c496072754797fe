// What is said of the error of each frame: a figure where there is one, and nothing where nobody measured it.
import { expect, test } from 'vitest';
import type { RunDetail } from '../../api/shapes.ts';
import { frameErrors, psnrOf, rowsOf, sayErrors, sayPlanes, sayWithout, wrongTexelsOf } from './frame-errors.ts';

type Kept = NonNullable<RunDetail['record']>['pipelines'][number]['kept'][number];

function kept(frame: number, plane: Kept['plane'], error: Kept['error']): Kept {
  return { frame, plane, oracle: 'texels', defect: 'shifted', expected: 'e.png', got: 'g.png', difference: 'd.png', previews: null, error };
}

const KEPT = [kept(1, 'y', { wrong: 1200, of: 230_400, psnrDb: 31.256 }), kept(1, 'u', { wrong: 10, of: 57_600, psnrDb: 12.5 }), kept(2, 'y', null)];
const FRAMES = frameErrors({ frameNumbers: { wrong: [1, 2, 4], free: [3] }, kept: KEPT }, [0, 1, 2, 3, 4, 5]);

test('a right frame has an infinite PSNR and no wrong texel', () => {
  expect(FRAMES.filter(({ state }) => state === 'right').map((one) => [one.n, psnrOf(one), wrongTexelsOf(one)])).toEqual([[0, Infinity, 0], [5, Infinity, 0]]);
});

test('a wrong frame has the PSNR of its worst plane, and the wrong texels of all of them', () => {
  const [, one] = FRAMES;
  expect(one && [one.state, psnrOf(one), wrongTexelsOf(one), sayPlanes(one)]).toEqual(['wrong', 12.5, 1210, { psnr: 'y 31.26 dB, u 12.50 dB', texels: 'y 1\u202f200 of 230\u202f400, as texels; u 10 of 57\u202f600, as texels' }]);
});

test('what nobody measured is not known, and it is said why', () => {
  expect(FRAMES.filter((one) => psnrOf(one) === null).map((one) => [one.n, one.state, wrongTexelsOf(one), sayPlanes(one), sayWithout(one)])).toEqual([
    [2, 'wrong', null, null, 'not known: its pictures were kept without figures'], [3, 'free', null, null, 'held against nothing: its clip is damaged, so it may be anything'],
    [4, 'wrong', null, null, 'not known: it is wrong, and no picture of it was kept'],
  ]);
});

test('a record that does not say which frames are wrong makes none of them right', () => {
  const frames = frameErrors({ frameNumbers: null, kept: KEPT }, [0, 1]);
  expect(frames.map(({ n, state }) => [n, state])).toEqual([[0, 'unknown'], [1, 'wrong'], [2, 'wrong']]);
  expect(psnrOf(frames[0] ?? { n: 0, state: 'right', kept: [] })).toBeNull();
});

test('where the probe\'s lines are not to be had, the wrong frames are there still', () => {
  expect(frameErrors({ frameNumbers: { wrong: [4], free: [] }, kept: [] }, []).map(({ n }) => n)).toEqual([4]);
});

test('all of it in a sentence', () => {
  expect(sayErrors(FRAMES)).toBe('2 frames right, with an infinite PSNR and no wrong texel; 3 frames wrong, of which 2 without figures; 1 frame held against nothing');
});

test('frames that nothing but the same can be said of stand together, and those with pictures alone', () => {
  const frames = frameErrors({ frameNumbers: { wrong: [1, 2, 4, 5, 6, 8], free: [7] }, kept: KEPT }, []);
  expect(rowsOf(frames).map(({ error, last }) => [error.n, last])).toEqual([[1, 1], [2, 2], [4, 6], [7, 7], [8, 8]]);
});
