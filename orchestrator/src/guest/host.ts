// What this host can do for guests: an accelerator and a display back end, found by trying, not by looking. Kept per host and stack.
import { readFile } from 'node:fs/promises';
import { hostname, release } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { exists, keyOf, namesIn, readRecord, writeWhole } from '../lib/files.ts';
import type { Running } from '../lib/lab.ts';
import { takeLock } from '../lib/lock.ts';
import { pause } from '../lib/within.ts';
import { MACHINE, type Accelerator, type Display } from './argv.ts';

export const HostRecord = z.strictObject({
  key: z.string(),
  accelerator: z.enum(['kvm', 'tcg']),
  acceleratorWhy: z.string(),
  display: z.enum(['xvfb', 'egl']),
  displayWhy: z.string(),
  tscKHz: z.int().nullable().describe('frequency of the time stamp counter, as a guest refined it; null where it could not be had'),
  renderNodes: z.array(z.string()).describe('paths in /dev/dri'),
  probedAt: z.iso.datetime(),
});
export type HostRecord = z.infer<typeof HostRecord>;

/** A kernel that works under KVM reaches its first line in well under a second; ten is generous. Some hosts never get there, though /dev/kvm opens. */
const KVM_LIMIT_MS = 10_000;
const TSC_LIMIT_MS = 20_000;

export function hostRecordPath(lab: Pick<Running['lab'], 'config'>, stack: string): string {
  return join(lab.config.home, `host-${stack}.json`);
}

/** Probes once per host and stack; `vmlinux` is an unpatched kernel. */
export async function hostAbilities({ stack, vmlinux }: { stack: { name: string; tag: string }; vmlinux: string }, making: Running): Promise<HostRecord> {
  const { lab, signal } = making;
  const path = hostRecordPath(lab, stack.name);
  const stackTag = stack.tag;
  const key = keyOf({ recipe: 2, host: hostname(), kernel: release(), cpu: await cpuModel(), stackTag, forced: lab.config.accelerator ?? null, kvm: await exists('/dev/kvm') });
  const known = await readRecord(path, HostRecord);
  if (known?.key === key) return known;
  await using _lock = await takeLock(join(lab.config.home, 'locks', 'host'), signal);
  const meanwhile = await readRecord(path, HostRecord);
  if (meanwhile?.key === key) return meanwhile;
  making.progress('trying this host\'s accelerator and display', 0, null);
  const accelerator = await probeAccelerator({ stackTag, vmlinux }, making);
  const display = await probeDisplay(stackTag, making);
  const tscKHz = accelerator.is === 'tcg' ? await probeTsc({ stackTag, vmlinux }, making) : null;
  const record: HostRecord = {
    key, accelerator: accelerator.is, acceleratorWhy: accelerator.why, display: display.is, displayWhy: display.why, tscKHz, renderNodes: await renderNodes(), probedAt: new Date().toISOString(),
  };
  // Without its clock a probe is not complete: use what was found, ask again next time.
  if (tscKHz !== null || accelerator.is === 'kvm') await writeWhole(path, JSON.stringify(record, null, 2));
  return record;
}

/** An emulated guest that waits for a root it does not have, until it has refined its clock against the HPET: about two seconds. */
async function probeTsc({ stackTag, vmlinux }: { stackTag: string; vmlinux: string }, { lab, signal }: Running): Promise<number | null> {
  const limit = new AbortController();
  const seen: { kHz: number | null } = { kHz: null };
  const boot = lab.engine.run({
    image: stackTag, purpose: 'tsc-probe', memoryMiB: 1024, pids: 64, readOnly: true, binds: [{ from: vmlinux, to: '/vlab/vmlinux' }],
    argv: ['qemu-system-x86_64', '-nodefaults', '-no-user-config', '-no-reboot', '-M', MACHINE, '-accel', 'tcg,thread=multi', '-cpu', 'max', '-smp', '2', '-m', '256',
      '-display', 'none', '-kernel', '/vlab/vmlinux', '-append', 'console=ttyS0 root=/dev/vda rootwait no_timer_check', '-serial', 'stdio'],
  }, {
    signal: AbortSignal.any([signal, limit.signal]),
    onLine: (line) => {
      const refined = /tsc: Refined TSC clocksource calibration: (\d+)\.(\d{3}) MHz/.exec(line);
      if (refined === null) return;
      seen.kHz = Number(`${refined[1] ?? ''}${refined[2] ?? ''}`);
      limit.abort(new Error('seen'));
    },
  }).catch(() => undefined);
  await Promise.race([boot, pause(TSC_LIMIT_MS, limit.signal)]);
  limit.abort(new Error('over'));
  await boot;
  signal.throwIfAborted();
  return seen.kHz;
}

type Found<T> = { is: T; why: string };

async function probeAccelerator({ stackTag, vmlinux }: { stackTag: string; vmlinux: string }, { lab, signal }: Running): Promise<Found<Accelerator>> {
  const forced = lab.config.accelerator;
  if (forced !== undefined) return { is: forced, why: `VLAB_ACCELERATOR=${forced}` };
  if (!(await exists('/dev/kvm'))) return { is: 'tcg', why: 'no /dev/kvm that can be opened' };
  const started = performance.now();
  const limit = new AbortController();
  const seen = { panic: false };
  const exit = await Promise.race([
    lab.engine.run({
      image: stackTag, purpose: 'kvm-probe', memoryMiB: 1024, pids: 64, readOnly: true, devices: ['/dev/kvm'],
      binds: [{ from: vmlinux, to: '/vlab/vmlinux' }],
      argv: ['qemu-system-x86_64', '-nodefaults', '-no-user-config', '-no-reboot', '-M', 'q35', '-accel', 'kvm', '-cpu', 'host', '-m', '256', '-display', 'none',
        '-kernel', '/vlab/vmlinux', '-append', 'console=ttyS0 panic=-1', '-serial', 'stdio'],
    }, {
      signal: AbortSignal.any([signal, limit.signal]),
      // No root is given: the panic about it is the farthest a healthy boot can come.
      onLine: (line) => {
        if (!line.includes('Kernel panic')) return;
        seen.panic = true;
        limit.abort(new Error('booted'));
      },
    }).then((ended) => ended.how, () => 'ended'),
    pause(KVM_LIMIT_MS, limit.signal).then(() => 'silent'),
  ]);
  limit.abort(new Error('over'));
  signal.throwIfAborted();
  const ms = Math.round(performance.now() - started);
  if (seen.panic) return { is: 'kvm', why: `a guest without a root came to its panic in ${String(ms)} ms` };
  return { is: 'tcg', why: exit === 'silent' ? `under KVM a guest made no progress within ${String(KVM_LIMIT_MS)} ms` : `QEMU with KVM: ${exit} after ${String(ms)} ms` };
}

async function probeDisplay(stackTag: string, { lab, signal }: Running): Promise<Found<Display & ('xvfb' | 'egl')>> {
  const nodes = await renderNodes();
  if (nodes.length === 0) return { is: 'xvfb', why: 'no render node in /dev/dri' };
  const output: string[] = [];
  const limit = new AbortController();
  const ended = lab.engine.run({
    image: stackTag, purpose: 'display-probe', memoryMiB: 1024, pids: 64, readOnly: true, devices: nodes,
    argv: ['qemu-system-x86_64', '-nodefaults', '-M', 'q35', '-S', '-display', 'egl-headless', '-device', 'virtio-gpu-gl-pci', '-monitor', 'none'],
  }, { signal: AbortSignal.any([signal, limit.signal]), onLine: (line) => { output.push(line); } }).then((exit) => exit.how, () => 'running');
  const how = await Promise.race([ended, pause(3000, signal).then(() => 'running')]);
  limit.abort(new Error('seen enough'));
  await ended;
  signal.throwIfAborted();
  if (how === 'running') return { is: 'egl', why: `QEMU opened ${nodes.join(', ')}` };
  return { is: 'xvfb', why: `QEMU could not use ${nodes.join(', ')}: ${output.at(-1) ?? how}` };
}

async function renderNodes(): Promise<string[]> {
  return (await namesIn('/dev/dri')).filter((name) => name.startsWith('renderD')).map((name) => join('/dev/dri', name));
}

async function cpuModel(): Promise<string> {
  const text = await readFile('/proc/cpuinfo', 'utf8');
  return /^model name\s*:\s*(.*)$/m.exec(text)?.[1] ?? 'unknown';
}
