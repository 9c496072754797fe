// What the unit tests share: an empty folder that goes away by itself, and small, whole examples of requests, records and probe lines.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { RunRequest } from '../src/contract/job.ts';
import type { Outcome } from '../src/contract/outcome.ts';
import type { FrameLine, PlaneHashes } from '../src/contract/probe.ts';
import { emptyResult, RunRecord, type PipelineResult } from '../src/contract/run.ts';
import type { PassClip } from '../src/pipeline/passes.ts';
import type { GoldenFrame } from '../src/verify/evidence.ts';

export const CHECKOUT = fileURLToPath(new URL('../..', import.meta.url));

/** A new folder with a short path, as sockets need one; removed after the test. */
export async function emptyFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'vlab-u-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** What `work` rejects with. */
export async function rejection(work: Promise<unknown>): Promise<unknown> {
  return work.then((value) => { throw new Error(`Expected a rejection, got ${JSON.stringify(value)}`); }, (error: unknown) => error);
}

/** A hash that no other number has. */
export function hash(number: number): string {
  return number.toString(16).padStart(16, '0');
}

export function goldenFrames(count: number): GoldenFrame[] {
  return Array.from({ length: count }, (_, n) => ({
    width: 640, height: 360, format: 'I420', matrix: 'bt601', range: 'limited', key: n === 0, exact: true,
    planes: { y: hash(10 * n + 1), u: hash(10 * n + 2), v: hash(10 * n + 3) }, rgb: hash(10 * n + 4),
  }));
}

/** A clip of three frames, as a run's passes know it. */
export function passClip(change: Partial<PassClip> = {}): PassClip {
  return {
    name: 'c', codec: 'h264', format: 'I420', bytes: 4096, golden: goldenFrames(3), frameUs: [1_000_000, 30], seek: undefined, damaged: false, disk: 'clip0', ...change,
  };
}

export type FrameOverrides = { memory?: PlaneHashes; texels?: PlaneHashes; rgb?: string; us?: Record<string, number> };

/** The probe's line for frame `n` of `goldenFrames`, right unless something is overridden. */
export function frameLine(n: number, { memory = {}, texels = {}, rgb, us = { decode: 1000 } }: FrameOverrides = {}): FrameLine {
  const { rgb: rightRgb = '', planes = {} } = goldenFrames(n + 1)[n] ?? {};
  return { t: 'frame', id: 1, n, memory: { ...planes, ...memory }, texels: { ...planes, ...texels }, rgb: rgb ?? rightRgb, us };
}

export const RUN_ID = 'r-0123456789';
export const JOB_ID = 'j-0123456789';

export function runRequest(change: Partial<Record<keyof RunRequest, unknown>> = {}): RunRequest {
  return RunRequest.parse({
    id: RUN_ID, job: JOB_ID, title: 'a test', kernel: { base: '6.12' }, flavour: 'perf', image: 'trixie', stack: 'trixie', device: 'virgl',
    pipelines: ['upload'], clips: ['h264-640x360'], measure: null, faults: [], needs: null, submittedAt: '2025-06-01T12:00:00.000Z', ...change,
  });
}

export const PASSED: Outcome = { kind: 'passed', stage: 'verify', why: '60 of 60 frames right' };

export function runRecord(change: Partial<Record<keyof RunRecord, unknown>> = {}): RunRecord {
  return RunRecord.parse({
    version: 1, id: RUN_ID, job: JOB_ID, attempt: 1, title: 'a test', base: '6.12', series: null, flavour: 'perf', image: 'trixie', stack: 'trixie',
    device: 'virgl', measure: null, expect: 'passed', outcome: PASSED, asExpected: true, kernel: null, accelerator: 'tcg', display: 'xvfb',
    renderer: 'virgl (LLVMPIPE)', capabilities: null, readyMs: 9000, guestCpuSeconds: 12, conditions: null, lostBoot: null, pipelines: [], console: [], kmemleakScans: null, stages: [],
    startedAt: '2025-06-01T12:00:00.000Z', sealedAt: '2025-06-01T12:01:00.000Z', ...change,
  });
}

/** The row of a pipeline that has passed, unless something is changed. */
export function pipelineResult(change: Partial<PipelineResult> = {}): PipelineResult {
  return { ...emptyResult('upload', 'h264-640x360'), status: 'passed', why: 'all right', frames: 60, fps: 123.4, ...change };
}

/** Numbers in [0, 1), the same for the same seed: mulberry32. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
