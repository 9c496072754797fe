// From a measuring pass's lines to the figures of a row: every figure here can be worked out on paper.
import { expect, test } from 'vitest';
import { Counters, Time } from '../contract/run.ts';
import type { MeasuredLine, TimingLine } from '../contract/probe.ts';
import type { MeasureEvidence } from '../verify/evidence.ts';
import { costedCallOf, countedCallOf, countersOf, instructionsOf, percentiles, stepsOf, timedCallOf, timeOf } from './summary.ts';

test('percentiles are values that were seen: by nearest rank, whatever the order', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect(percentiles(hundred)).toEqual({ mean: 50.5, p50: 50, p95: 95, p99: 99 });
  expect(percentiles([1, 2, 3, 4])).toEqual({ mean: 2.5, p50: 2, p95: 4, p99: 4 });
  expect(percentiles([7])).toEqual({ mean: 7, p50: 7, p95: 7, p99: 7 });
});

test('percentiles do not sort what they are given, and keep a microsecond', () => {
  const given = [3.0004, 1.0006, 2];
  expect(percentiles(given)).toEqual({ mean: 2, p50: 2, p95: 3, p99: 3 });
  expect(percentiles([0.0126])).toMatchObject({ p50: 0.013 });
  expect(given).toEqual([3.0004, 1.0006, 2]);
});

test('steps come together from all lines in the order of their frames, in milliseconds', () => {
  const steps = stepsOf(evidence([timing(64, { decode: [3000], frame: [4000] }), timing(0, { decode: [1000, 2000], frame: [1500, 2500] })]));
  expect([...steps]).toEqual([['decode', [1, 2, 3]], ['frame', [1.5, 2.5, 4]]]);
});

test('a frame that does not have a step is left out of it, and a step that no frame has is no step', () => {
  const steps = stepsOf(evidence([timing(0, { decode: [1000, 2000, 3000], wait: [-1, 500, -1], copy: [-1, -1, -1], transfer: [0, 0, 0] })]));
  expect([...steps]).toEqual([['decode', [1, 2, 3]], ['wait', [0.5]], ['transfer', [0, 0, 0]]]);
});

test('the time of a pass: frames per second, steps, CPU of guest and host per frame, and the probe\'s own share', () => {
  const time = timeOf({ evidence: evidence([timing(0, { frame: [20_000, 30_000] })], { frames: 50, wallUs: 2_000_000, cpuNs: 750_000_000, bookkeepingUs: 3000 }), warmup: 5, hostCpuSeconds: 3.5 });
  expect(time).toEqual({
    frames: 50, warmup: 5, fps: 25, stepsMs: { frame: { mean: 25, p50: 20, p95: 30, p99: 30 } }, guestCpuMsPerFrame: 15, hostCpuMsPerFrame: 70, bookkeepingShare: 0.0015,
  });
  expect(Time.parse(time)).toEqual(time);
});

test('the warm-up is in no figure: frames and time are those between the marks', () => {
  const time = timeOf({ evidence: evidence([], { frames: 55, wallUs: 1_100_000 }), warmup: 5, hostCpuSeconds: null });
  expect(time).toMatchObject({ frames: 55, warmup: 5, fps: 50, stepsMs: {} });
});

test('where nobody counts the host\'s CPU time there is no figure of it, rather than 0', () => {
  expect(timeOf({ evidence: evidence([], {}), warmup: 5, hostCpuSeconds: null })?.hostCpuMsPerFrame).toBeNull();
  expect(timeOf({ evidence: evidence([], {}), warmup: 5, hostCpuSeconds: 0 })?.hostCpuMsPerFrame).toBe(0);
});

test.each([
  { name: 'did not come to its end', line: null },
  { name: 'had no frame after the warm-up', line: { frames: 0 } },
  { name: 'says that it took no time', line: { wallUs: 0 } },
  { name: 'says that time went backwards', line: { wallUs: -5 } },
])('a pass that $name has no time', ({ line }) => {
  expect(timeOf({ evidence: evidence([timing(0, { frame: [1] })], line), warmup: 5, hostCpuSeconds: 1 })).toBeUndefined();
});

test('under -icount a nanosecond of CPU time is an instruction; the coarser clock of user and system is not asked', () => {
  expect(instructionsOf(evidence([], { frames: 40, cpuNs: 100_000_000, cpuUs: { user: 80_000, system: 24_000 } }))).toBe(2_500_000);
  expect(instructionsOf(evidence([], { frames: 3, cpuNs: 1000 }))).toBe(333);
});

test('instructions of a pass without an end or without frames are none', () => {
  expect(instructionsOf(evidence([], null))).toBeUndefined();
  expect(instructionsOf(evidence([], { frames: 0 }))).toBeUndefined();
});

test('counters are per frame; a transfer is one to the host, of whatever kind', () => {
  const counters = countersOf({
    commands: new Map([['res_xfer_toh_3d', 55], ['ctx_submit', 220], ['res_xfer_toh_2d', 55], ['res_xfer_fromh_3d', 11]]), transferBytes: 55 * 345_600, streamBytes: 55 * 1200, fences: 110, kicks: new Map(),
  }, 55);
  expect(counters).toEqual({
    frames: 55, commandsPerFrame: 6.2, transfersPerFrame: 2, bytesPerFrame: 346_800, fencesPerFrame: 2,
    byKind: { ctx_submit: 4, res_xfer_fromh_3d: 0.2, res_xfer_toh_2d: 1, res_xfer_toh_3d: 1 },
  });
  expect(Object.keys(counters.byKind)).toEqual(['ctx_submit', 'res_xfer_fromh_3d', 'res_xfer_toh_2d', 'res_xfer_toh_3d']);
  expect(Counters.parse(counters)).toEqual(counters);
});

test('a call: microseconds where time is measured, instructions of the whole guest where they are, and never both', () => {
  expect(timedCallOf('submit', { t: 'call', id: 1, call: 'submit', us: [30, 10, 20, 40] })).toEqual({ call: 'submit', rounds: 4, us: { p10: 10, p50: 20, p95: 40 }, instructions: null, counters: null });
  expect(costedCallOf('submit', { t: 'cost', id: 1, call: 'submit', rounds: 60, busyNs: [900, 1001, 5000] })).toEqual({ call: 'submit', rounds: 60, us: null, instructions: 1001, counters: null });
});

test('what is counted per call: to a tenth, so that the marks around hundreds of them are no part of it; kicks are of the device that got most', () => {
  const tally = { commands: new Map([['ctx_submit', 200], ['res_unref', 400]]), transferBytes: 200 * 16384, streamBytes: 4, fences: 202, kicks: new Map([['0x55', 1], ['0x77', 402]]) };
  expect(countedCallOf('create', { t: 'counted', id: 1, call: 'create', rounds: 200, pages: 805 }, tally)).toEqual({
    call: 'create', rounds: 200, us: null, instructions: null, counters: { commands: 3, kicks: 2, fences: 1, bytes: 16384, pages: 4 },
  });
});

function evidence(lines: TimingLine[], measured: Partial<MeasuredLine> | null = {}): MeasureEvidence {
  return { pipeline: 'upload', clip: 'c', gpu: undefined, timing: lines, measured: measured === null ? undefined : line(measured), end: undefined };
}

function line(change: Partial<MeasuredLine>): MeasuredLine {
  return { t: 'measured', id: 1, frames: 10, wallUs: 1_000_000, cpuUs: { user: 1, system: 1 }, cpuNs: 2000, bookkeepingUs: 0, ...change };
}

function timing(from: number, us: Record<string, number[]>): TimingLine {
  return { t: 'timing', id: 1, from, us };
}
