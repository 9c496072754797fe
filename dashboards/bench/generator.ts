// A lab's past, made up: jobs, nights and run folders as a worker seals them, the same for the same seed and end. For figures of speed only; nothing here was ever booted.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KernelRecord } from '../../orchestrator/src/contract/job.ts';
import { Property, PROPERTIES, type PropertyResult } from '../../orchestrator/src/contract/property.ts';
import { emptyResult, RunRecord, type PipelineResult } from '../../orchestrator/src/contract/run.ts';
import { runRequest, seeded } from '../../orchestrator/test/parts.ts';
import { generateEvaluations } from './evaluations.ts';
import { generateNight, generateSchedule } from './nights.ts';
import { wrongFramesOf, type WrongFrames } from './wrong-frames.ts';

const BASES = ['6.1', '6.12', '7.2', '7.3'];
const SERIES = [null, null, null, 'designs/upcast-resource-id', 'mutants/short-transfer', 'harmless/refactor'];
const DEVICES = ['virgl', 'virgl-blob', '2d'] as const;
const STACKS = ['trixie', 'bookworm'];
const HOSTS = ['amber', 'birch'];
const PIPELINES = ['upload', 'dmabuf-copy', 'dmabuf-direct', 'v4l2-dmabuf'] as const;
const STEPS = { decode: 8, copy: 2, upload: 5, wait: 3, draw: 4 } as const;
/** A night, and what it runs. */
export const RUNS_PER_JOB = 100;
const MINUTE_MS = 60_000;
const NIGHTS_AT_ONCE = 2;
/** Every so many runs another QEMU comes, on which everything is slower or faster than before; the newest came four weeks ago, and is slower. */
const ERA = 8000;
const NEWEST_ERA = 4000;
const SLOWER = 1.05;
/** Of the runs with a design, one in so many asks what its dma-bufs are. */
const ASKED_EVERY = 50;
/** Of so many runs the kernel of one says something about itself. */
const SAID_EVERY = 40;

/** The one run that has pictures of its wrong frames: drawn for all that failed they would be gigabytes. */
export const PICTURED = 7;
/** Some 20 kB, as a guest's console is. */
const CONSOLE_LINES = 260;
const CLIP = 'h264-640x360';

/** `runs` that end at `endsAt`, one every ten minutes. */
export type Past = { runs: number; endsAt: number; seed?: number };

/** Writes the folders of all runs, their jobs and nights, and the evaluations that rest on them. */
export async function generate(home: string, past: Past): Promise<void> {
  await mkdir(join(home, 'jobs'), { recursive: true });
  const jobs = past.runs / RUNS_PER_JOB;
  for (let at = 0; at < jobs; at += NIGHTS_AT_ONCE) await Promise.all(Array.from({ length: Math.min(NIGHTS_AT_ONCE, jobs - at) }, (_, k) => writeJob(home, past, at + k)));
  await generateSchedule(home, timeOf(past, 0));
  await generateEvaluations(home, past.runs, { timeOf: (n) => timeOf(past, n), runId }, past.seed);
}

export function runId(n: number): string {
  return `r-${n.toString(36).padStart(10, '0')}`;
}

export function jobId(n: number): string {
  return `j-${n.toString(36).padStart(10, '0')}`;
}

function timeOf({ runs, endsAt }: Past, n: number): string {
  return new Date(endsAt - (runs - n) * 10 * MINUTE_MS).toISOString();
}

/** A job, which is a night, with its runs. */
async function writeJob(home: string, past: Past, nth: number): Promise<void> {
  const from = nth * RUNS_PER_JOB;
  const records = Array.from({ length: RUNS_PER_JOB }, (_, k) => recordOf(past, from + k));
  const requests = records.map(({ id, job, title, base, series, flavour, image, stack, device }) => runRequest({ id, job, title, kernel: { base, ...(series === null ? {} : { series }) }, flavour, image, stack, device, pipelines: PIPELINES, submittedAt: timeOf(past, from) }));
  await writeFile(join(home, 'jobs', `${jobId(nth)}.json`), JSON.stringify({ job: jobId(nth), title: `night ${String(nth)}`, file: 'jobs/nightly.yaml', submittedAt: timeOf(past, from), runs: requests }));
  await Promise.all(records.map((record, k) => writeRun(home, record, HOSTS[(from + k) % HOSTS.length] ?? '', eraOf(past, from + k))));
  await generateNight(home, nth, records);
}

const NO_PICTURES: WrongFrames = { kept: [], pictures: [], probe: '' };

async function writeRun(home: string, record: RunRecord, host: string, era: number): Promise<void> {
  const folder = join(home, 'runs', record.id);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'events.ndjson'), `${JSON.stringify({ at: record.startedAt, ms: 0, run: record.id, event: 'run.opened', attempt: 1, worker: `${host}/1:1` })}\n`);
  await writeFile(join(folder, 'versions.json'), JSON.stringify(worldOf(era)));
  const { kept, pictures, probe } = record.id === runId(PICTURED) ? wrongFramesOf(PIPELINES, CLIP) : NO_PICTURES;
  if (pictures.length > 0) await mkdir(join(folder, 'frames'));
  for (const { name, png } of pictures) await writeFile(join(folder, name), png);
  if (probe !== '') {
    await writeFile(join(folder, 'probe.ndjson'), probe);
    await writeFile(join(folder, 'console.log'), Array.from({ length: CONSOLE_LINES }, (_, n) => `[${(n / 100).toFixed(6).padStart(12)}] virtio_gpu virtio${String(n % 4)}: line ${String(n)} of what a guest says while it boots\n`).join(''));
  }
  const [first, ...others] = record.pipelines;
  await writeFile(join(folder, 'run.json'), JSON.stringify(first === undefined ? record : { ...record, pipelines: [{ ...first, kept }, ...others] }));
}

/** One that is sealed later than all others, as the `nth` of those. */
export async function writeOneMore(home: string, past: Past, nth: number): Promise<void> {
  const at = new Date(past.endsAt + nth * MINUTE_MS).toISOString();
  await writeRun(home, { ...recordOf(past, past.runs + nth), startedAt: at, sealedAt: at }, HOSTS[nth % HOSTS.length] ?? '', 0);
}

/** How many QEMUs were to come after the one of a run. */
function eraOf({ runs }: Past, n: number): number {
  return Math.floor((runs - 1 - n + ERA - NEWEST_ERA) / ERA);
}

function worldOf(era: number): unknown {
  const qemu = `1:10.0.${String(99 - era)}`;
  return { hostKernel: '6.12.57', host: { accelerator: 'tcg', display: 'xvfb' }, stack: { tag: `stack-${qemu}`, packages: { 'qemu-system-x86': qemu, 'libvirglrenderer1': '1.1.0-2' } }, guest: { tag: 'guest-1', packages: { 'mesa-libgallium': '25.0.7' } } };
}

function recordOf(past: Past, n: number): RunRecord {
  const random = seeded((past.seed ?? 1) * 1_000_003 + n);
  const pick = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)] as T;
  // In every run, so that all draw the same.
  const unlucky = random() < 0.03;
  const failed = unlucky || n === PICTURED;
  const slower = eraOf(past, n) % 2 === 0 ? SLOWER : 1;
  const [base, series] = [pick(BASES), pick(SERIES)];
  return RunRecord.parse({
    version: 1, id: runId(n), job: jobId(Math.floor(n / RUNS_PER_JOB)), attempt: 1, title: `night ${String(Math.floor(n / RUNS_PER_JOB))}`, base, series, flavour: 'perf', image: 'trixie', stack: pick(STACKS), device: pick(DEVICES),
    measure: 'time', expect: 'passed', outcome: { kind: failed ? 'failed' : 'passed', stage: 'verify', why: failed ? 'upload: 3 of 60 frames wrong as texels' : '240 of 240 frames right' }, asExpected: !failed,
    kernel: kernelOf(base, series), accelerator: 'tcg', display: 'xvfb', renderer: 'virgl (LLVMPIPE)', capabilities: null, readyMs: (1800 + 50 * random()) * slower, guestCpuSeconds: 12 + random(),
    pipelines: PIPELINES.map((pipeline) => passOf(pipeline, failed && pipeline === 'upload', slower, random)), properties: series?.startsWith('designs/') === true && n % ASKED_EVERY === 0 ? propertiesOf(n) : [], console: n % SAID_EVERY === 0 ? [{ kind: 'warning', line: 200, text: 'WARNING: CPU: 0 PID: 1 at drivers/gpu/drm/virtio/virtgpu_vq.c:1', around: [] }] : [], stages: [],
    startedAt: timeOf(past, n), sealedAt: timeOf(past, n + 1),
  });
}

function kernelOf(base: string, series: string | null): KernelRecord {
  const kernel = `${String(BASES.indexOf(base))}${String(SERIES.indexOf(series))}`.padStart(16, '0');
  return KernelRecord.parse({ kernel, base, version: `${base}.57`, series, flavour: 'perf', compiler: 'gcc', builder: 'builder', patches: [], seconds: 5, cleanSeconds: null, vmlinuxBytes: 30_000_000, builtAt: '2025-01-01T00:00:00.000Z' });
}

function propertiesOf(n: number): PropertyResult[] {
  return Property.options.map((property) => ({ property, asked: true, holds: n % 3 !== 0, binding: PROPERTIES[property].binding, value: `${String(n % 72)} of 72 right`, evidence: 'sg_dma_address against RESOURCE_INFO: 72 of 72 the same, resources 14 to 85. '.repeat(3) }));
}

function passOf(pipeline: (typeof PIPELINES)[number], failed: boolean, slower: number, random: () => number): PipelineResult {
  const around = (value: number): number => value * slower * (0.98 + 0.04 * random());
  const fps = 1000 / around(22);
  const spread = (value: number): { mean: number; p50: number; p95: number; p99: number } => ({ mean: around(value), p50: around(value), p95: around(1.3 * value), p99: around(1.6 * value) });
  const stepsMs = Object.fromEntries([...Object.entries(STEPS).map(([step, ms]) => [step, spread(ms)] as const), ['frame', spread(22)] as const]);
  return {
    ...emptyResult(pipeline, CLIP), status: failed ? 'failed' : 'passed', why: failed ? '3 of 60 frames wrong' : 'all right', frames: 60, wrong: failed ? 3 : 0, defect: failed ? 'missing-rows' : null, fps,
    time: { frames: 50, warmup: 10, fps, stepsMs, guestCpuMsPerFrame: around(15), hostCpuMsPerFrame: around(60), bookkeepingShare: 0.001 },
  };
}
