// What moved with a host is the host's, and only that.
import { expect, test } from 'vitest';
import type { AlertRow } from './alert-rows.ts';
import { hostShifts } from './host-shifts.ts';
import { blameFor, changedLayers, sayChanged } from './what-changed.ts';

const HOUR = 3_600_000;
const LEVEL = { mean: 10, median: 10, sd: 0.1, count: 10 };

let next = 0;
function row(subject: string, atHour: number, change: Partial<AlertRow> = {}): AlertRow {
  return {
    id: next++, metric: 'frames per second', subject, unit: 'frames/s', better: 'higher', base: '6.12', series: '', flavour: 'perf', device: 'virgl', stack: 'trixie', image: 'trixie', clip: 'c', host: 'one',
    point: { index: 10, p: 0, before: LEVEL, after: LEVEL, at: new Date(atHour * HOUR).toISOString(), from: 1, to: 2 }, from: 'r-0000000001', to: 'r-0000000002', sinceMs: (atHour - 3) * HOUR, untilMs: (atHour + 3) * HOUR, changed: [], ...change,
  };
}
const KERNEL = [{ layer: 'kernel', from: '1', to: '2' }];
const shiftsOf = async (rows: AlertRow[], comparable = rows.length): Promise<string[][]> => (await hostShifts(rows, () => Promise.resolve(comparable))).map((one) => one.rows.map((moved) => moved.subject).sort());

test('many figures that move at one time, with nothing changed, are one shift of their host', async () => {
  expect(await shiftsOf([row('a', 10), row('b', 11), row('c', 9), row('d', 12)])).toEqual([['a', 'b', 'c', 'd']]);
  expect(await shiftsOf(['a', 'b', 'c', 'd'].map((name) => row(name, 10, { changed: [{ layer: 'host kernel', from: '1', to: '2' }] })))).toHaveLength(1);
});

test.each([
  { name: 'few of them', rows: () => [row('a', 10), row('b', 10), row('c', 10)] },
  { name: 'those that moved with a kernel', rows: () => ['a', 'b', 'c', 'd'].map((one) => row(one, 10, { changed: KERNEL })) },
  { name: 'those that moved at other times', rows: () => [row('a', 10), row('b', 30), row('c', 50), row('d', 70)] },
  { name: 'those of several hosts', rows: () => ['a', 'b', 'c', 'd'].map((one, n) => row(one, 10, { host: `host ${String(n)}` })) },
  { name: 'what does not depend on how fast a host is', rows: () => ['a', 'b', 'c', 'd'].map((one) => row(one, 10, { metric: 'instructions', better: 'lower' })) },
  { name: 'what moved on another host too', rows: () => ['one', 'two'].flatMap((host) => ['a', 'b', 'c', 'd'].map((one) => row(one, 10, { host }))) },
])('$name are no shift of a host', async ({ rows }) => {
  expect(await shiftsOf(rows())).toEqual([]);
});

test('a few of many that could have moved are no shift', async () => {
  const rows = ['a', 'b', 'c', 'd'].map((one) => row(one, 10));
  expect([await shiftsOf(rows, 9), await shiftsOf(rows, 8)]).toEqual([[], [['a', 'b', 'c', 'd']]]);
});

test('two shifts at two times are two', async () => {
  expect(await shiftsOf(['a', 'b', 'c', 'd'].flatMap((one) => [row(one, 10), row(one, 100)]), 4)).toHaveLength(2);
});

test('what changed is said once, by the layer that says most', () => {
  const before = { 'kernel': '6.12.57', 'build': 'k1', 'stack': 't1', 'qemu': '10.0.2', 'mesa of the guest': '25', 'host kernel': '6.1' };
  expect(changedLayers(before, { ...before, kernel: '6.12.58', build: 'k2' })).toEqual([{ layer: 'kernel', from: '6.12.57', to: '6.12.58' }]);
  expect(changedLayers(before, { ...before, stack: 't2', qemu: '10.0.3' })).toEqual([{ layer: 'qemu', from: '10.0.2', to: '10.0.3' }]);
  // What one of them does not tell is not known to have changed.
  expect(changedLayers(before, { kernel: '6.12.57', qemu: '' })).toEqual([]);
  expect(sayChanged(changedLayers(before, { ...before, build: 'k2' }), '6.12')).toBe('6.12: built of other sources or options, k1 to k2');
});

test('who is blamed goes by what changed, and nobody where several could be', () => {
  const of = (...layers: string[]): string => blameFor(layers.map((layer) => ({ layer, from: '1', to: '2' })));
  expect([of(), of('kernel'), of('build'), of('qemu'), of('host kernel', 'qemu'), of('kernel', 'qemu')]).toEqual(['unknown', 'kernel', 'kernel', 'lab', 'lab', 'unknown']);
});
