// Single calls of the driver: one command to the probe, a line per call back, and the figures of each. Judges nothing.
import type { Measure } from '../contract/job.ts';
import type { CallsCommand, EndLine } from '../contract/probe.ts';
import { CallName, type CallResult } from '../contract/run.ts';
import { callOf } from '../measure/summary.ts';
import { converse, type Prober } from './run-pipeline.ts';

/** Six hundred round trips to the host, each of which may wait for a busy machine. */
const SILENCE_MS = 120_000;
/** Apart from the passes' and the properties' ids. */
const CALLS_ID = 1_000_002;

/** Fills `seen` as it comes, so that what was seen survives an end in the middle. Returns how it ended. */
export async function runCalls(measure: Measure, prober: Prober<CallsCommand>, seen: CallResult[], { slowness }: { slowness: number }, signal: AbortSignal): Promise<EndLine | undefined> {
  let end: EndLine | undefined;
  await converse({ command: { cmd: 'calls', id: CALLS_ID }, what: 'the driver\'s calls', silenceMs: SILENCE_MS }, prober, { onFrame: () => undefined, slowness }, signal, (line) => {
    if (line.t === 'end') end = line;
    else if (line.t === 'call') {
      const name = CallName.safeParse(line.call);
      if (name.success) seen.push(callOf(name.data, line, measure));
    }
    return undefined;
  });
  return end;
}
