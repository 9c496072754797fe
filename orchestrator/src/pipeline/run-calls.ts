// Single calls of the driver: one command to the probe, a line per call back, and the figures of each. Judges nothing.
import type { Measure } from '../contract/job.ts';
import type { CallsCommand, CountedLine, EndLine } from '../contract/probe.ts';
import { CallName, type CallResult } from '../contract/run.ts';
import { pause } from '../lib/within.ts';
import type { GpuTrace, Tally } from '../measure/gpu-trace.ts';
import { costedCallOf, countedCallOf, timedCallOf } from '../measure/summary.ts';
import { SETTLE_MS } from './run-passes.ts';
import { converse, type Prober } from './run-pipeline.ts';

/** Six hundred round trips to the host, each of which may wait for a busy machine. */
const SILENCE_MS = 120_000;
/** Apart from the passes' and the properties' ids. */
const CALLS_ID = 1_000_002;

const COMMANDS: Readonly<Record<Measure, CallsCommand['cmd']>> = { time: 'time-calls', instructions: 'cost-calls', counters: 'count-calls' };

type Counted = { call: string; line: CountedLine };

/** Fills `seen` as it comes, so that what was seen survives an end in the middle; what is counted comes when all of it is there. Returns how it ended. */
export async function runCalls(
  measure: Measure, prober: Prober<CallsCommand>, seen: CallResult[], { slowness, trace }: { slowness: number; trace: GpuTrace }, signal: AbortSignal,
): Promise<EndLine | undefined> {
  let end: EndLine | undefined;
  const counted: Counted[] = [];
  trace.takeAll();
  const command = { cmd: COMMANDS[measure], id: CALLS_ID };
  await converse({ command, what: 'the driver\'s calls', silenceMs: SILENCE_MS }, prober, { onFrame: () => undefined, slowness }, signal, (line) => {
    if (line.t === 'end') end = line;
    else if (line.t === 'counted') counted.push({ call: line.call, line });
    else if (line.t === 'call' || line.t === 'cost') {
      const name = CallName.safeParse(line.call);
      if (name.success) seen.push(line.t === 'call' ? timedCallOf(name.data, line) : costedCallOf(name.data, line));
    }
    return undefined;
  });
  if (counted.length > 0) seen.push(...countedCalls(counted, await talliesIn(trace, counted.length, signal)));
  return end;
}

/** QEMU's trace comes on another way than the probe's word, and may be a moment behind. */
async function talliesIn(trace: GpuTrace, wanted: number, signal: AbortSignal): Promise<Tally[]> {
  const tallies = trace.takeAll();
  for (const from = Date.now(); tallies.length < wanted && Date.now() - from < SETTLE_MS; tallies.push(...trace.takeAll())) await pause(20, signal);
  return tallies;
}

/** One too few, and nobody knows which is whose. */
function countedCalls(counted: readonly Counted[], tallies: readonly Tally[]): CallResult[] {
  if (tallies.length !== counted.length) return [];
  return counted.flatMap(({ call, line }, at) => {
    const [name, tally] = [CallName.safeParse(call), tallies[at]];
    return name.success && tally !== undefined ? [countedCallOf(name.data, line, tally)] : [];
  });
}
