// Evaluations as tests of the report formats want them: made by hand, small, hostile where asked. Used by tests only.
import type { EvaluationRecord, MetricRow, Samples } from '../../contract/evaluation.ts';
import { EvaluationRecord as Schema } from '../../contract/evaluation.ts';

const runs = { base: 'r-aaaaaaaaaa', patched: 'r-bbbbbbbbbb' };

export const HOSTILE = 'a <script>alert(1)</script> & "title" # SKIP\r\nBcc: everybody@example.org\u0007 naïve ✓';

export function rowFor(verdict: MetricRow['verdict'], over: Partial<MetricRow> = {}): MetricRow {
  const changePct = { worse: 2.5, better: -2.5, equivalent: 0.01, inconclusive: 0.4 }[verdict];
  return {
    metric: 'instructions', pipeline: 'upload', kind: 'instructions', primary: true, verdict, changePct, ci: [changePct - 0.1, changePct + 0.1], p: 0.000488, adjusted: 0.00195, pairs: 12, dropped: 0,
    limitPct: 0.2, noisePct: 0.02, detectablePct: 0.1, morePairs: verdict === 'inconclusive' ? 9 : 0, unit: 'per frame', baseMedian: 1_000_000, patchedMedian: 1_000_000 * (1 + changePct / 100), baseSdPct: 0.01,
    patchedSdPct: 0.02, bimodal: false, ...over,
  };
}

function samples(): Samples {
  const pair = (n: number, by: number): Samples['pairs'][number] => ({ base: 1_000_000 + n, patched: n === 3 ? null : (1_000_000 + n) * by, order: n % 2 === 0 ? 'AB' : 'BA', block: n >> 1, host: '=cmd()', runs: runs as Samples['pairs'][number]['runs'] });
  return { metric: 'instructions', pipeline: 'upload', kind: 'instructions', unit: 'per frame', better: 'lower', primary: true, limitPct: 0.2, pairs: Array.from({ length: 12 }, (_, n) => pair(n, 1.025)), noise: [pair(0, 1)] };
}

export function evaluationOf(over: Record<string, unknown> = {}): EvaluationRecord {
  return Schema.parse({
    version: 1, id: 'e-0123456789', series: 'added/some-series', title: 'Some series', base: '6.12', baseVersion: '6.12.117 (6.12.117-1)', messageId: '<20260101.1@example.org>', subject: '[PATCH v2 0/3] drm/virtio: some series',
    author: 'A. Uthor <author@example.org>', patches: [{ file: '0001-a.patch', sha256: 'a'.repeat(64) }, { file: '0002-b.patch', sha256: 'b'.repeat(64) }],
    kernels: { base: '0123456789abcdef', patched: 'fedcba9876543210', compiler: 'gcc (Debian 14.2.0-19) 14.2.0' }, image: 'trixie', stack: 'trixie', device: 'virgl', pipelines: ['upload'], clip: 'h264-640x360-brief', accelerator: 'tcg',
    renderer: 'virgl (LLVMPIPE)', versions: { qemu: '1:10.0.13', virglrenderer: '1.1.0-2' }, budgetSeconds: 600, outcome: { kind: 'passed', stage: 'verify', why: 'every boot is right' }, verdict: 'worse', why: 'every boot is right',
    correctness: { verdict: 'passed', failures: [], known: [], unconfirmed: [], runs: ['r-cccccccccc'] }, identical: false, facts: [], metrics: [rowFor('worse')], notes: [], method: 1, seed: 7, alpha: 0.01,
    looks: [{ kind: 'instructions', pairs: 12, alpha: 0.002 }], samples: [samples()], phases: [{ phase: 'build', seconds: 5, workSeconds: 4 }], seconds: 200, overheadPct: 4, startedAt: '2026-01-01T00:00:00.000Z', endedAt: '2026-01-01T00:03:20.000Z', ...over,
  });
}

const FAILURE = { detector: 'frames', what: 'stale', why: 'upload: 3 of 16 frames wrong as texels, while guest memory is right', flavour: 'perf', run: 'r-aaaaaaaaaa', again: 'r-bbbbbbbbbb' };

/** One of each end that an evaluation may have. */
export const ENDS: Readonly<Record<string, EvaluationRecord>> = {
  worse: evaluationOf(),
  better: evaluationOf({ verdict: 'better', metrics: [rowFor('better')] }),
  equivalent: evaluationOf({ verdict: 'equivalent', metrics: [rowFor('equivalent')] }),
  inconclusive: evaluationOf({ verdict: 'inconclusive', metrics: [rowFor('inconclusive')] }),
  failed: evaluationOf({
    verdict: 'failed', outcome: { kind: 'failed', stage: 'verify', why: 'frames: wrong' }, why: 'frames: wrong', metrics: [], samples: [],
    correctness: { verdict: 'failed', failures: [FAILURE], known: [{ ...FAILURE, what: 'torn' }], unconfirmed: [], runs: ['r-aaaaaaaaaa'] },
  }),
  counters: evaluationOf({
    metrics: [rowFor('worse', { metric: 'transfersPerFrame', kind: 'counters', p: null, adjusted: null, changePct: 100, ci: [100, 100], limitPct: 0, baseMedian: 1, patchedMedian: 2, pairs: 2 })], samples: [],
    facts: [{ pipeline: 'upload', counter: 'transfersPerFrame', base: 1, patched: 2, boots: 2, runs }],
  }),
  perPatch: evaluationOf({
    prefixes: [['', null, null], ['0001-drm-virtio-a-patch-whose-subject-is-as-long-as-the-longest.patch', 0.01, -0.2], ['0002-<b>.patch', 2.5, 86.18]].map(([file, ofFrame, ofCall], patches) => ({
      patches, file, run: 'r-aaaaaaaaaa', figures: [{ metric: 'instructions', pipeline: 'upload', value: 596_648, stepPct: ofFrame }, { metric: 'call instructions', pipeline: 'submit', value: 16_094, stepPct: ofCall }],
    })),
  }),
  identical: evaluationOf({ verdict: 'equivalent', identical: true, metrics: [], samples: [], looks: [] }),
  broken: evaluationOf({ verdict: null, outcome: { kind: 'broken', stage: 'verify', why: 'nothing was measured' }, why: 'nothing was measured', metrics: [], samples: [] }),
  hostile: evaluationOf({
    title: HOSTILE, series: 'added/hostile', subject: HOSTILE, author: `Mallory\r\nBcc: everybody@example.org <m@example.org>`, messageId: '<x@y>\r\nBcc: everybody@example.org', notes: [HOSTILE], verdict: 'failed', why: HOSTILE, metrics: [], samples: [],
    outcome: { kind: 'failed', stage: 'verify', why: HOSTILE }, correctness: { verdict: 'failed', failures: [{ ...FAILURE, what: HOSTILE, why: HOSTILE }], known: [], unconfirmed: [], runs: [] },
  }),
};
