// Zooming about a point, and staying in sight.
import { expect, test } from 'vitest';
import { fitted, kept, moved, pixelAt, zoomed } from './pan-zoom.ts';

const PICTURE = { width: 320, height: 180 };
const PANE = { width: 640, height: 400 };

test('a picture that fits stands in the middle', () => {
  expect(fitted(PICTURE, PANE)).toEqual({ zoom: 2, x: 0, y: -10 });
  expect(fitted({ width: 0, height: 0 }, PANE)).toEqual({ zoom: 1, x: 0, y: 0 });
});

test('what is under the pointer stays under it', () => {
  const before = fitted(PICTURE, PANE);
  const at = { x: 200, y: 120 };
  const after = zoomed(before, 4, at);
  expect(after.zoom).toBe(8);
  expect(pixelAt(after, at, PICTURE)).toEqual(pixelAt(before, at, PICTURE));
});

test('nothing becomes larger than a pixel of 64, or a tenth', () => {
  expect(zoomed({ zoom: 50, x: 0, y: 0 }, 4, { x: 0, y: 0 }).zoom).toBe(64);
  expect(zoomed({ zoom: 0.2, x: 0, y: 0 }, 0.1, { x: 0, y: 0 }).zoom).toBe(0.1);
});

test('a picture that is dragged far away is still there', () => {
  const view = kept(moved(fitted(PICTURE, PANE), 100_000, 0), PICTURE, PANE);
  expect(view.x).toBeGreaterThanOrEqual(-320);
});

test('beside the picture there is no pixel', () => {
  expect(pixelAt({ zoom: 2, x: 0, y: -10 }, { x: 5, y: 5 }, PICTURE)).toBeUndefined();
  expect(pixelAt({ zoom: 2, x: 0, y: -10 }, { x: 5, y: 25 }, PICTURE)).toEqual({ x: 2, y: 2 });
});
