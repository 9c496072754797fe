// The kernel's own words, as 6.12 says them on the console, told apart: one finding per thing that happened, none where nothing did.
import { describe, expect, test } from 'vitest';
import type { ConsoleFinding } from '../contract/run.ts';
import { ENDS_A_GUEST } from '../contract/ends-a-guest.ts';
import { findingsIn, kindOfLine, withoutStamp } from './console.ts';

type Kind = ConsoleFinding['kind'];

const BOOT = [
  '[    0.000000] Linux version 6.12.107 (builder@vlab) (gcc (Debian 14.2.0-19) 14.2.0, GNU ld 2.44) #1 SMP PREEMPT_DYNAMIC',
  '[    0.412233] [drm] pci: virtio-gpu-pci detected at 0000:00:02.0',
  '[    0.433001] [drm] features: +virgl +edid +resource_blob -host_visible -context_init',
  '[    1.004217] erofs: (device vda): mounted with root inode @ nid 36.',
];

const TRACE = [
  '[   12.346112] CPU: 1 UID: 0 PID: 87 Comm: probe Not tainted 6.12.107 #1',
  '[   12.346390] Hardware name: QEMU Standard PC (Q35 + ICH9, 2009), BIOS 1.16.3-debian-1.16.3-2 04/01/2014',
  '[   12.347001] Call Trace:', '[   12.347188]  <TASK>', '[   12.347377]  ? __die+0x24/0x70', '[   12.347566]  ? asm_exc_page_fault+0x26/0x30',
  '[   12.347755]  virtio_gpu_transfer_to_host_ioctl+0x5a/0x2b0', '[   12.347944]  drm_ioctl_kernel+0xb1/0x110',
  '[   12.348133]  drm_ioctl+0x28d/0x4f0', '[   12.348322]  __x64_sys_ioctl+0x94/0xd0', '[   12.348511]  do_syscall_64+0x82/0x190',
  '[   12.348700]  entry_SYSCALL_64_after_hwframe+0x76/0x7e', '[   12.348889]  </TASK>',
];

const OOPS = [
  '[   12.345678] BUG: kernel NULL pointer dereference, address: 0000000000000010',
  '[   12.345800] #PF: supervisor read access in kernel mode', '[   12.345901] #PF: error_code(0x0000) - not-present page', '[   12.345999] PGD 0 P4D 0 ',
  '[   12.346050] Oops: Oops: 0000 [#1] PREEMPT SMP NOPTI',
  ...TRACE,
  '[   12.349078] Modules linked in:', '[   12.349267] CR2: 0000000000000010', '[   12.349456] ---[ end trace 0000000000000000 ]---',
  '[   12.349645] RIP: 0010:virtio_gpu_transfer_to_host_ioctl+0x5a/0x2b0',
];

const SAMPLES: { kind: Kind; lines: string[]; text: string }[] = [
  {
    kind: 'panic', text: 'Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)',
    lines: ['[    1.234567] Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)', ...TRACE,
      '[    1.240000] Kernel Offset: 0x1a000000 from 0xffffffff81000000 (relocation range: 0xffffffff80000000-0xffffffffbfffffff)',
      '[    1.241000] ---[ end Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0) ]---'],
  },
  { kind: 'oops', text: 'BUG: kernel NULL pointer dereference, address: 0000000000000010', lines: OOPS },
  {
    kind: 'oops', text: 'Oops: general protection fault, probably for non-canonical address 0xdead000000000100: 0000 [#1] PREEMPT SMP NOPTI',
    lines: ['[   12.345678] Oops: general protection fault, probably for non-canonical address 0xdead000000000100: 0000 [#1] PREEMPT SMP NOPTI', ...TRACE, '[   12.35] ---[ end trace 0000000000000000 ]---'],
  },
  {
    kind: 'bug', text: 'kernel BUG at drivers/gpu/drm/virtio/virtgpu_vq.c:312!',
    lines: ['[   12.345600] ------------[ cut here ]------------', '[   12.345678] kernel BUG at drivers/gpu/drm/virtio/virtgpu_vq.c:312!', '[   12.345701] Oops: invalid opcode: 0000 [#1] PREEMPT SMP NOPTI',
      ...TRACE, '[   12.349456] ---[ end trace 0000000000000000 ]---'],
  },
  {
    kind: 'bug', text: 'BUG: Bad page state in process probe  pfn:11c2a',
    lines: ['[   12.345678] BUG: Bad page state in process probe  pfn:11c2a', '[   12.345700] page: refcount:0 mapcount:1 mapping:0000000000000000 index:0x0 pfn:0x11c2a', ...TRACE],
  },
  {
    kind: 'kasan', text: 'BUG: KASAN: slab-use-after-free in virtio_gpu_object_put+0x2d/0x90',
    lines: ['[   12.345600] ==================================================================', '[   12.345678] BUG: KASAN: slab-use-after-free in virtio_gpu_object_put+0x2d/0x90',
      '[   12.345690] Read of size 8 at addr ffff88800b3f4c08 by task probe/87', '[   12.345699] ', ...TRACE, '[   12.35] Allocated by task 87:', '[   12.36] Freed by task 87:',
      '[   12.37] ==================================================================', '[   12.38] Disabling lock debugging due to kernel taint'],
  },
  {
    kind: 'ubsan', text: 'UBSAN: array-index-out-of-bounds in drivers/gpu/drm/virtio/virtgpu_ioctl.c:312:21',
    lines: ['[   12.345600] ------------[ cut here ]------------', '[   12.345678] UBSAN: array-index-out-of-bounds in drivers/gpu/drm/virtio/virtgpu_ioctl.c:312:21',
      '[   12.345690] index 4 is out of range for type \'u32 [4]\'', ...TRACE, '[   12.349456] ---[ end trace ]---'],
  },
  ...[
    'WARNING: possible circular locking dependency detected', 'WARNING: possible recursive locking detected', 'WARNING: possible irq lock inversion dependency detected',
    'WARNING: inconsistent lock state', 'WARNING: suspicious RCU usage', 'WARNING: bad unlock balance detected!', 'WARNING: held lock freed!',
    'WARNING: HARDIRQ-safe -> HARDIRQ-unsafe lock order detected', 'WARNING: lock held when returning to user space!', 'WARNING: Nested lock was not taken',
    'WARNING: probe/87 still has locks held!', '[ BUG: Invalid wait context ]',
  ].map((text) => ({
    kind: 'lockdep' as const, text,
    lines: ['[   12.345600] ============================================', `[   12.345678] ${text}`, '[   12.345680] 6.12.107 #1 Not tainted', '[   12.345690] --------------------------------------------',
      '[   12.345700] probe/87 is trying to acquire lock:', '[   12.345710] ffff88800b3f4c08 (reservation_ww_class_mutex){+.+.}-{4:4}, at: virtio_gpu_array_lock_resv+0x5f/0x80',
      '[   12.345720]  Possible unsafe locking scenario:', '[   12.345730]  *** DEADLOCK ***', ...TRACE],
  })),
  {
    kind: 'atomic-sleep', text: 'BUG: sleeping function called from invalid context at kernel/locking/mutex.c:585',
    lines: ['[   12.345678] BUG: sleeping function called from invalid context at kernel/locking/mutex.c:585', '[   12.345690] in_atomic(): 1, irqs_disabled(): 0, non_block: 0, pid: 87, name: probe', '[   12.345699] preempt_count: 1, expected: 0', ...TRACE],
  },
  { kind: 'atomic-sleep', text: 'BUG: scheduling while atomic: probe/87/0x00000002', lines: ['[   12.345678] BUG: scheduling while atomic: probe/87/0x00000002', ...TRACE] },
  {
    kind: 'hung-task', text: 'INFO: task probe:87 blocked for more than 20 seconds.',
    lines: ['[   43.345678] INFO: task probe:87 blocked for more than 20 seconds.', '[   43.345690]       Not tainted 6.12.107 #1', '[   43.345699] "echo 0 > /proc/sys/kernel/hung_task_timeout_secs" disables this message.',
      '[   43.345710] task:probe           state:D stack:0     pid:87    tgid:87    ppid:1      flags:0x00000002', ...TRACE],
  },
  { kind: 'soft-lockup', text: 'watchdog: BUG: soft lockup - CPU#0 stuck for 26s! [probe:87]', lines: ['[   52.345678] watchdog: BUG: soft lockup - CPU#0 stuck for 26s! [probe:87]', '[   52.345690] Modules linked in:', ...TRACE] },
  ...[
    'rcu: INFO: rcu_preempt self-detected stall on CPU', 'rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:', 'rcu: INFO: rcu_preempt detected expedited stalls on CPUs/tasks: { 1-...D } 21 jiffies s: 57 root: 0x2/.',
    'INFO: rcu_tasks detected stalls on tasks:',
  ].map((text) => ({
    kind: 'rcu-stall' as const, text,
    lines: [`[   62.345678] ${text}`, '[   62.345690] rcu: \t0-....: (2099 ticks this GP) idle=0c5c/1/0x4000000000000000 softirq=101/101 fqs=525', '[   62.345699] rcu: \t(t=2100 jiffies g=-1095 q=4 ncpus=2)', ...TRACE],
  })),
  { kind: 'kmemleak', text: 'kmemleak: 3 new suspected memory leaks (see /sys/kernel/debug/kmemleak)', lines: ['[   99.345678] kmemleak: 3 new suspected memory leaks (see /sys/kernel/debug/kmemleak)'] },
  ...[
    'DMA-API: virtio-pci 0000:00:02.0: device driver tries to free DMA memory it has not allocated [device address=0x000000000b3f4000] [size=4096 bytes]',
    'DMA-API: virtio-pci 0000:00:02.0: mapping sg segment longer than device claims to support [len=1048576] [max=65536]',
    'DMA-API: virtio-pci 0000:00:02.0: cacheline tracking EEXIST, overlapping mappings aren\'t supported',
  ].map((text) => ({
    kind: 'dma-api' as const, text,
    lines: ['[   12.345600] ------------[ cut here ]------------', `[   12.345678] ${text}`, '[   12.345690] WARNING: CPU: 1 PID: 87 at kernel/dma/debug.c:1033 check_unmap+0x3f1/0x8a0', ...TRACE, '[   12.349456] ---[ end trace 0000000000000000 ]---'],
  })),
  ...[
    'WARNING: CPU: 0 PID: 87 at drivers/gpu/drm/virtio/virtgpu_vq.c:312 virtio_gpu_queue_ctrl_sgs+0x1f/0x40',
    // 6.19 and later put the place first.
    'WARNING: drivers/gpu/drm/virtio/virtgpu_vq.c:312 at virtio_gpu_queue_ctrl_sgs+0x1f/0x40, CPU#0: probe/87',
  ].map((text) => ({
    kind: 'warning' as const, text, lines: ['[   12.345600] ------------[ cut here ]------------', `[   12.345678] ${text}`, ...TRACE, '[   12.349456] ---[ end trace 0000000000000000 ]---'],
  })),
];

describe.each(SAMPLES)('$text', ({ kind, lines, text }) => {
  test(`is one finding, ${kind}, with its line and without its time stamp`, () => {
    const console = [...BOOT, ...lines, '[   99.999999] probe exits'];
    const found = findingsIn(console).map((one) => ({ kind: one.kind, line: one.line, text: one.text }));
    expect(found).toEqual([{ kind, line: BOOT.length + 1 + lines.findIndex((line) => line.includes(text)), text }]);
  });
});

test('there is a sample of every kind that a record can hold', () => {
  const kinds: Kind[] = ['panic', 'oops', 'bug', 'kasan', 'ubsan', 'lockdep', 'atomic-sleep', 'hung-task', 'soft-lockup', 'rcu-stall', 'kmemleak', 'dma-api', 'warning'];
  expect(new Set(SAMPLES.map((sample) => sample.kind))).toEqual(new Set(kinds));
});

test('an oops and the panic that it ends in are two findings', () => {
  const lines = [...OOPS, '[   12.400000] Kernel panic - not syncing: Fatal exception', '[   12.410000] ---[ end Kernel panic - not syncing: Fatal exception ]---'];
  expect(findingsIn(lines).map(({ kind }) => kind)).toEqual(['oops', 'panic']);
});

test('an oops counts although it comes soon after something smaller', () => {
  const small = ['[   11.000000] WARNING: possible recursive locking detected', '[   11.000100] 6.12.107 #1 Not tainted', ...TRACE, '[   11.900000] probe: frame 3'];
  expect(findingsIn([...small, ...OOPS]).map(({ kind }) => kind)).toEqual(['lockdep', 'oops']);
});

test('the same warning twice is two findings, each with its own line', () => {
  const one = ['[   12.345678] WARNING: CPU: 0 PID: 87 at a.c:312 f+0x1f/0x40', ...TRACE, '[   12.349456] ---[ end trace 0000000000000000 ]---'];
  expect(findingsIn([...one, ...one]).map(({ line }) => line)).toEqual([1, one.length + 1]);
});

test('a finding carries what stood before it and the whole report after it, cut where a line is hostile', () => {
  const [finding] = findingsIn([...BOOT, `[   12.000000] ${'x'.repeat(5000)}`, ...OOPS]);
  expect(finding?.around.slice(0, BOOT.length)).toEqual(BOOT);
  expect(finding?.around).toEqual(expect.arrayContaining(OOPS));
  expect(Math.max(...(finding?.around ?? []).map((line) => line.length))).toBeLessThan(410);
});

test.each([
  '[    0.100000] tsc: [Firmware Bug]: TSC ADJUST differs: CPU0 0 -> 1',
  '[    0.100000] [Firmware Warn]: GHES: Poll interval is 0 for generic hardware error source: 1, disabled.',
  '[    0.100000] ACPI BIOS Warning (bug): Optional FADT field Pm2ControlBlock has valid Length but zero Address',
  '[    0.100000] kernel command line: debug ignore_loglevel',
  '[    0.100000] DEBUG: a line of a driver of ours',
  '[    0.100000] KERNEL_DEBUG: on',
  '[    0.100000] spectre_v2: WARNING: Unprivileged eBPF is enabled with eIBRS on, data leaks possible via Spectre v2 BHB attacks!',
  '[    0.100000] MDS CPU bug present and SMT on, data leak possible.',
  '[    0.100000] **   administrator!                                                **',
  '[    0.100000] ** This means that this kernel is built to expose internal kernel **',
  '[    0.100000] x86/fpu: Supporting XSAVE feature 0x001: \'x87 floating point registers\'',
  '[    0.100000] DMA-API: preallocated 65536 debug entries',
  '[    0.100000] DMA-API: debugging enabled by kernel config',
  '[    0.100000] kmemleak: Kernel memory leak detector initialized (mem pool available: 15721)',
  '[    0.100000] kmemleak: Automatic memory scanning thread started',
  '[    0.100000] Lock dependency validator: Copyright (c) 2006 Red Hat, Inc., Ingo Molnar',
  '[    0.100000] kasan: KernelAddressSanitizer initialized (generic)',
  '[    0.100000] rcu: RCU calculated value of scheduler-enlistment delay is 25 jiffies.',
  '[    0.100000] rcu: Hierarchical RCU implementation.',
  '[    0.100000] rcu: \tRCU lockdep checking is enabled.',
  '[    0.100000] pci 0000:00:02.0: BAR 0: assigned [mem 0xfe000000-0xfe7fffff pref]',
  '[    0.100000] Warning: unable to open an initial console.',
  '[    0.100000] watchdog: Delayed init of the lockup detector failed: -19',
  '[    0.100000] panic=0 is on the command line',
  '[    3.100000] traps: probe[87] general protection fault ip:7f1c2d3e4f50 sp:7ffd1a2b3c40 error:0 in libgallium.so[7f1c2d000000+1000]',
  '[    3.100000] probe[87]: segfault at 10 ip 00007f1c2d3e4f50 sp 00007ffd1a2b3c40 error 4 in probe[401000+2000]',
  'MESA: warning: virgl: host is too old, WARNING: expect trouble',
  'libEGL warning: DRI3: Screen seems not DRI3 capable',
  'probe: WARNING: assertion failed at draw.c:87',
])('%s is not a finding', (line) => {
  expect(kindOfLine(line)).toBeUndefined();
  expect(findingsIn([line])).toEqual([]);
});

// The UART drains what the probe writes in small pieces, and the kernel's console does not wait for the end of a line.
test('a kernel\'s message that begins in the middle of what the probe was writing is found', () => {
  const lines = ['probe: pipeline uplo[   12.345678] BUG: kernel NULL pointer dereference, address: 0000000000000010', '[   12.345800] #PF: supervisor read access in kernel mode', 'ad, frame 3'];
  expect(findingsIn(lines)).toMatchObject([{ kind: 'oops', line: 1 }]);
});

test.each([
  ['[   12.345678] text', 'text'],
  ['[  112.345678][   T87] text', 'text'],
  ['[    0.000000][    C0] text', 'text'],
  ['<4>[   12.345678] text', 'text'],
  ['no stamp [   12.345678]', 'no stamp [   12.345678]'],
])('%j without its stamp is %j', (line, text) => {
  expect(withoutStamp(line)).toBe(text);
});

test('a report that a driver can survive does not end the guest', () => {
  const survivable: Kind[] = ['kasan', 'ubsan', 'lockdep', 'atomic-sleep', 'kmemleak', 'dma-api', 'warning'];
  expect(survivable.filter((kind) => ENDS_A_GUEST.has(kind))).toEqual([]);
  expect(ENDS_A_GUEST.has('panic')).toBe(true);
});

test('of a console that complains without end a hundred findings are kept', () => {
  const lines = Array.from({ length: 20_000 }, (_, n) => `[    1.000000] BUG: KASAN: slab-out-of-bounds in f${String(n)}+0x1/0x2`);
  expect(findingsIn(lines)).toHaveLength(100);
});
