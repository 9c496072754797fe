// A run while it is alive: it times its stages, tells what happens, and its record holds what was seen, whatever the end.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import { emptyFolder, PASSED, rejection, RUN_ID, pipelineResult, runRequest } from '../test/parts.ts';
import { StampedEvent } from './contract/event.ts';
import type { GpuLine } from './contract/probe.ts';
import { RunRecord } from './contract/run.ts';
import { Run } from './run.ts';
import { readRun } from './store/read.ts';
import { RunFolder } from './store/run-folder.ts';

afterEach(() => { vi.restoreAllMocks(); });

test('times each stage and tells its beginning and its end, in order', async () => {
  const { run, events, clock, home } = await openRun();
  expect(run.stageNow).toBe('request');
  const value = await run.stage('kernel', () => {
    clock.now += 1234.4;
    expect(run.stageNow).toBe('kernel');
    return Promise.resolve('built');
  });
  await run.stage('guest', () => {
    clock.now += 10;
    return Promise.resolve();
  });
  expect(value).toBe('built');
  expect(events.map((event) => ('stage' in event ? [event.event, event.stage] : []))).toEqual([
    ['stage.started', 'kernel'], ['stage.ended', 'kernel'], ['stage.started', 'guest'], ['stage.ended', 'guest'],
  ]);
  expect(events[1]).toMatchObject({ ms: 1234, ok: true });
  await run.seal(PASSED);
  expect((await readRun(home, RUN_ID))?.stages).toEqual([{ stage: 'kernel', ms: 1234 }, { stage: 'guest', ms: 10 }]);
});

test('a stage that fails is timed and told as such, and its error is passed on untouched', async () => {
  const { run, events, clock } = await openRun();
  const error = new Error('does not apply');
  const thrown = await rejection(run.stage('kernel', () => {
    clock.now += 50;
    return Promise.reject(error);
  }));
  expect(thrown).toBe(error);
  expect(events.at(-1)).toMatchObject({ event: 'stage.ended', stage: 'kernel', ms: 50, ok: false });
  expect(run.stageNow).toBe('kernel');
});

test('progress is told at most once a second, but its end always', async () => {
  const { run, events, clock } = await openRun();
  await run.stage('clip', () => {
    for (let frame = 1; frame <= 60; frame++) {
      clock.now += 20;
      run.progress('frames painted', frame, 60);
    }
    return Promise.resolve();
  });
  const told = events.flatMap((event) => (event.event === 'stage.progress' ? [event.done] : []));
  expect(told).toEqual([1, 51, 60]);
});

test('progress whose end is not known is told at most once a second too', async () => {
  const { run, events, clock } = await openRun();
  for (let file = 1; file <= 300; file++) {
    clock.now += 10;
    run.progress('files compiled', file, null);
  }
  expect(events).toHaveLength(3);
});

test('a new stage is shown at once, however soon it comes after the progress of the last one', async () => {
  const { run, events, clock } = await openRun();
  await run.stage('image', () => {
    run.progress('packages', 1, 9);
    return Promise.resolve();
  });
  clock.now += 1;
  await run.stage('kernel', () => {
    run.progress('files', 1, 9);
    return Promise.resolve();
  });
  expect(events.flatMap((event) => (event.event === 'stage.progress' ? [event.stage] : []))).toEqual(['image', 'kernel']);
});

test('every event is in events.ndjson as it was told, stamped with the run and the time since it was opened', async () => {
  const { run, events, home } = await openRun();
  run.tell({ event: 'guest.ready', kernel: '6.12.107', readyMs: 9000 });
  await run.stage('verify', () => Promise.resolve());
  await run.seal(PASSED);
  const text = await readFile(join(home, 'runs', RUN_ID, 'events.ndjson'), 'utf8');
  const written = text.trimEnd().split('\n').map((line) => StampedEvent.parse(JSON.parse(line)));
  expect(written).toEqual(events);
  expect(written.at(-1)).toMatchObject({ event: 'run.sealed', run: RUN_ID, outcome: PASSED });
  expect(written.every((event) => event.ms >= 0 && event.run === RUN_ID)).toBe(true);
});

test('the record has what was seen before the end, and null for what was not', async () => {
  const { run, home } = await openRun();
  run.seen.accelerator = 'tcg';
  run.seen.readyMs = 9000;
  const record = await run.seal({ kind: 'failed', stage: 'guest', why: 'panic' });
  expect(record).toMatchObject({ attempt: 2, accelerator: 'tcg', readyMs: 9000, kernel: null, renderer: null, pipelines: [], series: null, asExpected: false });
  expect(await readRun(home, RUN_ID)).toEqual(record);
  expect(() => RunRecord.parse(record)).not.toThrow();
});

test('a mutant that fails is as expected; one that passes is not', async () => {
  const mutant = { kernel: { base: '6.12', series: 'mutants/short-transfer', expect: 'failed' } };
  const caught = await (await openRun(mutant)).run.seal({ kind: 'failed', stage: 'verify', why: 'frame 1' });
  const missed = await (await openRun(mutant)).run.seal(PASSED);
  expect([caught.asExpected, missed.asExpected]).toEqual([true, false]);
  expect(caught).toMatchObject({ series: 'mutants/short-transfer', expect: 'failed' });
});

test('the guest\'s GPU is told once, as the first pipeline saw it, and its abilities are in the record', async () => {
  const { run, events, home } = await openRun();
  const gpu: GpuLine = { t: 'gpu', id: 1, renderer: 'virgl (LLVMPIPE)', glVendor: 'Mesa', glVersion: '3.2', driver: 'virtio_gpu', features: 'virgl           : yes\nblob resources  : no\n', capsets: [1, 2], ok: true, caps: { dmabufImport: true } };
  run.sawGpu(gpu);
  run.sawGpu({ ...gpu, id: 2, renderer: 'llvmpipe', caps: {} });
  expect(events).toMatchObject([{ event: 'pipeline.renderer', renderer: 'virgl (LLVMPIPE)' }]);
  await run.seal(PASSED);
  expect(await readRun(home, RUN_ID)).toMatchObject({
    renderer: 'virgl (LLVMPIPE)', capabilities: { driver: 'virtio_gpu', features: { 'virgl': 'yes', 'blob resources': 'no' }, capsets: [1, 2], dmabufImport: true },
  });
});

test('a pipeline that draws nothing names no renderer, and leaves the word to one that does', async () => {
  const { run, events } = await openRun();
  const gpu: GpuLine = { t: 'gpu', id: 1, renderer: '', glVendor: '', glVersion: '', driver: 'virtio_gpu', features: '', capsets: [], ok: true, caps: { crossDevice: false } };
  run.sawGpu(gpu);
  expect(run.seen).toMatchObject({ renderer: null, capabilities: { driver: 'virtio_gpu', crossDevice: false } });
  run.sawGpu({ ...gpu, id: 2, renderer: 'virgl', caps: { crossDevice: true } });
  run.sawGpu(gpu);
  expect(run.seen).toMatchObject({ renderer: 'virgl', capabilities: { crossDevice: true } });
  expect(events).toMatchObject([{ event: 'pipeline.renderer', renderer: 'virgl' }]);
});

test.each(['time', 'counters', 'instructions', null])('what the boot measured (%s) is in its record, as is what it ran on', async (measure) => {
  const { run } = await openRun({ measure, device: 'virgl-blob' });
  expect(await run.seal(PASSED)).toMatchObject({ measure, device: 'virgl-blob', capabilities: null });
});

test('a record that nobody could read back is sealed without what the guest said, and says so', async () => {
  const { run, home } = await openRun();
  run.seen.pipelines = [pipelineResult({ frames: 0.5 })];
  const sealed = await run.seal(PASSED);
  expect(await readRun(home, RUN_ID)).toEqual(sealed);
  expect(sealed).toMatchObject({ pipelines: [], asExpected: false, outcome: { kind: 'broken', why: expect.stringContaining('does not fit into a record: pipelines.0.frames: ') as string } });
});

type Opened = { run: Run; events: StampedEvent[]; clock: { now: number }; home: string };

/** A run in a folder of its own, on a clock that is moved by hand. */
async function openRun(change: Parameters<typeof runRequest>[0] = {}): Promise<Opened> {
  const home = await emptyFolder();
  const folder = await RunFolder.open(home, RUN_ID, 2, '1:1', () => Promise.resolve());
  onTestFinished(() => folder.close());
  const clock = { now: 1_000_000 };
  vi.spyOn(performance, 'now').mockImplementation(() => clock.now);
  const events: StampedEvent[] = [];
  return { run: new Run(runRequest(change), 2, folder, (event) => { events.push(event); }), events, clock, home };
}
