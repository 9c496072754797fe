// From what a guest shall be to QEMU's command line. Pure: every path is the one inside the container.
import type { Device } from '../contract/job.ts';

export type Accelerator = 'kvm' | 'tcg';
export type Display = 'xvfb' | 'egl' | 'none';

export type GuestPlan = {
  accelerator: Accelerator;
  display: Display;
  device: Device;
  cpus: number;
  memoryMiB: number;
  /** The frequency of the host's time stamp counter in kHz, where it is known; emulated guests read that very counter. */
  tscKHz: number | null;
  /** Serial numbers of the clips' disks, in order; each is a file of that name in /vlab. */
  clips: readonly string[];
};

/** Where things are inside the container. The sockets are the lab's: QEMU connects to them, so that no byte is lost. */
export const INSIDE = {
  vmlinux: '/vlab/vmlinux', root: '/vlab/root.erofs', clip: (serial: string) => `/vlab/${serial}`,
  sockets: '/run/vlab', qmp: '/run/vlab/qmp', console: '/run/vlab/console', control: '/run/vlab/control',
} as const;

export const CONTROL_PORT = 'vlab.control';

/** panic=0: a panicked guest stays, so that its last words are read before anything is torn down. */
const KERNEL_ARGS = ['console=ttyS0', 'root=/dev/vda', 'ro', 'rootfstype=erofs', 'init=/vlab/probe', 'panic=0'];

/** No SATA, no SMBus, no firmware display: nothing of it is used, and probing it costs a tenth of a second of every boot. */
export const MACHINE = 'q35,sata=off,smbus=off,graphics=off';

export function qemuArgv(plan: GuestPlan): string[] {
  return [
    'qemu-system-x86_64', '-nodefaults', '-no-user-config', '-no-reboot',
    '-M', MACHINE, ...accelerator(plan.accelerator), '-smp', String(plan.cpus), '-m', String(plan.memoryMiB),
    '-sandbox', 'on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny',
    ...display(plan.display), '-vga', 'none', '-device', gpu(plan.device),
    '-kernel', INSIDE.vmlinux, '-append', [...KERNEL_ARGS, ...acceleratorArgs(plan)].join(' '),
    ...disk('root', INSIDE.root), ...plan.clips.flatMap((serial) => disk(serial, INSIDE.clip(serial))),
    '-chardev', `socket,id=console,path=${INSIDE.console},server=off`, '-serial', 'chardev:console',
    '-chardev', `socket,id=control,path=${INSIDE.control},server=off`,
    '-device', 'virtio-serial-pci', '-device', `virtserialport,chardev=control,name=${CONTROL_PORT}`,
    '-chardev', `socket,id=qmp,path=${INSIDE.qmp},server=off`, '-mon', 'chardev=qmp,mode=control',
    '-device', 'virtio-rng-pci', '-device', 'pvpanic-pci',
  ];
}

function accelerator(kind: Accelerator): string[] {
  return kind === 'kvm' ? ['-accel', 'kvm', '-cpu', 'host'] : ['-accel', 'tcg,thread=multi', '-cpu', 'max'];
}

/**
 * Under emulation the host can take the CPU away at any time. A watchdog must wait longer before it blames the kernel, and a clock
 * that is calibrated against a timer comes out wrong (679 MHz for 2596 was seen), and with it every figure: so it is told, where known.
 * lpj is per tick, of 250 a second: it spares the delay loop's own calibration.
 */
function acceleratorArgs({ accelerator: kind, tscKHz }: GuestPlan): string[] {
  if (kind === 'kvm') return [];
  const clock = tscKHz === null ? [] : [`tsc_early_khz=${String(tscKHz)}`, 'tsc=reliable', `lpj=${String(tscKHz * 4)}`];
  return ['watchdog_thresh=20', 'no_timer_check', ...clock];
}

function display(kind: Display): string[] {
  switch (kind) {
    case 'xvfb': return ['-display', 'sdl,gl=on'];
    case 'egl': return ['-display', 'egl-headless'];
    case 'none': return ['-display', 'none'];
    default: return kind satisfies never;
  }
}

function gpu(device: Device): string {
  switch (device) {
    case 'virgl': return 'virtio-gpu-gl-pci';
    case '2d': return 'virtio-gpu-pci';
    default: return device satisfies never;
  }
}

function disk(serial: string, path: string): string[] {
  return [
    '-drive', `file=${path},if=none,id=${serial},format=raw,readonly=on,file.locking=off`,
    '-device', `virtio-blk-pci,drive=${serial},serial=${serial}`,
  ];
}
