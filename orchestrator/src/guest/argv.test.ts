// What QEMU is told: the machine that was asked for, and nothing that would let a guest out of its container.
import { describe, expect, test } from 'vitest';
import { Device } from '../contract/device.ts';
import { Measure } from '../contract/job.ts';
import { argvOnThisHost, behindIommu, INSIDE, qemuArgv, RESOURCE_EVENTS, wantsRenderer, type GuestPlan } from './argv.ts';

const PLAN: GuestPlan = { accelerator: 'kvm', display: 'egl', device: 'virgl', spawn: false, cpus: 2, memoryMiB: 1536, tscKHz: 2_596_143, importer: false, camera: true, measure: null, clips: ['clip0', 'clip1'] };
const ALL: readonly GuestPlan[] = [
  { ...PLAN, spawn: true },
  { ...PLAN, importer: true },
  { ...PLAN, camera: false },
  ...(['kvm', 'tcg'] as const).flatMap((accelerator) => (['xvfb', 'egl', 'none'] as const).map((display) => ({ ...PLAN, accelerator, display }))),
  ...Device.options.flatMap((device) => [null, ...Measure.options].map((measure) => ({ ...PLAN, device, measure }))),
];

const GPUS: Readonly<Record<Device, string>> = {
  'virgl': 'virtio-gpu-gl-pci',
  'virgl-blob': 'virtio-gpu-gl-pci,blob=on,hostmem=256M',
  'venus': 'virtio-gpu-gl-pci,blob=on,hostmem=256M,venus=on',
  '2d': 'virtio-gpu-pci',
  '2d-blob': 'virtio-gpu-pci,blob=on',
  'virgl-iommu': 'virtio-gpu-gl-pci,iommu_platform=on,ats=on',
  'virgl-blob-iommu': 'virtio-gpu-gl-pci,blob=on,hostmem=256M,iommu_platform=on,ats=on',
  '2d-iommu': 'virtio-gpu-pci,iommu_platform=on,ats=on',
  'virgl-two-gpus': 'virtio-gpu-gl-pci virtio-gpu-pci',
};

test.each(Device.options)('device %s is what its name says, and no other display adapter', (device) => {
  const argv = qemuArgv({ ...PLAN, device });
  expect(valuesOf(argv, '-device').filter((value) => value.includes('gpu'))).toEqual(GPUS[device].split(' '));
  expect(valuesOf(argv, '-vga')).toEqual(['none']);
});

test.each(Device.options)('device %s has a translating IOMMU exactly where its name says so, made before the devices behind it', (device) => {
  const argv = qemuArgv({ ...PLAN, device });
  const devices = valuesOf(argv, '-device');
  const wanted = device.endsWith('-iommu');
  expect(behindIommu(device)).toBe(wanted);
  expect(devices.filter((value) => value.includes('iommu') && !value.includes('gpu'))).toEqual(wanted ? ['intel-iommu,intremap=off,device-iotlb=on'] : []);
  expect(devices.findIndex((value) => value.startsWith('intel-iommu'))).toBeLessThan(devices.findIndex((value) => value.includes('gpu')));
  expect(kernelArgs({ ...PLAN, device }).filter((arg) => arg.includes('iommu'))).toEqual(wanted ? ['intel_iommu=on', 'iommu.strict=1'] : []);
  expect(valuesOf(argv, '-M')[0]?.includes('kernel-irqchip=split')).toBe(wanted);
});

test('only a 2D device with blobs has its memory in a memfd, of which udmabuf can make a dma-buf', () => {
  for (const device of Device.options) {
    const argv = qemuArgv({ ...PLAN, device });
    const shared = device === '2d-blob';
    expect(valuesOf(argv, '-object')).toEqual(shared ? ['memory-backend-memfd,id=ram,size=1536M,share=on'] : []);
    expect(valuesOf(argv, '-M')[0]?.endsWith(',memory-backend=ram')).toBe(shared);
    expect(valuesOf(argv, '-m')).toEqual(['1536']);
  }
});

test('a kernel with the test importer gets a device that does DMA to all of the guest\'s memory, and a camera that wants contiguous memory', () => {
  const given = (plan: GuestPlan): unknown => [valuesOf(qemuArgv(plan), '-device').filter((value) => value.startsWith('edu')), kernelArgs(plan).filter((arg) => arg.startsWith('vivid.'))];
  expect(given(PLAN)).toEqual([[], []]);
  expect(given({ ...PLAN, importer: true })).toEqual([['edu,dma_mask=0xffffffff'], ['vivid.n_devs=2', 'vivid.allocators=0,1']]);
});

test('there is a camera where a pipeline films or the importer looks, and nowhere else is the time for it spent', () => {
  const without = (plan: GuestPlan): boolean => kernelArgs(plan).includes('initcall_blacklist=vivid_init');
  expect([without(PLAN), without({ ...PLAN, camera: false, importer: true }), without({ ...PLAN, camera: false })]).toEqual([false, false, true]);
});

test('only where there are two GPUs does each number its resources by itself', () => {
  for (const device of Device.options) expect(kernelArgs({ ...PLAN, device }).includes('virtio_gpu.virglhack=0')).toBe(device === 'virgl-two-gpus');
});

test('2D devices need no renderer on the host, all others do', () => {
  expect(Device.options.filter((device) => !wantsRenderer(device))).toEqual(['2d', '2d-blob', '2d-iommu']);
});

test('every run has its host resources counted; each command is told only where that is what is measured', () => {
  for (const measure of [null, 'time', 'instructions'] as const) expect(valuesOf(qemuArgv({ ...PLAN, measure }), '-trace')).toEqual([...RESOURCE_EVENTS]);
  expect(valuesOf(qemuArgv({ ...PLAN, measure: 'counters' }), '-trace')).toEqual(['virtio_gpu_cmd_*', 'virtio_gpu_fence_*', 'virtio_queue_notify']);
});

test.each(['kvm', 'tcg'] as const)('where instructions are counted, one CPU is emulated by the count of them, on a host with %s', (accelerator) => {
  const plan: GuestPlan = { ...PLAN, accelerator, measure: 'instructions' };
  const argv = qemuArgv(plan);
  expect([valuesOf(argv, '-accel'), valuesOf(argv, '-icount'), valuesOf(argv, '-cpu'), valuesOf(argv, '-smp')]).toEqual([['tcg,thread=single'], ['shift=0,sleep=off'], ['max'], ['1']]);
  expect(kernelArgs(plan)).toEqual(expect.arrayContaining(['watchdog_thresh=20', 'tsc_early_khz=1000000', 'tsc=reliable', 'lpj=4000000', 'nolapic_timer']));
  expect(kernelArgs({ ...plan, measure: 'time' })).not.toContain('nolapic_timer');
  expect(kernelArgs({ ...plan, tscKHz: null })).toEqual(kernelArgs(plan));
});

test('time and counters are measured on the machine that every other run has, but that every notification counts', () => {
  const plain = qemuArgv(PLAN).filter((arg) => !/^virtio_(gpu|queue)/.test(arg) && arg !== '-trace');
  for (const measure of ['time', 'counters'] as const) {
    const measured = qemuArgv({ ...PLAN, measure }).filter((arg) => !/^virtio_(gpu|queue)/.test(arg) && arg !== '-trace');
    expect(measured.map((arg) => arg.replace(/^(virtio-gpu.*),event_idx=off$/, '$1'))).toEqual(plain);
    expect(measured.filter((arg) => arg.includes('event_idx')).length).toBe(measure === 'counters' ? 1 : 0);
  }
  expect(plain).not.toContain('-icount');
});

test.each([
  { display: 'xvfb' as const, has: 'sdl,gl=on' },
  { display: 'egl' as const, has: 'egl-headless' },
  { display: 'none' as const, has: 'none' },
])('display $display is $has', ({ display, has }) => {
  expect(valuesOf(qemuArgv({ ...PLAN, display }), '-display')).toEqual([has]);
});

test('KVM gives the guest the host\'s CPU; emulation uses all cores and is more patient with the watchdog', () => {
  expect(valuesOf(qemuArgv(PLAN), '-accel')).toEqual(['kvm']);
  expect(valuesOf(qemuArgv(PLAN), '-cpu')).toEqual(['host']);
  expect(kernelArgs(PLAN).some((arg) => arg.startsWith('watchdog_thresh'))).toBe(false);
  const emulated: GuestPlan = { ...PLAN, accelerator: 'tcg' };
  expect(valuesOf(qemuArgv(emulated), '-accel')).toEqual(['tcg,thread=multi']);
  expect(valuesOf(qemuArgv(emulated), '-cpu')).toEqual(['max']);
  expect(kernelArgs(emulated)).toContain('watchdog_thresh=20');
});

test('CPUs and memory are as planned', () => {
  const argv = qemuArgv({ ...PLAN, cpus: 3, memoryMiB: 777 });
  expect([valuesOf(argv, '-smp'), valuesOf(argv, '-m')]).toEqual([['3'], ['777']]);
});

test('a panicked guest stays, so that its last words are read, and is never rebooted', () => {
  expect(kernelArgs(PLAN)).toEqual(expect.arrayContaining(['panic=0', 'console=ttyS0', 'init=/vlab/probe', 'ro', 'sysctl.kernel.hung_task_check_interval_secs=5']));
  expect(qemuArgv(PLAN)).toContain('-no-reboot');
  expect(valuesOf(qemuArgv(PLAN), '-device')).toContain('pvpanic-pci');
});

describe.each(ALL)('$device on $display under $accelerator, measured: $measure', (plan) => {
  const argv = qemuArgv(plan);

  test('runs in QEMU\'s sandbox with every door of it shut, but for the process that draws Vulkan', () => {
    expect(valuesOf(argv, '-sandbox')).toEqual([`on,obsolete=deny,elevateprivileges=${plan.device === 'venus' ? 'allow' : 'deny'},spawn=${plan.device === 'venus' || plan.spawn ? 'allow' : 'deny'},resourcecontrol=deny`]);
  });

  test('has no network, not even the one that QEMU adds by itself', () => {
    expect(argv).toEqual(expect.arrayContaining(['-nodefaults', '-no-user-config']));
    expect(argv.filter((arg) => /^-(net|nic|netdev)$|virtio-net|e1000|hostfwd|tcp:|udp:|vnc|spice/.test(arg))).toEqual([]);
  });

  test('gets each disk read-only, under its own serial number', () => {
    const drives = valuesOf(argv, '-drive').map((value) => value.split(','));
    expect(drives.map((options) => options[0])).toEqual([`file=${INSIDE.root}`, 'file=/vlab/clip0', 'file=/vlab/clip1']);
    for (const options of drives) expect(options).toEqual(expect.arrayContaining(['readonly=on', 'format=raw']));
    expect(valuesOf(argv, '-device').filter((value) => value.startsWith('virtio-blk-pci'))).toEqual([
      'virtio-blk-pci,drive=root,serial=root', 'virtio-blk-pci,drive=clip0,serial=clip0', 'virtio-blk-pci,drive=clip1,serial=clip1',
    ]);
  });

  test('connects to the lab\'s sockets instead of listening on its own', () => {
    const sockets = valuesOf(argv, '-chardev');
    expect(sockets.map((value) => /path=([^,]+)/.exec(value)?.[1])).toEqual([INSIDE.console, INSIDE.control, INSIDE.qmp]);
    for (const value of sockets) expect(value).toMatch(/^file,id=console,|^socket,.*,server=off$/);
  });
});

function valuesOf(argv: readonly string[], option: string): string[] {
  return argv.flatMap((arg, index) => (arg === option ? [argv[index + 1] ?? ''] : []));
}

function kernelArgs(plan: GuestPlan): string[] {
  return (valuesOf(qemuArgv(plan), '-append')[0] ?? '').split(' ');
}

test('an emulated guest is told its clock\'s frequency where it is known, and calibrates by itself where it is not', () => {
  const emulated: GuestPlan = { ...PLAN, accelerator: 'tcg' };
  expect(kernelArgs(emulated)).toEqual(expect.arrayContaining(['tsc_early_khz=2596143', 'tsc=reliable', 'lpj=10384572']));
  expect(kernelArgs({ ...emulated, tscKHz: null }).join(' ')).not.toMatch(/tsc|lpj/);
});

test('a guest without a clip has its root disk and no other', () => {
  expect(valuesOf(qemuArgv({ ...PLAN, clips: [] }), '-drive')).toHaveLength(1);
});

test('a recorded command line on a host like the recording one is what it was, to the word', () => {
  for (const plan of ALL) expect(argvOnThisHost(qemuArgv(plan), plan)).toEqual(qemuArgv(plan));
});

test('on another host only accelerator, clock and display are as they are there', () => {
  for (const plan of ALL) {
    for (const here of [{ accelerator: 'tcg', display: 'xvfb', tscKHz: 1_999_999 }, { accelerator: 'tcg', display: 'xvfb', tscKHz: null }, { accelerator: 'kvm', display: 'egl', tscKHz: null }] as const) {
      expect(argvOnThisHost(qemuArgv(plan), { ...plan, ...here })).toEqual(qemuArgv({ ...plan, ...here }));
    }
  }
});

test('a command line from when the console was a socket is heard as today\'s', () => {
  const recorded = qemuArgv(PLAN).map((word) => (word.startsWith('file,id=console,') ? 'socket,id=console,path=/run/vlab/console,server=off' : word));
  expect(argvOnThisHost(recorded, PLAN)).toEqual(qemuArgv(PLAN));
});

test('what a command line has that nobody knows stays; one that is none is refused', () => {
  const recorded = [...qemuArgv(PLAN), '-device', 'from-another-time'];
  expect(argvOnThisHost(recorded, PLAN)).toEqual(recorded);
  expect(() => argvOnThisHost(['qemu-system-x86_64'], PLAN)).toThrow('-accel');
});
