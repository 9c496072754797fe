// The small plots, as the elements that they are made of: whether each figure has its mark, where it should be, and its words.
import { Fragment, h, isValidElement, type ComponentChild, type FunctionComponent, type VNode } from 'preact';
import { describe, expect, test } from 'vitest';
import type { Past } from '../format/history.ts';
import { CHART } from './chart.tsx';
import { Ecdf } from './ecdf.tsx';
import { ForestRow } from './forest-row.tsx';
import { forestScale, type MetricRow } from './forest.ts';
import { History } from './history.tsx';
import { Noise } from './noise.tsx';
import { PairedDots } from './paired-dots.tsx';
import { wholeOf, type Pair, type Samples } from './pairs.ts';
import { PrefixCurve } from './prefix-curve.tsx';
import { RunOrder } from './run-order.tsx';
import { StackedBar } from './stacked-bar.tsx';

type Element = { name: string; props: Record<string, unknown>; text: string };

/** Every element below, in the order in which they stand; a component is what it comes to. */
function elementsOf(node: ComponentChild | ComponentChild[]): Element[] {
  if (Array.isArray(node)) return node.flatMap(elementsOf);
  if (!isValidElement(node)) return [];
  const { type, props } = node as VNode<Record<string, unknown> & { children?: ComponentChild | ComponentChild[] }>;
  if (type === Fragment) return elementsOf(props.children);
  if (typeof type === 'function') return elementsOf((type as FunctionComponent<unknown>)(props));
  return [{ name: type, props, text: textOf(props.children) }, ...elementsOf(props.children)];
}

function textOf(node: unknown): string {
  if (Array.isArray(node)) return node.map(textOf).join('');
  if (isValidElement(node)) return textOf((node as VNode<{ children?: unknown }>).props.children);
  return typeof node === 'string' || typeof node === 'number' ? String(node) : '';
}

const called = (all: readonly Element[], name: string, kind = ''): Element[] => all.filter((one) => one.name === name && (kind === '' || one.props['class'] === kind));
const figuresOf = (all: readonly Element[], property: string): number[] => all.map((one) => Number(one.props[property]));
const saidOf = (all: readonly Element[]): unknown => called(all, 'svg')[0]?.props['aria-label'];

function pair(base: number | null, patched: number | null, order: Pair['order'] = 'AB', block = 0): Pair {
  return { base, patched, order, block, host: 'vm', runs: { base: 'r-aaaaaaaaaa' as Pair['runs']['base'], patched: 'r-bbbbbbbbbb' as Pair['runs']['base'] } };
}

const PAIRS = [pair(100, 103), pair(102, 101, 'BA'), pair(101, 104, 'AB', 1), pair(null, 103, 'BA', 1)];

describe('patch by patch', () => {
  const POINTS = [{ patches: 0, value: 1000, stepPct: null, file: '' }, { patches: 1, value: 1001, stepPct: 0.1, file: '0001-a.patch' }, { patches: 2, value: 1101, stepPct: 9.99, file: '0002-b.patch' }];

  test('each number of patches is a point, with the last of them and what it cost', () => {
    const all = elementsOf(h(PrefixCurve, { title: 'instructions of upload', points: POINTS }));
    const dots = called(all, 'circle');
    expect(dots.map(({ text }) => text)).toEqual(['the base: 1000', '0001-a.patch: 1001, +0.10 % against one patch fewer', '0002-b.patch: 1101, +9.99 % against one patch fewer']);
    const [base = 0, first = 0, second = 0] = figuresOf(dots, 'cy');
    expect([base > first, first - second > 50 * (base - first)]).toEqual([true, true]);
    expect(String(called(all, 'polyline')[0]?.props['points']).split(' ')).toEqual(dots.map(({ props }) => `${Number(props['cx']).toFixed(1)},${Number(props['cy']).toFixed(1)}`));
    expect(saidOf(all)).toBe('instructions of upload: 0 patches 1000, 1 patch 1001, 2 patches 1101');
  });

  test('of a long series a dozen labels have room, and every point stays', () => {
    const all = elementsOf(h(PrefixCurve, { title: 't', points: Array.from({ length: 40 }, (_, patches) => ({ patches, value: patches, stepPct: null, file: 'a' })) }));
    const below = called(all, 'text').filter(({ props }) => props['y'] === CHART.bottom + 16);
    expect([called(all, 'circle').length, below.length, below[0]?.text]).toEqual([40, 10, 'base']);
  });
});

describe('pairs of boots', () => {
  test('a pair in which the patched kernel has more goes up, and they are counted', () => {
    const all = elementsOf(h(PairedDots, { pairs: wholeOf(PAIRS), unit: 'ms' }));
    expect([called(all, 'line', 'pair up').length, called(all, 'line', 'pair down').length]).toEqual([2, 1]);
    for (const { props } of called(all, 'line', 'pair up')) expect(Number(props['y2'])).toBeLessThan(Number(props['y1']));
    // Told apart without their colours.
    expect([called(all, 'circle', 'dot base').length, called(all, 'path', 'dot patched').length]).toEqual([3, 3]);
    expect(called(all, 'text').at(-3)?.text).toBe('2 of 3 up');
    expect(saidOf(all)).toBe('Every pair, ms: 3 pairs; the patched kernel has more in 2 of them');
  });

  test('boots stand in their order, a lost one leaves its place empty, and blocks are set apart', () => {
    const all = elementsOf(h(RunOrder, { pairs: PAIRS, unit: 'ms' }));
    expect([called(all, 'circle').length, called(all, 'path').length, called(all, 'line', 'grid strong').length]).toEqual([3, 4, 1]);
    const places = [...figuresOf(called(all, 'circle'), 'cx'), ...called(all, 'path').map(({ props }) => Number(/^M(\S+)/.exec(String(props['d']))?.[1]))].sort((a, b) => a - b);
    const step = (CHART.right - CHART.left - 16) / 7;
    expect(places.map((at) => Math.round((at - CHART.left - 8) / step))).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(called(all, 'path').map(({ text }) => text)).toContain('patched, r-bbbbbbbbbb: 103');
  });

  test('the changes stand beside those of the base against itself, around the band in which nothing matters', () => {
    const samples = { pairs: PAIRS, noise: [pair(100, 100.1), pair(100, null)] } as unknown as Samples;
    const all = elementsOf(h(Noise, { samples, limitPct: 0.5 }));
    const [noise, changes] = [called(all, 'circle', 'dot base'), called(all, 'path', 'dot patched')];
    expect([noise.map(({ text }) => text), changes.map(({ text }) => text)]).toEqual([['+0.100 %'], ['+3.00 %', '−0.98 %', '+2.97 %']]);
    const band = called(all, 'rect', 'band')[0]?.props;
    const [top, height] = [Number(band?.['y']), Number(band?.['height'])];
    const within = (y: number): boolean => y > top && y < top + height;
    const tipOf = ({ props }: Element): number => Number(/^M\S+ ([\d.]+)/.exec(String(props['d']))?.[1]);
    expect([figuresOf(noise, 'cy').map(within), changes.map((one) => within(tipOf(one) + 4.6))]).toEqual([[true], [false, false, false]]);
  });

  test('the share of boots is a staircase for each side, from none to all', () => {
    const all = elementsOf(h(Ecdf, { pairs: wholeOf(PAIRS), unit: 'ms' }));
    const [base = '', patched = ''] = ['stairs base', 'stairs patched'].map((kind) => String(called(all, 'path', kind)[0]?.props['d']));
    for (const path of [base, patched]) expect([path.match(/V/g)?.length, /^M\S+ (\S+?)H/.exec(path)?.[1], /V([\d.]+)H[\d.]+$/.exec(path)?.[1]]).toEqual([3, CHART.bottom.toFixed(1), CHART.top.toFixed(1)]);
    // The least of the base is less.
    expect(parseFloat(base.slice(1))).toBeLessThan(parseFloat(patched.slice(1)));
    expect(saidOf(all)).toContain('base from 100 to 102, patched from 101 to 104');
  });
});

test('a history has a mark for each point and a band behind those of the evaluation', () => {
  const past = [false, false, true, true, false].map((own, n): Past => ({ at: `2026-01-0${String(n + 1)}T12:00:00.000Z`, value: 100 + n, side: n === 3 ? 'patched' : 'base', run: `r-000000000${String(n)}`, host: 'vm', own, count: n === 0 ? 4 : 1 }));
  const all = elementsOf(h(History, { past, metric: 'instructions', unit: 'per frame' }));
  expect([called(all, 'circle').length, called(all, 'path').length, called(all, 'rect', 'band own').length]).toEqual([4, 1, 1]);
  const [{ props }] = called(all, 'rect', 'band own') as [Element];
  const within = (x: number): boolean => x > Number(props['x']) && x < Number(props['x']) + Number(props['width']);
  expect(figuresOf(called(all, 'circle'), 'cx').map(within)).toEqual([false, false, true, false]);
  expect(called(all, 'circle')[0]?.text).toContain('the median of 4 runs up to r-0000000000');
});

test('a bar has a part per step, end to end, each with its name and its figure', () => {
  const all = elementsOf(h(StackedBar, { row: { name: 'upload', parts: [{ name: 'draw', value: 1.5 }, { name: 'decode', value: 4.5 }] }, most: 12 }));
  expect(called(all, 'rect').map(({ props, text }) => [props['x'], props['width'], text])).toEqual([['0.000%', '37.500%', 'decode: 4.500 ms'], ['37.500%', '12.500%', 'draw: 1.500 ms']]);
  expect(saidOf(all)).toBe('upload: draw 1.50 ms, decode 4.50 ms');
});

describe('a row of a forest', () => {
  function row(verdict: MetricRow['verdict'], changePct: number | null): MetricRow {
    return {
      metric: 'instructions', pipeline: 'upload', kind: 'instructions', primary: true, verdict, changePct, ci: changePct === null ? null : [changePct - 0.5, changePct + 0.5], p: 0.01, adjusted: 0.01, pairs: 8, dropped: 0,
      limitPct: 0.2, noisePct: 0.1, detectablePct: 0.3, morePairs: 0, unit: 'per frame', baseMedian: 1, patchedMedian: 1, baseSdPct: 1, patchedSdPct: 1, bimodal: false,
    };
  }
  const drawn = (verdict: MetricRow['verdict'], changePct: number | null): Element[] => elementsOf(h(ForestRow, { row: row(verdict, changePct), scale: forestScale([row('worse', 2), row('better', -2)]) }));
  const shapeOf = (verdict: MetricRow['verdict']): unknown => called(drawn(verdict, 1), 'path')[0]?.props['d'];

  test('the mark is within its interval, and on the side of nothing where the change is', () => {
    const all = drawn('worse', 2);
    const [whole, ...ends] = called(all, 'line', 'ci').map(({ props }) => [parseFloat(String(props['x1'])), parseFloat(String(props['x2']))]);
    const mark = parseFloat(String(called(all, 'svg')[1]?.props['x']));
    expect(mark).toBeGreaterThan(50);
    expect([mark > (whole?.[0] ?? 100), mark < (whole?.[1] ?? 0)]).toEqual([true, true]);
    expect(ends).toEqual([[whole?.[0], whole?.[0]], [whole?.[1], whole?.[1]]]);
    expect(saidOf(all)).toBe('+2.00 %, 95 % interval +1.50 % to +2.50 %, limit 0.20 %');
  });

  test('worse and better are told apart by shape, and what is neither is round', () => {
    expect(new Set([shapeOf('worse'), shapeOf('better'), shapeOf('equivalent')]).size).toBe(3);
    expect(shapeOf('inconclusive')).toBe(shapeOf('equivalent'));
  });

  test('what was not measured has words and no mark', () => {
    expect(drawn('inconclusive', null).map(({ name, text }) => [name, text])).toEqual([['span', 'nothing measured']]);
  });
});

test('values that lie close together have labels that do not read alike', () => {
  const all = elementsOf(h(PrefixCurve, { title: 't', points: [596_648, 596_660].map((value, patches) => ({ patches, value, stepPct: null, file: '' })) }));
  const labels = called(all, 'text').filter(({ props }) => props['text-anchor'] === 'end').map(({ text }) => text);
  expect([labels.length > 2, new Set(labels).size]).toEqual([true, labels.length]);
});
