// One pipeline against a guest that is played by a stub: it stands in for failures that no real guest can be made to show on demand,
// such as a death between two pieces of a plane, a piece that contradicts the one before, or a silence whose cause is known.
import { afterEach, expect, test, vi } from 'vitest';
import { frameLine, goldenFrames, hash, rejection } from '../../test/parts.ts';
import { ProbeCommand, type EndLine, type GpuLine, type PixelsLine, type ProbeLine } from '../contract/probe.ts';
import type { Guest } from '../guest/guest.ts';
import { LabError } from '../lib/lab-error.ts';
import type { PipelineEvidence } from '../verify/evidence.ts';
import { emptyEvidence, rendererOf, runPipeline, type PipelinePlan } from './run-pipeline.ts';

afterEach(() => { vi.useRealTimers(); });

const PLAN: PipelinePlan = { id: 1, pipeline: 'dmabuf-copy', renderer: 'virgl', clip: { name: 'c', disk: 'clip0', bytes: 4096, golden: goldenFrames(3) } };
const GPU: GpuLine = { t: 'gpu', id: 1, renderer: 'virgl (LLVMPIPE)', glVendor: 'Mesa', glVersion: '3.2', driver: 'virtio_gpu', features: '+virgl', capsets: [1, 2], ok: true };
const END: EndLine = { t: 'end', id: 1, status: 'done', frames: 3 };
const PLANE = Uint8Array.from({ length: 64 }, (_, index) => index);

test('asks once, with every golden hash, and gathers what comes until the end', async () => {
  const played = play();
  for (const line of [GPU, frameLine(0), frameLine(1), frameLine(2), END]) played.say(line);
  await played.over;
  expect(played.sent.map((command) => ProbeCommand.parse(command))).toEqual([{
    cmd: 'run', id: 1, pipeline: 'dmabuf-copy', renderer: 'virgl', clip: { disk: 'clip0', bytes: 4096 }, maxWrongFrames: 3,
    golden: [[hash(1), hash(2), hash(3)], [hash(11), hash(12), hash(13)], [hash(21), hash(22), hash(23)]],
  }]);
  expect(played.evidence).toEqual({ pipeline: 'dmabuf-copy', clip: 'c', gpu: GPU, frames: [frameLine(0), frameLine(1), frameLine(2)], pixels: [], end: END });
  expect(played.progress).toEqual([[1, 3], [2, 3], [3, 3]]);
  expect(played.listening()).toBe(false);
});

test('listens before it asks: a probe that answers at once is heard', async () => {
  const played = play({ onSend: (say) => { say(END); } });
  await played.over;
  expect(played.evidence.end).toEqual(END);
});

test('passes over what belongs to another pipeline, even its end', async () => {
  const played = play();
  for (const line of [{ ...frameLine(0), id: 2 }, { ...GPU, id: 2 }, { ...END, id: 2 }] satisfies ProbeLine[]) played.say(line);
  played.say(END);
  await played.over;
  expect(played.evidence).toMatchObject({ frames: [], gpu: undefined, end: END });
});

test('puts a plane together from its pieces, between those of another one', async () => {
  const played = play();
  const texels = pieces({ n: 1, what: 'texels', plane: 'y' }, [30, 34]);
  const memory = pieces({ n: 1, what: 'memory', plane: 'y' }, [64]);
  for (const line of [texels[0], memory[0], texels[1], END]) if (line !== undefined) played.say(line);
  await played.over;
  expect(played.evidence.pixels.map(({ n, what, plane, width, height, bytesPerPixel, data }) => [n, what, plane, width, height, bytesPerPixel, Buffer.from(data)])).toEqual([
    [1, 'texels', 'y', 8, 8, 1, Buffer.from(PLANE)], [1, 'memory', 'y', 8, 8, 1, Buffer.from(PLANE)],
  ]);
});

test.each([
  { name: 'a piece that leaves a gap', spoil: (line: PixelsLine) => ({ ...line, offset: line.offset + 1 }) },
  { name: 'a piece that comes again', spoil: (line: PixelsLine) => ({ ...line, offset: 0 }) },
  { name: 'a piece that runs over the end', spoil: (line: PixelsLine) => ({ ...line, data: Buffer.alloc(40).toString('base64') }) },
  { name: 'a piece whose total is not its width by its height', spoil: (line: PixelsLine) => ({ ...line, total: 63 }) },
  { name: 'a piece that gives the plane another size', spoil: (line: PixelsLine) => ({ ...line, width: 16, total: 128 }) },
  { name: 'a piece that gives the plane another shape', spoil: (line: PixelsLine) => ({ ...line, width: 4, height: 16 }) },
  { name: 'a piece that gives the plane other pixels', spoil: (line: PixelsLine) => ({ ...line, width: 4, height: 4, bytesPerPixel: 4 as const }) },
])('drops $name, and with it the plane, rather than keep a wrong picture', async ({ spoil }) => {
  const played = play();
  const [first, second] = pieces({ n: 1, what: 'texels', plane: 'y' }, [32, 32]);
  if (first === undefined || second === undefined) throw new Error('two pieces were asked for');
  played.say(first);
  played.say(spoil(second));
  played.say(END);
  await played.over;
  expect(played.evidence.pixels).toEqual([]);
});

test('a plane survives a piece that was dropped when the right one follows', async () => {
  const played = play();
  const [first, second] = pieces({ n: 1, what: 'texels', plane: 'y' }, [32, 32]);
  for (const line of [first, first, second, END]) if (line !== undefined) played.say(line);
  await played.over;
  expect(played.evidence.pixels.map(({ data }) => Buffer.from(data))).toEqual([Buffer.from(PLANE)]);
});

test('takes no more memory for pixels than it has set aside, however many planes a guest announces', async () => {
  const played = play();
  for (let n = 0; n < 20; n++) played.say({ ...pixelsLine({ n }), width: 8192, height: 8192, total: 8192 * 8192, data: '' });
  played.say(pixelsLine({ n: 100, data: Buffer.from(PLANE).toString('base64') }));
  played.say(END);
  await played.over;
  expect(played.evidence.pixels).toEqual([]);
});

test('keeps one frame too many, so that it can be told, and no more of an endless stream', async () => {
  const played = play();
  for (let n = 0; n < 50; n++) played.say(frameLine(n));
  played.say(END);
  await played.over;
  expect(played.evidence.frames.map((frame) => frame.n)).toEqual([0, 1, 2, 3]);
});

test('a guest that dies in the middle leaves the frames and the whole planes that it had sent', async () => {
  const played = play();
  for (const line of [GPU, frameLine(0), frameLine(1), ...pieces({ n: 1, what: 'texels', plane: 'y' }, [64]), pixelsLine({ n: 1, plane: 'v', data: 'AAAA' })]) played.say(line);
  const death = new LabError('GUEST_SPLAT', 'oops: BUG: kernel NULL pointer dereference', { blame: 'kernel' });
  played.die(death);
  expect(await rejection(played.over)).toBe(death);
  expect(played.evidence).toMatchObject({ gpu: GPU, frames: [frameLine(0), frameLine(1)], pixels: [{ n: 1, plane: 'y' }], end: undefined });
  expect(played.evidence.pixels).toHaveLength(1);
  expect(played.listening()).toBe(false);
});

test('what a dead guest still says changes nothing any more', async () => {
  const played = play();
  played.say(frameLine(0));
  played.die(new Error('gone'));
  await rejection(played.over);
  played.say(frameLine(1));
  played.say(END);
  expect(played.evidence).toMatchObject({ frames: [frameLine(0)], end: undefined });
});

test('ends with the caller\'s reason when the caller gives up', async () => {
  const caller = new AbortController();
  const played = play({ signal: caller.signal });
  const reason = new LabError('CANCELLED', 'somebody cancelled it', { blame: 'user' });
  caller.abort(reason);
  expect(await rejection(played.over)).toBe(reason);
  expect(played.listening()).toBe(false);
});

test('asks nothing of a guest that is dead already', async () => {
  const death = new LabError('QEMU_DIED', 'QEMU died: exit code 1', { blame: 'lab' });
  const played = play({ dead: AbortSignal.abort(death) });
  expect(await rejection(played.over)).toBe(death);
  expect(played.sent).toEqual([]);
});

test('a guest that falls silent ends the pipeline, with the blame that the guest\'s monitor gives', async () => {
  vi.useFakeTimers();
  const played = play({ slowness: 2 });
  played.say(frameLine(0));
  played.silence(79_000);
  await vi.advanceTimersByTimeAsync(5000);
  expect(played.blamed).toEqual([]);
  played.silence(80_000);
  await vi.advanceTimersByTimeAsync(1000);
  expect(await rejection(played.over)).toMatchObject({ code: 'GUEST_SILENT', blame: 'kernel' });
  await vi.advanceTimersByTimeAsync(5000);
  expect(played.blamed).toEqual(['pipeline dmabuf-copy went silent for 80 s after 1 of 3 frames']);
  expect(played.evidence.frames).toHaveLength(1);
  expect(vi.getTimerCount()).toBe(0);
});

test('leaves no timer behind when all goes well', async () => {
  vi.useFakeTimers();
  const played = play();
  played.say(END);
  await played.over;
  expect(vi.getTimerCount()).toBe(0);
});

test('every pipeline wants Virgil3D: a guest on llvmpipe must be refused', () => {
  expect([rendererOf('upload'), rendererOf('dmabuf-copy')]).toEqual(['virgl', 'virgl']);
});

type Options = { signal?: AbortSignal; dead?: AbortSignal; slowness?: number; onSend?: (say: (line: ProbeLine) => void) => void };
type Played = {
  say: (line: ProbeLine) => void; die: (reason: Error) => void; silence: (ms: number) => void; listening: () => boolean;
  over: Promise<void>; evidence: PipelineEvidence; sent: unknown[]; progress: [number, number][]; blamed: string[];
};

/** Starts the pipeline on a stub guest and returns the strings to move it by. */
function play({ signal = new AbortController().signal, dead, slowness = 1, onSend }: Options = {}): Played {
  const death = new AbortController();
  const listeners = new Set<(line: ProbeLine) => void>();
  const say = (line: ProbeLine): void => { for (const listener of listeners) listener(line); };
  const [sent, progress, blamed]: [unknown[], [number, number][], string[]] = [[], [], []];
  let silentMs = 0;
  const stub: Pick<Guest, 'dead' | 'silentMs' | 'send' | 'blameSilence'> = {
    dead: dead ?? death.signal,
    get silentMs() { return silentMs; },
    send: (command) => {
      sent.push(command);
      onSend?.(say);
    },
    blameSilence: (what) => {
      blamed.push(what);
      return Promise.resolve(new LabError('GUEST_SILENT', what, { blame: 'kernel' }));
    },
  };
  const evidence = emptyEvidence('dmabuf-copy', 'c');
  const over = runPipeline(PLAN, stub as Guest, evidence, {
    listen: (onLine) => {
      listeners.add(onLine);
      return () => { listeners.delete(onLine); };
    },
    onFrame: (done, of) => { progress.push([done, of]); }, slowness,
  }, signal);
  over.catch(() => undefined);
  return {
    say, die: (reason) => { death.abort(reason); }, silence: (ms) => { silentMs = ms; }, listening: () => listeners.size > 0, over, evidence, sent, progress, blamed,
  };
}

function pixelsLine(change: Partial<PixelsLine> = {}): PixelsLine {
  return { t: 'pixels', id: 1, n: 0, plane: 'y', what: 'texels', width: 8, height: 8, bytesPerPixel: 1, offset: 0, total: 64, data: '', ...change };
}

/** PLANE, cut into pieces of these many bytes. */
function pieces(change: Partial<PixelsLine>, sizes: readonly number[]): PixelsLine[] {
  let offset = 0;
  return sizes.map((size) => {
    const line = pixelsLine({ ...change, offset, data: Buffer.from(PLANE.subarray(offset, offset + size)).toString('base64') });
    offset += size;
    return line;
  });
}

test('a probe that does not understand the lab ends the wait at once, and the lab is to blame', async () => {
  const played = play();
  played.say({ t: 'error', why: 'unknown command' });
  expect(await rejection(played.over)).toMatchObject({ code: 'PROBE_REFUSED', blame: 'lab' });
});
