// The metrics of an evaluation: which figures of a run they are, which way is better, and what change is too small to matter to anybody.
import type { Measure } from '../contract/job.ts';
import type { CallResult, PipelineResult } from '../contract/run.ts';

/** The raw value of one boot. `limitPct` is the smallest change that matters, in percent; noise may raise it. */
export type Metric = {
  readonly name: string; readonly kind: Exclude<Measure, 'counters'>; readonly unit: string; readonly better: 'lower' | 'higher'; readonly primary: boolean; readonly limitPct: number;
} & ({ readonly on: 'pipelines'; readonly of: (row: PipelineResult) => number | null } | { readonly on: 'calls'; readonly of: (row: CallResult) => number | null });

/**
 * A call's time is its tenth percentile: what else the host does only ever adds, and a call that takes longer by itself takes longer in its best rounds too.
 * A frame's instructions repeat to a thousandth, so that a fifth of a percent is already something that a patch did; a call's, which are few, to half a percent, of which two are far enough.
 */
export const METRICS: readonly Metric[] = [
  { name: 'frame time', kind: 'time', unit: 'ms', better: 'lower', primary: true, limitPct: 2, on: 'pipelines', of: ({ time }) => (time === null || time.fps <= 0 ? null : 1000 / time.fps) },
  { name: 'guest CPU', kind: 'time', unit: 'ms', better: 'lower', primary: false, limitPct: 2, on: 'pipelines', of: ({ time }) => time?.guestCpuMsPerFrame ?? null },
  { name: 'host CPU', kind: 'time', unit: 'ms', better: 'lower', primary: false, limitPct: 2, on: 'pipelines', of: ({ time }) => time?.hostCpuMsPerFrame ?? null },
  { name: 'frame time p95', kind: 'time', unit: 'ms', better: 'lower', primary: false, limitPct: 5, on: 'pipelines', of: ({ time }) => time?.stepsMs['frame']?.p95 ?? null },
  { name: 'instructions', kind: 'instructions', unit: 'per frame', better: 'lower', primary: true, limitPct: 0.2, on: 'pipelines', of: ({ instructionsPerFrame }) => instructionsPerFrame },
  { name: 'call time', kind: 'time', unit: 'us', better: 'lower', primary: true, limitPct: 5, on: 'calls', of: ({ us }) => us?.p10 ?? null },
  { name: 'call instructions', kind: 'instructions', unit: 'per call', better: 'lower', primary: true, limitPct: 2, on: 'calls', of: ({ instructions }) => instructions },
];

/** The counters that are facts of a patch: of a frame, and of a call. */
export const COUNTERS = ['commandsPerFrame', 'transfersPerFrame', 'bytesPerFrame', 'fencesPerFrame'] as const;
export const CALL_COUNTERS = ['commands', 'kicks', 'fences', 'bytes', 'pages'] as const;
