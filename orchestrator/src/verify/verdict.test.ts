// From evidence to outcome: the first oracle that saw it says whose fault it is, and nothing that did not run ever passes.
import { describe, expect, test } from 'vitest';
import { frameLine, goldenFrames, hash } from '../../test/parts.ts';
import type { Device } from '../contract/device.ts';
import type { EndLine, FrameLine, GpuLine } from '../contract/probe.ts';
import type { PropertyResult } from '../contract/property.ts';
import { emptyResult, type ConsoleFinding, type Exercise, type PipelineResult } from '../contract/run.ts';
import type { PipelineEvidence } from './evidence.ts';
import { judgePass, judgeRun, type KeptDefect } from './verdict.ts';
import { wrongFrames } from './wrong-frames.ts';

const GOLDEN = goldenFrames(3);
const RIGHT = [frameLine(0), frameLine(1), frameLine(2)];
const OTHER = hash(999);

describe('wrongFrames', () => {
  test('finds nothing in frames that are right', () => {
    expect(wrongFrames(RIGHT, GOLDEN)).toEqual([]);
  });

  test('blames the decoder for wrong memory, although the texels and the picture are wrong after it', () => {
    const frame = frameLine(1, { memory: { u: OTHER, v: OTHER }, texels: { u: OTHER, v: OTHER }, rgb: OTHER });
    expect(wrongFrames([frame], GOLDEN)).toEqual([{ frame: 1, oracle: 'memory', planes: ['u', 'v'] }]);
  });

  test('blames the way to the host for wrong texels over right memory', () => {
    expect(wrongFrames([frameLine(2, { texels: { y: OTHER }, rgb: OTHER })], GOLDEN)).toEqual([{ frame: 2, oracle: 'texels', planes: ['y'] }]);
  });

  test('blames the shader for a wrong picture of right texels', () => {
    expect(wrongFrames([frameLine(0, { rgb: OTHER })], GOLDEN)).toEqual([{ frame: 0, oracle: 'rgb', planes: ['rgb'] }]);
  });

  test('takes right texels over wrong memory for wrong: the two oracles cannot both be right', () => {
    expect(wrongFrames([frameLine(0, { memory: { y: OTHER } })], GOLDEN)).toEqual([{ frame: 0, oracle: 'memory', planes: ['y'] }]);
  });

  test('calls a frame wrong that the clip does not have', () => {
    expect(wrongFrames([frameLine(3)], GOLDEN)).toMatchObject([{ frame: 3 }]);
  });

  test('finds a stale frame by its number: right hashes of another frame are wrong', () => {
    expect(wrongFrames([{ ...frameLine(0), n: 1 }], GOLDEN)).toEqual([{ frame: 1, oracle: 'memory', planes: ['y', 'u', 'v'] }]);
  });
});

describe('judgePass', () => {
  test('passes a whole clip, in order, right in memory, as texels and as RGB', () => {
    expect(judge({})).toMatchObject({ status: 'passed', frames: 3, wrong: 0, why: '3 of 3 frames right in memory, as texels and as RGB' });
  });

  test.each([
    { name: 'wrong memory', change: { memory: { y: OTHER } }, says: '1 of 3 frames wrong in guest memory, before any transfer (decoder fault); frame 1: y differ' },
    { name: 'wrong texels', change: { texels: { y: OTHER, u: OTHER } }, says: '1 of 3 frames wrong as texels, while guest memory is right (transfer fault); frame 1: y, u differ' },
    { name: 'a wrong picture', change: { rgb: OTHER }, says: '1 of 3 frames wrong as RGB, while every texel is right (format fault); frame 1: rgb differ' },
  ])('fails one frame with $name and says where', ({ change, says }) => {
    const result = judge({ frames: [frameLine(0), frameLine(1, change), frameLine(2)] });
    expect(result).toMatchObject({ status: 'failed', wrong: 1 });
    expect(result.why.slice(0, says.length)).toBe(says);
  });

  test('says what the first wrong frame shows, where somebody looked at its pixels', () => {
    const result = judge({ frames: [frameLine(0), frameLine(1, { texels: { y: OTHER } }), frameLine(2)] }, ['plane y: the last row (359) never arrived']);
    expect(result.why).toBe('1 of 3 frames wrong as texels, while guest memory is right (transfer fault); frame 1: plane y: the last row (359) never arrived');
  });

  test.each([
    { name: 'a clip that is one frame short', frames: [frameLine(0), frameLine(1)], why: 'Expected frames 0 to 2 once each, got 2, without 2' },
    { name: 'a clip of which the first frame is missing', frames: [frameLine(1), frameLine(2)], why: 'Expected frames 0 to 2 once each, got 2, without 0' },
    { name: 'a frame that came twice', frames: [frameLine(0), frameLine(1), frameLine(1)], why: 'Expected frames 0 to 2 once each, got 3, without 2, out of order' },
    { name: 'a frame that came twice, beside all the others', frames: [...RIGHT, frameLine(2)], why: 'Expected frames 0 to 2 once each, got 4, out of order' },
    { name: 'right frames in the wrong order', frames: [frameLine(0), frameLine(2), frameLine(1)], why: 'Expected frames 0 to 2 once each, got 3, out of order' },
    { name: 'a pipeline that says it is done and sent no frame', frames: [], why: 'Expected frames 0 to 2 once each, got 0, without 0' },
  ])('fails $name although every frame that came is right', ({ frames, why }) => {
    expect(judge({ frames })).toMatchObject({ status: 'failed', wrong: 0, why });
  });

  test('fails a frame beyond the end of the clip', () => {
    expect(judge({ frames: [...RIGHT, frameLine(3)] })).toMatchObject({ status: 'failed', wrong: 1 });
  });

  test('does not pass a clip without a single frame: nothing was shown to be right', () => {
    expect(judgePass({ evidence: evidence({ frames: [] }), clip: { golden: [], seek: undefined, damaged: false }, kept: [], hostResources: 0 }).status).not.toBe('passed');
  });

  test.each([
    { end: { status: 'crashed', why: 'signal 11', step: 'transfer' }, why: 'crashed in transfer: signal 11' },
    { end: { status: 'error', why: 'VIRTGPU_WAIT: Device or resource busy', step: 'wait' }, why: 'error in wait: VIRTGPU_WAIT: Device or resource busy' },
    { end: { status: 'error' }, why: 'error: no reason given' },
  ] satisfies { end: Partial<EndLine>; why: string }[])('fails a pipeline that ended with $why, although all its frames were right', ({ end, why }) => {
    expect(judge({ end: endLine(end) })).toMatchObject({ status: 'failed', frames: 3, why });
  });

  test('a crash is told with the kernel\'s word on where it was', () => {
    const segfault = 'pipeline[66]: segfault at 8 ip 00007f4a sp 00007f4b error 4 in libgallium.so';
    expect(judge({ segfault, end: endLine({ status: 'crashed', why: 'killed by signal 11' }) })).toMatchObject({ status: 'failed', why: `crashed: killed by signal 11; the kernel's word on it: ${segfault}` });
  });

  test('a peer that crashes is not available here: another project\'s crash is no kernel\'s doing', () => {
    const end = endLine({ status: 'crashed', why: 'killed by signal 11' });
    expect(judge({ pipeline: 'gst-dmabuf', end })).toMatchObject({ status: 'unavailable', why: 'crashed: killed by signal 11 (a peer\'s own crash says nothing of the kernel)' });
    expect(judge({ pipeline: 'gst-upload', frames: [frameLine(0), frameLine(1, { texels: { y: OTHER } })] })).toMatchObject({ status: 'failed' });
  });

  test.each([
    { status: 'refused' },
    { status: 'unsupported' },
  ] as const)('a pipeline that was $status is unavailable, with the probe\'s reason, and is no failure of frames', ({ status }) => {
    expect(judge({ frames: [], end: endLine({ status, why: 'renderer is llvmpipe' }) })).toMatchObject({ status: 'unavailable', why: 'renderer is llvmpipe', fps: null });
  });

  test('a pipeline that never began is not run; one that was cut off in the middle has failed', () => {
    expect(judge({ frames: [], end: undefined })).toMatchObject({ status: 'not-run', why: 'it did not run' });
    expect(judge({ frames: [frameLine(0)], end: undefined })).toMatchObject({ status: 'failed', why: 'it ended after 1 frames' });
  });

  test('counts frames per second over the pipeline\'s own steps: readback and hash are the lab\'s', () => {
    const us = { decode: 2000, wait: 500, copy: 1000, transfer: 500, upload: 0, draw: 1000, readback: 900_000, hash: 400_000 };
    const { fps, meanMs } = judge({ frames: [0, 1, 2].map((n) => frameLine(n, { us })) });
    expect(fps).toBe(200);
    expect(meanMs).toEqual({ decode: 2, wait: 0.5, copy: 1, transfer: 0.5, upload: 0, draw: 1, readback: 900, hash: 400 });
  });

  test('takes the mean over all frames for a step that only some have', () => {
    const frames = [frameLine(0, { us: { decode: 1000, wait: 900 } }), frameLine(1, { us: { decode: 1000 } }), frameLine(2, { us: { decode: 1000 } })];
    expect(judge({ frames })).toMatchObject({ fps: 769.2, meanMs: { decode: 1, wait: 0.3 } });
  });

  test('has no frames per second where no time was measured', () => {
    expect(judge({ frames: [0, 1, 2].map((n) => frameLine(n, { us: { hash: 10 } })) }).fps).toBeNull();
    expect(judge({ frames: [], end: undefined })).toMatchObject({ fps: null, meanMs: {} });
  });
});

describe('what else makes a pass no pass', () => {
  const clip = { golden: goldenFrames(3), seek: undefined, damaged: false };

  test.each([
    { left: { dmabufs: 2 }, hostResources: 0, says: 'every frame is right, and 2 dma-bufs were left behind' },
    { left: { fds: 1 }, hostResources: 0, says: 'every frame is right, and 1 open file were left behind' },
    { left: {}, hostResources: 3, says: 'every frame is right, and 3 host resources were left behind' },
  ])('what is left behind: $says', ({ left, hostResources, says }) => {
    const leaks = { t: 'leaks' as const, id: 1, fds: 0, dmabufs: 0, ...left };
    expect(judgePass({ evidence: evidence({ leaks }), clip, kept: [], hostResources })).toMatchObject({ status: 'failed', why: says });
  });

  test('a damaged clip of which the decoder says nothing', () => {
    const golden = clip.golden.map((frame, n) => ({ ...frame, exact: n !== 1 }));
    const damaged = { golden, seek: undefined, damaged: true };
    const frames = [frameLine(0), frameLine(2)];
    expect(judgePass({ evidence: evidence({ frames }), clip: damaged, kept: [], hostResources: 0 })).toMatchObject({ status: 'failed' });
    const told = judgePass({ evidence: evidence({ frames, decoderErrors: ['packet 1: Invalid data'] }), clip: damaged, kept: [], hostResources: 0 });
    expect(told).toMatchObject({ status: 'passed', why: '2 of 2 frames right in memory, as texels and as RGB; the decoder told of the damage: packet 1: Invalid data' });
  });

  test('which frames are wrong is told, and which may be anything', () => {
    const golden = goldenFrames(4).map((frame, n) => ({ ...frame, exact: n !== 2 }));
    const frames = [frameLine(0), frameLine(1, { texels: { y: OTHER } }), frameLine(2, { memory: { y: OTHER } }), frameLine(3, { memory: { u: OTHER } })];
    const judged = (change: Partial<PipelineEvidence>): PipelineResult['frameNumbers'] => judgePass({ evidence: evidence({ frames, ...change }), clip: { golden, seek: undefined, damaged: false }, kept: [], hostResources: 0 }).frameNumbers;
    expect(judged({})).toEqual({ wrong: [1, 3], free: [2] });
    expect(judged({ unchecked: true })).toBeNull();
  });

  test('a seek that does not begin at the key frame before', () => {
    const golden = clip.golden.map((frame, n) => ({ ...frame, key: n !== 2 }));
    const seeking = (frames: FrameLine[]): string => judgePass({ evidence: evidence({ frames }), clip: { golden, seek: 2, damaged: false }, kept: [], hostResources: 0 }).status;
    expect([seeking([frameLine(1), frameLine(2)]), seeking([frameLine(2)]), seeking(RIGHT)]).toEqual(['passed', 'failed', 'failed']);
  });

  test('a camera whose picture stands still, or is not sampled as it is in memory', () => {
    const capture = (frames: FrameLine[]): string => judgePass({ evidence: evidence({ pipeline: 'capture-dmabuf', frames }), clip: undefined, kept: [], hostResources: 0 }).status;
    const still = { ...frameLine(1), memory: frameLine(0).memory, texels: frameLine(0).texels };
    expect([capture(RIGHT), capture([frameLine(0), still]), capture([frameLine(0), frameLine(1, { texels: { y: OTHER } })])]).toEqual(['passed', 'failed', 'failed']);
  });
});

describe('a camera, held against its own memory', () => {
  const capture = (change: (n: number) => ReturnType<typeof frameLine>, defects: KeptDefect['defect'][] = []): PipelineResult => judgePass({
    evidence: evidence({ pipeline: 'capture-dmabuf', clip: 'none', frames: Array.from({ length: 8 }, (_, n) => change(n)) }), clip: undefined, hostResources: 0,
    kept: defects.map((defect) => ({ kept: { frame: 0, plane: 'y', oracle: 'texels', defect: 'd', expected: '', got: '', difference: '', previews: null, error: null }, defect })),
  });
  const showing = (n: number, shown: number): FrameLine => frameLine(n, { texels: goldenFrames(shown + 1)[shown]?.planes ?? {} });

  test('passes where every picture is sampled as it is in memory, and each is another one', () => {
    expect(capture((n) => frameLine(n))).toMatchObject({ status: 'passed' });
  });

  test('calls an older picture stale, although a picture that only moves looks shifted', () => {
    expect(capture((n) => (n % 4 === 3 ? showing(n, n - 3) : frameLine(n)), [{ kind: 'shifted', dx: 16, dy: 0 }])).toMatchObject({ status: 'failed', defect: 'stale-frame', party: 'transfer' });
  });

  test('calls the picture just before another buffer\'s, and one that moves for no other reason shifted', () => {
    expect(capture((n) => (n === 0 ? frameLine(n) : showing(n, n - 1)))).toMatchObject({ defect: 'other-buffer', party: 'id' });
    expect(capture((n) => frameLine(n, { texels: { y: OTHER } }), [{ kind: 'shifted', dx: 16, dy: 0 }])).toMatchObject({ defect: 'shifted', party: 'format' });
  });
});

describe('judgeRun', () => {
  test('passes when every pipeline did', () => {
    expect(outcome({ pipelines: [result(), result({ pipeline: 'dmabuf-copy' })] })).toEqual({ kind: 'passed', stage: 'verify', why: '6 of 6 frames right' });
  });

  test('fails for one wrong pipeline among right ones, and names it', () => {
    const failed = result({ pipeline: 'dmabuf-copy', status: 'failed', why: '1 of 3 frames wrong as texels' });
    expect(outcome({ pipelines: [result(), failed] })).toEqual({ kind: 'failed', stage: 'verify', why: 'dmabuf-copy: 1 of 3 frames wrong as texels' });
  });

  test('fails for a splat although all frames are right', () => {
    const splat: ConsoleFinding = { kind: 'kasan', line: 412, text: 'BUG: KASAN: slab-use-after-free in f+0x1/0x2', around: [] };
    expect(outcome({ pipelines: [result()], console: [splat] })).toEqual({
      kind: 'failed', stage: 'verify', why: 'the kernel reported kasan: BUG: KASAN: slab-use-after-free in f+0x1/0x2 (console.log:412)',
    });
  });

  test('blames the kernel for a splat even where the pipeline was refused', () => {
    const splat: ConsoleFinding = { kind: 'warning', line: 1, text: 'WARNING: CPU: 0 PID: 1 at a.c:1', around: [] };
    expect(outcome({ pipelines: [refused()], console: [splat] }).kind).toBe('failed');
  });

  test.each<{ device: Device; features: string; kind: string; says: RegExp }>([
    { device: '2d', features: 'virgl : no', kind: 'rejected', says: /device 2d offers no Virgil3D, ask for device virgl$/ },
    { device: 'virgl', features: 'virgl : yes\nedid : yes', kind: 'failed', says: /although the device offered Virgil3D$/ },
    { device: 'virgl', features: 'virgl : no\nedid : yes', kind: 'broken', says: /the stack did not offer Virgil3D \(virgl: no\)$/ },
  ])('a refusal on device $device with features "$features" is $kind', ({ device, features, kind, says }) => {
    const outcomeOfIt = outcome({ device, pipelines: [refused()], evidence: [evidence({ frames: [], gpu: gpuLine(features), end: endLine({ status: 'refused', why: 'no' }) })] });
    expect(outcomeOfIt).toMatchObject({ kind, stage: 'pipeline' });
    expect(outcomeOfIt.why).toMatch(says);
  });

  test('a refusal before any feature could be read blames the lab, and says so', () => {
    expect(outcome({ pipelines: [refused()], evidence: [evidence({ frames: [], end: endLine({ status: 'refused' }) })] })).toMatchObject({ kind: 'broken', why: expect.stringContaining('virgl: not said') as string });
  });

  test('a refusal is judged by its own pipeline\'s features, not by the first one\'s', () => {
    const both = [evidence({ gpu: gpuLine('virgl : no') }), evidence({ frames: [], gpu: gpuLine('virgl : yes'), end: endLine({ status: 'refused' }) })];
    expect(outcome({ pipelines: [result(), refused()], evidence: both }).kind).toBe('failed');
  });

  const property = (change: Partial<PropertyResult> = {}): PropertyResult => ({ property: 'dma', asked: true, holds: true, binding: true, value: 'lands in the buffer', evidence: '', ...change });

  test('fails for a binding property that does not hold, beside whatever else is wrong; not for one that is only an answer', () => {
    const astray = property({ holds: false, value: 'lands at 0x1c0' });
    expect(outcome({ pipelines: [result()], properties: [property(), astray] })).toEqual({ kind: 'failed', stage: 'verify', why: 'dma: lands at 0x1c0' });
    expect(outcome({ pipelines: [result({ status: 'failed', why: 'all wrong' })], properties: [astray] }).why).toBe('upload: all wrong; dma: lands at 0x1c0');
    expect(outcome({ pipelines: [result()], properties: [property({ property: 'early', binding: false, holds: false }), property(), property({ holds: null })] })).toMatchObject({
      kind: 'passed', why: '3 of 3 frames right; 1 of 3 properties hold, 1 do not apply',
    });
  });

  test('a kernel without the importer does not pass because nothing could be asked: the job is told what it wants', () => {
    const unasked = property({ asked: false, holds: null, value: 'not to be had', evidence: '/dev/vlab-importer: No such file or directory' });
    const refused_ = outcome({ pipelines: [result()], properties: [unasked, unasked] });
    expect(refused_).toMatchObject({ kind: 'rejected', stage: 'pipeline' });
    expect(refused_.why).toMatch(/none of 2 properties could be asked: dma: .*drivers: \[vlab-importer\]$/);
  });

  test('does not pass when one pipeline did not run', () => {
    expect(outcome({ pipelines: [result(), result({ status: 'not-run', frames: 0 })] })).toMatchObject({ kind: 'broken', why: 'not every pipeline ran' });
  });

  test('does not pass when no pipeline ran at all', () => {
    expect(outcome({ pipelines: [] }).kind).toBe('broken');
  });
});

test('a pass that was only measured has passed by its end alone, and says so; one that broke off has not', () => {
  expect(judge({ unchecked: true, frames: [] })).toMatchObject({ status: 'passed', frames: 0, why: 'only measured: nobody looked at its frames' });
  expect(judge({ unchecked: true, frames: [], end: endLine({ status: 'crashed', why: 'killed by signal 11' }) }).status).toBe('failed');
});

function judge(change: Partial<PipelineEvidence>, defects: readonly string[] = []): PipelineResult {
  const kept = defects.map((defect): KeptDefect => ({
    kept: { frame: 1, plane: 'y', oracle: 'texels', defect, expected: '', got: '', difference: '', previews: null, error: null }, defect: { kind: 'rows-missing', first: 359, count: 1, of: 360, holds: { kind: 'zero' } },
  }));
  return judgePass({ evidence: evidence(change), clip: { golden: GOLDEN, seek: undefined, damaged: false }, kept, hostResources: 0 });
}

function evidence(change: Partial<PipelineEvidence> & { frames?: FrameLine[] }): PipelineEvidence {
  return {
    pipeline: 'upload', clip: 'c', fault: null, unchecked: false, frames: RIGHT, pixels: [], gpu: undefined, starts: [], caps: [], decoderErrors: [],
    leaks: { t: 'leaks', id: 1, fds: 0, dmabufs: 0 }, segfault: undefined, end: endLine({}), ...change,
  };
}

function endLine(change: Partial<EndLine>): EndLine {
  return { t: 'end', id: 1, status: 'done', frames: 3, ...change };
}

function gpuLine(features: string): GpuLine {
  return { t: 'gpu', id: 1, renderer: 'llvmpipe', glVendor: 'Mesa', glVersion: '3.2', driver: 'virtio_gpu', features, capsets: [], ok: false };
}

function result(change: Partial<PipelineResult> = {}): PipelineResult {
  return { ...emptyResult('upload', 'c'), status: 'passed', why: 'all right', frames: 3, fps: 100, ...change };
}

function refused(): PipelineResult {
  return result({ status: 'unavailable', why: 'renderer is llvmpipe', frames: 0, fps: null });
}

function outcome(change: Partial<Parameters<typeof judgeRun>[0]>): ReturnType<typeof judgeRun> {
  return judgeRun({ stub: undefined, device: 'virgl', pipelines: [], properties: [], console: [], exercise: null, evidence: [], ...change });
}

test('an exercise that failed is the kernel\'s fault, once every frame is right; one that cannot be made is not', () => {
  const exercise: Exercise = { status: 'failed', why: 'dumb: row 6 is another one', checks: [], leaks: null };
  expect(outcome({ pipelines: [result()], exercise })).toEqual({ kind: 'failed', stage: 'verify', why: 'exercise: dumb: row 6 is another one' });
  expect(outcome({ pipelines: [result({ status: 'failed', why: 'torn' })], exercise })).toMatchObject({ why: 'upload: torn; exercise: dumb: row 6 is another one' });
  expect(outcome({ pipelines: [result()], exercise: { ...exercise, status: 'unavailable' } })).toMatchObject({ kind: 'passed' });
});

test('a command that the probe cannot read is the lab\'s mistake, not the kernel\'s', () => {
  const end = endLine({ status: 'error', step: 'command', why: 'clip.bytes is missing' });
  const outcomeOfIt = outcome({ pipelines: [result({ status: 'failed' })], evidence: [evidence({ end })] });
  expect(outcomeOfIt).toMatchObject({ kind: 'broken', stage: 'pipeline' });
});
