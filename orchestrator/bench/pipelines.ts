// npm run bench:pipelines: ours against GStreamer in the same guest, with and without a copy, in a guest and beside it; at 640x360 and 1080p.
// Every ratio is of two figures of this very run. JSON in bench/out/pipelines.json and a table. `-- --boots N` repeats the instruction boots.
import { availableParallelism, loadavg, totalmem } from 'node:os';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { $ } from 'zx';
import { RunDocument, type PipelineRow } from '../src/contract/documents.ts';
import type { Measure } from '../src/contract/job.ts';
import type { Pipeline } from '../src/contract/pipeline.ts';

const CHECKOUT = fileURLToPath(new URL('../..', import.meta.url));
const BIN = join(CHECKOUT, 'orchestrator/bin/vlab.js');
const BOOTS = numberAfter('--boots', 3);
const SMALL = 'h264-640x360';
const LARGE = 'h264-1920x1080';
const STEPS = { decode: '#', copy: 'c', upload: 'u', transfer: 't', wait: 'w', draw: 'd' } as const;
$.quiet = true;

const folder = await mkdtemp(join(tmpdir(), 'vlab-bench-'));
try {
  const load = loadavg();
  const timed = await run('time', { pipelines: ['upload', 'dmabuf-copy', 'dmabuf-direct', 'native-upload', 'vtest-upload', 'gst-upload'], clips: [SMALL, LARGE] });
  const kernel = await run('time', { pipelines: ['v4l2-upload', 'v4l2-dmabuf', 'gst-dmabuf'], clips: ['fwht-640x360'] });
  const counted = await run('counters', { pipelines: ['upload', 'dmabuf-copy', 'dmabuf-direct', 'v4l2-dmabuf'], clips: [SMALL, 'fwht-640x360'] });
  const instructions: PipelineRow[][] = [];
  for (let boot = 0; boot < BOOTS; boot++) instructions.push(await run('instructions', { pipelines: ['dmabuf-copy', 'dmabuf-direct'], clips: [LARGE] }));

  const fps = (rows: readonly PipelineRow[], pipeline: Pipeline, clip: string): number | null => of(rows, pipeline, clip)?.time?.fps ?? null;
  const perBoot = (pipeline: Pipeline): number[] => instructions.flatMap((rows) => of(rows, pipeline, LARGE)?.instructionsPerFrame ?? []);
  const result = {
    at: new Date().toISOString(),
    conditions: { cores: availableParallelism(), memoryGiB: Math.round(totalmem() / 2 ** 30), node: process.version, loadBefore: load },
    ratios: {
      uploadOverGstreamer: Object.fromEntries([SMALL, LARGE].map((clip) => [clip, ratio(fps(timed, 'upload', clip), fps(timed, 'gst-upload', clip))])),
      copyOverDirectInstructionsAt1080p: ratio(mean(perBoot('dmabuf-copy')), mean(perBoot('dmabuf-direct'))),
      directOverCopyFpsAt1080p: ratio(fps(timed, 'dmabuf-direct', LARGE), fps(timed, 'dmabuf-copy', LARGE)),
      guestOverNative: Object.fromEntries([SMALL, LARGE].map((clip) => [clip, ratio(fps(timed, 'upload', clip), fps(timed, 'native-upload', clip))])),
      vtestOverNative: ratio(fps(timed, 'vtest-upload', SMALL), fps(timed, 'native-upload', SMALL)),
    },
    instructions: Object.fromEntries((['dmabuf-copy', 'dmabuf-direct'] as const).map((pipeline) => [pipeline, { perBoot: perBoot(pipeline), spread: spread(perBoot(pipeline)) }])),
    // What the copy itself takes: bytes that the guest's memcpy moves eight of with each instruction.
    copyInstructionsAt1080p: difference(mean(perBoot('dmabuf-copy')), mean(perBoot('dmabuf-direct'))),
    bookkeepingShare: Math.max(...timed.flatMap((row) => row.time?.bookkeepingShare ?? [])),
    rows: [...timed, ...kernel, ...counted].map(({ pipeline, clip, status, why, time, counters }) => ({ pipeline, clip, status, why, time, counters })),
    wanted: { uploadOverGstreamer: 1, copyOverDirectInstructionsAt1080p: 1.15, spread: 0.02, bookkeepingShare: 0.03 },
  };
  await mkdir(join(CHECKOUT, 'bench/out'), { recursive: true });
  await writeFile(join(CHECKOUT, 'bench/out/pipelines.json'), `${JSON.stringify(result, null, 2)}\n`);
  process.stdout.write(`${[...timed, ...kernel].map(bar).join('\n')}\n\n${JSON.stringify({ ...result, rows: undefined }, null, 2)}\n`);
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function run(measure: Measure, job: { pipelines: Pipeline[]; clips: string[] }): Promise<PipelineRow[]> {
  const file = join(folder, `${measure}.yaml`);
  await writeFile(file, JSON.stringify({ title: `bench: ${measure}`, kernels: [{ base: '6.12' }], measure: [measure], ...job }));
  const document = RunDocument.parse(JSON.parse((await $`node ${BIN} run ${file} --quiet --json`.nothrow()).stdout));
  process.stderr.write(`${measure}: ${document.runs.map((one) => `${one.outcome.kind}: ${one.outcome.why}`).join('; ')}\n`);
  return document.runs.flatMap((one) => one.pipelines);
}

/** Where a frame's time goes: a stacked bar, one mark per 2 ms. */
function bar({ pipeline, clip, status, time }: PipelineRow): string {
  const name = `${pipeline.padEnd(14)} ${clip.padEnd(15)}`;
  if (time === null) return `${name} ${status}`;
  const parts = Object.entries(STEPS).map(([step, mark]) => mark.repeat(Math.round((time.stepsMs[step]?.mean ?? 0) / 2)));
  const said = Object.entries(time.stepsMs).map(([step, ms]) => `${step} ${ms.mean.toFixed(1)}`).join(', ');
  return `${name} ${time.fps.toFixed(1).padStart(6)} frames/s  ${parts.join('')}  (ms: ${said})`;
}

function of(rows: readonly PipelineRow[], pipeline: Pipeline, clip: string): PipelineRow | undefined {
  return rows.find((row) => row.pipeline === pipeline && row.clip === clip);
}

function ratio(a: number | null, b: number | null): number | null {
  return a === null || b === null || b === 0 ? null : Math.round((a / b) * 1000) / 1000;
}

function difference(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : Math.round(a - b);
}

function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The widest distance between two boots, as a share of their mean. */
function spread(values: readonly number[]): number | null {
  const middle = mean(values);
  return middle === null ? null : Math.round(((Math.max(...values) - Math.min(...values)) / middle) * 1e5) / 1e5;
}

function numberAfter(name: string, otherwise: number): number {
  const at = process.argv.indexOf(name);
  return at === -1 ? otherwise : Number(process.argv[at + 1]);
}
