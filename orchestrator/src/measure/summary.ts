// From what a measuring pass said to the figures of a row. Pure. The first frames are warm-up and were never said.
import type { CallLine, CostLine, CountedLine } from '../contract/probe.ts';
import type { CallName, CallResult, Counters, Percentiles, Time } from '../contract/run.ts';
import type { MeasureEvidence } from '../verify/evidence.ts';
import type { Tally } from './gpu-trace.ts';

/** Every frame of a timed pass, in order: milliseconds per step; a step that a frame does not have is left out. */
export function stepsOf(evidence: MeasureEvidence): Map<string, number[]> {
  const steps = new Map<string, number[]>();
  for (const line of [...evidence.timing].sort((a, b) => a.from - b.from)) {
    for (const [step, values] of Object.entries(line.us)) {
      const held = steps.get(step) ?? [];
      for (const us of values) if (us >= 0) held.push(us / 1000);
      steps.set(step, held);
    }
  }
  for (const [step, values] of steps) if (values.length === 0) steps.delete(step);
  return steps;
}

export type TimeOf = { evidence: MeasureEvidence; warmup: number; hostCpuSeconds: number | null };

/** Undefined where the pass did not come to its end. */
export function timeOf({ evidence, warmup, hostCpuSeconds }: TimeOf): Time | undefined {
  const { measured } = evidence;
  if (measured === undefined || measured.frames === 0 || measured.wallUs <= 0) return undefined;
  const { frames, wallUs, cpuNs, bookkeepingUs } = measured;
  return {
    frames, warmup, fps: round((frames * 1e6) / wallUs, 2),
    stepsMs: Object.fromEntries([...stepsOf(evidence)].map(([step, values]) => [step, percentiles(values)])),
    guestCpuMsPerFrame: round(cpuNs / frames / 1e6, 3),
    hostCpuMsPerFrame: hostCpuSeconds === null ? null : round((hostCpuSeconds * 1000) / frames, 2),
    bookkeepingShare: round(bookkeepingUs / wallUs, 5),
  };
}

/** Under -icount a nanosecond of the process's CPU time is an instruction. */
export function instructionsOf({ measured }: MeasureEvidence): number | undefined {
  if (measured === undefined || measured.frames === 0) return undefined;
  return Math.round(measured.cpuNs / measured.frames);
}

/** Microseconds of this host's clock. */
export function timedCallOf(call: CallName, { us }: CallLine): CallResult {
  return { call, rounds: us.length, us: { p10: percentile(us, 0.1), p50: percentile(us, 0.5), p95: percentile(us, 0.95) }, instructions: null, counters: null };
}

/** Under -icount a nanosecond that is not idle is an instruction. */
export function costedCallOf(call: CallName, { rounds, busyNs }: CostLine): CallResult {
  return { call, rounds, us: null, instructions: percentile(busyNs, 0.5), counters: null };
}

/** The device that was notified most is the one whose calls were made. */
export function countedCallOf(call: CallName, { rounds, pages }: CountedLine, tally: Tally): CallResult {
  const perCall = (count: number): number => round(count / rounds, 1);
  const commands = [...tally.commands.values()].reduce((sum, count) => sum + count, 0);
  return {
    call, rounds, us: null, instructions: null,
    counters: { commands: perCall(commands), kicks: perCall(Math.max(0, ...tally.kicks.values())), fences: perCall(tally.fences), bytes: Math.round((tally.transferBytes + tally.streamBytes) / rounds), pages: perCall(pages) },
  };
}

export function countersOf(tally: Tally, frames: number): Counters {
  const perFrame = (count: number): number => round(count / frames, 3);
  const commands = [...tally.commands.values()].reduce((sum, count) => sum + count, 0);
  const transfers = [...tally.commands].reduce((sum, [name, count]) => sum + (name.startsWith('res_xfer_toh') ? count : 0), 0);
  return {
    frames, commandsPerFrame: perFrame(commands), transfersPerFrame: perFrame(transfers),
    bytesPerFrame: Math.round((tally.transferBytes + tally.streamBytes) / frames), fencesPerFrame: perFrame(tally.fences),
    byKind: Object.fromEntries([...tally.commands].sort().map(([name, count]) => [name, perFrame(count)])),
  };
}

/** Nearest-rank percentiles: each is a value that was seen. */
export function percentiles(values: readonly number[]): Percentiles {
  const at = (share: number): number => percentile(values, share);
  return { mean: round(values.reduce((sum, value) => sum + value, 0) / values.length, 3), p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}

function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return round(sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? NaN, 3);
}

function round(value: number, digits: number): number {
  return Math.round(value * 10 ** digits) / 10 ** digits;
}
