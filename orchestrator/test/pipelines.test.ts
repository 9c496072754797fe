// Every path of jobs/pipelines.yaml on a real guest: what runs is right and counted, what cannot run says why, and faults made on purpose are
// seen and called by their right names.
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ImageListDocument, RunDocument, type PipelineRow } from '../src/contract/documents.ts';
import { Pipeline } from '../src/contract/pipeline.ts';
import { ranWhole, TestLab } from './lab.ts';

const RUNS = ['upload', 'dmabuf-copy', 'dmabuf-direct', 'v4l2-upload', 'v4l2-dmabuf', 'capture-dmabuf', 'native-upload', 'vtest-upload', 'gst-upload'];

describe('every pipeline', () => {
  let lab: TestLab;
  let document: RunDocument;

  beforeAll(async () => {
    lab = await TestLab.open();
    const ended = await lab.vlab(['run', await lab.job({ pipelines: Pipeline.options, clip: undefined, clips: ['h264-faults', 'fwht-faults'], measure: ['counters', 'time'] }), '--json', '--quiet']);
    document = ranWhole(ended);
  });
  afterAll(() => lab[Symbol.asyncDispose]());

  const rowOf = (pipeline: string): PipelineRow | undefined => document.runs[0]?.pipelines.find((row) => row.pipeline === pipeline);

  test('is there, and has passed or says why it cannot', () => {
    for (const pipeline of Pipeline.options) {
      const row = rowOf(pipeline);
      expect([pipeline, row?.status]).toEqual([pipeline, RUNS.includes(pipeline) ? 'passed' : 'unavailable']);
      expect(row?.why.length).toBeGreaterThan(20);
    }
  });

  test('has the evidence of what was looked for where it is unavailable', () => {
    expect(rowOf('v4l2-scanout')?.why).toMatch(/ENODEV|proposes YU12/);
    expect(rowOf('blob-guest')?.why).toContain('VIRTGPU_PARAM_RESOURCE_BLOB is 0');
    // GStreamer 1.26 as trixie has it looks through a list of modifiers that virgl does not give.
    expect(rowOf('gst-dmabuf')?.why).toMatch(/segfault at .* in libgstgl-1\.0\.so|does not negotiate memory:DMABuf/);
    expect(rowOf('edu-dma')?.why).toContain('/dev/vlab-importer');
  });

  test.each(RUNS)('%s is counted and timed, each in a boot of its own', (pipeline) => {
    const row = rowOf(pipeline);
    expect(row?.counters?.frames).toBeGreaterThan(0);
    expect(row?.time?.fps).toBeGreaterThan(0);
    expect(row?.measuredIn.counters).not.toBe(row?.measuredIn.time);
  });

  test.each(['dmabuf-direct', 'v4l2-dmabuf'])('%s copies nothing in the guest: no copy step, one transfer per frame, as large as the picture', (pipeline) => {
    const row = rowOf(pipeline);
    expect(row?.time?.stepsMs['copy']).toBeUndefined();
    expect(row?.time?.stepsMs['upload']).toBeUndefined();
    expect(row?.counters?.byKind['res_xfer_toh_3d']).toBe(1);
    // The picture, and what the decoder's alignment adds to it.
    expect(row?.counters?.bytesPerFrame).toBeGreaterThanOrEqual(640 * 360 * 1.5);
    expect(row?.counters?.bytesPerFrame).toBeLessThan(640 * 360 * 1.5 * 1.2);
  });

  test('leaves nothing behind in the guest, on the host side or here', async () => {
    for (const row of document.runs.flatMap((run) => run.pipelines)) if (row.status === 'passed' && row.leaks !== null) expect(row.leaks).toEqual({ fds: 0, dmabufs: 0, hostResources: 0 });
    expect(await lab.left()).toEqual([]);
  });
});

test('faults made on purpose are caught and called by their right names, on either side of the copy', async () => {
  await using lab = await TestLab.open();
  const faults = ['decode-bitflip', 'no-transfer', 'skip-wait', 'wrong-buffer', 'wrong-stride', 'wrong-matrix'];
  const ended = await lab.vlab(['run', await lab.job({ pipelines: ['dmabuf-copy', 'v4l2-dmabuf'], clip: undefined, clips: ['h264-faults', 'fwht-faults'], faults }), '--json', '--quiet']);
  const { runs } = ranWhole(ended);
  const rows = runs.flatMap((run) => run.pipelines);
  expect(rows.filter((row) => row.fault === null).map((row) => row.status)).toEqual(['passed', 'passed']);
  const tried = rows.filter((row) => row.fault !== null);
  expect(tried.length).toBe(2 * faults.length);
  expect(tried.map(({ pipeline, fault, caught, named, why }) => ({ pipeline, fault, caught, named, why }))).toEqual(tried.map(({ pipeline, fault, why }) => ({ pipeline, fault, caught: true, named: true, why })));
});

test('sizes, formats and streams with something the matter are right in every frame', async () => {
  await using lab = await TestLab.open();
  const clips = ['vp9-641x361', 'hevc-p010-640x360', 'ffv1-xrgb-640x360', 'vp9-resize', 'h264-seek', 'vp9-damaged'];
  const ended = await lab.vlab(['run', await lab.job({ pipelines: ['dmabuf-copy'], clip: undefined, clips }), '--json', '--quiet']);
  const { runs } = ranWhole(ended);
  expect(runs.flatMap((run) => run.pipelines).map(({ clip, status, why }) => ({ clip, status, why }))).toEqual(runs.flatMap((run) => run.pipelines).map(({ clip, why }) => ({ clip, status: 'passed', why })));
  expect(runs.flatMap((run) => run.pipelines).map((row) => row.clip)).toEqual(clips);
});

test('a user\'s own file is held against the workshop\'s decode of it', async () => {
  await using lab = await TestLab.open();
  const { clip, frames } = await lab.anyClip('h264-faults');
  const ended = await lab.vlab(['run', await lab.job({ pipelines: ['upload'], clip: { file: clip } }), '--json', '--quiet']);
  const { runs } = ranWhole(ended);
  expect(runs[0]?.pipelines).toMatchObject([{ clip: 'clip.mkv', status: 'passed', frames }]);
});

test('a conformance suite: a vector that the workshop decodes to the suite\'s MD5 is held against guests, another one is left out and says why', async () => {
  await using lab = await TestLab.open();
  const { clip, frames } = await lab.anyClip('h264-faults');
  const vectors = join(lab.home, 'vectors');
  await mkdir(vectors);
  await copyFile(clip, join(vectors, 'one.mkv'));
  const { images } = ImageListDocument.parse(JSON.parse((await lab.vlab(['image', 'list', '--json'])).stdout));
  const workshop = images.find((one) => one.kind === 'workshop')?.tag ?? '';
  const said: string[] = [];
  const decoded = await lab.engine.run({
    image: workshop, purpose: 'test', memoryMiB: 1024, pids: 64, binds: [{ from: dirname(clip), to: '/in' }],
    argv: ['ffmpeg', '-v', 'error', '-i', '/in/clip.mkv', '-pix_fmt', 'nv12', '-f', 'md5', '-'],
  }, { onLine: (line) => { said.push(line); } });
  expect(decoded.how, said.join('\n')).toBe('exit code 0');
  const vector = (name: string, result: string): unknown => ({ name, input_file: 'one.mkv', output_format: 'nv12', result });
  const suite = join(lab.home, 'suite.json');
  await writeFile(suite, JSON.stringify({ name: 'SMALL', codec: 'H.264', test_vectors: [vector('right', (said.at(-1) ?? '').replace('MD5=', '')), vector('wrong', '0'.repeat(32))] }));
  const ended = await lab.vlab(['run', '--suite', suite, '--vectors', vectors, '--pipelines', 'upload', '--json', '--quiet']);
  const rows = ranWhole(ended).runs.flatMap((run) => run.pipelines);
  expect(rows).toMatchObject([
    { clip: 'SMALL/right', status: 'passed', frames, wrong: 0 },
    { clip: 'SMALL/wrong', status: 'unavailable', why: expect.stringContaining('the suite says 00000000') as unknown },
  ]);
  expect(ended.exitCode).toBe(0);
});
