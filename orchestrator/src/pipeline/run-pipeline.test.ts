// One pass against a stub of the prober: what of the probe's lines becomes evidence, when a pass is over, and who is to blame when it is not.
import { afterEach, expect, test, vi } from 'vitest';
import { frameLine, passClip, rejection } from '../../test/parts.ts';
import { StubProber } from '../../test/stub-prober.ts';
import { loadXxh64 } from '../clip/xxh64.ts';
import type { CapsLine, EndLine, ExerciseCommand, GpuLine, KmemleakCommand, LeaksLine, MeasuredLine, ProbeLine, RunCommand, StartLine, TimingLine } from '../contract/probe.ts';
import { LabError } from '../lib/lab-error.ts';
import type { GoldenFrame, MeasureEvidence, PipelineEvidence } from '../verify/evidence.ts';
import { xrgbOf, type Screenshot } from '../verify/shown.ts';
import { commandOf, type Pass } from './passes.ts';
import { emptyEvidence } from './run-passes.ts';
import { checkPass, measurePass, runExercise, scanForLeaks, type Exercised, type Look } from './run-pipeline.ts';

const hash64 = await loadXxh64();

afterEach(() => { vi.useRealTimers(); });

const PASS: Pass = { pipeline: 'dmabuf-copy', clip: passClip(), fault: null };
const GPU: GpuLine = { t: 'gpu', id: 1, renderer: 'virgl (LLVMPIPE)', glVendor: 'Mesa', glVersion: '3.2', driver: 'virtio_gpu', features: '+virgl', capsets: [1, 2], ok: true };
const START: StartLine = {
  t: 'start', id: 1, pipeline: 'dmabuf-copy', codec: 'h264', width: 640, height: 360, pixelFormat: 'yuv420p', format: 'I420', matrix: 'bt601', range: 'limited',
};
const CAPS: CapsLine = { t: 'caps', id: 1, element: 'glupload0', pad: 'sink', caps: 'video/x-raw(memory:DMABuf), format=NV12' };
const END: EndLine = { t: 'end', id: 1, status: 'done', frames: 3 };
const LEAKS: LeaksLine = { t: 'leaks', id: 1, fds: 0, dmabufs: -1 };
const TIMING: TimingLine = { t: 'timing', id: 1, from: 0, us: { decode: [1000, 2000], wait: [-1, 300] } };
const MEASURED: MeasuredLine = { t: 'measured', id: 1, frames: 2, wallUs: 5000, cpuUs: { user: 3000, system: 500 }, cpuNs: 3_512_345, bookkeepingUs: 10 };

test('asks once and gathers what comes until the leaks are told', async () => {
  const played = check();
  played.say(GPU, START, CAPS, frameLine(0), frameLine(1), { ...START, width: 320 }, { t: 'decoder-error', id: 1, why: 'error while decoding MB 5 7' }, frameLine(2), END, LEAKS);
  await played.over;
  expect(played.prober.sent).toEqual([commandOf(PASS, 1, 'check')]);
  expect(played.evidence).toEqual({
    pipeline: 'dmabuf-copy', clip: 'c', fault: null, unchecked: false, gpu: GPU, starts: [START, { ...START, width: 320 }], caps: [CAPS], frames: [frameLine(0), frameLine(1), frameLine(2)],
    pixels: [], decoderErrors: ['error while decoding MB 5 7'], leaks: LEAKS, segfault: undefined, end: END,
  });
  expect(played.progress).toEqual([1, 2, 3]);
  expect(played.prober.listening).toBe(false);
});

test('a pass is not over at its end line: what the pipeline left behind is counted after it', async () => {
  const played = check();
  let over = false;
  void played.over.then(() => { over = true; });
  played.say(GPU, END);
  await Promise.resolve();
  expect([over, played.prober.listening, played.evidence.leaks]).toEqual([false, true, undefined]);
  played.say(LEAKS);
  await played.over;
  expect(played.evidence.leaks).toEqual(LEAKS);
});

test('leaks that are told before the end are kept, and the end is waited for', async () => {
  const played = check();
  played.say(LEAKS);
  expect(played.prober.listening).toBe(true);
  played.say(END);
  await played.over;
  expect(played.evidence).toMatchObject({ leaks: LEAKS, end: END });
});

test('listens before it asks: a probe that answers at once is heard', async () => {
  const played = check({ answer: (_, prober) => { prober.say(END, LEAKS); } });
  await played.over;
  expect(played.evidence.end).toEqual(END);
});

test('passes over what belongs to another pass, even its end and its leaks', async () => {
  const played = check();
  played.say({ ...frameLine(0), id: 2 }, { ...GPU, id: 2 }, { ...END, id: 2 }, { ...LEAKS, id: 2 }, { t: 'hello', version: 1, kernel: '6.12', uptimeMs: 5 });
  expect(played.prober.listening).toBe(true);
  played.say(END, LEAKS);
  await played.over;
  expect(played.evidence).toMatchObject({ frames: [], gpu: undefined, end: END });
});

test('keeps the planes that came whole', async () => {
  const played = check();
  played.say(pixels(Buffer.alloc(4).toString('base64')), { ...pixels('AAAA'), plane: 'v' }, END, LEAKS);
  await played.over;
  expect(played.evidence.pixels).toMatchObject([{ n: 1, plane: 'y', what: 'texels', width: 2, height: 2, bytesPerPixel: 1, data: new Uint8Array(4) }]);
});

test('keeps one frame too many, so that it can be told, and no more of an endless stream', async () => {
  const played = check();
  for (let n = 0; n < 50; n++) played.say(frameLine(n));
  played.say(END, LEAKS);
  await played.over;
  expect(played.evidence.frames.map((frame) => frame.n)).toEqual([0, 1, 2, 3]);
  expect(played.progress).toEqual([1, 2, 3, 4]);
});

test('a camera has as many frames as it was asked for, and nobody knows their hashes', async () => {
  const played = check({ pass: { pipeline: 'capture-dmabuf', clip: undefined, fault: null } });
  for (let n = 0; n < 40; n++) played.say(frameLine(n));
  played.say(END, LEAKS);
  await played.over;
  expect(played.evidence.frames).toHaveLength(31);
});

test('a guest that dies in the middle leaves the frames and the whole planes that it had sent', async () => {
  const played = check();
  played.say(GPU, frameLine(0), frameLine(1), pixels(Buffer.alloc(4).toString('base64')), { ...pixels('AAAA'), plane: 'v' });
  const death = new LabError('GUEST_SPLAT', 'oops: BUG: kernel NULL pointer dereference', { blame: 'kernel' });
  played.prober.die(death);
  expect(await rejection(played.over)).toBe(death);
  expect(played.evidence).toMatchObject({ gpu: GPU, frames: [frameLine(0), frameLine(1)], pixels: [{ n: 1, plane: 'y' }], end: undefined });
  expect(played.evidence.pixels).toHaveLength(1);
  expect(played.prober.listening).toBe(false);
});

test('a guest that dies between the end and the leaks has ended its pass, and is dead all the same', async () => {
  const played = check();
  played.say(END);
  const death = new LabError('GUEST_PANIC', 'panic: while closing the last file', { blame: 'kernel' });
  played.prober.die(death);
  expect(await rejection(played.over)).toBe(death);
  expect(played.evidence).toMatchObject({ end: END, leaks: undefined });
});

test('what a dead guest still says changes nothing any more', async () => {
  const played = check();
  played.say(frameLine(0));
  played.prober.die(new Error('gone'));
  await rejection(played.over);
  played.say(frameLine(1), END, LEAKS);
  expect(played.evidence).toMatchObject({ frames: [frameLine(0)], end: undefined, leaks: undefined });
});

test('ends with the caller\'s reason when the caller gives up', async () => {
  const caller = new AbortController();
  const played = check({ signal: caller.signal });
  const reason = new LabError('CANCELLED', 'somebody cancelled it', { blame: 'user' });
  caller.abort(reason);
  expect(await rejection(played.over)).toBe(reason);
  expect(played.prober.listening).toBe(false);
});

test('asks nothing of a guest that is dead already', async () => {
  const death = new LabError('QEMU_DIED', 'QEMU died: exit code 1', { blame: 'lab' });
  const prober = new StubProber();
  prober.die(death);
  const played = check({ prober });
  expect(await rejection(played.over)).toBe(death);
  expect(prober.sent).toEqual([]);
});

test('a probe that does not understand the lab ends the wait at once, and the lab is to blame', async () => {
  const played = check();
  played.say({ t: 'error', why: 'unknown command' });
  expect(await rejection(played.over)).toMatchObject({ code: 'PROBE_REFUSED', blame: 'lab', stage: 'pipeline', message: expect.stringContaining('unknown command') as string });
  expect(played.prober.listening).toBe(false);
});

test('a guest that falls silent ends the pass, with the blame that its monitor gives', async () => {
  vi.useFakeTimers();
  const played = check({ slowness: 2 });
  played.say(frameLine(0));
  played.prober.silentMs = 79_000;
  await vi.advanceTimersByTimeAsync(5000);
  expect(played.prober.blamed).toEqual([]);
  played.prober.silentMs = 80_000;
  await vi.advanceTimersByTimeAsync(1000);
  expect(await rejection(played.over)).toMatchObject({ code: 'GUEST_SILENT', blame: 'kernel' });
  await vi.advanceTimersByTimeAsync(5000);
  expect(played.prober.blamed).toEqual(['pipeline dmabuf-copy went silent for 80 s after 1 frames']);
  expect(played.evidence.frames).toHaveLength(1);
  expect(vi.getTimerCount()).toBe(0);
});

test('a measuring pass, which says nothing by design, may be silent for six times as long', async () => {
  vi.useFakeTimers();
  const played = measure();
  played.prober.silentMs = 239_000;
  await vi.advanceTimersByTimeAsync(5000);
  expect(played.prober.blamed).toEqual([]);
  played.prober.silentMs = 240_000;
  await vi.advanceTimersByTimeAsync(1000);
  expect(await rejection(played.over)).toMatchObject({ code: 'GUEST_SILENT' });
});

test('leaves no timer behind when all goes well', async () => {
  vi.useFakeTimers();
  const played = check();
  played.say(END, LEAKS);
  await played.over;
  expect(vi.getTimerCount()).toBe(0);
});

test('a measuring pass gathers its timing, and tells its two marks as they come', async () => {
  const played = measure();
  expect(played.prober.sent).toEqual([commandOf(PASS, 1, 'measure')]);
  played.say(GPU, START);
  expect(played.marks).toEqual([]);
  played.say({ t: 'measuring', id: 1 });
  expect(played.marks).toEqual(['begin']);
  played.say(TIMING, { ...TIMING, from: 2 }, MEASURED);
  expect(played.marks).toEqual(['begin', 'end']);
  played.say(END, LEAKS);
  await played.over;
  expect(played.evidence).toEqual({ pipeline: 'dmabuf-copy', clip: 'c', gpu: GPU, timing: [TIMING, { ...TIMING, from: 2 }], measured: MEASURED, end: END });
});

/** What the display shows is a stub's word: a guest cannot be made to show a wrong picture at a wish. */
const SCANOUT: Pass = { pipeline: 'v4l2-scanout', clip: passClip({ format: 'XRGB8888', codec: 'fwht', golden: ['0', '1', '2'].map(shownGolden) }), fault: null };

test('a frame on the display is looked at, becomes a frame with texels, and only then does the probe go on', async () => {
  const order: string[] = [];
  const prober = new StubProber((_, one) => { one.say(shown(0)); }, (one) => {
    order.push('go');
    one.say(...(order.length === 2 ? [shown(1)] : order.length === 4 ? [shown(2)] : [END, LEAKS]));
  });
  const played = check({ pass: SCANOUT, prober, look: () => { order.push('look'); return Promise.resolve(shot(order.length === 3 ? 'z' : String(Math.floor(order.length / 2)))); } });
  await played.over;
  expect(order).toEqual(['look', 'go', 'look', 'go', 'look', 'go']);
  expect(played.progress).toEqual([1, 2, 3]);
  const right = ['0', '1', '2'].map((digit) => shownGolden(digit).planes.xrgb);
  expect(played.evidence.frames.map(({ n, memory, texels }) => [n, memory.xrgb, texels.xrgb === right[n]])).toEqual([[0, right[0], true], [1, right[1], false], [2, right[2], true]]);
  expect(played.evidence.pixels).toEqual([{ n: 1, plane: 'xrgb', what: 'texels', width: 1, height: 1, bytesPerPixel: 4, data: new Uint8Array([122, 122, 122, 255]) }]);
});

test('a display that cannot be looked at ends the pass, and the lab is to blame', async () => {
  const gone = new LabError('TOO_SLOW', 'a screendump took longer than 20000 ms', { blame: 'lab' });
  const failing = check({ pass: SCANOUT, look: () => Promise.reject(gone) });
  failing.say(shown(0));
  expect(await rejection(failing.over)).toBe(gone);
  const blind = check({ pass: SCANOUT });
  blind.say(shown(0));
  expect(await rejection(blind.over)).toMatchObject({ code: 'NO_DISPLAY', blame: 'lab' });
});

test('a measuring pass that ends early has no measure', async () => {
  const played = measure();
  played.say({ t: 'measuring', id: 1 }, { ...END, status: 'error', step: 'decode', why: 'end of file' }, LEAKS);
  await played.over;
  expect(played.evidence).toMatchObject({ measured: undefined, end: { status: 'error' } });
  expect(played.marks).toEqual(['begin']);
});

test('a search for leaked memory says how many scans there were, and why no more', async () => {
  const end: ProbeLine = { t: 'end', id: 9, status: 'done', frames: 0 };
  expect(await searched([{ t: 'kmemleak', id: 9, scan: 1 }, { t: 'kmemleak', id: 9, scan: 2 }, end])).toEqual({ scans: 2, why: undefined, told: [1, 2] });
  expect(await searched([{ ...end, status: 'error', why: 'kmemleak: Operation not permitted' }])).toEqual({ scans: 0, why: 'kmemleak: Operation not permitted', told: [] });
});

async function searched(lines: ProbeLine[]): Promise<{ scans: number; why: string | undefined; told: number[] }> {
  const prober = new StubProber<KmemleakCommand>((command, stub) => { if (command.id === 9) stub.say(...lines, { t: 'leaks', id: 9, fds: 0, dmabufs: 0 }); });
  const told: number[] = [];
  return { ...await scanForLeaks(9, prober, { onFrame: (scan) => { told.push(scan); }, slowness: 1 }, new AbortController().signal), told };
}

test('an exercise gathers its checks as they come, so that those before a death are kept', async () => {
  const check: ProbeLine = { t: 'check', id: 9, check: 'round-trip', status: 'passed', why: '' };
  const prober = new StubProber<ExerciseCommand>((_, stub) => { stub.say(check, { ...check, id: 8 }, { ...check, check: 'wait' }); });
  const seen: Exercised = { checks: [], leaks: undefined, end: undefined };
  const over = runExercise(9, prober, seen, { onFrame: () => undefined, slowness: 1 }, new AbortController().signal);
  expect(prober.sent).toEqual([{ cmd: 'exercise', id: 9 }]);
  const gone = new LabError('GUEST_SPLAT', 'oops: BUG', { blame: 'kernel' });
  prober.die(gone);
  expect(await rejection(over)).toBe(gone);
  expect(seen).toMatchObject({ checks: [{ check: 'round-trip' }, { check: 'wait' }], end: undefined });
});

type Options = { pass?: Pass; prober?: StubProber; answer?: (command: RunCommand, prober: StubProber) => void; signal?: AbortSignal; slowness?: number; look?: Look };
type Played<E> = { prober: StubProber; say: (...lines: ProbeLine[]) => void; over: Promise<void>; evidence: E };

function check({ pass = PASS, answer, prober = new StubProber(answer), signal = new AbortController().signal, slowness = 1, look }: Options = {}): Played<PipelineEvidence> & { progress: number[] } {
  const evidence = emptyEvidence(pass);
  const progress: number[] = [];
  const over = checkPass(commandOf(pass, 1, 'check'), prober, evidence, { onFrame: (done) => { progress.push(done); }, slowness, look }, signal);
  over.catch(() => undefined);
  return { prober, say: (...lines) => { prober.say(...lines); }, over, evidence, progress };
}

function measure(): Played<MeasureEvidence> & { marks: string[] } {
  const prober = new StubProber();
  const evidence: MeasureEvidence = { pipeline: 'dmabuf-copy', clip: 'c', gpu: undefined, timing: [], measured: undefined, end: undefined };
  const marks: string[] = [];
  const deps = { onFrame: () => undefined, slowness: 1, onBegin: () => { marks.push('begin'); }, onEnd: () => { marks.push('end'); } };
  const over = measurePass(commandOf(PASS, 1, 'measure'), prober, evidence, deps, new AbortController().signal);
  over.catch(() => undefined);
  return { prober, say: (...lines) => { prober.say(...lines); }, over, evidence, marks };
}

/** One pixel, grey by its letter. */
function shot(letter: string): Screenshot {
  return { width: 1, height: 1, rgb: new Uint8Array(3).fill(letter.charCodeAt(0)) };
}

test('a guest that shows the next frame while the lab looks at one is at fault', async () => {
  const evidence = emptyEvidence(SCANOUT);
  const prober = new StubProber((_, one) => { one.say(shown(0), shown(1)); }, () => undefined);
  const never: Look = () => new Promise(() => undefined);
  expect(await rejection(checkPass(commandOf(SCANOUT, 1, 'check', undefined), prober, evidence, { onFrame: () => undefined, slowness: 1, look: never }, new AbortController().signal))).toMatchObject({ code: 'SHOWN_TWICE', blame: 'kernel' });
});

function shownGolden(letter: string): GoldenFrame {
  return { width: 1, height: 1, format: 'XRGB8888', matrix: 'bt601', range: 'full', planes: { xrgb: hash64(xrgbOf(shot(letter))) }, rgb: '0'.repeat(16), key: true, exact: true };
}

function shown(n: number): ProbeLine {
  return { t: 'shown', id: 1, n, width: 1, height: 1, memory: shownGolden(String(n)).planes, us: { decode: 1000, draw: 100 } };
}

/** A plane of four bytes, or the begin of one. */
function pixels(data: string): Extract<ProbeLine, { t: 'pixels' }> {
  return { t: 'pixels', id: 1, n: 1, plane: 'y', what: 'texels', width: 2, height: 2, bytesPerPixel: 1, offset: 0, total: 4, data };
}
