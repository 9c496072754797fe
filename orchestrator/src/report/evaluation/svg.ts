// The plots of an evaluation as SVG text: intervals on one scale, and every pair. Shapes tell the verdicts apart, not colours alone.
import type { MetricRow, Samples } from '../../contract/evaluation.ts';
import { signed } from './cases.ts';

export function escaped(text: string): string {
  return text.replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '?').replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;').replaceAll('\'', '&#39;');
}

const WIDTH = 760;
const LABEL = 220;
const ROW = 26;
const PAD = 16;

const MARK: Readonly<Record<MetricRow['verdict'], (x: number, y: number) => string>> = {
  worse: (x, y) => `<path class="worse" d="M${n(x - 5)} ${n(y + 5)}h10l-5 -10z"/>`,
  better: (x, y) => `<path class="better" d="M${n(x - 5)} ${n(y - 5)}h10l-5 10z"/>`,
  equivalent: (x, y) => `<circle class="equivalent" cx="${n(x)}" cy="${n(y)}" r="4.5"/>`,
  inconclusive: (x, y) => `<circle class="inconclusive" cx="${n(x)}" cy="${n(y)}" r="4.5"/>`,
};

/** Rows of one kind, since kinds differ a thousandfold in noise. The shaded band is what does not matter. */
export function forestSvg(rows: readonly MetricRow[], title: string): string {
  const shown = rows.filter((row) => row.ci !== null && row.changePct !== null);
  const reach = 1.08 * Math.max(0.01, ...shown.flatMap((row) => [Math.abs(row.ci?.[0] ?? 0), Math.abs(row.ci?.[1] ?? 0), row.limitPct]));
  const x = (percent: number): number => LABEL + ((WIDTH - LABEL - PAD) * (percent + reach)) / (2 * reach);
  const height = shown.length * ROW + 40;
  const body = shown.map((row, at) => {
    const y = at * ROW + ROW / 2 + 4;
    const [low, high] = row.ci ?? [0, 0];
    return `<rect class="band" x="${n(x(-row.limitPct))}" y="${n(y - 9)}" width="${n(x(row.limitPct) - x(-row.limitPct))}" height="18"/>` +
      `<text x="0" y="${n(y + 4)}">${escaped(`${row.metric}, ${row.pipeline}`)}</text><line class="ci" x1="${n(x(low))}" x2="${n(x(high))}" y1="${n(y)}" y2="${n(y)}"/>${MARK[row.verdict](x(row.changePct ?? 0), y)}`;
  });
  const ticks = [-reach / 1.08, 0, reach / 1.08].map((percent) => `<text class="tick" text-anchor="middle" x="${n(Math.min(x(percent), WIDTH - 30))}" y="${n(height - 6)}">${percent === 0 ? '0' : `${signed(percent)} %`}</text>`);
  return svg(height, title, `change of each metric with its interval: ${shown.map((row) => `${row.metric} of ${row.pipeline} ${signed(row.changePct ?? 0)} %, ${row.verdict}`).join('; ')}`,
    `${body.join('')}<line class="zero" x1="${n(x(0))}" x2="${n(x(0))}" y1="0" y2="${n(height - 22)}"/>${ticks.join('')}`);
}

/** Left the base, right the patched kernel, a line for each pair: one that goes the other way is seen at once. */
export function pairsSvg({ metric, pipeline, unit, pairs }: Samples): string {
  const whole = pairs.flatMap(({ base, patched }) => (base === null || patched === null ? [] : [{ base, patched }]));
  const values = whole.flatMap(({ base, patched }) => [base, patched]);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const height = 180;
  const y = (value: number): number => (high === low ? height / 2 : 14 + ((height - 44) * (high - value)) / (high - low));
  const [left, right] = [90, 240];
  const lines = whole.map(({ base, patched }) => `<line class="${patched > base ? 'up' : 'down'}" x1="${String(left)}" y1="${n(y(base))}" x2="${String(right)}" y2="${n(y(patched))}"/><circle class="dot" cx="${String(left)}" cy="${n(y(base))}" r="3"/><circle class="dot" cx="${String(right)}" cy="${n(y(patched))}" r="3"/>`);
  const axis = whole.length === 0 ? '' : `<text class="tick" x="0" y="${n(y(high) + 4)}">${short(high)}</text><text class="tick" x="0" y="${n(y(low) + 4)}">${short(low)}</text>`;
  const up = whole.filter(({ base, patched }) => patched > base).length;
  return svg(height, `${metric} of ${pipeline}, ${unit}`, `${String(whole.length)} pairs; the patched kernel has more in ${String(up)} of them`,
    `${lines.join('')}${axis}<text class="tick" text-anchor="middle" x="${String(left)}" y="${String(height - 6)}">base</text><text class="tick" text-anchor="middle" x="${String(right)}" y="${String(height - 6)}">patched</text>`, 300);
}

function svg(height: number, title: string, description: string, body: string, width = WIDTH): string {
  return `<svg role="img" viewBox="0 0 ${String(width)} ${String(height)}" width="${String(width)}" height="${String(height)}"><title>${escaped(title)}</title><desc>${escaped(description)}</desc>${body}</svg>`;
}

function n(value: number): string {
  return value.toFixed(1);
}

function short(value: number): string {
  return value >= 1e6 ? `${(value / 1e6).toFixed(3)} M` : value >= 1e4 ? `${(value / 1e3).toFixed(1)} k` : value.toPrecision(4);
}
