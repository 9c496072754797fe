// Levels after a change point, as a canvas is told to draw them.
import type UPlot from 'uplot';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Level } from '../../format/trend.ts';
import type { Colours } from './colours.ts';
import { drawLevels, levelAt } from './levels.ts';

const COLOURS: Colours = { 'ink': 'ink', 'faint': 'faint', 'line': 'line', 'link': 'link', 'plot-band': 'band', 'better': 'green', 'worse': 'red', 'font': '11px a font' };
/** A point every ten pixels, the first of them at the left end. */
const [LEFT, TOP, WIDTH, HEIGHT, POINTS] = [100, 20, 195, 80, 20];
const LETTER = 3;

type Filled = { colour: string; alpha: number; at: [number, number, number, number] };
type Edge = { colour: string; broken: boolean; from: [number, number]; to: [number, number] };
type Canvas = { shades: Filled[]; edges: Edge[]; words: { text: string; x: number }[]; saved: number };

function canvas(): { seen: Canvas; plot: UPlot } {
  const seen: Canvas = { shades: [], edges: [], words: [], saved: 0 };
  let [dash, from, to]: [number[], [number, number], [number, number]] = [[], [0, 0], [0, 0]];
  const ctx = {
    fillStyle: '', strokeStyle: '', globalAlpha: 1, lineWidth: 0, font: '', textBaseline: '',
    save: () => { seen.saved += 1; }, restore: () => { seen.saved -= 1; },
    fillRect: (...at: Filled['at']) => { seen.shades.push({ colour: ctx.fillStyle, alpha: ctx.globalAlpha, at }); },
    setLineDash: (given: number[]) => { dash = given; }, beginPath: () => undefined,
    moveTo: (...at: [number, number]) => { from = at; }, lineTo: (...at: [number, number]) => { to = at; },
    stroke: () => { seen.edges.push({ colour: ctx.strokeStyle, broken: dash.length > 0, from, to }); },
    measureText: (text: string) => ({ width: text.length * LETTER }),
    fillText: (text: string, x: number) => { seen.words.push({ text, x }); },
  };
  const plot = { ctx, bbox: { left: LEFT, top: TOP, width: WIDTH, height: HEIGHT }, cursor: { left: -10 }, data: [Array.from({ length: POINTS }, (_, at) => at)], valToPos: (value: number) => LEFT + 10 * value };
  return { seen, plot: plot as unknown as UPlot };
}

function level(from: number, to: number, direction: Level['direction'], label = `${direction} ${String(from)}`): Level {
  return { from, to, label, direction, change: {} as Level['change'] };
}

beforeEach(() => { vi.stubGlobal('devicePixelRatio', 1); });
afterEach(() => { vi.unstubAllGlobals(); });

test('each level is shaded from between the old level and the new to where the next begins, the last one to the end', () => {
  const { seen, plot } = canvas();
  drawLevels(plot, [level(4, 11, 'worse'), level(12, 19, 'better')], COLOURS);
  expect(seen.shades.map(({ colour, at }) => [colour, ...at])).toEqual([['red', 135, TOP, 80, HEIGHT], ['green', 215, TOP, 80, HEIGHT]]);
  // The line and the band are seen through it.
  for (const { alpha } of seen.shades) expect(alpha).toBeLessThan(0.3);
  expect(seen.saved).toBe(0);
});

test('where a level begins is an edge over the whole height, which tells without colour whether it is worse', () => {
  const { seen, plot } = canvas();
  drawLevels(plot, [level(4, 11, 'worse'), level(12, 19, 'better')], COLOURS);
  expect(seen.edges).toEqual([
    { colour: 'red', broken: false, from: [135, TOP], to: [135, TOP + HEIGHT] }, { colour: 'green', broken: true, from: [215, TOP], to: [215, TOP + HEIGHT] },
  ]);
});

test('what would lie over the words before it is left to the list below', () => {
  const { seen, plot } = canvas();
  drawLevels(plot, [level(2, 2, 'worse', '+10.00 % worse'), level(3, 9, 'better', '−9.00 % better'), level(10, 19, 'worse', '+1.00 % worse')], COLOURS);
  expect(seen.words.map(({ text }) => text)).toEqual(['+10.00 % worse', '+1.00 % worse']);
  expect(seen.shades).toHaveLength(3);
});

test('the words of a level at the very end do not leave the picture', () => {
  const { seen, plot } = canvas();
  drawLevels(plot, [level(19, 19, 'worse', '+10.00 % worse')], COLOURS);
  expect(seen.words[0]?.x).toBe(LEFT + WIDTH + 20 - '+10.00 % worse'.length * LETTER);
});

test('the pointer is on the level that is shaded there, on a screen of any density', () => {
  const { plot } = canvas();
  const levels = [level(4, 11, 'worse'), level(12, 19, 'better')];
  const at = (left: number): number | undefined => levelAt(Object.assign(plot, { cursor: { left } }), levels)?.from;
  expect([at(-10), at(20), at(50), at(150)]).toEqual([undefined, undefined, 4, 12]);
  vi.stubGlobal('devicePixelRatio', 2);
  expect([at(10), at(25), at(75)]).toEqual([undefined, 4, 12]);
});
