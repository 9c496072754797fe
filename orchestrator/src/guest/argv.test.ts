// What QEMU is told: the machine that was asked for, and nothing that would let a guest out of its container.
import { describe, expect, test } from 'vitest';
import { INSIDE, qemuArgv, type GuestPlan } from './argv.ts';

const PLAN: GuestPlan = { accelerator: 'kvm', display: 'egl', device: 'virgl', cpus: 2, memoryMiB: 1536, tscKHz: 2_596_143, clips: ['clip0', 'clip1'] };
const ALL = (['kvm', 'tcg'] as const).flatMap((accelerator) => (['xvfb', 'egl', 'none'] as const).flatMap((display) =>
  (['virgl', '2d'] as const).map((device) => ({ ...PLAN, accelerator, display, device }))));

test.each([
  { device: 'virgl' as const, has: 'virtio-gpu-gl-pci' },
  { device: '2d' as const, has: 'virtio-gpu-pci' },
])('device $device is one $has, and no other display adapter', ({ device, has }) => {
  const argv = qemuArgv({ ...PLAN, device });
  expect(valuesOf(argv, '-device').filter((value) => value.includes('gpu'))).toEqual([has]);
  expect(valuesOf(argv, '-vga')).toEqual(['none']);
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
  expect(kernelArgs(PLAN)).toEqual(expect.arrayContaining(['panic=0', 'console=ttyS0', 'init=/vlab/probe', 'ro']));
  expect(qemuArgv(PLAN)).toContain('-no-reboot');
  expect(valuesOf(qemuArgv(PLAN), '-device')).toContain('pvpanic-pci');
});

describe.each(ALL)('$device on $display under $accelerator', (plan) => {
  const argv = qemuArgv(plan);

  test('runs in QEMU\'s sandbox with every door of it shut', () => {
    expect(valuesOf(argv, '-sandbox')).toEqual(['on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny']);
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
    for (const value of sockets) expect(value).toMatch(/,server=off$/);
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
