// A lab's past, made up: run folders as a worker seals them, the same for the same seed. For figures of speed only; nothing here was ever booted.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { seeded } from '../../orchestrator/test/parts.ts';
import { Property, PROPERTIES, type PropertyResult } from '../../orchestrator/src/contract/property.ts';
import { emptyResult, RunRecord, type PipelineResult } from '../../orchestrator/src/contract/run.ts';
import { generateEvaluations } from './evaluations.ts';

const BASES = ['6.1', '6.12', '7.2', '7.3'];
const SERIES = [null, null, null, 'designs/upcast-resource-id', 'mutants/short-transfer', 'harmless/refactor'];
const DEVICES = ['virgl', 'virgl-blob', '2d'] as const;
const STACKS = ['trixie', 'bookworm'];
const HOSTS = ['amber', 'birch'];
const PIPELINES = ['upload', 'dmabuf-copy', 'dmabuf-direct', 'v4l2-dmabuf'] as const;
const STEPS = { decode: 8, copy: 2, upload: 5, wait: 3, draw: 4 } as const;
/** A night, and what it runs. */
const RUNS_PER_JOB = 100;
const MINUTE_MS = 60_000;
const AT_ONCE = 200;

/** Of the runs with a design, one in so many asks what its dma-bufs are. */
const ASKED_EVERY = 50;

/** Writes run folders `from` to `from + count`, their jobs, and the evaluations that rest on them. Time goes on from one to the next; every some thousand runs a level moves. */
export async function generate(home: string, from: number, count: number, seed = 1): Promise<void> {
  await mkdir(join(home, 'jobs'), { recursive: true });
  const job = (n: number): string => `j-${Math.floor(n / RUNS_PER_JOB).toString(36).padStart(10, '0')}`;
  for (let at = from; at < from + count; at += AT_ONCE) {
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, from + count - at) }, async (_, k) => {
      const record = recordOf(at + k, job(at + k), seeded(seed * 1_000_003 + at + k));
      const folder = join(home, 'runs', record.id);
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, 'events.ndjson'), `${JSON.stringify({ at: record.startedAt, ms: 0, run: record.id, event: 'run.opened', attempt: 1, worker: `${HOSTS[(at + k) % HOSTS.length] ?? ''}/1:1` })}\n`);
      await writeFile(join(folder, 'run.json'), JSON.stringify(record));
    }));
  }
  for (let n = from; n < from + count; n += RUNS_PER_JOB) await writeFile(join(home, 'jobs', `${job(n)}.json`), JSON.stringify({ job: job(n), title: `night ${String(n / RUNS_PER_JOB)}`, file: 'jobs/nightly.yaml', submittedAt: timeOf(n), runs: [] }));
  await generateEvaluations(home, from, count, { timeOf, runId }, seed);
}

export function runId(n: number): string {
  return `r-${n.toString(36).padStart(10, '0')}`;
}

function timeOf(n: number): string {
  return new Date(Date.UTC(2025, 0, 1) + n * 10 * MINUTE_MS).toISOString();
}

function recordOf(n: number, job: string, random: () => number): RunRecord {
  const pick = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)] as T;
  const failed = random() < 0.03;
  const level = 1 + 0.05 * Math.sin(Math.floor(n / 8000));
  const series = pick(SERIES);
  return RunRecord.parse({
    version: 1, id: runId(n), job, attempt: 1, title: `night ${String(n)}`, base: pick(BASES), series, flavour: 'perf', image: 'trixie', stack: pick(STACKS), device: pick(DEVICES),
    measure: 'time', expect: 'passed', outcome: { kind: failed ? 'failed' : 'passed', stage: 'verify', why: failed ? 'upload: 3 of 60 frames wrong as texels' : '240 of 240 frames right' }, asExpected: !failed,
    kernel: null, accelerator: 'tcg', display: 'xvfb', renderer: 'virgl (LLVMPIPE)', capabilities: null, readyMs: 1800 + 200 * random(), guestCpuSeconds: 12 + random(),
    pipelines: PIPELINES.map((pipeline) => passOf(pipeline, failed && pipeline === 'upload', level, random)), properties: series?.startsWith('designs/') === true && n % ASKED_EVERY === 0 ? propertiesOf(n) : [], console: [], stages: [], startedAt: timeOf(n), sealedAt: timeOf(n + 1),
  });
}

function propertiesOf(n: number): PropertyResult[] {
  return Property.options.map((property) => ({ property, asked: true, holds: n % 3 !== 0, binding: PROPERTIES[property].binding, value: `${String(n % 72)} of 72 right`, evidence: 'sg_dma_address against RESOURCE_INFO: 72 of 72 the same, resources 14 to 85. '.repeat(3) }));
}

function passOf(pipeline: (typeof PIPELINES)[number], failed: boolean, level: number, random: () => number): PipelineResult {
  const around = (value: number): number => value * level * (0.97 + 0.06 * random());
  const spread = (value: number): { mean: number; p50: number; p95: number; p99: number } => ({ mean: around(value), p50: around(value), p95: around(1.3 * value), p99: around(1.6 * value) });
  const stepsMs = Object.fromEntries([...Object.entries(STEPS).map(([step, ms]) => [step, spread(ms)] as const), ['frame', spread(22)] as const]);
  return {
    ...emptyResult(pipeline, 'h264-640x360'), status: failed ? 'failed' : 'passed', why: failed ? '3 of 60 frames wrong' : 'all right', frames: 60, wrong: failed ? 3 : 0, fps: around(45),
    time: { frames: 50, warmup: 10, fps: around(45), stepsMs, guestCpuMsPerFrame: around(15), hostCpuMsPerFrame: around(60), bookkeepingShare: 0.001 },
  };
}
