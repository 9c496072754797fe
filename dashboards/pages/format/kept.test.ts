// Walking through the wrong frames of a run.
import { expect, test } from 'vitest';
import type { RunDetail } from '../../api/shapes.ts';
import { chosen, step, wrongFrames } from './kept.ts';

type Row = NonNullable<RunDetail['record']>['pipelines'][number];

function row(pipeline: Row['pipeline'], clip: string, frames: readonly (readonly [number, 'y' | 'v'])[]): Row {
  return {
    pipeline, clip, fault: null, status: 'failed', why: '', frames: 60, wrong: 60, frameNumbers: null, fps: null, meanMs: {}, party: null, defect: null, caught: null, named: null, leaks: null, caps: [], counters: null, time: null, instructionsPerFrame: null,
    kept: frames.map(([frame, plane]) => ({ frame, plane, oracle: 'texels', defect: 'shifted', expected: 'frames/e.png', got: 'frames/g.png', difference: 'frames/d.png', previews: null, error: null })),
  };
}

const FRAMES = wrongFrames([row('upload', 'a', [[0, 'y'], [0, 'v'], [1, 'y']]), row('upload', 'b', [[0, 'y']]), row('dmabuf-copy', 'a', [[5, 'v']])]);

test('planes of one frame belong together, passes of one pipeline do not', () => {
  expect(FRAMES.map(({ pipeline, clip, frame, kept }) => [pipeline, clip, frame, kept.length])).toEqual([['upload', 'a', 0, 2], ['upload', 'a', 1, 1], ['upload', 'b', 0, 1], ['dmabuf-copy', 'a', 5, 1]]);
});

test('the address names a frame and a plane of it', () => {
  const found = chosen(FRAMES, 'pipeline=upload&clip=a&frame=0&plane=v&oracle=texels');
  expect([found?.at, found?.kept.plane]).toEqual([0, 'v']);
});

test('a frame that was not kept leads to its pipeline, and a run without any to nothing', () => {
  expect(chosen(FRAMES, 'pipeline=dmabuf-copy&frame=77')?.at).toBe(3);
  expect(chosen(FRAMES, '')?.at).toBe(0);
  expect(chosen(FRAMES, 'pipeline=nonsense')?.at).toBe(0);
  expect(chosen([], '')).toBeUndefined();
});

test('after the last comes the first', () => {
  expect(step(4, 3, 1)).toBe(0);
  expect(step(4, 0, -1)).toBe(3);
  expect(step(0, 0, 1)).toBe(0);
});
