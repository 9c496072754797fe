// Single calls: what was heard of them until the end, and how it ended.
import { expect, test } from 'vitest';
import { rejection } from '../../test/parts.ts';
import { StubProber } from '../../test/stub-prober.ts';
import type { CallsCommand } from '../contract/probe.ts';
import type { CallResult } from '../contract/run.ts';
import { LabError } from '../lib/lab-error.ts';
import { GpuTrace } from '../measure/gpu-trace.ts';
import { runCalls } from './run-calls.ts';

test('each call that the lab knows is a row; one that it does not know is none', async () => {
  const prober = new StubProber<CallsCommand>(({ id }, stub) => {
    stub.say({ t: 'cost', id, call: 'submit', rounds: 2, busyNs: [15] }, { t: 'cost', id, call: 'other', rounds: 1, busyNs: [1] }, { t: 'cost', id, call: 'create', rounds: 1, busyNs: [30] });
    stub.say({ t: 'end', id, status: 'done', frames: 0 }, { t: 'leaks', id, fds: 0, dmabufs: 0 });
  });
  const seen: CallResult[] = [];
  expect(await runCalls('instructions', prober, seen, { slowness: 1, trace: new GpuTrace() }, new AbortController().signal)).toMatchObject({ status: 'done' });
  expect(seen).toEqual([{ call: 'submit', rounds: 2, us: null, instructions: 15, counters: null }, { call: 'create', rounds: 1, us: null, instructions: 30, counters: null }]);
});

test('a guest that dies in the middle leaves the calls that it told', async () => {
  const prober = new StubProber<CallsCommand>(({ id }, stub) => { stub.say({ t: 'call', id, call: 'submit', us: [5, 7] }); });
  const seen: CallResult[] = [];
  const over = runCalls('time', prober, seen, { slowness: 1, trace: new GpuTrace() }, new AbortController().signal);
  const gone = new LabError('GUEST_SPLAT', 'oops: BUG', { blame: 'kernel' });
  prober.die(gone);
  expect(await rejection(over)).toBe(gone);
  expect(seen).toMatchObject([{ call: 'submit', us: { p10: 5 } }]);
});

const mark = (rows: number): string => `virtio_gpu_cmd_res_create_3d res 0x${String(rows)}, fmt 0x2, w 16383, h ${String(rows)}, d 1`;
const kick = 'virtio_queue_notify vdev 0x5581 n 0 vq 0x7f00';

test('counting asks for it by its own name, and each call has what the host saw between its marks, however late that is told', async () => {
  const trace = new GpuTrace();
  const prober = new StubProber<CallsCommand>(({ id, cmd }, stub) => {
    expect(cmd).toBe('count-calls');
    stub.say({ t: 'counted', id, call: 'submit', rounds: 2, pages: 0 }, { t: 'counted', id, call: 'create', rounds: 1, pages: 4 }, { t: 'end', id, status: 'done', frames: 0 }, { t: 'leaks', id, fds: 0, dmabufs: 0 });
    setTimeout(() => {
      for (const line of [mark(1), kick, 'virtio_gpu_cmd_ctx_submit ctx 0x1, size 100', kick, 'virtio_gpu_cmd_ctx_submit ctx 0x1, size 100', mark(2)]) trace.hear(line);
      for (const line of [mark(1), kick, kick, 'virtio_gpu_cmd_res_create_3d res 0x9, fmt 0x1, w 64, h 64, d 1', mark(2)]) trace.hear(line);
    }, 30);
  });
  const seen: CallResult[] = [];
  expect(await runCalls('counters', prober, seen, { slowness: 1, trace }, new AbortController().signal)).toMatchObject({ status: 'done' });
  expect(seen.map(({ call, counters }) => [call, counters])).toEqual([
    ['submit', { commands: 1, kicks: 1, fences: 0, bytes: 100, pages: 0 }], ['create', { commands: 1, kicks: 2, fences: 0, bytes: 0, pages: 4 }],
  ]);
});

test('where the host\'s trace does not have them all, no call has any: nobody knows which is whose', async () => {
  const trace = new GpuTrace();
  const prober = new StubProber<CallsCommand>(({ id }, stub) => {
    stub.say({ t: 'counted', id, call: 'submit', rounds: 2, pages: 0 }, { t: 'counted', id, call: 'create', rounds: 1, pages: 4 }, { t: 'end', id, status: 'done', frames: 0 }, { t: 'leaks', id, fds: 0, dmabufs: 0 });
    for (const line of [mark(1), kick, mark(2)]) trace.hear(line);
  });
  const seen: CallResult[] = [];
  await runCalls('counters', prober, seen, { slowness: 1, trace }, new AbortController().signal);
  expect(seen).toEqual([]);
});
