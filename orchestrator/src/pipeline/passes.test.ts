// Which passes a run makes and what the probe is told for each. The command is what the contract says, whatever the pass.
import { expect, test } from 'vitest';
import { goldenFrames, hash, passClip } from '../../test/parts.ts';
import { Codec, Pipeline, PIPELINES } from '../contract/pipeline.ts';
import { RunCommand } from '../contract/probe.ts';
import { clipNameOf, commandOf, passesOf, type Pass } from './passes.ts';

const H264 = passClip({ name: 'h264', codec: 'h264' });
const VP9 = passClip({ name: 'vp9', codec: 'vp9', disk: 'clip1' });
const FWHT = passClip({ name: 'fwht', codec: 'fwht', disk: 'clip2' });
const FILE = passClip({ name: 'mine.mp4', codec: 'any', disk: 'clip3' });
const CLIPS = [H264, VP9, FWHT, FILE];

test.each(Pipeline.options)('%s takes the clips that its source can decode, and no other', (pipeline) => {
  const wanted = { libav: ['h264', 'vp9', 'mine.mp4'], vicodec: ['fwht'], camera: ['none'] }[PIPELINES[pipeline].source];
  expect(passesOf([pipeline], CLIPS, []).map(clipNameOf)).toEqual(wanted);
});

test('FFmpeg\'s pipelines take every codec but FWHT, which is the kernel decoder\'s', () => {
  const clips = Codec.options.map((codec) => passClip({ name: codec, codec }));
  expect(passesOf(['upload', 'v4l2-upload'], clips, []).map((pass) => [pass.pipeline, clipNameOf(pass)])).toEqual([
    ...['h264', 'hevc', 'vp8', 'vp9', 'av1', 'mpeg2', 'ffv1'].map((codec) => ['upload', codec]), ['v4l2-upload', 'fwht'],
  ]);
});

test('a camera makes one pass without a clip, however many clips there are', () => {
  expect(passesOf(['capture-dmabuf'], CLIPS, [])).toEqual([{ pipeline: 'capture-dmabuf', clip: undefined, fault: null }]);
  expect(passesOf(['capture-dmabuf'], [], [])).toHaveLength(1);
});

test('passes come pipeline by pipeline, clip by clip, the whole one first and then one for each fault', () => {
  const passes = passesOf(['upload', 'v4l2-dmabuf', 'capture-dmabuf'], [H264, FWHT], ['mirror-x', 'no-transfer']);
  expect(passes.map((pass) => [pass.pipeline, clipNameOf(pass), pass.fault])).toEqual([
    ['upload', 'h264', null], ['upload', 'h264', 'mirror-x'], ['upload', 'h264', 'no-transfer'],
    ['v4l2-dmabuf', 'fwht', null], ['v4l2-dmabuf', 'fwht', 'mirror-x'], ['v4l2-dmabuf', 'fwht', 'no-transfer'],
    ['capture-dmabuf', 'none', null], ['capture-dmabuf', 'none', 'mirror-x'], ['capture-dmabuf', 'none', 'no-transfer'],
  ]);
});

test('a pipeline that can decode none of the clips makes no pass', () => {
  expect(passesOf(['v4l2-upload'], [H264, FILE], ['shift'])).toEqual([]);
});

test('the whole command for a clip on a disk', () => {
  expect(commandOf({ pipeline: 'dmabuf-copy', clip: H264, fault: null }, 7, 'check')).toEqual({
    cmd: 'run', id: 7, pipeline: 'dmabuf-copy', renderer: 'virgl', platform: 'gbm', mode: 'check', warmup: 5, format: 'I420',
    clip: { disk: 'clip0', bytes: 4096 }, frameUs: [1_000_000, 30], maxWrongFrames: 3, forgive: false,
    golden: [[hash(1), hash(2), hash(3), hash(4)], [hash(11), hash(12), hash(13), hash(14)], [hash(21), hash(22), hash(23), hash(24)]],
  });
});

test('a measuring pass gets no hashes and sends no wrong frames, and is otherwise the same', () => {
  const pass: Pass = { pipeline: 'upload', clip: H264, fault: null };
  expect(commandOf(pass, 2, 'measure')).toEqual({ ...commandOf(pass, 2, 'check'), mode: 'measure', golden: [], maxWrongFrames: 0 });
});

test('a camera gets a size and a number of frames instead of a clip, and no hashes: nobody knows them beforehand', () => {
  const command = commandOf({ pipeline: 'capture-dmabuf', clip: undefined, fault: null }, 1, 'check');
  expect(command).toMatchObject({ camera: { width: 640, height: 360, frames: 30 }, golden: [], format: 'I420' });
  expect(command).not.toHaveProperty('clip');
  expect(command).not.toHaveProperty('frameUs');
  expect(RunCommand.parse(command)).toEqual(command);
});

test('a control is told a path instead of a disk, and has no display device to draw on', () => {
  const command = commandOf({ pipeline: 'native-upload', clip: H264, fault: null }, 1, 'check', '/vlab/clip');
  expect(command).toMatchObject({ clip: { path: '/vlab/clip', bytes: 4096 }, platform: 'surfaceless', renderer: 'llvmpipe' });
  expect(command.clip).not.toHaveProperty('disk');
  expect(commandOf({ pipeline: 'vtest-upload', clip: H264, fault: null }, 1, 'check', '/vlab/clip')).toMatchObject({ platform: 'surfaceless', renderer: 'virgl' });
});

test('the fault goes along, and only where there is one', () => {
  expect(commandOf({ pipeline: 'upload', clip: H264, fault: 'box-half' }, 1, 'check').fault).toBe('box-half');
  expect(commandOf({ pipeline: 'upload', clip: H264, fault: null }, 1, 'check')).not.toHaveProperty('fault');
});

test.each([
  { seek: 40, frameUs: [1_000_000, 30] as const, us: 1_333_333 },
  { seek: 0, frameUs: [1_000_000, 30] as const, us: 0 },
  { seek: 25, frameUs: [1_001_000, 24] as const, us: 1_042_708 },
])('a seek to frame $seek of $frameUs.0/$frameUs.1 us each is one to $us us, whole', ({ seek, frameUs, us }) => {
  expect(commandOf({ pipeline: 'upload', clip: passClip({ seek, frameUs }), fault: null }, 1, 'check').seekUs).toBe(us);
});

test('no seek is no member, so that the probe begins at the beginning', () => {
  expect(commandOf({ pipeline: 'upload', clip: H264, fault: null }, 1, 'check')).not.toHaveProperty('seekUs');
});

test('a damaged clip\'s decoder errors are forgiven, a whole one\'s are not', () => {
  expect(commandOf({ pipeline: 'upload', clip: passClip({ damaged: true }), fault: null }, 1, 'check').forgive).toBe(true);
  expect(commandOf({ pipeline: 'upload', clip: H264, fault: null }, 1, 'check').forgive).toBe(false);
});

test.each([
  { format: 'NV12' as const, planes: { y: hash(1), uv: hash(2) } },
  { format: 'P010' as const, planes: { y: hash(1), uv: hash(2) } },
  { format: 'XRGB8888' as const, planes: { xrgb: hash(1) } },
])('of a clip in $format, the probe is told the format, and a hash for each of its planes and for the RGB picture', ({ format, planes }) => {
  const golden = goldenFrames(2).map((frame) => ({ ...frame, format, planes }));
  const command = commandOf({ pipeline: 'upload', clip: passClip({ format, golden }), fault: null }, 1, 'check');
  expect(command.format).toBe(format);
  expect(command.golden).toEqual([[...Object.values(planes), hash(4)], [...Object.values(planes), hash(14)]]);
});

test('hashes go in the order of a picture\'s planes, however a golden frame lists them', () => {
  const golden = goldenFrames(1).map((frame) => ({ ...frame, planes: { v: hash(3), u: hash(2), y: hash(1) } }));
  expect(commandOf({ pipeline: 'upload', clip: passClip({ golden }), fault: null }, 1, 'check').golden).toEqual([[hash(1), hash(2), hash(3), hash(4)]]);
});

test('every command that a run can make is one that the contract takes', () => {
  const clips = [...CLIPS, passClip({ codec: 'hevc', format: 'P010', seek: 12, damaged: true })];
  const passes = passesOf(Pipeline.options, clips, ['decode-stale', 'swizzle']);
  expect(passes.length).toBeGreaterThan(Pipeline.options.length);
  for (const pass of passes) {
    for (const mode of ['check', 'measure'] as const) {
      const command = commandOf(pass, 1, mode, PIPELINES[pass.pipeline].place === 'guest' ? undefined : '/vlab/clip');
      expect(RunCommand.parse(command)).toEqual(command);
    }
  }
});
