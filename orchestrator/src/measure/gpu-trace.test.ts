// QEMU's trace, line by line as QEMU 10 writes it, to what a host holds and to what a frame costs. Every expected figure is counted by hand.
import { expect, test } from 'vitest';
import { GpuTrace, type Tally } from './gpu-trace.ts';

const [R8, R8G8, RGBA8, R16] = [64, 65, 67, 48];

test('holds what was made and not unreferenced, of every kind of resource', () => {
  const trace = heard(create2d(1, 640, 360), create3d(2, RGBA8, 640, 360), blob(3, 4096), create3d(4, R8, 16, 16), unref(2), unref(9));
  expect(trace.live).toEqual(new Set(['1', '3', '4']));
});

test('a snapshot of what lives stays as it was', () => {
  const trace = heard(create2d(1, 8, 8));
  const before = trace.live;
  trace.hear(create2d(2, 8, 8));
  expect([before.size, trace.live.size]).toEqual([1, 2]);
});

test('an id that is used again is another resource, with its own size', () => {
  const trace = heard(create3d(1, RGBA8, 100, 100), unref(1), create3d(1, R8, 10, 10), MARK_BEGIN, transfer(1), MARK_END);
  expect(trace.take()?.transferBytes).toBe(100);
  expect(trace.live.has('1')).toBe(true);
});

test('counts between the marks and nowhere else', () => {
  const trace = heard(
    create3d(1, R8, 640, 540), transfer(1), submit(500), fence(1), MARK_BEGIN, unref(0x70), transfer(1), submit(300), fence(2), submit(200), fence(3), MARK_END, unref(0x71), transfer(1), submit(900), fence(4),
  );
  expect(plain(trace.take())).toEqual({ commands: { ctx_submit: 2, res_xfer_toh_3d: 1 }, transferBytes: 640 * 540, streamBytes: 500, fences: 2, kicks: {} });
});

test('kicks are counted for each device by itself, of its first queue, between the marks', () => {
  const kick = (vdev: string, queue: number): string => `virtio_queue_notify vdev ${vdev} n ${String(queue)} vq 0x7f0012`;
  const trace = heard(kick('0x55aa', 0), MARK_BEGIN, kick('0x55aa', 0), kick('0x55aa', 1), kick('0x66bb', 0), submit(1), kick('0x55aa', 0), MARK_END, kick('0x55aa', 0));
  expect(plain(trace.take())).toMatchObject({ kicks: { '0x55aa': 2, '0x66bb': 1 } });
});

test('what was between each two marks is kept until somebody takes it', () => {
  const trace = heard(MARK_BEGIN, submit(1), MARK_END, MARK_BEGIN, submit(2), MARK_END);
  expect(trace.takeAll().map(({ streamBytes }) => streamBytes)).toEqual([1, 2]);
  expect(trace.takeAll()).toEqual([]);
});

test('there is nothing to take before the second mark, nor a second time', () => {
  const trace = heard(MARK_BEGIN, submit(100));
  expect(trace.take()).toBeUndefined();
  trace.hear(MARK_END);
  expect(trace.take()?.streamBytes).toBe(100);
  expect(trace.take()).toBeUndefined();
});

test('an end without a beginning is no measure, and a new beginning forgets a pass that never ended', () => {
  expect(heard(submit(1), MARK_END).take()).toBeUndefined();
  expect(heard(MARK_BEGIN, submit(100), MARK_BEGIN, submit(7), MARK_END).take()?.streamBytes).toBe(7);
});

test('the marks\' own commands are no frame\'s: made, given to a context, taken from it, unreferenced, each with its fence', () => {
  const trace = heard(
    MARK_BEGIN, fence(1), 'virtio_gpu_cmd_ctx_res_attach ctx 0x1, res 0x70', fence(2), 'virtio_gpu_cmd_res_back_attach res 0x70', 'virtio_gpu_cmd_ctx_res_detach ctx 0x1, res 0x70', fence(3), unref(0x70), fence(4),
    submit(64), fence(5), MARK_END, fence(6), unref(0x71), fence(7),
  );
  expect(plain(trace.take())).toEqual({ commands: { ctx_submit: 1 }, transferBytes: 0, streamBytes: 64, fences: 1, kicks: {} });
  expect(trace.live.size).toBe(0);
});

test('a mark\'s id that is used again belongs to its new owner', () => {
  const trace = heard(MARK_BEGIN, unref(0x70), create3d(0x70, R8, 100, 10), fence(1), transfer(0x70), fence(2), MARK_END);
  expect(plain(trace.take())).toEqual({ commands: { res_create_3d: 1, res_xfer_toh_3d: 1 }, transferBytes: 1000, streamBytes: 0, fences: 2, kicks: {} });
  const asBlob = heard(MARK_BEGIN, unref(0x70), blob(0x70, 500), transfer(0x70), MARK_END);
  expect(plain(asBlob.take())).toMatchObject({ commands: { res_create_blob: 1, res_xfer_toh_3d: 1 }, transferBytes: 500 });
});

test('a resource as wide as a mark but of other rows is only wide: it begins and ends nothing', () => {
  const trace = heard(MARK_BEGIN, submit(5), create3d(5, R8, 16383, 3), submit(6), MARK_END);
  expect(trace.take()?.streamBytes).toBe(11);
});

test.each([
  { what: 'R8', make: create3d(1, R8, 641, 361), bytes: 641 * 361 },
  { what: 'R8G8', make: create3d(1, R8G8, 320, 180), bytes: 320 * 180 * 2 },
  { what: 'R16', make: create3d(1, R16, 640, 360), bytes: 640 * 360 * 2 },
  { what: 'R16 of half floats', make: create3d(1, 91, 10, 10), bytes: 200 },
  { what: 'R16G16 of half floats', make: create3d(1, 92, 10, 10), bytes: 400 },
  { what: 'RGBA8', make: create3d(1, RGBA8, 640, 360), bytes: 640 * 360 * 4 },
  { what: 'a format it has not heard of, taken for one of 32 bits', make: create3d(1, 9999, 10, 10), bytes: 400 },
  { what: 'a buffer, which is as wide as it has bytes', make: create3d(1, R8, 65536, 1), bytes: 65536 },
  { what: 'a texture of three layers', make: 'virtio_gpu_cmd_res_create_3d res 0x1, fmt 0x40, w 10, h 10, d 3', bytes: 300 },
  { what: 'a 2D resource', make: create2d(1, 640, 360), bytes: 640 * 360 * 4 },
  { what: 'a blob', make: blob(1, 345_600), bytes: 345_600 },
])('a transfer of $what counts $bytes bytes', ({ make, bytes }) => {
  const trace = heard(make, MARK_BEGIN, transfer(1), MARK_END);
  expect(trace.take()?.transferBytes).toBe(bytes);
});

test('both kinds of transfer to the host count bytes; one from the host, and one of a resource that nobody made, do not', () => {
  const trace = heard(create3d(1, R8, 10, 10), MARK_BEGIN, transfer(1), 'virtio_gpu_cmd_res_xfer_toh_2d res 0x1', 'virtio_gpu_cmd_res_xfer_fromh_3d res 0x1', transfer(9), MARK_END);
  expect(plain(trace.take())).toEqual({ commands: { res_xfer_toh_3d: 2, res_xfer_toh_2d: 1, res_xfer_fromh_3d: 1 }, transferBytes: 200, streamBytes: 0, fences: 0, kicks: {} });
});

test('a fence is counted when it is asked for, not again when it is answered', () => {
  const trace = heard(MARK_BEGIN, submit(4), fence(1), 'virtio_gpu_fence_resp fence 0x1', 'virtio_gpu_fence_resp fence 0x2', MARK_END);
  expect(trace.take()?.fences).toBe(1);
});

test('commands without facts count, and what is no line of the trace is passed over', () => {
  const trace = heard(MARK_BEGIN, 'virtio_gpu_cmd_get_display_info ', 'virtio_gpu_cmd_get_display_info', 'virtio_gpu_features virgl 1', 'qemu: virtio_gpu_cmd_ctx_submit ctx 0x1, size 5', '', 'virtio_gpu_cmd_ctx_submit garbage', MARK_END);
  expect(plain(trace.take())).toEqual({ commands: { get_display_info: 2, ctx_submit: 1 }, transferBytes: 0, streamBytes: 0, fences: 0, kicks: {} });
});

test('marks of a host without Virgil3D count as well', () => {
  const show = 'virtio_gpu_cmd_set_scanout_blob id 0, res 0x5, w 640, h 360, x 0, y 0';
  const trace = heard(blob(5, 921600), create2d(0x70, 16383, 1), unref(0x70), show, show, create2d(0x71, 16383, 2));
  expect(plain(trace.take())).toEqual({ commands: { set_scanout_blob: 2 }, transferBytes: 0, streamBytes: 0, fences: 0, kicks: {} });
});

const MARK_BEGIN = create3d(0x70, R8, 16383, 1);
const MARK_END = create3d(0x71, R8, 16383, 2);

function heard(...lines: readonly string[]): GpuTrace {
  const trace = new GpuTrace();
  for (const line of lines) trace.hear(line);
  return trace;
}

/** A tally as data that a test can spell out. */
function plain(tally: Tally | undefined): unknown {
  return tally === undefined ? undefined : { ...tally, commands: Object.fromEntries(tally.commands), kicks: Object.fromEntries(tally.kicks) };
}

function create2d(res: number, width: number, height: number): string {
  return `virtio_gpu_cmd_res_create_2d res 0x${res.toString(16)}, fmt 0x2, w ${String(width)}, h ${String(height)}`;
}

function create3d(res: number, format: number, width: number, height: number): string {
  return `virtio_gpu_cmd_res_create_3d res 0x${res.toString(16)}, fmt 0x${format.toString(16)}, w ${String(width)}, h ${String(height)}, d 1`;
}

function blob(res: number, size: number): string {
  return `virtio_gpu_cmd_res_create_blob res 0x${res.toString(16)}, size ${String(size)}`;
}

function unref(res: number): string {
  return `virtio_gpu_cmd_res_unref res 0x${res.toString(16)}`;
}

function transfer(res: number): string {
  return `virtio_gpu_cmd_res_xfer_toh_3d res 0x${res.toString(16)}`;
}

function submit(bytes: number): string {
  return `virtio_gpu_cmd_ctx_submit ctx 0x1, size ${String(bytes)}`;
}

function fence(number: number): string {
  return `virtio_gpu_fence_ctrl fence 0x${number.toString(16)}, type 0x207`;
}
