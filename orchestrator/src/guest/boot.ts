// Boots one guest in one container and hands it over once its probe has spoken. Knows nothing of pipelines.
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import type { Capability } from '../contract/capability.ts';
import type { Conditions } from '../contract/run.ts';
import { Cleanup } from '../lib/cleanup.ts';
import { LabError } from '../lib/lab-error.ts';
import type { Running, Runs } from '../lib/lab.ts';
import { lineSplitter } from '../lib/lines.ts';
import { pause, rejectionOf, within } from '../lib/within.ts';
import { hostCapabilities } from './capabilities.ts';
import { CONSOLE, INSIDE, type GuestPlan } from './argv.ts';
import { openConsole } from './console-pipe.ts';
import { Guest, GuestState, type GuestLogs, type GuestWatch } from './guest.ts';
import { pinnedTo } from './pinning.ts';
import { openPorts } from './ports.ts';
import { Qmp } from './qmp.ts';
import { Screen } from './screen.ts';
import { watchStarvation } from './starvation.ts';

/**
 * `argv` is QEMU's command line; `sockets` is the folder that the guest's sockets get; `files` are the host's paths of what the plan names; `outer`: QEMU itself runs in a guest
 * of the stack, on this kernel. Limits in time are multiplied by `slowness`.
 */
export type Boot = {
  plan: GuestPlan;
  argv: readonly string[];
  stackTag: string;
  /** Of the CPUs, where others want them too (container.ts). */
  cpuShares?: number | undefined;
  slowness: number;
  outer: string | undefined;
  sockets: string;
  files: { vmlinux: string; root: string; clips: readonly { serial: string; path: string }[]; renderNodes: readonly string[] };
  logs: GuestLogs;
  watch: GuestWatch & { onConditions: (conditions: Conditions) => void };
};

/** What a guest's container may use beyond the guest's own memory: QEMU itself, the GL renderer, Xvfb. */
const BESIDE_GUEST_MIB = 1536;
/** What an outer guest has beyond the inner one's memory (guest-images/stacks/trixie-nested/start-guest). */
const OUTER_GUEST_MIB = 640;

/** What start-guest says before it starts QEMU (guest-images/stacks/common/start-guest). */
const CONDITIONS = /^start-guest: CPUs (\S+), LP_NUM_THREADS (\S+)$/;

/** How long the engine may take to tell how a container ended. */
const EXIT_KNOWN_MS = 2000;

/** Limits in milliseconds on a host of slowness 1. Boot and silence are what a guest may take of the time in which it had the CPUs it wanted; `starved` is by the clock. */
const LIMITS = { monitor: 60_000, boot: 120_000, bootSilence: 45_000, starved: 900_000, answer: 5000 } as const;

export async function bootGuest(boot: Boot, lab: Running['lab'], signal: AbortSignal): Promise<Guest> {
  const { slowness } = boot;
  await using undo = new Cleanup();
  const { ports, close } = await openPorts(boot.sockets, ['qmp', 'control'] as const);
  undo.add('close the guest\'s ports', close);

  const state = new GuestState(boot.watch, boot.logs);
  const hello = new Promise<string>((resolve) => {
    const stopListening = state.listen((line) => {
      if (line.t !== 'hello') return;
      stopListening();
      resolve(line.kernel);
    });
  });

  const console = await openConsole(join(boot.sockets, CONSOLE), (line) => { state.hearConsole(line); });
  undo.add('hear the console to its end', console.close);

  const screen = new Screen();
  let qemuStartedAt = performance.now();
  const hearQemu = (line: string): void => {
    if (line === 'start-guest: qemu starts') qemuStartedAt = performance.now();
    const [, cpus, lpNumThreads] = CONDITIONS.exec(line) ?? [];
    if (cpus !== undefined && lpNumThreads !== undefined) boot.watch.onConditions({ cpus, cores: availableParallelism(), lpNumThreads });
    state.hearQemu(line);
  };
  const stdout = lineSplitter(hearQemu);
  const container = await lab.engine.start(containerOf(boot, await hostCapabilities()), hearQemu, (chunk) => { if (!screen.hear(chunk)) stdout(chunk); });
  undo.add('stop the guest\'s container', async () => {
    state.stop();
    await container.stop(0);
  });
  const pid = await within({ what: 'the engine\'s word on the guest\'s process', ms: LIMITS.answer * slowness, blame: 'lab', signal }, () => lab.engine.pidOf(container.id));
  if (pid !== undefined) undo.add('watch its waits for a CPU', watchStarvation(pid, (waitedMs, ofMs) => { state.hearWaited(waitedMs, ofMs); }));
  void container.exited.then((exit) => {
    console.hear();
    state.hearExit(exit.how);
  }, (error: unknown) => { state.hearExit(String(error)); });

  const alive = AbortSignal.any([signal, state.dead]);
  const wait = { ms: LIMITS.monitor * slowness, blame: 'lab', signal: alive } as const;
  const control = await within({ ...wait, what: 'QEMU\'s connection to the control port' }, () => ports.control.connected);
  control.on('data', lineSplitter((line) => { state.hearProbe(line); }));
  const monitor = await within({ ...wait, what: 'QEMU\'s connection to the monitor port' }, () => ports.qmp.connected);
  const qmp = await within({ ...wait, what: 'the QMP greeting' }, () => Qmp.over(monitor, (event) => {
    console.hear();
    state.hearQmp(event);
  })).catch(async (thrown: unknown) => {
    // A QEMU that dies closes its monitor before its exit is known: how it died says more.
    await pause(EXIT_KNOWN_MS, state.dead);
    state.dead.throwIfAborted();
    throw thrown;
  });

  const kernelRelease = await bootLimits({ state, slowness, alive, qmp }, hello);
  const readyMs = Math.round(performance.now() - qemuStartedAt);
  return new Guest({
    state, container, qmp, control, screen, readyMs, kernelRelease, undo: undo.move(),
    cpuSeconds: () => lab.engine.cpuSeconds(container.id),
  });
}

type Booting = { state: GuestState; slowness: number; alive: AbortSignal; qmp: Qmp };

/** A boot ends by the probe's word, by silence, or by the limit; the last two blame the kernel and show its last lines, if QEMU itself is well and had its CPUs. */
async function bootLimits({ state, slowness, alive, qmp }: Booting, hello: Promise<string>): Promise<string> {
  const end = new AbortController();
  const begun = performance.now();
  const starvedBefore = state.starvedMs;
  const timer = setInterval(() => {
    const ms = performance.now() - begun;
    const error = errorOf(state, ms, state.starvedMs - starvedBefore, slowness);
    if (error === undefined) return;
    clearInterval(timer);
    within({ what: 'QMP query-status', ms: LIMITS.answer * slowness, blame: 'lab' }, () => qmp.execute('query-status')).then(
      () => { end.abort(error); },
      (cause: unknown) => { end.abort(new LabError('QEMU_SILENT', `${error.message}; and QEMU does not answer its monitor`, { blame: 'lab', ...(error.evidence === undefined ? {} : { evidence: error.evidence }), cause })); },
    );
  }, 1000);
  try {
    alive.throwIfAborted();
    return await Promise.race([hello, rejectionOf(AbortSignal.any([alive, end.signal]))]);
  } finally {
    clearInterval(timer);
  }
}

/** What a boot of `ms` milliseconds has done wrong, if anything; for `starvedMs` of them it waited for a CPU. */
export function errorOf(state: Pick<GuestState, 'silentMs' | 'lastConsole'>, ms: number, starvedMs: number, slowness: number): LabError | undefined {
  const evidence = state.lastConsole.slice(-15).join('\n');
  const seconds = (of: number): string => `${String(Math.round(of / 1000))} s`;
  if (state.silentMs >= LIMITS.bootSilence * slowness) return new LabError('BOOT_HANG', `the guest hung in boot: nothing on its console for ${seconds(state.silentMs)}, and no word from the probe`, { blame: 'kernel', evidence });
  if (ms - starvedMs >= LIMITS.boot * slowness) return new LabError('TOO_SLOW', `the boot up to the probe's first word took longer than ${seconds(LIMITS.boot * slowness)}`, { blame: 'kernel', evidence });
  if (ms >= LIMITS.starved * slowness) return new LabError('GUEST_STARVED', `the guest did not come up in ${seconds(ms)}, for ${seconds(starvedMs)} of which the host let it wait for a CPU`, { blame: 'lab', evidence, hint: 'give the host less to do at once: vlab worker --slots 1' });
  return undefined;
}

function containerOf({ plan, argv, stackTag, cpuShares, sockets, outer, files }: Boot, host: readonly Capability[]): Parameters<Runs['start']>[0] {
  return {
    image: stackTag, purpose: 'guest', readOnly: true, network: 'none', pids: 256, cpus: availableParallelism(), cpuShares, cpuset: plan.measure === 'time' ? pinnedTo(cpus().length) : undefined,
    memoryMiB: plan.memoryMiB + BESIDE_GUEST_MIB + (outer === undefined ? 0 : OUTER_GUEST_MIB),
    argv: ['start-guest', plan.display, ...argv],
    devices: [
      ...(plan.accelerator === 'kvm' && plan.measure !== 'instructions' ? ['/dev/kvm'] : []), ...(plan.display === 'egl' ? files.renderNodes : []),
      ...(host.includes('udmabuf') && usesUdmabuf(plan) && outer === undefined ? ['/dev/udmabuf'] : []),
    ],
    binds: [
      ...(outer === undefined ? [] : [{ from: outer, to: INSIDE.outerVmlinux }]), { from: files.vmlinux, to: INSIDE.vmlinux }, { from: files.root, to: INSIDE.root },
      ...files.clips.map((clip) => ({ from: clip.path, to: INSIDE.clip(clip.serial) })),
      { from: sockets, to: INSIDE.sockets },
    ],
  };
}

/** QEMU makes dma-bufs of the guest's pages with it, lavapipe of memory that Venus exports. */
function usesUdmabuf({ device }: GuestPlan): boolean {
  return device === '2d-blob' || device === 'venus';
}
