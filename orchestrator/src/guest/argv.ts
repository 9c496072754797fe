// From what a guest shall be to QEMU's command line. Pure: every path is the one inside the container.
import type { Device } from '../contract/device.ts';
import type { Measure } from '../contract/job.ts';
import { LabError } from '../lib/lab-error.ts';

export type Accelerator = 'kvm' | 'tcg';
export type Display = 'xvfb' | 'egl' | 'none';

export type GuestPlan = {
  accelerator: Accelerator;
  display: Display;
  device: Device;
  /** Whether QEMU of this stack dies of its own sandbox where it may start no process. */
  spawn: boolean;
  cpus: number;
  memoryMiB: number;
  /** The frequency of the host's time stamp counter in kHz, where it is known; emulated guests read that very counter. */
  tscKHz: number | null;
  /** The kernel has the test importer: give it a device that does DMA, and videobuf2 an allocator that wants contiguous memory. */
  importer: boolean;
  /** A pipeline films with vivid. */
  camera: boolean;
  /** What is measured decides how QEMU counts: `counters` makes it tell every virtio-gpu command, `instructions` makes guest time count instructions. */
  measure: Measure | null;
  /** Serial numbers of the clips' disks, in order; each is a file of that name in /vlab. */
  clips: readonly string[];
};

/** The FIFO of the guest's serial console, in the folder of its sockets. */
export const CONSOLE = 'console';

/** Where things are inside the container. The sockets and the FIFO are the lab's, and there before QEMU is: no byte is lost. */
export const INSIDE = {
  vmlinux: '/vlab/vmlinux', outerVmlinux: '/vlab/outer-vmlinux', root: '/vlab/root.erofs', clip: (serial: string) => `/vlab/${serial}`,
  sockets: '/run/vlab', qmp: '/run/vlab/qmp', console: `/run/vlab/${CONSOLE}`, control: '/run/vlab/control',
} as const;

const TWO_GPUS = 'virgl-two-gpus';

export const CONTROL_PORT = 'vlab.control';

const SERIAL = `file,id=console,path=${INSIDE.console}`;

/**
 * panic=0: a panicked guest stays, so that its last words are read before anything is torn down. hung_task: a task that hangs for 30 s is told of
 * by the kernel itself, at the next look; looks 30 s apart, as by default, come after the lab has blamed the silence.
 */
const KERNEL_ARGS = ['console=ttyS0', 'root=/dev/vda', 'ro', 'rootfstype=erofs', 'init=/vlab/probe', 'panic=0', 'sysctl.kernel.hung_task_check_interval_secs=5'];

/** No SATA, no SMBus, no firmware display: nothing of it is used, and probing it costs a tenth of a second of every boot. */
export const MACHINE = 'q35,sata=off,smbus=off,graphics=off';

/** QEMU's smallest (qboot): SeaBIOS looks for disks and option ROMs that nothing boots from. */
const FIRMWARE = 'qboot.rom';

export function qemuArgv(plan: GuestPlan): string[] {
  return [
    'qemu-system-x86_64', '-nodefaults', '-no-user-config', '-no-reboot',
    '-M', machine(plan.device), ...accelerator(plan), ...memory(plan),
    '-sandbox', sandbox(plan),
    ...display(plan.display), '-vga', 'none', ...gpu(plan), ...edu(plan), ...traced(plan.measure),
    '-bios', FIRMWARE, '-kernel', INSIDE.vmlinux, '-append', [...KERNEL_ARGS, ...acceleratorArgs(plan), ...iommuArgs(plan.device), ...numberingArgs(plan.device), ...vividArgs(plan)].join(' '),
    ...disk('root', INSIDE.root), ...plan.clips.flatMap((serial) => disk(serial, INSIDE.clip(serial))),
    '-chardev', SERIAL, '-serial', 'chardev:console',
    '-chardev', `socket,id=control,path=${INSIDE.control},server=off`,
    '-device', 'virtio-serial-pci', '-device', `virtserialport,chardev=control,name=${CONTROL_PORT}`,
    '-chardev', `socket,id=qmp,path=${INSIDE.qmp},server=off`, '-mon', 'chardev=qmp,mode=control',
    '-device', 'virtio-rng-pci', '-device', 'pvpanic-pci',
  ];
}

/** What begins an argument of the kernel that is the host's doing (acceleratorArgs). */
const HOSTS_OWN = /^(watchdog_thresh|no_timer_check|tsc_early_khz|tsc|lpj|nolapic_timer)(=|$)/;

/** A command line that another host recorded, for this one: all as it was, but for the accelerator, its clock, the display and how the lab hears the console, which are as in the plan. */
export function argvOnThisHost(recorded: readonly string[], plan: GuestPlan): string[] {
  const argv = [...recorded];
  const at = (option: string): number => {
    const found = argv.indexOf(option);
    if (found !== -1) return found;
    throw new LabError('BAD_ARGV', `Expected the recorded command line of QEMU to have ${option}, got ${argv.join(' ')}`, { blame: 'lab', stage: 'guest' });
  };
  argv.splice(at('-accel'), at('-smp') + 2 - at('-accel'), ...accelerator(plan));
  argv.splice(at('-display'), 2, ...display(plan.display));
  const console = argv.findIndex((word) => word.includes(',id=console,'));
  if (console !== -1) argv[console] = SERIAL;
  const append = at('-append') + 1;
  const words = (argv[append] ?? '').split(' ');
  const first = words.findIndex((word) => HOSTS_OWN.test(word));
  const others = words.filter((word) => !HOSTS_OWN.test(word));
  const place = first === -1 ? KERNEL_ARGS.length : first;
  argv[append] = [...others.slice(0, place), ...acceleratorArgs(plan), ...others.slice(place)].join(' ');
  return argv;
}

/**
 * virglrenderer draws Vulkan in a process of its own. That process inherits the sandbox and begins with setsid(2), which `elevateprivileges=deny`
 * counts among the calls that end a process; the container has no capability that such a call could raise.
 */
function sandbox({ device, spawn }: GuestPlan): string {
  const vulkan = device === 'venus';
  return `on,obsolete=deny,elevateprivileges=${vulkan ? 'allow' : 'deny'},spawn=${spawn || vulkan ? 'allow' : 'deny'},resourcecontrol=deny`;
}

function machine(device: Device): string {
  const shared = wantsSharedMemory(device) ? ',memory-backend=ram' : '';
  return behindIommu(device) ? `${MACHINE},kernel-irqchip=split${shared}` : `${MACHINE}${shared}`;
}

/** One instruction is a nanosecond of guest time, and waiting takes none: CPU time in the guest then counts instructions, whatever the host does. */
const ICOUNT = ['-icount', 'shift=0,sleep=off'];

function accelerator({ accelerator: kind, measure, cpus }: GuestPlan): string[] {
  if (measure === 'instructions') return ['-accel', 'tcg,thread=single', ...ICOUNT, '-cpu', 'max', '-smp', '1'];
  return [...(kind === 'kvm' ? ['-accel', 'kvm', '-cpu', 'host'] : ['-accel', 'tcg,thread=multi', '-cpu', 'max']), '-smp', String(cpus)];
}

function memory({ device, memoryMiB }: GuestPlan): string[] {
  const size = String(memoryMiB);
  return wantsSharedMemory(device) ? ['-m', size, '-object', `memory-backend-memfd,id=ram,size=${size}M,share=on`] : ['-m', size];
}

/** udmabuf makes a dma-buf of guest pages only where they are a memfd. */
function wantsSharedMemory(device: Device): boolean {
  return device === '2d-blob';
}

export function behindIommu(device: Device): boolean {
  return device.endsWith('-iommu');
}

/**
 * Under emulation the host can take the CPU away at any time. A watchdog must wait longer before it blames the kernel, and a clock
 * that is calibrated against a timer comes out wrong (679 MHz for 2596 was seen), and with it every figure: so it is told, where known.
 * Where instructions are counted, the time stamp counter is that count: 1 GHz. lpj is per tick, of 250 a second: it spares the delay loop's
 * own calibration. The local APIC's timer is calibrated by reading the time stamp counter for a tenth of a second of guest time, which ends a translated block each
 * time: where instructions are counted that took ten seconds of a boot of thirteen, and the one CPU has another timer.
 */
function acceleratorArgs({ accelerator: kind, tscKHz, measure }: GuestPlan): string[] {
  const kHz = measure === 'instructions' ? 1_000_000 : tscKHz;
  if (kind === 'kvm' && measure !== 'instructions') return [];
  const clock = kHz === null ? [] : [`tsc_early_khz=${String(kHz)}`, 'tsc=reliable', `lpj=${String(kHz * 4)}`];
  return ['watchdog_thresh=20', 'no_timer_check', ...clock, ...(measure === 'instructions' ? ['nolapic_timer'] : [])];
}

/** strict: a mapping is gone when it is undone, so that a use after it is seen. */
function iommuArgs(device: Device): string[] {
  return behindIommu(device) ? ['intel_iommu=on', 'iommu.strict=1'] : [];
}

/** Ids of each GPU from 1, used again: what the driver does where it does not work around old hosts. */
function numberingArgs(device: Device): string[] {
  return device === TWO_GPUS ? ['virtio_gpu.virglhack=0'] : [];
}

/** The importer wants a second vivid, which allocates as drivers of devices without an IOMMU do. Where nobody wants one, a twentieth of a second of every boot is spared. */
function vividArgs({ importer, camera }: GuestPlan): string[] {
  if (importer) return ['vivid.n_devs=2', 'vivid.allocators=0,1'];
  return camera ? [] : ['initcall_blacklist=vivid_init'];
}

/** By itself it would reach no further than 256 MiB. */
function edu({ importer }: GuestPlan): string[] {
  return importer ? ['-device', 'edu,dma_mask=0xffffffff'] : [];
}

/** Every run counts the host's resources; what each command costs is told only where that is what is measured. */
export const RESOURCE_EVENTS = ['virtio_gpu_cmd_res_create_2d', 'virtio_gpu_cmd_res_create_3d', 'virtio_gpu_cmd_res_create_blob', 'virtio_gpu_cmd_res_unref'] as const;

function traced(measure: Measure | null): string[] {
  const events = measure === 'counters' ? ['virtio_gpu_cmd_*', 'virtio_gpu_fence_*', 'virtio_queue_notify'] : RESOURCE_EVENTS;
  return events.flatMap((event) => ['-trace', event]);
}

function display(kind: Display): string[] {
  switch (kind) {
    case 'xvfb': return ['-display', 'sdl,gl=on'];
    case 'egl': return ['-display', 'egl-headless'];
    case 'none': return ['-display', 'none'];
    default: return kind satisfies never;
  }
}

/** The window through which a guest sees host memory; as large as the frames of a clip at 1080p many times over. */
const HOST_WINDOW = 'hostmem=256M';

/**
 * With event indices a notification is left out while the device has not yet seen the one before, which depends on who is faster: how often the driver notifies can
 * only be counted without them (virtio 1.3, 2.7.10).
 */
const EVERY_KICK = 'event_idx=off';

function gpu({ device, measure }: GuestPlan): string[] {
  const translated = behindIommu(device);
  const iommu = translated ? ['-device', 'intel-iommu,intremap=off,device-iotlb=on'] : [];
  const second = device === TWO_GPUS ? ['-device', 'virtio-gpu-pci'] : [];
  return [...iommu, '-device', [model(device), ...(translated ? ['iommu_platform=on', 'ats=on'] : []), ...(measure === 'counters' ? [EVERY_KICK] : [])].join(','), ...second];
}

function model(device: Device): string {
  switch (device) {
    case 'virgl':
    case TWO_GPUS:
    case 'virgl-iommu': return 'virtio-gpu-gl-pci';
    case 'virgl-blob':
    case 'virgl-blob-iommu': return `virtio-gpu-gl-pci,blob=on,${HOST_WINDOW}`;
    case 'venus': return `virtio-gpu-gl-pci,blob=on,${HOST_WINDOW},venus=on`;
    case '2d':
    case '2d-iommu': return 'virtio-gpu-pci';
    case '2d-blob': return 'virtio-gpu-pci,blob=on';
    default: return device satisfies never;
  }
}

/** Whether the host must have a GL renderer for it. */
export function wantsRenderer(device: Device): boolean {
  return !device.startsWith('2d');
}

function disk(serial: string, path: string): string[] {
  return [
    '-drive', `file=${path},if=none,id=${serial},format=raw,readonly=on,file.locking=off`,
    '-device', `virtio-blk-pci,drive=${serial},serial=${serial}`,
  ];
}
