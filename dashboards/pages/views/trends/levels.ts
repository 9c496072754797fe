// Levels after a change point, drawn behind the line: a shade, an edge where the change is, and by how much.
import type UPlot from 'uplot';
import type { Level } from '../../format/trend.ts';
import type { Colours } from './colours.ts';

export function drawLevels(plot: UPlot, levels: readonly Level[], colours: Colours): void {
  const { ctx, bbox } = plot;
  const ratio = devicePixelRatio;
  ctx.save();
  let taken = -Infinity;
  for (const level of levels) {
    const [left, right] = edgesOf(plot, level);
    const colour = level.direction === 'worse' ? colours.worse : colours.better;
    ctx.fillStyle = colour;
    ctx.globalAlpha = 0.12;
    ctx.fillRect(left, bbox.top, right - left, bbox.height);
    ctx.globalAlpha = 1;
    ctx.strokeStyle = colour;
    ctx.lineWidth = 1.5 * ratio;
    // Told apart without colour: what is worse is a whole line, what is better a broken one.
    ctx.setLineDash(level.direction === 'worse' ? [] : [4 * ratio, 3 * ratio]);
    ctx.beginPath();
    ctx.moveTo(left, bbox.top);
    ctx.lineTo(left, bbox.top + bbox.height);
    ctx.stroke();
    ctx.font = `${String(11 * ratio)}px ${colours.font.replace(/^\S+ /, '')}`;
    const width = ctx.measureText(level.label).width;
    const from = Math.min(left + 4 * ratio, bbox.left + bbox.width + 20 * ratio - width);
    // What has no room is said in the list below.
    if (from < taken) continue;
    taken = from + width + 6 * ratio;
    ctx.textBaseline = 'bottom';
    ctx.fillText(level.label, from, bbox.top - 1 * ratio);
  }
  ctx.restore();
}

/** The level that the pointer is on. */
export function levelAt(plot: UPlot, levels: readonly Level[]): Level | undefined {
  const { left } = plot.cursor;
  if (left === undefined || left < 0) return undefined;
  const at = left * devicePixelRatio + plot.bbox.left;
  return levels.find((level) => {
    const [from, to] = edgesOf(plot, level);
    return at >= from - 6 * devicePixelRatio && at <= to;
  });
}

/** From between the last point of the old level and the first of the new. */
function edgesOf(plot: UPlot, { from, to }: Level): [number, number] {
  const times = plot.data[0];
  const at = (index: number): number => plot.valToPos(times[index] ?? 0, 'x', true);
  const left = from === 0 ? at(0) : (at(from - 1) + at(from)) / 2;
  const right = to + 1 < times.length ? (at(to) + at(to + 1)) / 2 : plot.bbox.left + plot.bbox.width;
  return [left, Math.max(left, right)];
}
