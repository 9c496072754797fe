// Which figures of a run go into the record: each with its metric, what it is of, its unit and which way is better. Pure.
import type { RunRecord } from '../contract/run.ts';

/** `clip` is empty where the figure is of no clip. */
export type Sample = { metric: string; subject: string; clip: string; unit: string; better: 'lower' | 'higher'; value: number };

/** Of a pass in which something was broken on purpose, or that failed, a figure would be of something else. */
export function samplesOf(record: RunRecord): Sample[] {
  const found: Sample[] = [];
  const add = (metric: string, subject: string, clip: string, unit: string, value: number | null | undefined, better: Sample['better'] = 'lower'): void => {
    if (value !== null && value !== undefined && Number.isFinite(value)) found.push({ metric, subject, clip, unit, better, value });
  };
  add('ready', 'boot', '', 'ms', record.readyMs);
  for (const { pipeline, clip, fault, status, time, counters, instructionsPerFrame } of record.pipelines) {
    if (fault !== null || status !== 'passed') continue;
    if (time !== null) {
      add('frames per second', pipeline, clip, 'frames/s', time.fps, 'higher');
      add('guest CPU', pipeline, clip, 'ms per frame', time.guestCpuMsPerFrame);
      add('host CPU', pipeline, clip, 'ms per frame', time.hostCpuMsPerFrame);
      for (const [step, { p50, p95, p99 }] of Object.entries(time.stepsMs)) {
        add(`${step} time p50`, pipeline, clip, 'ms', p50);
        add(`${step} time p95`, pipeline, clip, 'ms', p95);
        if (step === 'frame') add('frame time p99', pipeline, clip, 'ms', p99);
      }
    }
    if (counters !== null) {
      add('commands', pipeline, clip, 'per frame', counters.commandsPerFrame);
      add('transfers', pipeline, clip, 'per frame', counters.transfersPerFrame);
      add('bytes', pipeline, clip, 'per frame', counters.bytesPerFrame);
      add('fences', pipeline, clip, 'per frame', counters.fencesPerFrame);
    }
    add('instructions', pipeline, clip, 'per frame', instructionsPerFrame);
  }
  for (const { call, us, instructions, counters } of record.calls) {
    add('call time p10', call, '', 'us', us?.p10);
    add('call time p50', call, '', 'us', us?.p50);
    add('call time p95', call, '', 'us', us?.p95);
    add('instructions', call, '', 'per call', instructions);
    for (const [counter, value] of Object.entries(counters ?? {})) add(counter, call, '', 'per call', value);
  }
  return found;
}
