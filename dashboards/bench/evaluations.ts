// Evaluations of a made-up past, as large as real ones: the metrics that a method measures, each with its pairs and its noise. For figures of speed only.
import { EvaluationRecord, type MetricRow, type Samples } from '../../orchestrator/src/contract/evaluation.ts';
import { writeEvaluation } from '../../orchestrator/src/store/evaluations.ts';
import { seeded } from '../../orchestrator/test/parts.ts';

/** One of so many runs is the last of an evaluation. */
export const RUNS_PER_EVALUATION = 100;
const AT_ONCE = 50;
const SERIES = ['designs/upcast-resource-id', 'designs/host-id-field', 'mutants/short-transfer', 'mutants/slow-fence', 'harmless/refactor'];
const VERDICTS = ['equivalent', 'equivalent', 'equivalent', 'worse', 'better', 'inconclusive', 'failed'] as const;
const HOSTS = ['amber', 'birch'];

/** What a real evaluation of two pipelines and three calls measures. */
const PIPELINES = ['upload', 'dmabuf-copy'] as const;
const CALLS = ['submit', 'transfer', 'create'] as const;
type Measured = Pick<Samples, 'metric' | 'pipeline' | 'kind' | 'unit' | 'primary'>;
const MEASURED: readonly Measured[] = [
  ...PIPELINES.flatMap((pipeline): Measured[] => [
    { metric: 'instructions', pipeline, kind: 'instructions', unit: 'per frame', primary: true }, { metric: 'frame time', pipeline, kind: 'time', unit: 'ms', primary: true },
    { metric: 'guest CPU', pipeline, kind: 'time', unit: 'ms per frame', primary: false }, { metric: 'host CPU', pipeline, kind: 'time', unit: 'ms per frame', primary: false },
    { metric: 'frame time p95', pipeline, kind: 'time', unit: 'ms', primary: false },
  ]),
  ...CALLS.flatMap((pipeline): Measured[] => [
    { metric: 'call instructions', pipeline, kind: 'instructions', unit: 'per call', primary: true }, { metric: 'call time', pipeline, kind: 'time', unit: 'us', primary: false },
  ]),
];

type Where = { timeOf: (n: number) => string; runId: (n: number) => string };

/** As many as `runs` are enough for. */
export async function generateEvaluations(home: string, runs: number, where: Where, seed = 1): Promise<void> {
  const end = Math.floor(runs / RUNS_PER_EVALUATION);
  for (let at = 0; at < end; at += AT_ONCE) {
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, end - at) }, (_, k) => writeEvaluation(home, recordOf(at + k, where, seeded(seed * 7_000_003 + at + k)))));
  }
}

export function evaluationId(n: number): string {
  return `e-${n.toString(36).padStart(10, '0')}`;
}

function recordOf(n: number, { timeOf, runId }: Where, random: () => number): EvaluationRecord {
  const pick = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)] as T;
  const run = (): string => runId(n * RUNS_PER_EVALUATION + Math.floor(random() * RUNS_PER_EVALUATION));
  const verdict = pick(VERDICTS);
  const pairs = 8 + Math.floor(24 * random());
  const failures = verdict === 'failed' ? [{ detector: 'frames', what: 'upload', why: 'upload: 3 of 60 frames wrong as texels', flavour: 'perf', run: run(), again: run() }] : [];
  const samples = MEASURED.map((one) => ({ ...one, better: 'lower', limitPct: one.kind === 'time' ? 2 : 0.2, pairs: pairsOf(pairs, 1.001, run, random), noise: pairsOf(Math.ceil(pairs / 2), 1, run, random) }));
  return EvaluationRecord.parse({
    version: 1, id: evaluationId(n), series: pick(SERIES), title: `evaluation ${String(n)}`, base: '6.12', baseVersion: '6.12.117', messageId: null, subject: null, author: null, patches: [{ file: '0001-a.patch', sha256: 'a'.repeat(64) }],
    kernels: { base: '0123456789abcdef', patched: 'fedcba9876543210', compiler: 'gcc' }, image: 'trixie', stack: 'trixie', device: 'virgl', pipelines: PIPELINES, clip: 'h264-640x360-brief', accelerator: 'tcg', renderer: 'virgl (LLVMPIPE)',
    versions: { qemu: '1:10.0.13', virglrenderer: '1.1.0-2' }, budgetSeconds: 600, outcome: { kind: verdict === 'failed' ? 'failed' : 'passed', stage: 'verify', why: 'every boot is right' }, verdict, why: 'every boot is right',
    correctness: { verdict: verdict === 'failed' ? 'failed' : 'passed', failures, known: [], unconfirmed: [], runs: [run(), run(), run()] }, identical: false, facts: [],
    metrics: MEASURED.map((one) => rowOf(one, pairs, random)), notes: [], method: 2, seed: n, alpha: 0.01, looks: [{ kind: 'instructions', pairs, alpha: 0.002 }], samples,
    prefixes: n % 10 === 0 ? prefixesOf(run, random) : [], phases: [{ phase: 'build', seconds: 5, workSeconds: 4 }], seconds: 300, overheadPct: 4,
    startedAt: timeOf(n * RUNS_PER_EVALUATION), endedAt: timeOf((n + 1) * RUNS_PER_EVALUATION),
  });
}

function pairsOf(count: number, by: number, run: () => string, random: () => number): unknown[] {
  const near = (value: number): number => value * (0.98 + 0.04 * random());
  return Array.from({ length: count }, (_, n) => ({ base: near(1_000_000), patched: near(1_000_000 * by), order: n % 2 === 0 ? 'AB' : 'BA', block: n >> 1, host: HOSTS[n % HOSTS.length] ?? '', runs: { base: run(), patched: run() } }));
}

function rowOf({ metric, pipeline, kind, primary, unit }: Measured, pairs: number, random: () => number): MetricRow {
  const changePct = 4 * random() - 2;
  return {
    metric, pipeline, kind, primary, verdict: 'equivalent', changePct, ci: [changePct - 0.3, changePct + 0.3], p: random(), adjusted: primary ? random() : null, pairs, dropped: 0, limitPct: 2, noisePct: random(), detectablePct: 0.4, morePairs: 0,
    unit, baseMedian: 1_000_000, patchedMedian: 1_000_000 * (1 + changePct / 100), baseSdPct: 0.5, patchedSdPct: 0.5, bimodal: false,
  };
}

function prefixesOf(run: () => string, random: () => number): unknown[] {
  return Array.from({ length: 6 }, (_, patches) => ({
    patches, file: patches === 0 ? '' : `000${String(patches)}-a.patch`, run: run(), figures: PIPELINES.map((pipeline) => ({ metric: 'instructions', pipeline, value: 1_000_000 * (1 + random() / 50), stepPct: patches === 0 ? null : random() })),
  }));
}
