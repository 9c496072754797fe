// The metrics of an evaluation: which figures of a run they are, which way is better, and what change is too small to matter to anybody.
import type { Measure } from '../contract/job.ts';
import type { PipelineResult } from '../contract/run.ts';

/** The raw value of one boot. `limitPct` is the smallest change that matters, in percent; noise may raise it. */
export type Metric = {
  readonly name: string; readonly kind: Exclude<Measure, 'counters'>; readonly unit: string; readonly better: 'lower' | 'higher'; readonly primary: boolean; readonly limitPct: number;
  readonly of: (row: PipelineResult) => number | null;
};

/** Instructions repeat to a few in a hundred thousand, so that a fifth of a percent is already something that a patch did. */
export const METRICS: readonly Metric[] = [
  { name: 'frame time', kind: 'time', unit: 'ms', better: 'lower', primary: true, limitPct: 2, of: ({ time }) => (time === null || time.fps <= 0 ? null : 1000 / time.fps) },
  { name: 'guest CPU', kind: 'time', unit: 'ms', better: 'lower', primary: false, limitPct: 2, of: ({ time }) => time?.guestCpuMsPerFrame ?? null },
  { name: 'host CPU', kind: 'time', unit: 'ms', better: 'lower', primary: false, limitPct: 2, of: ({ time }) => time?.hostCpuMsPerFrame ?? null },
  { name: 'frame time p95', kind: 'time', unit: 'ms', better: 'lower', primary: false, limitPct: 5, of: ({ time }) => time?.stepsMs['frame']?.p95 ?? null },
  { name: 'instructions', kind: 'instructions', unit: 'per frame', better: 'lower', primary: true, limitPct: 0.2, of: ({ instructionsPerFrame }) => instructionsPerFrame },
];

/** The counters that are facts of a patch. */
export const COUNTERS = ['commandsPerFrame', 'transfersPerFrame', 'bytesPerFrame', 'fencesPerFrame'] as const;
