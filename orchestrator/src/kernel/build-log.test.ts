// What a person reads of a failed build: the patch, the file, the hunk, and the compiler's own lines out of thousands.
import { expect, test } from 'vitest';
import { compilerLines, isRefused, patchFailure, sayPatchFailure } from './build-log.ts';

const VQ = 'drivers/gpu/drm/virtio/virtgpu_vq.c';
const IOCTL = 'drivers/gpu/drm/virtio/virtgpu_ioctl.c';
const SECOND = '0002-drm-virtio-Use-the-handle.patch';

/** The second patch of a series: one hunk in one file, two in another. */
const PATCH = [
  'From 1c2d3e Mon Sep 17 00:00:00 2001', 'Subject: [PATCH 2/3] drm/virtio: Use the handle', '', '---',
  ` ${VQ}    | 2 +-`, '',
  `diff --git a/${VQ} b/${VQ}`, 'index 0d3d0d0..1f1f1f1 100644', `--- a/${VQ}`, `+++ b/${VQ}`,
  '@@ -612,7 +612,7 @@ void virtio_gpu_cmd_resource_create_2d(struct virtio_gpu_device *vgdev,', ' a', '-b', '+c', ' d',
  `diff --git a/${IOCTL} b/${IOCTL}`, 'index 0d3d0d0..1f1f1f1 100644', `--- a/${IOCTL}`, `+++ b/${IOCTL}`,
  '@@ -40,6 +40,7 @@', ' a', '+b', ' c',
  '@@ -295,12 +296,14 @@ static int virtio_gpu_transfer_to_host_ioctl(struct drm_device *dev, void *data,', ' a', '-b', '+c', ' d', '-- ', '2.47.2', '',
].join('\n');

/** As `git apply --verbose` 2.39 writes it: the lines searched for stand without a mark of their own. */
const DOES_NOT_APPLY = [
  'vlab-patch: 0001-dma-buf-Add-an-id.patch', 'Checking patch drivers/dma-buf/dma-buf.c...', 'Applied patch drivers/dma-buf/dma-buf.c cleanly.',
  `vlab-patch: ${SECOND}`, `Checking patch ${VQ}...`, `Checking patch ${IOCTL}...`,
  'error: while searching for:', '\tstruct virtio_gpu_object *bo;', '\tint ret;', '\tu32 offset = args->offset;', '',
  `error: patch failed: ${IOCTL}:295`, `error: ${IOCTL}: patch does not apply`,
];

test('names the patch, the file, the line and which of the file\'s hunks it is', () => {
  expect(patchFailure(DOES_NOT_APPLY, new Map([[SECOND, PATCH]]))).toEqual({
    patch: SECOND, file: IOCTL, line: 295,
    hunk: '#2 (@@ -295,12 +296,14 @@ static int virtio_gpu_transfer_to_host_ioctl(struct drm_device *dev, void *data,)',
  });
});

test('says it in one line, with git\'s own errors and without the patch\'s text beneath', () => {
  const failure = patchFailure(DOES_NOT_APPLY, new Map([[SECOND, PATCH]]));
  expect(failure).toBeDefined();
  const said = failure === undefined ? '' : sayPatchFailure(failure, DOES_NOT_APPLY);
  expect(said.split('\n')).toEqual([
    `patch ${SECOND} does not apply: ${IOCTL}:295, hunk #2 (@@ -295,12 +296,14 @@ static int virtio_gpu_transfer_to_host_ioctl(struct drm_device *dev, void *data,)`,
    'error: while searching for:', `error: patch failed: ${IOCTL}:295`, `error: ${IOCTL}: patch does not apply`,
  ]);
});

test('a hunk is counted within its own file', () => {
  const log = [`vlab-patch: ${SECOND}`, `error: patch failed: ${IOCTL}:40`, `error: ${IOCTL}: patch does not apply`];
  expect(patchFailure(log, new Map([[SECOND, PATCH]]))?.hunk).toBe('#1 (@@ -40,6 +40,7 @@)');
});

test('a hunk that the patch does not have is left out rather than guessed', () => {
  const log = [`vlab-patch: ${SECOND}`, `error: patch failed: ${IOCTL}:612`];
  const failure = patchFailure(log, new Map([[SECOND, PATCH]]));
  expect(failure).toEqual({ patch: SECOND, file: IOCTL, line: 612, hunk: undefined });
  expect(failure === undefined ? '' : sayPatchFailure(failure, log)).toMatch(new RegExp(`^patch ${SECOND} does not apply: ${IOCTL}:612\n`));
});

test.each([
  'No such file or directory', 'already exists in working directory', 'does not exist in index',
])('a file of which git says "%s" is named without a line', (words) => {
  const log = ['vlab-patch: 0001-a.patch', `Checking patch ${VQ}...`, `error: ${VQ}: ${words}`];
  const failure = patchFailure(log, new Map());
  expect(failure).toEqual({ patch: '0001-a.patch', file: VQ, line: 0, hunk: undefined });
  expect(failure === undefined ? '' : sayPatchFailure(failure, log)).toBe(`patch 0001-a.patch does not apply: ${VQ}\nerror: ${VQ}: ${words}`);
});

test('a patch that is no patch at all is named, with what git says of it', () => {
  const log = ['vlab-patch: 0001-a.patch', 'error: No valid patches in input (allow with "--allow-empty")'];
  const failure = patchFailure(log, new Map());
  expect(failure === undefined ? '' : sayPatchFailure(failure, log)).toBe(`patch 0001-a.patch does not apply\n${log[1] ?? ''}`);
});

test('a file that the patch renames is found under its old name, which is the one that git uses', () => {
  const patch = [
    `diff --git a/${VQ} b/drivers/gpu/drm/virtio/queue.c`, 'similarity index 97%', `rename from ${VQ}`, 'rename to drivers/gpu/drm/virtio/queue.c',
    `--- a/${VQ}`, '+++ b/drivers/gpu/drm/virtio/queue.c', '@@ -17,7 +17,7 @@', ' a', '-b', '+c',
  ].join('\n');
  const log = ['vlab-patch: 0001-a.patch', `Checking patch ${VQ} => drivers/gpu/drm/virtio/queue.c...`, `error: patch failed: ${VQ}:17`, `error: ${VQ}: patch does not apply`];
  expect(patchFailure(log, new Map([['0001-a.patch', patch]]))?.hunk).toBe('#1 (@@ -17,7 +17,7 @@)');
});

test('a file that the patch deletes is found too, and does not count as a hunk of the file before it', () => {
  const patch = [
    `diff --git a/${IOCTL} b/${IOCTL}`, `--- a/${IOCTL}`, `+++ b/${IOCTL}`, '@@ -40,6 +40,7 @@', ' a', '+b',
    `diff --git a/${VQ} b/${VQ}`, 'deleted file mode 100644', `--- a/${VQ}`, '+++ /dev/null', '@@ -1,3 +0,0 @@', '-a', '-b', '-c',
  ].join('\n');
  const at = (file: string, line: number): string | undefined =>
    patchFailure(['vlab-patch: 0001-a.patch', `error: patch failed: ${file}:${String(line)}`], new Map([['0001-a.patch', patch]]))?.hunk;
  expect(at(IOCTL, 1)).toBeUndefined();
  expect(at(VQ, 1)).toBe('#1 (@@ -1,3 +0,0 @@)');
});

test('a log that ends before any patch was tried has no patch to blame', () => {
  expect(patchFailure(['sh: 1: git: not found'], new Map())).toBeUndefined();
});

test('picks the compiler\'s, the linker\'s and make\'s lines out of the rest, in their order', () => {
  const telling = [
    `${IOCTL}: In function 'virtio_gpu_transfer_to_host_ioctl':`,
    `${IOCTL}:312:9: error: implicit declaration of function 'virtio_gpu_cmd_transfr' [-Wimplicit-function-declaration]`,
    'cc1: all warnings being treated as errors',
    'make[6]: *** [scripts/Makefile.build:229: drivers/gpu/drm/virtio/virtgpu_ioctl.o] Error 1',
    'make: *** [Makefile:224: __sub-make] Error 2',
  ];
  const log = [
    ...Array.from({ length: 500 }, (_, index) => `  CC      drivers/gpu/file-${String(index)}.o`),
    telling[0], telling[1], '  312 |         virtio_gpu_cmd_transfr(vgdev,', '      |         ^~~~~~~~~~~~~~~~~~~~~~', telling[2], telling[3], telling[4],
  ].filter((line) => line !== undefined);
  expect(compilerLines(log)).toEqual([telling[1], telling[3], telling[4]]);
});

test.each([
  "ld: drivers/gpu/drm/virtio/virtgpu_ioctl.o: in function `virtio_gpu_map_ioctl':",
  "virtgpu_ioctl.c:(.text+0x1f): undefined reference to `virtio_gpu_nothing'",
  'virtgpu_drv.h:30:10: fatal error: linux/none.h: No such file or directory',
  'configure: wanted CONFIG_KASAN=y, got nothing',
  'make[3]: *** No rule to make target \'a.o\', needed by \'built-in.a\'.  Stop.',
  'ERROR: modpost: "virtio_gpu_nothing" [drivers/gpu/drm/virtio/virtio-gpu.ko] undefined!',
])('finds %j', (line) => {
  expect(compilerLines(['  CC      a.o', line, '  CC      error.o', 'vlab-patch: 0001-error-paths.patch'])).toEqual([line]);
});

test('takes the first lines of many: what comes later follows from them', () => {
  const log = Array.from({ length: 100 }, (_, index) => `a.c:${String(index)}:1: error: expected ';'`);
  expect(compilerLines(log)).toEqual(log.slice(0, 20));
});

test('shows the end of a log in which nothing tells', () => {
  const log = Array.from({ length: 100 }, (_, index) => `  CC      ${String(index)}.o`);
  expect(compilerLines(log, 5)).toEqual(log.slice(95));
  expect(compilerLines([])).toEqual([]);
});

test('what the compiler would not take is told from a machine that could not go on', () => {
  const refusal = 'drivers/gpu/drm/virtio/virtgpu_vq.c:12:3: error: implicit declaration of function';
  expect([isRefused(['  CC      a.o', refusal]), isRefused(['ERROR: modpost: "x" undefined!']), isRefused(['ld: a.o: undefined reference to `x\''])]).toEqual([true, true, true]);
  expect([isRefused(['  CC      error.o']), isRefused([refusal, 'write error: No space left on device']), isRefused(['gcc: internal compiler error: Killed (program cc1)'])]).toEqual([false, false, false]);
});
