// All passes of a run against a stub of the prober: in which order they are asked, what is measured when, and what stays when one dies.
import { expect, test } from 'vitest';
import { frameLine, passClip, rejection } from '../../test/parts.ts';
import { StubProber } from '../../test/stub-prober.ts';
import type { Measure } from '../contract/job.ts';
import type { ProbeLine, RunCommand } from '../contract/probe.ts';
import { LabError } from '../lib/lab-error.ts';
import { GpuTrace } from '../measure/gpu-trace.ts';
import { WARMUP_FRAMES, type Pass } from './passes.ts';
import { NO_FIGURES, runPasses, type Passed, type Place } from './run-passes.ts';

const CLIP = passClip();
const UPLOAD: Pass = { pipeline: 'upload', clip: CLIP, fault: null };
const COPY: Pass = { pipeline: 'dmabuf-copy', clip: CLIP, fault: null };

test.concurrent('passes are made one after another, each under a number of its own, and told when they have ended', async () => {
  const played = await play([UPLOAD, { ...UPLOAD, fault: 'shift' }, COPY], null);
  expect(played.prober.sent.map(({ id, pipeline, fault, mode }) => [id, pipeline, fault, mode])).toEqual([
    [1, 'upload', undefined, 'check'], [2, 'upload', 'shift', 'check'], [3, 'dmabuf-copy', undefined, 'check'],
  ]);
  expect(played.ended).toEqual(played.gathered);
  expect(played.gathered.map(({ evidence }) => [evidence.pipeline, evidence.clip, evidence.fault, evidence.frames.length, evidence.end?.status])).toEqual([
    ['upload', 'c', null, 1, 'done'], ['upload', 'c', 'shift', 1, 'done'], ['dmabuf-copy', 'c', null, 1, 'done'],
  ]);
  expect(played.gathered.every(({ figures }) => JSON.stringify(figures) === JSON.stringify(NO_FIGURES))).toBe(true);
});

test.concurrent('what is measured is asked for after the check of the same pass, before the next pass', async () => {
  const { prober } = await play([UPLOAD, COPY], 'time');
  expect(prober.sent.map(({ id, pipeline, mode }) => [id, pipeline, mode])).toEqual([
    [1, 'upload', 'check'], [2, 'upload', 'measure'], [3, 'dmabuf-copy', 'check'], [4, 'dmabuf-copy', 'measure'],
  ]);
});

test.concurrent('where frames are not to be checked, passes are only measured, and say so', async () => {
  const { prober, gathered } = await play([UPLOAD, COPY], 'time', { checked: false });
  expect(prober.sent.map(({ id, pipeline, mode }) => [id, pipeline, mode])).toEqual([[1, 'upload', 'measure'], [2, 'dmabuf-copy', 'measure']]);
  expect(gathered).toMatchObject([UPLOAD, COPY].map(() => ({ evidence: { unchecked: true, frames: [], end: { status: 'done' } } })));
  expect(gathered.every(({ figures }) => figures.time !== null)).toBe(true);
});

test.concurrent.each(['refused', 'unsupported', 'error', 'crashed'] as const)('a pass that ended as %s is not measured', async (status) => {
  const played = await play([UPLOAD], 'time', { answer: (command, prober) => { prober.say({ t: 'end', id: command.id, status, frames: 0 }, leaks(command)); } });
  expect(played.prober.sent).toHaveLength(1);
  expect(played.gathered).toMatchObject([{ figures: NO_FIGURES, evidence: { end: { status } } }]);
});

test.concurrent('a pass with a fault is not measured: its figures would be of the fault', async () => {
  const played = await play([{ ...UPLOAD, fault: 'skip-transfer' }], 'counters');
  expect(played.prober.sent.map(({ mode }) => mode)).toEqual(['check']);
});

test.concurrent('time: the host\'s CPU time is that between the marks, not of the pass around them', async () => {
  let cpu = 100;
  const played = await play([UPLOAD], 'time', {
    cpuSeconds: () => Promise.resolve(cpu),
    answer: (command, prober) => {
      if (command.mode === 'check') {
        checked(command, prober);
        return;
      }
      cpu = 200;
      prober.say({ t: 'measuring', id: command.id });
      cpu = 203;
      prober.say(timing(command), measured(command));
      cpu = 900;
      prober.say(end(command), leaks(command));
    },
  });
  expect(played.gathered).toMatchObject([{ figures: {
    counters: null, instructionsPerFrame: null,
    time: { frames: 20, warmup: WARMUP_FRAMES, fps: 20, hostCpuMsPerFrame: 150, guestCpuMsPerFrame: 5, stepsMs: { decode: { p50: 1 }, frame: { p50: 2 } } },
  } }]);
});

test.concurrent('time: where the engine cannot count the host\'s CPU there is no such figure, and all the others', async () => {
  const played = await play([UPLOAD], 'time', { cpuSeconds: () => Promise.resolve(null) });
  expect(played.gathered[0]?.figures.time).toMatchObject({ fps: 20, hostCpuMsPerFrame: null });
});

test.concurrent('instructions: of the pipeline\'s process, per frame; nothing else is taken from a clock that is not one', async () => {
  const played = await play([UPLOAD], 'instructions', { cpuSeconds: () => Promise.reject(new Error('not to be asked')) });
  expect(played.gathered[0]?.figures).toEqual({ counters: null, time: null, instructionsPerFrame: 5_000_000 });
});

test.concurrent('counters: the commands between the marks, over the frames that the probe measured', async () => {
  const trace = new GpuTrace();
  const played = await play([UPLOAD, COPY], 'counters', {
    trace,
    answer: (command, prober) => {
      if (command.mode === 'check') checked(command, prober);
      else marked(trace, command.pipeline === 'upload' ? 20 : 60, () => { measuredPass(command, prober); });
    },
  });
  expect(played.gathered.map(({ figures }) => figures.counters)).toEqual([
    { frames: 20, commandsPerFrame: 1, transfersPerFrame: 0, bytesPerFrame: 100, fencesPerFrame: 0, byKind: { ctx_submit: 1 } },
    { frames: 20, commandsPerFrame: 3, transfersPerFrame: 0, bytesPerFrame: 300, fencesPerFrame: 0, byKind: { ctx_submit: 3 } },
  ]);
  expect(played.gathered.map(({ figures }) => [figures.time, figures.instructionsPerFrame])).toEqual([[null, null], [null, null]]);
});

test.concurrent('counters: a pass whose marks nobody saw has none, rather than those of the pass before', async () => {
  const trace = new GpuTrace();
  const played = await play([UPLOAD, COPY], 'counters', {
    trace,
    answer: (command, prober) => {
      if (command.mode === 'check') checked(command, prober);
      else if (command.pipeline === 'upload') marked(trace, 20, () => { prober.say({ ...end(command), status: 'error' }, leaks(command)); });
      else measuredPass(command, prober);
    },
  });
  expect(played.gathered.map(({ figures }) => figures.counters)).toEqual([null, null]);
});

test.concurrent.each(['time', 'counters', 'instructions'] as const)('%s: a clip that is all warm-up has no figures, rather than infinite ones', async (measure) => {
  const trace = new GpuTrace();
  const played = await play([UPLOAD], measure, {
    trace,
    answer: (command, prober) => {
      if (command.mode === 'check') checked(command, prober);
      else marked(trace, 0, () => { prober.say({ t: 'measuring', id: command.id }, { ...measured(command), frames: 0, wallUs: 3 }, end(command), leaks(command)); });
    },
  });
  expect(played.gathered[0]?.figures).toEqual(NO_FIGURES);
});

test.concurrent.each(['time', 'counters', 'instructions'] as const)('%s: a measuring pass that breaks off leaves no figures, and the check stays', async (measure) => {
  const played = await play([UPLOAD], measure, {
    answer: (command, prober) => {
      if (command.mode === 'check') checked(command, prober);
      else prober.say({ t: 'measuring', id: command.id }, timing(command), { ...end(command), status: 'crashed', frames: -1 }, leaks(command));
    },
  });
  expect(played.gathered).toMatchObject([{ figures: NO_FIGURES, evidence: { end: { status: 'done' } } }]);
});

test.concurrent('a control has no virtio-gpu: it gives it no commands, which is a figure and not a gap', async () => {
  const played = await play([{ pipeline: 'native-upload', clip: CLIP, fault: null }], 'counters', { path: '/vlab/clip' });
  expect(played.prober.sent[0]?.clip).toEqual({ path: '/vlab/clip', bytes: 4096 });
  expect(played.gathered[0]?.figures.counters).toEqual({ frames: 20, commandsPerFrame: 0, transfersPerFrame: 0, bytesPerFrame: 0, fencesPerFrame: 0, byKind: {} });
  expect(played.gathered[0]?.hostResources).toBe(-1);
});

test.concurrent('counts the host resources that a pass left, and no other\'s', async () => {
  const trace = new GpuTrace();
  trace.hear('virtio_gpu_cmd_res_create_2d res 0x1, fmt 0x2, w 1280, h 800');
  const left: Record<string, string[]> = {
    'upload': ['res_create_3d res 0x2, fmt 0x40, w 8, h 8, d 1', 'res_unref res 0x2'],
    'dmabuf-copy': ['res_create_3d res 0x2, fmt 0x40, w 8, h 8, d 1', 'res_create_blob res 0x3, size 64', 'res_unref res 0x1'],
    'v4l2-dmabuf': ['res_unref res 0x2'],
  };
  const played = await play([UPLOAD, COPY, { pipeline: 'v4l2-dmabuf', clip: CLIP, fault: null }], null, {
    trace,
    answer: (command, prober) => {
      for (const line of left[command.pipeline] ?? []) trace.hear(`virtio_gpu_cmd_${line}`);
      checked(command, prober);
    },
  });
  expect(played.gathered.map(({ hostResources }) => hostResources)).toEqual([0, 2, 0]);
});

test.concurrent('what a measuring pass left counts too', async () => {
  const trace = new GpuTrace();
  const played = await play([UPLOAD], 'time', {
    trace,
    answer: (command, prober) => {
      if (command.mode === 'check') {
        checked(command, prober);
        return;
      }
      trace.hear('virtio_gpu_cmd_res_create_blob res 0x3, size 64');
      measuredPass(command, prober);
    },
  });
  expect(played.gathered[0]?.hostResources).toBe(1);
});

test.concurrent('frames are told as they come, with the pass that they are of; a measuring pass has none to tell', async () => {
  const played = await play([UPLOAD, COPY], 'time');
  expect(played.frames).toEqual([['upload', 1], ['dmabuf-copy', 1]]);
});

test.concurrent('a guest that dies in the second pass leaves the first, and what was seen of the second; no third is begun', async () => {
  const death = new LabError('GUEST_SPLAT', 'oops: BUG: unable to handle page fault', { blame: 'kernel' });
  const played = start([UPLOAD, COPY, UPLOAD], null, {
    answer: (command, prober) => {
      if (command.id === 1) {
        checked(command, prober);
        return;
      }
      prober.say({ ...frameLine(0), id: command.id });
      prober.die(death);
    },
  });
  expect(await rejection(played.over)).toBe(death);
  expect(played.gathered.map(({ evidence }) => [evidence.pipeline, evidence.frames.length, evidence.end?.status])).toEqual([['upload', 1, 'done'], ['dmabuf-copy', 1, undefined]]);
  expect(played.ended).toHaveLength(1);
  expect(played.prober.sent).toHaveLength(2);
});

test.concurrent('a guest that dies while it is measured leaves what the check had seen', async () => {
  const death = new LabError('GUEST_PANIC', 'panic', { blame: 'kernel' });
  const played = start([UPLOAD], 'time', {
    answer: (command, prober) => {
      if (command.mode === 'check') checked(command, prober);
      else prober.die(death);
    },
  });
  expect(await rejection(played.over)).toBe(death);
  expect(played.gathered).toMatchObject([{ evidence: { end: { status: 'done' } }, figures: NO_FIGURES }]);
});

test.concurrent('a place that cannot be made ends the run before anything of that pass is gathered', async () => {
  const gathered: Passed[] = [];
  const reason = new LabError('NO_CONTROL', 'no control', { blame: 'lab' });
  const over = runPasses([UPLOAD], null, gathered, { placeOf: () => Promise.reject(reason), slowness: 1, checked: true, onFrame: () => undefined, onEnd: () => Promise.resolve() }, new AbortController().signal);
  expect(await rejection(over)).toBe(reason);
  expect(gathered).toEqual([]);
});

type Options = { answer?: (command: RunCommand, prober: StubProber) => void; trace?: GpuTrace; cpuSeconds?: () => Promise<number | null>; path?: string; checked?: boolean };
type Played = { prober: StubProber; gathered: Passed[]; ended: Passed[]; frames: [string, number][]; over: Promise<void> };

function start(passes: readonly Pass[], measure: Measure | null, { answer = measuredPassOrChecked, trace, cpuSeconds = () => Promise.resolve(0), path, checked = true }: Options = {}): Played {
  const prober = new StubProber(answer);
  const [gathered, ended, frames]: [Passed[], Passed[], [string, number][]] = [[], [], []];
  const place: Place = { prober, trace, cpuSeconds, ...(path === undefined ? {} : { path }) };
  const over = runPasses(passes, measure, gathered, {
    placeOf: () => Promise.resolve(place), slowness: 1, checked,
    onFrame: (pass, done) => { frames.push([pass.pipeline, done]); },
    onEnd: (passed) => {
      ended.push(passed);
      return Promise.resolve();
    },
  }, new AbortController().signal);
  return { prober, gathered, ended, frames, over };
}

async function play(...given: Parameters<typeof start>): Promise<Played> {
  const played = start(...given);
  await played.over;
  return played;
}

function measuredPassOrChecked(command: RunCommand, prober: StubProber): void {
  if (command.mode === 'check') checked(command, prober);
  else measuredPass(command, prober);
}

function checked(command: RunCommand, prober: StubProber): void {
  prober.say({ ...frameLine(0), id: command.id }, end(command), leaks(command));
}

function measuredPass(command: RunCommand, prober: StubProber): void {
  prober.say({ t: 'measuring', id: command.id }, timing(command), measured(command), end(command), leaks(command));
}

/** So many command streams of 100 bytes between the marks, then the pass's own lines. */
function marked(trace: GpuTrace, streams: number, say: () => void): void {
  trace.hear('virtio_gpu_cmd_res_create_3d res 0x70, fmt 0x40, w 16383, h 1, d 1');
  for (let count = 0; count < streams; count++) trace.hear('virtio_gpu_cmd_ctx_submit ctx 0x1, size 100');
  trace.hear('virtio_gpu_cmd_res_create_3d res 0x71, fmt 0x40, w 16383, h 2, d 1');
  say();
}

function timing({ id }: RunCommand): ProbeLine {
  return { t: 'timing', id, from: 0, us: { decode: [1000, 1000], frame: [2000, 2000] } };
}

function measured({ id }: RunCommand): Extract<ProbeLine, { t: 'measured' }> {
  return { t: 'measured', id, frames: 20, wallUs: 1_000_000, cpuUs: { user: 90_000, system: 10_000 }, cpuNs: 100_000_000, bookkeepingUs: 100 };
}

function end({ id }: RunCommand): Extract<ProbeLine, { t: 'end' }> {
  return { t: 'end', id, status: 'done', frames: 1 };
}

function leaks({ id }: RunCommand): ProbeLine {
  return { t: 'leaks', id, fds: 0, dmabufs: 0 };
}
